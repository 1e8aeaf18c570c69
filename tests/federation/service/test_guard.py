"""The guard: of several instances one signs, and a guard that is old or lost proves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.seal.checkpoint import Checkpoint
from kouprey.kernel.words.errors import Refused


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def test_an_older_guard_is_no_proof(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    a.close()
    guard = (a.folder / "guard.db").read_bytes()
    a.open()
    a.publish(agreement, contents(1))
    a.close()
    for name in ("guard.db-wal", "guard.db-shm"):
        (a.folder / name).unlink(missing_ok=True)
    (a.folder / "guard.db").write_bytes(guard)
    a.open()
    a.publish(agreement, contents(1))
    assert [lane.state for lane in a.own_lanes()] == ["closed", "open"]
    b.sync(a)
    assert len(b.got) == 3


def test_of_two_live_instances_on_one_guard_the_first_fails_closed(world: Any, tmp_path: Path) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    b.sync(a)
    a.close()
    copy = a.copy(tmp_path / "clone", guard=False)
    a.open()
    second = world.clone(copy, a.party)
    (copy / "guard.db").symlink_to(a.folder / "guard.db")
    second.open()
    with pytest.raises(Refused) as refused:
        a.publish(agreement, contents(1, "first"))
    assert refused.value.code == "guard-lost" and a.lanes.halted
    assert a.lanes.append_waiting() == 0
    second.publish(agreement, contents(2, "second"))
    b.sync(second)
    assert [lane.origin for lane in second.own_lanes()] == [lane.origin for lane in a.own_lanes()]
    assert b.got == [*contents(2), *contents(2, "second")]
    # The first, started again, finds that the guard has seen more than it holds, and goes on in a new epoch.
    a.close()
    second.close()
    world.wire.nodes[a.origin] = a.open()
    a.lanes.append_waiting()
    b.sync(a)
    assert b.got.count(contents(1, "first")[0]) == 1
    assert not [lane for lane in b.federation.ledger.list_lanes() if lane.state == "frozen"]


def test_a_claim_fails_when_somebody_signed_since_it_was_read(world: Any) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, contents(1))
    (lane,) = a.own_lanes()
    guard = a.lanes._guard
    seen = guard.find(lane.origin)
    a.publish(agreement, contents(1))
    assert not guard.claim(lane.origin, seen)
    assert guard.claim(lane.origin, guard.find(lane.origin))


def test_the_guard_refuses_a_second_history_and_keeps_its_word(world: Any) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, contents(2))
    (lane,) = a.own_lanes()
    guard = a.lanes._guard
    assert not guard.advance(Checkpoint(lane.origin, 3, bytes(32)), first=False)
    assert not guard.advance(Checkpoint(lane.origin, 2, bytes(32)), first=False)
    a.guard.write(lambda tx: tx.execute("DELETE FROM guard"))
    with pytest.raises(Refused):
        a.publish(agreement, contents(1))
    assert guard.find(lane.origin) is None, "a guard that was lost must not be written anew"
