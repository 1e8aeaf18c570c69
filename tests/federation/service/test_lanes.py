"""Our own lanes: what a crash between any two steps and another process may not do to them."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.federation import store as rows
from kouprey.federation.model import LaneClass
from kouprey.federation.service import lanes as lanes_module
from kouprey.federation.service.frontiers import frontier_at
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.words.errors import Refused, TooLarge


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


class Crash(BaseException):
    """The process ends here."""


def checkpoints(actor: Any) -> dict[tuple[str, int], bytes]:
    with actor.store.read() as reader:
        found = reader.all("SELECT origin, c.size, root FROM lane_checkpoint AS c JOIN lane ON lane.id = lane_id")
    return {(row[0], row[1]): row[2] for row in found}


def crash_at(monkeypatch: pytest.MonkeyPatch, actor: Any, step: str) -> None:
    def fall(*args: object, **kwargs: object) -> None:
        raise Crash

    if step == "before the guard":
        monkeypatch.setattr(actor.lanes._guard, "advance", fall)
    elif step == "before the signature":
        monkeypatch.setattr(lanes_module, "sign_checkpoint", fall)
    else:
        monkeypatch.setattr(actor.lanes, "_keep", fall)


@pytest.mark.parametrize("step", ["before the guard", "before the signature", "before it is stored"])
@pytest.mark.parametrize("first", [True, False], ids=["of the genesis", "of an entry"])
def test_a_crash_while_signing_loses_nothing_and_signs_one_history(
    world: Any, monkeypatch: pytest.MonkeyPatch, step: str, first: bool
) -> None:
    a, b, agreement = world.pair()
    if not first:
        a.publish(agreement, contents(2, "early"))
        b.sync(a)
    a.queue(agreement, contents(3))
    with monkeypatch.context() as patch:
        crash_at(patch, a, step)
        with pytest.raises(Crash):
            a.lanes.append_waiting()
    signed = checkpoints(a)
    a.close()
    a.open()
    a.lanes.append_waiting()
    assert all(checkpoints(a)[key] == root for key, root in signed.items())
    assert all(lane.size == lane.signed_size for lane in a.own_lanes())
    b.sync(a)
    assert b.got[-3:] == contents(3) and len(b.got) == (3 if first else 5)
    # A crash proves nothing against continuity, unless the guard never heard of the lane.
    assert len(a.own_lanes()) == (2 if first and step == "before the guard" else 1)


def test_only_one_process_appends_and_the_other_only_queues(world: Any) -> None:
    a, _, agreement = world.pair()
    other = world.clone(a.folder, a.party)
    other.open(start=False)
    world.wire.nodes[a.origin] = a
    assert not other.lanes.start() and not FileLock(a.folder / "lanes.lock").try_take()
    other.publish(agreement, contents(2))
    assert other.own_lanes() == []
    assert a.lanes.append_waiting() == 2


def test_damaged_rows_are_never_signed(world: Any) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, contents(1))
    a.queue(agreement, contents(2))
    (lane,) = a.own_lanes()
    with a.store.read() as reader:
        held = rows.find_lane(reader, origin=lane.origin)
    a.store.write(lambda tx: a.lanes.append_batch(tx, held))
    a.store.write(lambda tx: tx.execute("UPDATE lane_entry SET header = ? WHERE place % 16777216 = 2", (b"x" * 64,)))
    with pytest.raises(Refused) as refused:
        a.lanes.append_waiting()
    assert refused.value.code == "damaged-lane" and a.own_lanes()[0].signed_size == 2
    assert a.lanes.append_waiting() == 0 and not a.lanes.waiting.is_set()


def test_a_lane_may_grow_while_it_is_signed(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    plain = a.lanes._guard.advance

    def advance(*args: Any, **words: Any) -> bool:
        monkeypatch.setattr(a.lanes._guard, "advance", plain)
        a.queue(agreement, contents(2, "meanwhile"))
        return bool(plain(*args, **words))

    a.queue(agreement, contents(1, "first"))
    monkeypatch.setattr(a.lanes._guard, "advance", advance)
    a.lanes.append_waiting()
    with a.store.read() as reader:
        (lane,) = rows.list_lanes(reader, mine=True)
        assert (lane.size, lane.signed_size) == (5, 3) and lane.tail not in (0, rows.UNKNOWN)
        assert lane.frontier == frontier_at(reader, lane.id, 3).to_bytes()
    # What came meanwhile is still watched over.
    spoil = "UPDATE lane_entry SET header = ? WHERE place % 16777216 = 4"
    with a.store.read() as reader:
        (good,) = rows.list_headers(reader, lane.id, 4, 5)
    a.store.write(lambda tx: tx.execute(spoil, (b"x" * 64,)))
    with pytest.raises(Refused):
        a.lanes.append_waiting()
    a.store.write(lambda tx: tx.execute(spoil, (good,)))
    a.lanes.halted = ""
    assert a.lanes.append_waiting() == 2
    with a.store.read() as reader:
        assert rows.list_lanes(reader, mine=True)[0].tail == 0
    b.sync(a)
    assert len(b.got) == 4


def test_one_agreement_that_cannot_go_on_does_not_hold_up_another(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, agreement = world.pair()
    other = world.agree(a, b, title="Another")
    broken, sound = sorted([agreement, other])
    a.queue(broken, contents(1, "broken"))
    a.queue(sound, contents(1, "sound"))
    plain = a.lanes._current_lane

    def current(standing: Any, lane_class: Any, aim: str) -> Any:
        if standing.agreement == broken:
            raise Refused("Not this one.")
        return plain(standing, lane_class, aim)

    monkeypatch.setattr(a.lanes, "_current_lane", current)
    with pytest.raises(Refused):
        a.lanes.append_waiting()
    b.sync(a)
    assert b.got == contents(1, "sound")


def test_what_is_urgent_is_signed_after_a_batch_of_a_backlog(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, _, agreement = world.pair()
    a.publish(agreement, contents(1, "early"), lane_class=LaneClass.PRIORITY)
    a.queue(agreement, contents(2_500, "bulk"))
    plain, told = a.lanes.sign, []

    def sign(lane_id: int) -> Any:
        signed = plain(lane_id)
        with a.store.read() as reader:
            lane = rows.find_lane(reader, lane_id=lane_id)
        told.append((str(lane.lane_class), lane.signed_size))
        if told[-1] == ("bulk", 1_001):
            a.queue(agreement, contents(1, "urgent"), lane_class=LaneClass.PRIORITY)
        return signed

    monkeypatch.setattr(a.lanes, "sign", sign)
    a.lanes.append_waiting()
    assert told[told.index(("bulk", 1_001)) + 1] == ("priority", 3) and told[-1] == ("bulk", 2_501)


def test_bodies_no_lane_can_carry_are_refused_when_queued(world: Any) -> None:
    a, _, agreement = world.pair()
    with pytest.raises(TooLarge):
        a.queue(agreement, [b"x" * (1 << 20)])
    assert a.queue(agreement, []) == range(0)


def test_bytes_are_bytes_on_each_engine(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, [bytes(range(1, 256))])
    b.sync(a)
    with b.store.read() as reader:
        (lane,) = rows.list_lanes(reader)
        (genesis, held) = rows.list_entries(reader, lane.id, 0, 9)
        kept = rows.find_checkpoint(reader, lane.id, 2)
        (receipt,) = rows.list_receipts(reader, lane.id)
    parts = (lane.genesis, lane.frontier, genesis.body, held.header, held.salt, kept.root, kept.note, receipt.receipt)
    assert all(type(part) is bytes for part in parts)
    assert b.got == [bytes(range(1, 256))]
    assert type(a.lanes._guard.find(lane.origin)[1]) is bytes
