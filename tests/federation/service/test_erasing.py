"""Bodies leave the lanes of both ends, the proof stays, and what was erased is not kept again in another entry."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.federation.service import Erasures, erase_bodies
from kouprey.federation.service.checks import checks
from kouprey.kernel.words.errors import Refused


def held(actor: Any) -> list[bytes]:
    """Every body of every lane and of the queue, as it lies in the database."""
    with actor.store.read() as reader:
        rows = [*reader.all("SELECT body FROM lane_entry"), *reader.all("SELECT body FROM lane_outgoing")]
    return [bytes(row[0]) for row in rows]


def erase(actor: Any, numbers: list[int], received: Any = ()) -> int:
    count: int = actor.store.write(lambda tx: erase_bodies(tx, actor.lanes, numbers, received))
    actor.lanes.append_waiting()
    return count


def well(actor: Any) -> None:
    found = {check.name: list(check.call(False)) for check in checks(actor.services)}
    assert found["lanes"] == []


def test_a_body_leaves_both_ends_and_the_proof_stays(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    numbers = a.publish(agreement, [b"one", b"canary", b"three"])
    b.sync(a)
    (lane,) = a.own_lanes()
    assert erase(a, [numbers[1]]) == 1 and erase(a, [numbers[1]]) == 0
    assert not any(b"canary" in body for body in held(a))
    assert erase(b, [], [(lane.origin, 3), ("unknown", 9)]) == 1
    b.sync(a)
    assert b.got == [b"one", b"canary", b"three"] and not any(b"three" in body for body in held(b))
    assert b.federation.ledger.list_quarantined() == []
    assert not any(b"canary" in body for body in held(b))
    a.publish(agreement, [b"four"])
    b.sync(a)
    assert b.got[-1] == b"four", "the lane goes on"
    well(a)
    well(b)
    export = b"".join(a.federation.ledger.export(agreement))
    assert export.count(b'"state":"erased"') == 1 and b'"state":"withheld"' not in export


def test_who_has_not_fetched_it_is_never_given_it(world: Any) -> None:
    a, b, agreement = world.pair()
    numbers = a.publish(agreement, [b"one", b"canary"])
    assert erase(a, [numbers[1]]) == 1
    b.sync(a)
    b.sync(a)
    assert b.got == [b"one"] and not any(b"canary" in body for body in held(b))
    well(b)


def test_what_waits_never_becomes_an_entry(world: Any) -> None:
    a, b, agreement = world.pair()
    a.lanes.release()
    numbers = a.queue(agreement, [b"one", b"canary", b"three"])
    assert any(b"canary" in body for body in held(a))
    assert erase(a, [numbers[1]]) == 0
    a.lanes.start()
    a.lanes.append_waiting()
    b.sync(a)
    assert b.got == [b"one", b"three"] and not any(b"canary" in body for body in held(a))
    places = a.federation.ledger.find_places(list(numbers))
    assert sorted(places) == [numbers[0], numbers[2]]


def test_what_its_receiver_has_erased_is_not_kept_in_quarantine(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, agreement = world.pair()
    receiver = b.receive

    def refusing(tx: Any, deliveries: Any) -> Any:
        answers = receiver(tx, [each for each in deliveries if each.content != b"canary"])
        assert answers == [None]
        return [Refused("It was erased.", code="erased") if d.content == b"canary" else None for d in deliveries]

    monkeypatch.setitem(
        b.federation.admission._applier._receivers, next(iter(b.federation.admission._applier._receivers)), refusing
    )
    a.publish(agreement, [b"one", b"canary"])
    b.sync(a)
    b.sync(a)
    assert b.got == [b"one"] and not any(b"canary" in body for body in held(b))
    assert [(each.index, each.code) for each in b.federation.ledger.list_quarantined()] == [(2, "erased")]
    well(b)


def test_the_list_goes_on_above_what_a_database_has_done(world: Any) -> None:
    a, _, _ = world.pair()
    erasures = Erasures(a.guard)
    assert erasures.remember("first", 0) == 1 and erasures.remember("after a lost list", 7) == 8
    erasures.take_over([(1, "first"), (3, "from elsewhere")])
    assert erasures.list_since(0) == [(1, "first"), (3, "from elsewhere"), (8, "after a lost list")]
    assert erasures.list_since(3) == [(8, "after a lost list")]


def test_a_list_taken_over_loses_no_line_to_another_under_its_number(world: Any) -> None:
    """As after the rollback of a whole machine that went on erasing: both lists have a line 2, each its own."""
    a, _, _ = world.pair()
    erasures = Erasures(a.guard)
    for line in ("a", "other b", "c, by whom"):
        erasures.remember(line, 0)
    known = [(1, "a"), (2, "b"), (3, "c"), (4, "d"), (9, "e")]
    for _ in range(2):
        erasures.take_over(known, of=lambda line: line.partition(",")[0])
        assert [line for _, line in erasures.list_since(0)] == ["a", "other b", "c, by whom", "b", "d", "e"]
    # What a database has carried out under these numbers may have been something else.
    erasures.take_over([(11, "f"), (12, "g")], after=20, done=lambda line: line == "f")
    assert erasures.list_since(9)[-2:] == [(11, "f"), (21, "g")]
