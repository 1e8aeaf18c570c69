"""Parcels: everything by stick, for one reader, in any order."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.kernel.seal.box import open_box, seal
from kouprey.kernel.words.errors import KoupreyError


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as refused:
        call()
    return refused.value.code


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


def test_parcels_for_others_by_strangers_and_cut_ones(world: Any) -> None:
    a, b, agreement = world.pair()
    c = world.actor("neighbour.example")
    world.acquaint(a, c)
    for number in range(3):
        a.publish(agreement, contents(2, f"batch{number}"))
    out = BytesIO()
    a.federation.parcels.make(b.party, out, by="t")
    sealed = out.getvalue()

    def read(node: Any, data: bytes) -> Any:
        return node.federation.parcels.read(BytesIO(data), by="t")

    assert refusal(lambda: read(c, sealed)) == "cannot-open"
    assert refusal(lambda: read(b, sealed[:-40])) == "cannot-open"
    assert refusal(lambda: read(b, b"")) == "cannot-open"
    assert refusal(lambda: read(b, sealed[:200] + b"x" + sealed[201:])) == "cannot-open"
    # B hands on what it could open, as if A had written to C: the recipients are inside what A signed.
    passed_on = seal(open_box(sealed, b.ring.age_secrets), [c.people.home().card.age])
    assert refusal(lambda: read(c, passed_on)) == "not-addressed"
    assert c.got == [] and read(b, sealed).entries == 7


def test_a_relay_can_carry_but_not_change(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    out = BytesIO()
    a.federation.parcels.make(b.party, out, by="t")
    # Refused because it is unknown to B, although what it carries is good: a stranger may not use B's disk.
    c = world.actor("neighbour.example")
    c.people.trust(b.people.home().note, by="t")
    stray = BytesIO()
    c.federation.parcels.make(b.party, stray, by="t")
    assert refusal(lambda: b.federation.parcels.read(BytesIO(stray.getvalue()), by="t")) == "unknown-sender"
    assert b.federation.parcels.read(BytesIO(out.getvalue()), by="relay").entries == 3
