"""Papers: agreements and cards find their way, and wait while there is none."""

from __future__ import annotations

from typing import Any

from kouprey.agreements.model import Terms


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
