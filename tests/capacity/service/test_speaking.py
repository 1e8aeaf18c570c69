"""What comes from partners: each speaks for itself, once, and erases its own words."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from capacity.conftest import TERMS, Schools, people, training
from kouprey.capacity.model import Nomination, Nominee, SeatPlan, Sort, WishList
from kouprey.capacity.service.speaking import Speaking
from kouprey.capacity.wire import messages as wire
from kouprey.federation.service import Delivery
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, wall_clock
from kouprey.kernel.words.tlp import TLP


def deliver(actor: Any, sort: Sort, author: str, agreement: str, raw: bytes, index: int = 1) -> str:
    """What is answered: "" for kept."""
    label = Label(owner=author, agreement=agreement, tlp=TLP.AMBER, kind="nomination")
    came = Delivery("lane", index, author, agreement, label, raw, actor.at)
    found = actor.store.write(lambda tx: actor.capacity.apply(sort)(tx, [came]))[0]
    return "" if found is None else found.code


def test_nobody_speaks_for_another(pair: tuple[Any, Any, str]) -> None:
    host, guest, agreement = pair
    assert isinstance(host.capacity, Speaking)
    them, us, stranger = guest.party, host.party, "stranger.example"
    mine = msgspec.structs.replace(training(), host=us, nonce="n", version=1)
    one = wire.activity_id(us, "n")
    assert deliver(host, Sort.ACTIVITY, them, agreement, wire.write_activity(mine)) == "not-its-own"
    named = Nomination(activity=one, host=us, party=them, version=1, people=(Nominee(id="n", name="Dara"),))
    assert deliver(host, Sort.NOMINATION, stranger, agreement, wire.write_nomination(named)) == "not-its-own"
    other = msgspec.structs.replace(named, host=stranger)
    assert deliver(host, Sort.NOMINATION, them, agreement, wire.write_nomination(other)) == "not-asked"
    plan = SeatPlan(activity=one, host=them, party=stranger, version=1)
    assert deliver(host, Sort.SEATS, them, agreement, wire.write_seats(plan)) == "not-asked"
    wishes = WishList(party=stranger, version=1)
    assert deliver(host, Sort.NEEDS, them, agreement, wire.write_wishes(wishes)) == "not-its-own"
    assert deliver(host, Sort.NOMINATION, them, agreement, b"{}") == "bad-message"
    assert deliver(host, Sort.NOMINATION, them, agreement, wire.write_nomination(named)) == ""
    assert deliver(host, Sort.NOMINATION, them, agreement, wire.write_nomination(named)) == "", "the same again"
    changed = msgspec.structs.replace(named, people=())
    assert deliver(host, Sort.NOMINATION, them, agreement, wire.write_nomination(changed)) == "other-version"
    theirs = msgspec.structs.replace(training(), host=them, nonce="n", version=1)
    assert deliver(host, Sort.ACTIVITY, them, agreement, wire.write_activity(theirs)) == ""
    assert deliver(host, Sort.ACTIVITY, them, "agr_other", wire.write_activity(theirs)) == "other-agreement"


def test_nobody_takes_a_seat_by_another_agreement(one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    made = host.host(agreement)
    named = Nomination(
        activity=made.id, host=host.party, party=guest.party, version=1, people=(Nominee(id="n", name="Dara"),)
    )
    draft = host.agreements.draft("Another", [host.party, guest.party], TERMS, starts=wall_clock() - SECOND, by="test")
    signed = host.agreements.sign(draft.agreement, by="test")
    guest.agreements.receive_note(signed.note, signed.document_bytes, by="test")
    both = guest.agreements.sign(draft.agreement, by="test")
    host.agreements.receive_note(both.note, both.document_bytes, by="test")
    assert deliver(host, Sort.NOMINATION, guest.party, draft.agreement, wire.write_nomination(named)) == ""
    assert host.states(made.id) == {}
    assert host.capacity.confirm(host.reader(), made.id) == {}


def test_erased_names_are_gone_and_the_seat_stays(one: tuple[Any, Any, str]) -> None:
    host, guest, agreement = one
    made = host.host(agreement)
    named = Nomination(
        activity=made.id, host=host.party, party=guest.party, version=1, people=(Nominee(id="n", name="Dara"),)
    )
    assert deliver(host, Sort.NOMINATION, guest.party, agreement, wire.write_nomination(named), 7) == ""
    assert host.states(made.id) == {"Dara": "nominated"}
    host.capacity.erase_received("lane", "stranger.example", [7])
    assert host.states(made.id) == {"Dara": "nominated"}, "only its author erases"
    host.capacity.erase_received("lane", guest.party, [7])
    assert host.states(made.id) == {"–": "nominated"}


def test_an_agreement_without_nominations_carries_none(lone: Schools) -> None:
    from kouprey.agreements.model import Terms
    from kouprey.capacity.model import Programme

    host, _, agreement = lone.pair(Terms())
    with pytest.raises(Refused) as found:
        host.capacity.plan(host.reader(), Programme(id="", agreement=agreement, theme="X", year=2027))
    assert found.value.code == "not-agreed"
    assert host.capacity.agreed() == []
    assert people(1)
