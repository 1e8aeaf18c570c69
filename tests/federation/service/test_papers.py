"""Papers: agreements and cards find their way, and wait while there is none."""

from __future__ import annotations

from typing import Any

from kouprey.agreements.model import Terms
from kouprey.federation.wire import link


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


def test_who_was_restored_learns_again_what_it_had_said_itself(world: Any) -> None:
    """Papers are brought once; a copy from before them does not know what they said, nor what its own people said."""
    a, b, agreement = world.pair()
    a.agreements.suspend(agreement, suspended=True, by="test")
    a.settle()
    a.sync(b)
    with a.store.read() as reader:
        assert reader.value("SELECT count(*) FROM agreement_notice") == 1
    a.store.write(lambda tx: (tx.execute("DELETE FROM agreement_notice"), a.agreements.refresh(tx)))
    assert not a.agreements.get_standing(agreement).suspended_by
    a.federation.links.ask_back(b.party)
    a.sync(b)
    assert a.agreements.get_standing(agreement).suspended_by == (a.party,)


def test_papers_come_in_pages_and_none_is_missed(world: Any, monkeypatch: Any) -> None:
    a, b, _ = world.pair()
    whole = a.federation.papers.for_party(b.party)
    monkeypatch.setattr(link, "PAPERS_BYTES", 1)
    pages, count = [], 0
    while page := a.federation.papers.page_for(b.party, count):
        pages.append(page)
        count += len(page)
    assert len(pages) == len(whole) > 2 and [paper for page in pages for paper in page] == whole
