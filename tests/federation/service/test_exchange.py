"""The way of an entry between two nodes, on both engines: publish, pull, admit, confirm; cut and healed."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.federation.model import LaneClass
from kouprey.kernel.words.errors import Unreachable


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"type":"note","mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def test_publish_pull_admit_receipt(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    numbers = a.publish(agreement, contents(3))
    assert b.sync(a) == 4  # three objects and the genesis
    assert b.got == contents(3)
    assert b.sync(a) == 0
    (lane,) = a.own_lanes()
    (confirmed,) = lane.confirmations
    assert (confirmed.party, confirmed.size, confirmed.without) == (b.party, 4, 0)
    places = a.federation.ledger.find_places(list(numbers))
    assert [places[number].index for number in numbers] == [1, 2, 3]
    assert all(place.signed_at and place.confirmed[0][0] == b.party for place in places.values())
    assert [waiting.total for waiting in a.federation.ledger.list_waiting()] == [0]


def test_both_ways_and_a_second_page(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    for batch in range(3):
        a.publish(agreement, contents(700, f"a{batch}"))
    b.publish(agreement, contents(5, "b"))
    b.sync(a)
    a.sync(b)
    assert len(b.got) == 2100 and b.got == [each for batch in range(3) for each in contents(700, f"a{batch}")]
    assert a.got == contents(5, "b")


def test_parcels_carry_agreement_entries_and_receipts(each_world: Any) -> None:
    a, b = each_world.actor("ministry.example"), each_world.actor("operator.example")
    a.people.trust(b.people.home().note, by="test")
    b.people.trust(a.people.home().note, by="test")
    agreement = each_world.agree(a, b)
    # B knows nothing of the agreement's last signature: the parcel brings it before the lane that stands on it.
    c = each_world.actor("neighbour.example")
    c.people.trust(a.people.home().note, by="test")
    a.people.trust(c.people.home().note, by="test")
    a.publish(agreement, contents(3))
    parcel = BytesIO()
    a.federation.parcels.make(b.party, parcel, by="test")
    contents_read = b.federation.parcels.read(BytesIO(parcel.getvalue()), by="test")
    assert (contents_read.entries, contents_read.problems) == (4, [])
    assert b.got == contents(3)
    again = b.federation.parcels.read(BytesIO(parcel.getvalue()), by="test")
    assert (again.entries, again.problems) == (0, [])
    back = BytesIO()
    b.publish(agreement, contents(2, "b"))
    b.federation.parcels.make(a.party, back, by="test")
    taken = a.federation.parcels.read(BytesIO(back.getvalue()), by="test")
    assert (taken.entries, taken.receipts, taken.problems) == (3, 1, [])
    assert a.got == contents(2, "b")
    (confirmed,) = a.own_lanes()[0].confirmations
    assert confirmed.size == 4
    empty = BytesIO()
    assert a.federation.parcels.make(b.party, empty, by="test").lanes == ()


def test_a_parcel_brings_the_agreement_itself(world: Any) -> None:
    a, b = world.actor("ministry.example"), world.actor("operator.example")
    a.people.trust(b.people.home().note, by="test")
    b.people.trust(a.people.home().note, by="test")
    version = a.agreements.draft(
        "By stick",
        [b.party],
        Terms(),
        starts=1_000_000,
        by="test",
    )
    a.agreements.sign(version.agreement, by="test")
    there = BytesIO()
    a.federation.parcels.make(b.party, there, by="test")
    assert b.federation.parcels.read(BytesIO(there.getvalue()), by="test").problems == []
    b.agreements.sign(version.agreement, by="test")
    b.publish(version.agreement, contents(2, "b"))
    back = BytesIO()
    b.federation.parcels.make(a.party, back, by="test")
    taken = a.federation.parcels.read(BytesIO(back.getvalue()), by="test")
    assert (taken.entries, taken.problems) == (3, [])
    assert a.got == contents(2, "b")


def test_cut_and_heal_shows_what_waits(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(2, "before"))
    b.sync(a)
    each_world.wire.down.add(a.origin)
    a.publish(agreement, contents(3, "during"))
    with pytest.raises(Unreachable):
        b.sync(a)
    (waiting,) = a.federation.ledger.list_waiting()
    assert (waiting.party, waiting.total, waiting.unconfirmed) == (b.party, 3, 3)
    parcel = BytesIO()
    a.federation.parcels.make(b.party, parcel, by="test")
    b.federation.parcels.read(BytesIO(parcel.getvalue()), by="test")
    assert len(b.got) == 5
    each_world.wire.down.clear()
    assert b.sync(a) == 0
    assert [waiting.total for waiting in a.federation.ledger.list_waiting()] == [0]


def test_papers_travel_and_wait(world: Any) -> None:
    a, b = world.actor("ministry.example"), world.actor("operator.example")
    world.acquaint(a, b)
    world.wire.down.add(b.origin)
    version = a.agreements.draft("By link", [b.party], Terms(), starts=1_000_000, by="test")
    a.agreements.sign(version.agreement, by="test")
    a.settle()
    assert a.federation.ledger.list_waiting()[0].papers == 1
    world.wire.down.clear()
    a.sync(b)
    b.agreements.sign(version.agreement, by="test")
    b.settle()
    b.sync(a)
    assert version.agreement in a.agreements.standings() and a.agreements.get_standing(version.agreement).signed
    assert a.federation.ledger.list_waiting()[0].papers == 0


def test_priority_does_not_wait_behind_bulk(world: Any) -> None:
    a, b, agreement = world.pair()
    a.queue(agreement, contents(2000, "bulk"))
    a.publish(agreement, contents(1, "urgent"), lane_class=LaneClass.PRIORITY, kind="intelligence")
    order = []
    plain = b.federation.admission.admit

    def admit(offer: Any, *, via: str) -> Any:
        order.append(offer.origin)
        return plain(offer, via=via)

    b.federation.admission.admit = admit
    b.sync(a)
    urgent = next(lane.origin for lane in a.own_lanes() if lane.lane_class == "priority")
    assert order[0] == urgent and len(b.got) == 2001


def test_two_roads_bring_the_same_range(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(3, "first"))
    early, late = BytesIO(), BytesIO()
    a.federation.parcels.make(b.party, early, by="test")
    a.publish(agreement, contents(3, "second"))
    a.federation.parcels.make(b.party, late, by="test")
    # The parcel overtakes the pull between its verification and its transaction.
    applier = b.federation.admission._applier
    plain = applier.apply
    overtaken = []

    def apply(came: Any) -> Any:
        if not overtaken:
            overtaken.append(True)
            b.federation.parcels.read(BytesIO(early.getvalue()), by="test")
        return plain(came)

    applier.apply = apply
    b.sync(a)
    b.federation.parcels.read(BytesIO(late.getvalue()), by="test")
    assert b.got == [*contents(3, "first"), *contents(3, "second")]


def test_a_gap_is_named_and_order_does_not_matter(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2, "one"))
    one = BytesIO()
    a.federation.parcels.make(b.party, one, by="test")
    a.publish(agreement, contents(2, "two"))
    two = BytesIO()
    origin = a.own_lanes()[0].origin
    a.federation.parcels.make(b.party, two, by="test", since={origin: 3})
    early = b.federation.parcels.read(BytesIO(two.getvalue()), by="test")
    assert early.entries == 0 and "please send" in early.problems[0]
    assert b.federation.parcels.read(BytesIO(one.getvalue()), by="test").entries == 3
    assert b.federation.parcels.read(BytesIO(two.getvalue()), by="test").entries == 2
    assert b.federation.parcels.wants(a.party) == [f"please send {a.own_lanes()[0].tag[:12]} from 5"]


def test_suspension_holds_both_gates_at_once_and_loses_nothing(each_world: Any) -> None:
    a, b, agreement = each_world.pair()
    a.publish(agreement, contents(1, "before"))
    b.sync(a)
    a.publish(agreement, contents(1, "unsent"))
    a.agreements.suspend(agreement, suspended=True, by="test")
    a.publish(agreement, contents(2, "queued"))
    b.sync(a)
    assert len(b.got) == 1
    parcel = BytesIO()
    assert a.federation.parcels.make(b.party, parcel, by="test").lanes == ()
    (waiting,) = a.federation.ledger.list_waiting()
    assert (waiting.queued, waiting.unconfirmed) == (2, 1)
    a.agreements.suspend(agreement, suspended=False, by="test")
    a.lanes.append_waiting()
    b.sync(a)
    assert len(b.got) == 4


def test_the_receivers_suspension_takes_nothing_in(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    parcel = BytesIO()
    a.federation.parcels.make(b.party, parcel, by="test")
    b.agreements.suspend(agreement, suspended=True, by="test")
    b.sync(a)
    read = b.federation.parcels.read(BytesIO(parcel.getvalue()), by="test")
    assert b.got == [] and "suspended" in read.problems[0]
    b.agreements.suspend(agreement, suspended=False, by="test")
    b.sync(a)
    assert b.got == contents(2) and not b.federation.ledger.list_quarantined()


def test_what_was_withheld_comes_when_it_is_allowed_again(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(3))
    serving = a.federation.serving
    plain = serving._may_leave
    serving._may_leave = lambda lane, party, held, known: held.index != 2 and plain(lane, party, held, known)
    b.sync(a)
    assert len(b.got) == 2 and a.own_lanes()[0].confirmations[0].without == 1
    serving._may_leave = plain
    b.sync(a)
    b.sync(a)
    assert sorted(b.got) == contents(3) and a.own_lanes()[0].confirmations[0].without == 0


def test_one_party_of_three_suspended(world: Any) -> None:
    a, b, c = (world.actor(f"{name}.example") for name in ("ministry", "operator", "neighbour"))
    world.acquaint(a, b, c)
    agreement = world.agree(a, b, c)
    a.publish(agreement, contents(2))
    c.agreements.suspend(agreement, suspended=True, by="test")
    c.settle()
    c.sync(a)
    c.sync(b)
    a.publish(agreement, contents(1, "later"))
    b.sync(a)
    c.sync(a)
    assert len(b.got) == 3 and c.got == []
