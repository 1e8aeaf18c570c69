"""A bit that flips in what was signed, or in what waits, is named; what a partner gave is taken from him again."""

from __future__ import annotations

from typing import Any

import pytest

from federation.service.test_checks import told
from federation.service.test_mending import flip
from kouprey.federation.service import erase_bodies
from kouprey.federation.wire.statement import KeyStatement, render_statement
from kouprey.kernel.words.time import SECOND


def stated(actor: Any) -> bytes:
    """A key of an actor's is revoked, and it says so to all."""
    now = actor.people._clock()
    home = actor.people.home()
    said = KeyStatement(party=actor.party, revoked=home.card.node, after=(), serial=now, issued=now // SECOND * SECOND)
    note = render_statement(said, actor.ring.require_root())
    actor.store.write(lambda tx: actor.federation.admission.keys.keep(tx, note, said))
    return note


@pytest.fixture
def pair(each_world: Any) -> Any:
    """Two that have given each other something, and had something of it erased."""
    a, b, agreement = each_world.pair()
    for one, other in ((a, b), (b, a)):
        numbers = one.publish(agreement, [b'{"mark":"one"}', b'{"mark":"two"}'])
        other.sync(one)
        one.store.write(lambda tx, one=one, numbers=numbers: erase_bodies(tx, one.lanes, numbers[1:], ()))
        one.lanes.append_waiting()
        other.sync(one)
        one.sync(other)
    assert told(a.federation)["papers"] == told(b.federation)["papers"] == []
    return a, b, agreement


RECEIPT = "FROM lane_receipt JOIN lane ON lane.id = lane_receipt.lane_id"


@pytest.mark.parametrize("mine", [0, 1], ids=["our own", "a partner's"])
@pytest.mark.parametrize("column", ["receipt", "size"])
def test_a_receipt(pair: Any, mine: int, column: str) -> None:
    a, b, _ = pair
    with a.store.read() as reader:
        lane_id, before = reader.one(f"SELECT lane_id, lane_receipt.size {RECEIPT} WHERE mine = ?", (mine,))
    flip(a, "lane_receipt", column, f"lane_id = {lane_id}")
    (named,) = told(a.federation)["papers"]
    assert named.startswith("bad The receipt of ")
    assert told(a.federation, repair=True)["papers"][0].startswith("mended")
    a.close()
    a.open()
    a.sync(b)
    assert told(a.federation)["papers"] == []
    with a.store.read() as reader:
        assert reader.one(f"SELECT lane_id, lane_receipt.size {RECEIPT} WHERE mine = ?", (mine,)) == (lane_id, before)


def test_a_card_that_was_kept(pair: Any) -> None:
    """A damaged one names no key; without it, everything of its party that it stands for is still verified."""
    a, b, agreement = pair
    with a.store.read() as reader:
        before = reader.all("SELECT * FROM party_card ORDER BY statement")
    for party in (a.party, b.party):
        flip(a, "party_card", "note", f"party = '{party}'")
    assert len(told(a.federation)["papers"]) == 2
    b.publish(agreement, [b'{"mark":"three"}'])
    assert a.sync(b) == 1
    assert [each[:6] for each in told(a.federation, repair=True)["papers"]] == ["mended", "mended"]
    assert told(a.federation)["papers"] == []
    with a.store.read() as reader:
        assert reader.all("SELECT * FROM party_card ORDER BY statement") == before


@pytest.mark.parametrize("column", ["note", "serial"])
def test_a_key_statement(pair: Any, column: str) -> None:
    a, b, _ = pair
    note = stated(b)
    a.federation.admission.keys.take(note)
    flip(a, "key_statement", column, "1 = 1")
    assert "key statement of operator.example" in told(a.federation)["papers"][0]
    assert told(a.federation, repair=True)["papers"][0].startswith("mended")
    a.federation.admission.keys.take(note)
    assert told(a.federation)["papers"] == []
    flip(b, "key_statement", column, "1 = 1")
    assert told(b.federation, repair=True)["papers"][0].startswith("bad"), "nobody gives us our own"


def test_an_erasure_receipt(pair: Any) -> None:
    a, _, _ = pair
    flip(a, "erasure_receipt", "note", "1 = 1")
    assert "says to have erased" in told(a.federation)["papers"][0]


def test_what_waits(pair: Any) -> None:
    """A paper, and a body that is no entry yet: of its form alone one sees that it is damaged."""
    a, _, agreement = pair
    a.agreements.suspend(agreement, suspended=True, by="test")
    a.settle()
    a.queue(agreement, [b'{"mark":"waits"}'])
    spoil = "UPDATE paper_outgoing SET papers = ? WHERE delivered_at = 0"
    a.store.write(lambda tx: tx.execute(spoil, (b"\x00\x00",)))
    a.store.write(lambda tx: tx.execute("UPDATE lane_outgoing SET body = ?", (b"application/stix+json\n{\n",)))
    found = told(a.federation)["papers"]
    assert len(found) >= 2 and any("A paper for" in each for each in found)
    assert any("waits to become an entry" in each for each in found)
