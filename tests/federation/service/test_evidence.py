"""An author who signs two histories is proven to have, by members who compare; an honest one never is."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.federation import store as rows
from kouprey.federation.model import ForkEvidence, IndexRange
from kouprey.federation.service.evidence import proven_mark
from kouprey.federation.store.entries import place_of
from kouprey.kernel.storage import meta
from kouprey.kernel.words.errors import KoupreyError

VERIFIER = Path(__file__).parents[3] / "examples" / "verify_proof.py"


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def rewrite_history(actor: Any, origin: str, size: int) -> None:
    """Database and guard of a node as they were at `size`: what it signs next contradicts what it has signed."""

    def work(tx: Any) -> Any:
        lane = rows.find_lane(tx, origin=origin)
        kept = rows.find_checkpoint(tx, lane.id, size)
        first, end = place_of(lane.id, size), place_of(lane.id + 1, 0)
        tx.execute("DELETE FROM lane_entry WHERE place >= ? AND place < ?", (first, end))
        tx.execute("DELETE FROM lane_run WHERE place >= ? AND place < ?", (first, end))
        tx.execute("DELETE FROM lane_checkpoint WHERE lane_id = ? AND size > ?", (lane.id, size))
        tx.execute("DELETE FROM lane_receipt WHERE lane_id = ?", (lane.id,))
        tx.execute(
            "UPDATE lane SET size = ?, signed_size = ?, frontier = ?, tail = 0 WHERE id = ?",
            (size, size, kept.frontier, lane.id),
        )
        return kept

    kept = actor.store.write(work)
    actor.guard.write(
        lambda tx: tx.execute("UPDATE guard SET size = ?, root = ? WHERE origin = ?", (size, kept.root, origin))
    )


def hide(actor: Any) -> None:
    """From now on a node does not say itself that it has signed two histories."""
    actor.federation.admission._rolled_back = None
    actor.federation.links._dialogue.asked_back.update(other.party for other in actor.wire.nodes.values())


def state(actor: Any, origin: str) -> str:
    found: str = next(lane.state for lane in actor.federation.ledger.list_lanes() if lane.origin == origin)
    return found


def count(actor: Any, mark: str) -> int:
    with actor.store.read() as reader:
        return int(meta.get(reader, mark) is not None)


def proven(actor: Any) -> list[tuple[str, str]]:
    return [(stored.author, stored.found_by) for stored, _ in actor.federation.evidence.list_proven()]


@pytest.fixture
def three(each_world: Any) -> Any:
    """An author and two readers of one lane who have both its first three entries; readers know one another."""
    a, b, c = (each_world.actor(f"{name}.example") for name in ("ministry", "operator", "neighbour"))
    each_world.acquaint(a, b, c)
    agreement = each_world.agree(a, b, c)
    a.publish(agreement, contents(2))
    for reader in (b, c):
        reader.sync(a)
    (lane,) = a.own_lanes()
    return a, b, c, agreement, lane


@pytest.mark.parametrize("second", [2, 5, 1200], ids=["of equal size", "longer", "much longer"])
def test_a_split_view_is_proven_by_comparing_and_both_know(three: Any, second: int, tmp_path: Path) -> None:
    a, b, c, agreement, lane = three
    a.publish(agreement, contents(2, "for b"))
    b.sync(a)
    hide(a)
    rewrite_history(a, lane.origin, 3)
    a.publish(agreement, contents(second, "for c"))
    c.sync(a)
    assert state(b, lane.origin) == state(c, lane.origin) == "open", "neither can know alone"
    b.sync(c)
    c.sync(b)
    b.sync(c)
    assert state(b, lane.origin) == state(c, lane.origin) == "frozen"
    assert {author for author, _ in proven(b) + proven(c)} == {a.party} and len(proven(b)) == len(proven(c)) == 1
    with b.store.read() as reader:
        (stored,) = rows.list_evidence(reader)
    assert len(stored.evidence) <= 2500
    verified(b, lane.origin, tmp_path)
    verified(c, lane.origin, tmp_path)
    b.sync(a)
    assert len(b.got) == 4, "nothing more is believed of this epoch, and nothing that was held is lost"


def verified(actor: Any, origin: str, folder: Path) -> None:
    """By a program that knows nothing of ours; and not when a byte of it is changed."""
    file = folder / f"{actor.party}.fork"
    file.write_bytes(actor.federation.evidence.export(origin))

    def run() -> Any:
        return subprocess.run([sys.executable, str(VERIFIER), str(file)], capture_output=True, text=True, check=False)

    told = run()
    assert told.returncode == 0 and "PROVEN" in told.stdout, told.stdout + told.stderr
    lines = file.read_bytes().splitlines()
    evidence = json.loads(lines[-1])
    evidence["checkpoint_b"] = evidence["checkpoint_a"]
    file.write_bytes(b"\n".join([*lines[:-1], json.dumps(evidence).encode()]) + b"\n")
    assert run().returncode == 1


def test_an_author_who_goes_on_in_a_history_that_forks_beyond_what_we_hold_is_proven(three: Any) -> None:
    a, b, _, agreement, lane = three
    a.publish(agreement, contents(4, "once"))
    b.sync(a)
    hide(a)
    rewrite_history(a, lane.origin, 3)
    a.publish(agreement, contents(1500, "twice"))
    for _ in range(3):
        with pytest.raises(KoupreyError):
            b.sync(a)
        if proven(b):
            break
    assert proven(b) == [(a.party, b.party)] and state(b, lane.origin) == "frozen"
    with b.store.read() as reader:
        (stored,) = rows.list_evidence(reader)
    evidence = msgspec.json.decode(stored.evidence, type=ForkEvidence)
    assert evidence.index == 3 and len(stored.evidence) <= 2500


def test_an_honest_author_that_was_rolled_back_is_not_accused(three: Any) -> None:
    a, b, c, agreement, lane = three
    a.publish(agreement, contents(4, "once"))
    for reader in (b, c):
        reader.sync(a)
    rewrite_history(a, lane.origin, 3)
    a.publish(agreement, contents(9, "twice"))
    for _ in range(3):
        for one, other in ((b, a), (c, a), (b, c), (c, b), (a, b), (a, c)):
            try:
                one.sync(other)
            except KoupreyError:
                continue
    a.publish(agreement, contents(2, "in the next epoch"))
    for reader in (b, c):
        reader.sync(a)
        assert proven(reader) == [] and reader.got[-2:] == contents(2, "in the next epoch")


def test_who_was_rolled_back_and_did_not_notice_is_shown_it_and_publishes_anew(three: Any) -> None:
    """Nobody held more than it knew when it asked; what it had signed before comes to one reader later, by stick."""
    a, b, c, agreement, lane = three
    a.publish(agreement, contents(4, "once"))
    stick = BytesIO()
    a.federation.parcels.make(b.party, stick, by="test")
    rewrite_history(a, lane.origin, 3)
    a.publish(agreement, contents(4, "twice"))
    for reader in (b, c):
        reader.sync(a)
        a.sync(reader)
    with contextlib.suppress(KoupreyError):
        b.federation.parcels.read(BytesIO(stick.getvalue()), by="test")
    assert state(b, lane.origin) == "frozen", "two histories of one size"
    a.publish(agreement, contents(3, "later"))
    for _ in range(3):
        for one, other in ((b, a), (a, b), (c, a), (a, c)):
            with contextlib.suppress(KoupreyError):
                one.sync(other)
        a.lanes.append_waiting()
    for reader in (b, c):
        assert set(contents(3, "later")) <= set(reader.got), "it went on in an epoch that everybody takes"


def test_who_forgot_that_it_was_shown_two_histories_is_shown_them_again(three: Any) -> None:
    a, b, _, agreement, lane = three
    a.publish(agreement, contents(4, "once"))
    b.sync(a)
    hide(a)
    rewrite_history(a, lane.origin, 3)
    a.publish(agreement, contents(15, "twice"))
    for _ in range(3):
        with contextlib.suppress(KoupreyError):
            b.sync(a)
    mark = proven_mark(lane.tag, b.party)
    assert proven(b) and count(a, mark) == 1
    a.store.write(lambda tx: tx.execute("DELETE FROM meta WHERE key = ?", (mark,)))
    with contextlib.suppress(KoupreyError):
        b.sync(a)
    assert count(a, mark) == 0, "it has been told, and nothing says that it forgot"
    a.federation.links.ask_back(b.party)
    for one, other in ((a, b), (b, a)):
        with contextlib.suppress(KoupreyError):
            one.sync(other)
    assert count(a, mark) == 1


def test_who_says_that_it_stopped_and_proves_nothing_changes_nothing(three: Any) -> None:
    a, b, _, agreement, lane = three
    b.store.write(lambda tx: tx.execute("UPDATE lane SET state = 'frozen' WHERE origin = ?", (lane.origin,)))
    a.publish(agreement, contents(3, "later"))
    a.federation.links.ask_back(b.party)
    a.sync(b)
    (only,) = a.own_lanes()
    assert (only.state, only.size) == ("open", 6) and a.lanes.append_waiting() == 0


def test_an_accusation_that_proves_nothing_is_refused(three: Any) -> None:
    a, b, c, agreement, lane = three
    a.publish(agreement, contents(4))
    for reader in (b, c):
        reader.sync(a)
    with b.store.read() as reader:
        kept = [rows.find_checkpoint(reader, 1, size) for size in (3, 7)]
        headers = rows.list_headers(reader, 1, 0, 7)
    small, large = (each.note.decode() for each in kept)

    def refusal(**fields: Any) -> str:
        evidence = ForkEvidence(**{"origin": lane.origin, "checkpoint_a": small, "checkpoint_b": large} | fields)
        with pytest.raises(KoupreyError) as refused:
            c.federation.evidence.take(b.party, lane.tag, evidence)
        return refused.value.code

    assert refusal() == refusal(checkpoint_b=small) == refusal(checkpoint_a=large) == "not-proven"
    assert refusal(header_a=headers[1], header_b=headers[2], index=1) == "not-proven"
    assert refusal(checkpoint_b=large.replace("\n7\n", "\n3\n")) == "not-proven"
    assert refusal(checkpoint_b="\ud800") == "not-proven"
    assert refusal(origin="kouprey/1/" + "0" * 64) == "unknown-lane"
    assert proven(c) == [] and state(c, lane.origin) == "open"


def test_who_does_not_read_a_lane_is_told_nothing_of_it(three: Any, each_world: Any) -> None:
    a, b, _, _, lane = three
    d = each_world.actor("stranger.example")
    each_world.acquaint(a, d)
    each_world.acquaint(b, d)
    assert b.federation.evidence.heads_for(d.party).heads == () and not b.federation.evidence.shares(d.party)
    with pytest.raises(KoupreyError) as refused:
        b.federation.serving.headers(d.party, lane.tag, 0)
    assert refused.value.code == "unknown-lane"
    d.sync(b)


def test_other_readers_get_headers_and_no_bodies(three: Any) -> None:
    _, b, c, _, lane = three
    page = b.federation.serving.headers(c.party, lane.tag, 0)
    assert len(page.headers) == 3
    with pytest.raises(KoupreyError) as refused:
        b.federation.serving.bodies(c.party, lane.tag, [IndexRange(1, 2)])
    assert refused.value.code == "unknown-lane"
