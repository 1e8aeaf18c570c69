"""Parcels are laid ready for whom has not been reached, once for what is new."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from kouprey.federation.service import Laying, Spool
from kouprey.kernel.words.time import wall_clock

HOUR = 3600 * 1_000_000


def test_whom_has_not_been_reached_a_parcel_is_laid_ready_for(world: Any) -> None:
    a, b, agreement = world.pair()
    spool = a.services.get(Spool)
    moved = 0

    def laying(hours: float) -> Laying:
        return Laying(a.store, a.people, a.federation.ledger, spool, hours, lambda: wall_clock() + moved)

    a.sync(b)
    a.publish(agreement, [b'{"n":1}'])
    assert laying(0).lay() == (), "off unless it is set"
    assert laying(24).lay() == [], "reached a moment ago"
    moved = 25 * HOUR
    assert laying(24).lay() == [b.party] and laying(24).lay() == []
    (first,) = spool.list_out()
    a.publish(agreement, [b'{"n":2}'])
    moved = 26 * HOUR
    assert laying(24).lay() == [], "one a day"
    moved = 50 * HOUR
    assert laying(24).lay() == [b.party]
    (second,) = spool.list_out()
    assert second.name != first.name, "it brings everything, so that one is enough"
    moved = 80 * HOUR
    assert laying(24).lay() == [], "the same again for nobody"
    stick = (spool.folder / "out" / b.party / second.name).read_bytes()
    assert b.federation.parcels.read(BytesIO(stick), by="test").entries == 3
    back = BytesIO()
    b.federation.parcels.make(a.party, back, by="test")
    a.federation.parcels.read(BytesIO(back.getvalue()), by="test")
    moved = 200 * HOUR
    assert laying(24).lay() == [], "everything is confirmed"
