"""What is said outside: words from forms, how far a course is, and numbers."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.errors import Damaged, Forbidden
from kouprey.people.model import Role
from kouprey.response.model import Verb, Wanted
from kouprey.response.model.contacts import Contact, Via
from kouprey.response.service import Words, heads_of, numbers_of, told_by


def test_words_of_a_form() -> None:
    assert told_by({"verb": "accept", "reason": "capacity", "text": "Yes."}) == Words(Verb.ACCEPT, text="Yes.")
    assert told_by({"verb": "decline", "reason": "capacity"}).reason == "capacity"
    for verb in ("", "close", "ACCEPT"):
        with pytest.raises(Damaged):
            told_by({"verb": verb})


def test_asking_needs_the_role_of_its_kind_and_a_basis(pair: Any) -> None:
    a, _, _ = pair
    contact = a.contacts.record(a.reader(), Contact(id="", name="Somchai", team="Hospital"))
    for kind, roles, error in (
        ("act", (Role.ANALYST,), Forbidden),
        ("preserve", (Role.LEAD,), Forbidden),
        ("preserve", (Role.LEGAL,), Damaged),
        ("dance", (Role.LEAD,), Damaged),
    ):
        with pytest.raises(error):
            a.contacts.ask(
                a.reader(*roles), contact.id, Wanted(agreement="", to="", kind=kind, title="It", text="All.")
            )
    with pytest.raises(Damaged):
        a.contacts.ask(a.reader(), contact.id, Wanted(agreement="", to="", kind="act", title=" ", text="All."))


def test_the_newest_number_of_each_side_counts(pair: Any) -> None:
    a, _, _ = pair
    contact = a.contacts.record(a.reader(), Contact(id="", name="Somchai", team="Hospital", acknowledge_s=0))
    wanted = Wanted(agreement="", to="", kind="act", title="It", text="All.", number="A-1")
    held = a.handoffs.get(a.reader(), a.contacts.ask(a.reader(), contact.id, wanted).id)
    assert [clock.name for clock in held.course.clocks] == ["decide"]
    assert numbers_of(held.asked, held.course) == ("A-1", "")
    first = heads_of(held.course)
    for number in ("H-1", "H-2"):
        verb = Verb.ACKNOWLEDGE if number == "H-1" else Verb.ACCEPT
        a.handoffs.say_outside(a.reader(), held.asked, contact, Words(verb, number=number), Via.PHONE)
    now = a.handoffs.get(a.reader(), held.asked.id)
    assert numbers_of(now.asked, now.course) == ("A-1", "H-2") and heads_of(now.course) != first
