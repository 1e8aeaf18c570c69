"""A hostile peer against a real node: each attack is refused with its reason, and honest peers are served."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from unittest import mock

import msgspec
import pytest

from faults import hostile
from faults.misdeeds import another_history
from faults.siege import HONEST, MALLORY, VICTIM, Siege, besieged
from federation.conftest import Actor
from kouprey.federation import store as rows
from kouprey.federation.model import BODY_MAX, SALT_SIZE, BodyFrame, BodyState, LaneGroup, LanePart, Receipt
from kouprey.federation.wire import link, parcel
from kouprey.kernel.seal import httpsig
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign, sign_checkpoint
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.notes import add_line
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import wait_until
from kouprey.people.service import People

GROWTH = 64 << 20
"""Bytes by which the memory of the node may grow, whatever a peer does to it."""


@pytest.fixture(scope="module")
def siege(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Siege]:
    with besieged(tmp_path_factory.mktemp("siege")) as made:
        yield made


# at the door


def _only_method(siege: Siege) -> tuple[int, str]:
    with mock.patch.object(httpsig, "COMPONENTS", ("@method",)):
        return siege.ask("GET", "/link/v1/lanes")


def _twice(siege: Siege) -> tuple[int, str]:
    kept: dict[str, str] = {}
    assert siege.ask("GET", "/link/v1/lanes", change=lambda h: kept.update(h) or h) == (200, "")
    return hostile.send(siege.at, "GET", "/link/v1/lanes", kept, b"")


def _receipt(siege: Siege, change: Callable[[bytes], bytes], *, cosigned: bool = True, party: str = MALLORY) -> Any:
    """A receipt by Mallory for the victim's lane, over a changed checkpoint."""
    tag = siege.tag()
    sql = "SELECT c.note FROM lane_checkpoint AS c JOIN lane ON lane.id = lane_id WHERE tag = ? ORDER BY c.size"
    note = change(bytes(siege.number(sql + " DESC LIMIT 1", tag)))
    if cosigned:
        note = add_line(note, cosign(note, f"{party}/receipt", siege.mallory.ring.receipt, wall_clock() // SECOND))
    return siege.ask("POST", f"/link/v1/{tag}/receipt", link.render_json(Receipt(note=note.decode())))


def _larger(note: bytes) -> bytes:
    origin, size, rest = note.split(b"\n", 2)
    return b"\n".join((origin, b"%d" % (int(size) + 5), rest))


def _resigned(siege: Siege) -> Callable[[bytes], bytes]:
    def change(note: bytes) -> bytes:
        plain = Checkpoint.parse(note[: note.rindex(b"\n\n") + 1])
        return sign_checkpoint(Checkpoint(plain.origin, plain.size + 5, plain.root), siege.mallory.ring.node)

    return change


def _parcel(siege: Siege, *, to: str = VICTIM, keep: Callable[[bytes], bytes] = bytes) -> tuple[int, str]:
    out = BytesIO()
    siege.mallory.federation.parcels.make(to, out, by="test")
    return siege.ask("POST", "/link/v1/parcel", keep(out.getvalue()))


Ask = Callable[[Siege], tuple[int, str]]
AT_THE_DOOR: dict[str, tuple[Ask, tuple[int, str]]] = {
    "unsigned": (lambda s: hostile.send(s.at, "GET", "/link/v1/lanes", {}, b""), (401, "unsigned")),
    "replayed request": (_twice, (400, "replayed")),
    "covers only the method": (_only_method, (400, "bad-signature")),
    "says to cover less": (
        lambda s: s.ask("GET", "/link/v1/lanes", change=hostile.without('("@method")')),
        (400, "bad-signature"),
    ),
    "body swapped": (
        lambda s: s.ask("POST", "/link/v1/hint", b'{"lanes":[]}', instead=b'{"lanes": []}'),
        (400, "bad-signature"),
    ),
    "another algorithm": (
        lambda s: s.ask("GET", "/link/v1/lanes", change=hostile.with_algorithm("hmac-sha256")),
        (400, "bad-signature"),
    ),
    "no algorithm": (
        lambda s: s.ask("GET", "/link/v1/lanes", change=hostile.with_algorithm("none")),
        (400, "bad-signature"),
    ),
    "a key nobody knows": (lambda s: s.ask("GET", "/link/v1/lanes", key=SigningKey.generate()), (400, "bad-signature")),
    "the receipt key": (
        lambda s: s.ask("GET", "/link/v1/lanes", key=s.mallory.ring.receipt, key_id=f"{MALLORY}/receipt"),
        (401, "unknown-key"),
    ),
    "the age key": (
        lambda s: s.ask("GET", "/link/v1/lanes", key=SigningKey.generate(), key_id=f"{MALLORY}/age"),
        (401, "unknown-key"),
    ),
    "in the name of another": (
        lambda s: s.ask("GET", "/link/v1/lanes", key_id=f"{HONEST}/node"),
        (400, "bad-signature"),
    ),
    "a clock an hour off": (lambda s: s.ask("GET", "/link/v1/lanes", skew=3600), (400, "clock-skew")),
    "a lane that is not ours": (
        lambda s: s.ask("GET", f"/link/v1/{'0' * 32}/headers?from=0"),
        (404, "unknown-lane"),
    ),
    "entries that are not there": (
        lambda s: s.ask("POST", f"/link/v1/{s.tag()}/bodies", b'{"ranges":[[0,9999]]}'),
        (409, "bad-range"),
    ),
    "a body of five megabytes": (lambda s: s.ask("POST", "/link/v1/hint", b" " * (5 << 20)), (413, "too-large")),
    "garbage": (lambda s: s.ask("POST", "/link/v1/hint", b"\xff\0" * 500), (400, "bad-request")),
    "nested a million deep": (lambda s: s.ask("POST", "/link/v1/hint", b"[" * 1_000_000), (400, "bad-request")),
    "papers that are cut": (lambda s: s.ask("POST", "/link/v1/notes", b"\0\0\xff"), (400, "truncated")),
    "receipt without a word of its own": (lambda s: _receipt(s, bytes, cosigned=False), (400, "bad-receipt")),
    "receipt in the name of another": (lambda s: _receipt(s, bytes, party=HONEST), (400, "bad-receipt")),
    "receipt for a size never signed": (lambda s: _receipt(s, _larger), (400, "bad-signature")),
    "receipt over a checkpoint of its own": (lambda s: _receipt(s, _resigned(s)), (400, "no-known-signature")),
    "receipt with eighteen lines": (
        lambda s: _receipt(s, hostile.many_lines, cosigned=False),
        (400, "bad-note"),
    ),
    "receipt of a megabyte": (
        lambda s: s.ask("POST", f"/link/v1/{s.tag()}/receipt", link.render_json(Receipt(note="x" * (1 << 20)))),
        (400, "bad-receipt"),
    ),
    "parcel for another": (lambda s: _parcel(s, to=HONEST), (400, "cannot-open")),
    "parcel that is cut": (lambda s: _parcel(s, keep=lambda data: data[:-30]), (400, "cannot-open")),
}


@pytest.mark.parametrize("name", AT_THE_DOOR)
def test_at_the_door(siege: Siege, name: str) -> None:
    epochs = siege.number("SELECT count(*) FROM lane WHERE mine = 1")
    ask, expected = AT_THE_DOOR[name]
    assert ask(siege) == expected
    assert siege.number("SELECT count(*) FROM lane_receipt WHERE party = ?", MALLORY) == 0
    assert siege.number("SELECT count(*) FROM lane WHERE mine = 1") == epochs, "an epoch was ended by a lie"


# in what the victim asks of Mallory


def _swapped(frames: list[Any]) -> list[Any]:
    first, *rest = frames
    return [msgspec.structs.replace(first, salt=bytes(SALT_SIZE)), *rest]


def _bomb(frames: list[Any]) -> list[Any]:
    return [BodyFrame(frames[0].index, BodyState.PRESENT, bytes(SALT_SIZE), bytes(BODY_MAX + 1)), *frames[1:]]


def _later(page: Any) -> Any:
    return msgspec.structs.replace(page, start=page.start + 2, headers=page.headers[2:])


def _disordered(page: Any) -> Any:
    first, second, third, *rest = page.headers
    return msgspec.structs.replace(page, headers=(first, third, second, *rest))


def _promising(path: str, answer: Any) -> Any:
    if "/headers" not in path or answer.status != 200:
        return answer
    page = link.read_headers_answer(answer.body)
    raw = page.headers[1].to_bytes()
    return hostile.replaced(answer, answer.body.replace(raw, hostile.heavy(page.headers[1])))


def _by_receipt_key(siege: Siege) -> hostile.Twist:
    def change(note: bytes) -> bytes:
        return sign_checkpoint(Checkpoint.parse(note[: note.rindex(b"\n\n") + 1]), siege.mallory.ring.receipt)

    return hostile.noted(change)


OF_MALLORY: dict[str, tuple[Callable[[Siege], hostile.Twist], str]] = {
    "garbage": (lambda _: hostile.instead("/lanes", b"\xff\0garbage"), "cannot be understood"),
    "a list of seventy megabytes": (lambda _: hostile.instead("/lanes", bytes(70 << 20)), "bytes we take"),
    "a lane under another name": (lambda _: hostile.listed(lambda each: each.update(tag="0" * 32)), "cannot be"),
    "a lane of somebody else": (
        lambda s: hostile.listed(lambda each: each.update(origin="kouprey/1/" + s.tag() * 2, tag=s.tag())),
        "no such lane",
    ),
    "a gap": (lambda _: hostile.reheaded(_later), "not what was asked for"),
    "entries out of order": (lambda _: hostile.reheaded(_disordered), "not in order"),
    "a header that promises two gigabytes": (lambda _: _promising, "An entry is too large"),
    "eighteen signature lines": (lambda _: hostile.noted(hostile.many_lines), "signature lines"),
    "a note of a megabyte": (lambda _: hostile.noted(lambda note: note + b"x" * (1 << 20)), "too large"),
    "an unknown algorithm": (lambda _: hostile.noted(hostile.other_algorithm), "not signed by a key we trust"),
    "the key of receipts": (_by_receipt_key, "not signed by a key we trust"),
    "another body": (lambda _: hostile.bodied(_swapped), "not the one it commits to"),
    "a bomb behind a small header": (lambda _: hostile.bodied(_bomb), "too large"),
    "bodies that are cut": (lambda _: hostile.bodied(lambda frames: frames[:0]), "end too early"),
}


@pytest.mark.parametrize("name", OF_MALLORY)
def test_what_mallory_answers(siege: Siege, name: str) -> None:
    if not siege.mallory.own_lanes():
        siege.mallory.publish(siege.agreement, [b"one", b"two", b"three"])
    made, words = OF_MALLORY[name]
    siege.mallory.twist = made(siege)
    siege.wake()
    wait_until(f"the victim refuses {name}", lambda: words in siege.error(), every=0.05, seconds=30)
    assert siege.held() == [], "something of it was stored"


def test_once_it_is_honest_its_lane_is_taken_in(siege: Siege) -> None:
    siege.mallory.twist = lambda path, answer: answer
    siege.mallory.publish(siege.agreement, [b"more"])
    siege.wake()
    wait_until("its lane is there", lambda: siege.held() and siege.held()[0][1] == "open", every=0.05)


def test_an_entry_above_the_ceiling_is_quarantined(siege: Siege) -> None:
    """Its serve gate is open; the receive gate of the victim is not."""
    siege.mallory.federation.serving._may_leave = lambda *_: True  # type: ignore[method-assign]  # it is hostile
    siege.mallory.publish(siege.agreement, [b"secret"], tlp=TLP.RED)
    siege.wake()
    sql = "SELECT count(*) FROM quarantine WHERE code = 'above-ceiling' OR why LIKE '%TLP%'"
    wait_until("it is quarantined", lambda: siege.number(sql), every=0.05)


def test_a_smaller_lane_is_told_and_changes_nothing(siege: Siege) -> None:
    before = siege.held()
    siege.mallory.twist = hostile.listed(lambda each: each.update(size=2))
    siege.wake()
    asked = len(siege.mallory.asked)
    wait_until("it has asked twice", lambda: sum("/lanes" in p for p in siege.mallory.asked[asked:]) >= 2, every=0.05)
    assert siege.held() == before
    siege.mallory.twist = lambda path, answer: answer


def test_a_suspended_peer_gets_nothing_by_an_old_cursor(siege: Siege) -> None:
    tag = siege.tag()
    siege.victim.command("agreement", "suspend", siege.agreement)
    try:
        for path in (f"/link/v1/{tag}/headers?from=0", f"/link/v1/{tag}/checkpoint"):
            assert siege.ask("GET", path) == (403, "suspended")
        assert siege.ask("POST", f"/link/v1/{tag}/bodies", b'{"ranges":[[0,2]]}') == (403, "suspended")
    finally:
        siege.victim.command("agreement", "resume", siege.agreement)


def test_half_open_and_slow_connections_do_not_delay_the_honest(siege: Siege) -> None:
    quiet = max(siege.serve_honest() for _ in range(2))
    siege.mallory.twist = lambda path, answer: msgspec.structs.replace(answer, status=0)
    siege.wake()
    opened = hostile.slow_connections(siege.at, 200)
    try:
        besieged = siege.serve_honest()
    finally:
        for each in opened:
            each.close()
        siege.mallory.twist = lambda path, answer: answer
    # Generous: a node that waited for Mallory would take its timeout, fifteen seconds.
    assert besieged < quiet + 10


def test_two_histories_freeze_the_lane_and_nothing_else(siege: Siege) -> None:
    """A signed history that contradicts what is held is proof: kept in the audit, and the lane is believed no more."""
    (view,) = siege.mallory.own_lanes()
    with siege.mallory.store.read() as reader:
        lane = rows.find_lane(reader, origin=view.origin)
    assert lane is not None
    offer = another_history(_Reading(siege.mallory), _Reading(siege.mallory), lane)
    out = BytesIO()
    group = LaneGroup(
        part=LanePart(origin=lane.origin, start=0, end=len(offer.headers)),
        checkpoint=offer.checkpoint,
        frontier=(),
        headers=tuple(offer.headers),
    )
    manifest = parcel.new_manifest(
        parcel="0" * 32,
        made_by=MALLORY,
        made_at="2026-11-27T00:00:00Z",
        seq=1,
        recipients=(VICTIM,),
        lanes=[group.part],
    )
    with siege.victim.services() as services:
        age = services.get(People).home().card.age
    groups = [(group, [offer.bodies[index] for index in range(len(offer.headers))])]
    parcel.write_parcel(out, manifest, siege.mallory.ring.node, [age], papers=[], receipts=[], groups=groups)
    assert siege.ask("POST", "/link/v1/parcel", out.getvalue()) == (202, "")
    assert [state for _, state in siege.held()] == ["frozen"]
    assert siege.number("SELECT count(*) FROM audit WHERE action = 'lane.fork'") == 1
    assert siege.number("SELECT count(*) FROM lane WHERE state = 'frozen'") == 1


class _Reading:
    """An actor as the simulator's nodes are read."""

    def __init__(self, actor: Actor) -> None:
        self.ring = actor.ring
        self._actor = actor

    def entries(self, lane: Any) -> Any:
        with self._actor.store.read() as reader:
            return rows.list_entries(reader, lane.id, 0, lane.size)


def test_after_all_this_the_node_is_well(siege: Siege) -> None:
    grown = siege.victim.memory() - siege.before
    siege.serve_honest()
    doctor = siege.victim.command("doctor")
    assert doctor["bad"] == 0, doctor
    print(json.dumps({"memory_grown": grown, "attacks": len(AT_THE_DOOR) + len(OF_MALLORY) + 6}))
    assert grown < GROWTH
