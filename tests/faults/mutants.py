"""Mutants: named ways in which channels could be wrong, put into the product while it runs; the simulator sees each."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from unittest import mock

_FUTURE = "from __future__ import annotations\n"
SERVICE = "kouprey.federation.service."

Edit = tuple[str, str, str]
"""`module:Class.function`, a piece of its text, and what a developer wrote instead."""


@dataclass(frozen=True)
class Mutant:
    """`wrong` is what a developer did; it dies in one of `seeds`."""

    name: str
    wrong: str
    edits: tuple[Edit, ...]
    seeds: tuple[int, ...] = ()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        with ExitStack() as stack:
            for place in sorted({place for place, _, _ in self.edits}):
                pieces = [(old, new) for where, old, new in self.edits if where == place]
                stack.enter_context(_instead(place, pieces))
            yield


def _instead(place: str, pieces: Sequence[tuple[str, str]]) -> Any:
    """A function of the product, compiled from its own text with pieces of it replaced."""
    module_name, _, path = place.partition(":")
    owner: Any = import_module(module_name)
    *outer, name = path.split(".")
    for each in outer:
        owner = getattr(owner, each)
    plain = owner.__dict__[name]
    text = textwrap.dedent(inspect.getsource(plain))
    for old, new in pieces:
        assert old in text, f"{place} has changed; say anew how it goes wrong"
        text = text.replace(old, new)
    made: dict[str, Any] = {}
    # Compiled in its own module, whatever module uses it.
    exec(compile(_FUTURE + text, place, "exec"), import_module(plain.__module__).__dict__, made)
    return mock.patch.object(owner, name, made[name])


MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "no barrier",
        "A node goes on in its old epoch whatever guard and peers say.",
        (
            (SERVICE + "lanes:Lanes._prove", "if broken:", "if False:"),
            (SERVICE + "lanes:Lanes._prove", 'self._close(lane.id, "another', '(lambda *_: None)(lane.id, "another'),
            (SERVICE + "lanes:Lanes.sign", "if not self._guard.advance(", "if False and not self._guard.advance("),
        ),
        seeds=(1,),
    ),
    Mutant(
        "epoch not renewed",
        "A lane whose continuity is not proven is signed on, and the guard is overruled.",
        (
            (SERVICE + "lanes:Lanes._prove", "self._close(lane.id, broken)", "pass"),
            (SERVICE + "guard:Guard.advance", "if size > checkpoint.size or", "if False and"),
            (
                SERVICE + "guard:Guard.advance",
                "return rows.advance_guard(",
                "return True or rows.advance_guard(",
            ),
            (SERVICE + "guard:Guard.advance", "return first and rows", "return True or rows"),
        ),
        seeds=(1,),
    ),
    Mutant(
        "rollback unheard",
        "What peers prove to have of us is not listened to.",
        ((SERVICE + "lanes:Lanes.discovered_rollback", "if lane is not None", "if False and lane is not None"),),
    ),
    Mutant(
        "no dedupe",
        "What came is handed over, and once more to be sure.",
        (
            (
                SERVICE + "apply:Applier._deliver",
                "answers = self._receivers[media_type](tx, deliveries)",
                "answers = [self._receivers[media_type](tx, deliveries) for _ in range(2)][0]",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "serve gate off",
        "Whoever is in the audience of a lane is served, whatever became of the agreement.",
        ((SERVICE + "serve:Serving._barred", "standing = standings", "return ''\n    standing = standings"),),
        seeds=(2,),
    ),
    Mutant(
        "ceiling unchecked",
        "What was published once may leave for ever.",
        ((SERVICE + "serve:Serving._may_leave", "kind = entry", "return True\n    kind = entry"),),
        seeds=(4,),
    ),
    Mutant(
        "receive gate off",
        "What a partner publishes is applied without asking the agreement.",
        ((SERVICE + "apply:Applier._gate", "if not decision.allowed:", "if False:"),),
        seeds=(1,),
    ),
    Mutant(
        "suspension ignored",
        "A receiver takes in what comes while the agreement is suspended.",
        (
            (
                SERVICE + "admit:Admission._require_running",
                "if by := self.suspended(lane.agreement, lane.author):",
                "by = ()\n    if by:",
            ),
            (SERVICE + "admit:Admission.suspended", "return standing", "return ()\n    return standing"),
            (SERVICE + "apply:Applier._gate", "if not decision.allowed:", "if False:"),
        ),
        seeds=(0,),
    ),
    Mutant(
        "range unchecked",
        "The compact range is not compared with what the checkpoint signs.",
        (("kouprey.federation.rules:verify_range", "if not good:", "if False:"),),
        seeds=(1,),
    ),
    Mutant(
        "commitment unchecked",
        "A body is taken for what its header commits to.",
        (("kouprey.federation.rules:verify_body", "raise _proof(", "_proof("),),
        seeds=(1,),
    ),
    Mutant(
        "nonce table off",
        "A signed request may come again.",
        ((SERVICE + "peers:Peers._spent", "return self", "return False\n    return self"),),
        seeds=(2,),
    ),
    Mutant(
        "receipts unverified",
        "A receipt is read, and believed.",
        (
            (
                "kouprey.federation.wire.link:open_receipt",
                "checkpoint = open_checkpoint(note, origin, author_keys)",
                "checkpoint = Checkpoint.parse(split_note(note)[0])",
            ),
        ),
        seeds=(4,),
    ),
    Mutant(
        "forks unseen",
        "A smaller checkpoint is never compared with what is held.",
        ((SERVICE + "admit:Admission._is_news", "if root != offered.root", "if False and root != offered.root"),),
        seeds=(1,),
    ),
    Mutant(
        "tail forgotten",
        "What was durable and unsigned when an epoch ended does not wait for the next one.",
        ((SERVICE + "epochs:_queue_again", "if held.publication and held.state", "if False and held.state"),),
        seeds=(5,),
    ),
    Mutant(
        "membership ignored",
        "A lane goes on under the next version of its agreement.",
        tuple(
            (SERVICE + place, "if lane.version_sha256 !=", "if False and lane.version_sha256 !=")
            for place in ("lanes:reason_to_leave", "queueing:reason_to_leave")
        ),
        seeds=(4,),
    ),
    Mutant(
        "receipt noted too early",
        "A receipt counts as delivered before it has been sent.",
        (
            (
                SERVICE + "dialogue:Dialogue._bring_receipts",
                "for lane, receipt in ours:\n",
                "for lane, receipt in ours:\n        self._confirmed(lane.id, home, receipt.size)\n",
            ),
        ),
        seeds=(4,),
    ),
    Mutant(
        "paper noted too early",
        "Papers count as delivered before they have been sent.",
        (
            (
                SERVICE + "dialogue:Dialogue._bring_papers",
                "for paper_id, papers in waiting:\n",
                "for paper_id, papers in waiting:\n        self._delivered(paper_id, peer.party)\n",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "erasure keeps the body",
        "An entry is called erased, and its body stays.",
        (
            (
                "kouprey.federation.store:erase_entry",
                "salt = ?, body = ?",
                "salt = coalesce(salt, ?), body = coalesce(body, ?)",
            ),
        ),
        seeds=(0,),
    ),
    Mutant(
        "erased goes out",
        "What was erased while it waited becomes an entry all the same.",
        (("faults.nodes:erase_bodies", "rows.cancel_outgoing(tx, publications)", "pass"),),
        seeds=(5,),
    ),
    Mutant(
        "papers brought once",
        "A node that was restored does not ask what it was told since its copy was made.",
        ((SERVICE + "dialogue:Dialogue._take_back", "self._learn_again(peer)", "pass"),),
        seeds=(12,),
    ),
    Mutant(
        "taken back once",
        "What could not be taken back at the first try is never asked for again.",
        (
            (
                SERVICE + "dialogue:Dialogue._take_back",
                "refusals.append(error)\n        return",
                "refusals.append(error)",
            ),
        ),
        seeds=(8,),
    ),
    Mutant(
        "end is the end",
        "Whoever saw an epoch end takes nothing more of it, although its author was given back what it had lost.",
        ((SERVICE + "follow:Follower._regained", "if ended in self._ended:", "if True:"),),
        seeds=(1,),
    ),
    Mutant(
        "parted unseen",
        "What was signed in another history than the one that partners hold is not published anew.",
        ((SERVICE + "recovery:Recovery._parted", "if lane is None or not shared or", "if True or"),),
        seeds=(2,),
    ),
    Mutant(
        "clock forgets nonces",
        "A clock that ran ahead and is right again has made the node forget which requests it has answered.",
        (("kouprey.federation.store:spend_nonce", "if forget_after <= forgotten:", "if False:"),),
    ),
    Mutant(
        "withheld for ever",
        "What was withheld once is never asked for again.",
        ((SERVICE + "follow:Follower._fill", "if not missing:", "if True:"),),
        seeds=(5,),
    ),
)
