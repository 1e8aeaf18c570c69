"""Contacts as they are kept: who may, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Verb, Wanted
from kouprey.response.model.contacts import NOWHERE, Contact
from kouprey.response.service import Words

WANTED = Wanted(agreement="", to="", kind="act", title="Block it", text="All of it.", tlp=TLP.GREEN)


def made(a: Any, **given: Any) -> Contact:
    words: dict[str, Any] = {"name": "Somchai", "team": "Northern Hospital"}
    contact: Contact = a.contacts.record(a.reader(), Contact(id="", **(words | given)))
    return contact


def test_leads_and_liaison_keep_contacts_and_everybody_reads_them(pair: Any) -> None:
    a, b, _ = pair
    contact = made(a, party=b.party)
    assert contact.id.endswith(NOWHERE)
    assert a.contacts.list(a.reader(Role.ANALYST)) == [contact]
    for role in (Role.ANALYST, Role.DUTY_OFFICER, Role.LEGAL, Role.ADMINISTRATOR):
        with pytest.raises(Forbidden):
            a.contacts.record(a.reader(role), Contact(id="", name="x", team="y"))
    with pytest.raises(Unknown):
        a.contacts.record(a.reader(), Contact(id="contact-9.invalid", name="x", team="y"))
    stranger = a.agreements.party_reader(b.party)
    for call in (a.contacts.list, lambda who: a.contacts.get(who, contact.id)):
        with pytest.raises(Forbidden):
            call(stranger)


@pytest.mark.parametrize(
    "given",
    [
        {"name": " "},
        {"team": ""},
        {"mail": "no address"},
        {"mail": "a@b.example\nBcc: c@d.example"},
        {"zone": "Moon/Base"},
        {"zone": "../../etc/passwd"},
        {"language": "xx"},
        {"party": "nobody.example"},
        {"ceiling": TLP.GREEN, "content": TLP.AMBER},
        {"acknowledge_s": -1},
        {"note": "x" * 3_000},
        {"phone": "1" * 300},
    ],
)
def test_what_makes_no_contact(pair: Any, given: dict[str, Any]) -> None:
    a, _, _ = pair
    with pytest.raises(Damaged) as raised:
        made(a, **given)
    assert raised.value.remedy
    assert a.contacts.list(a.reader()) == []


def test_out_of_use_nobody_asks_and_links_are_closed(pair: Any) -> None:
    a, _, _ = pair
    contact = made(a)
    handoff = a.contacts.ask(a.reader(), contact.id, WANTED).id
    secret, _ = a.contacts.make_link(a.reader(), handoff, contact.id)
    a.contacts.set_archived(a.reader(), contact.id, True)
    with pytest.raises(Unknown):
        a.contacts.answer(secret, Words(Verb.ACCEPT))
    with pytest.raises(Refused, match="no longer in use"):
        a.contacts.ask(a.reader(), contact.id, WANTED)
    a.contacts.set_archived(a.reader(), contact.id, False)
    assert a.contacts.ask(a.reader(), contact.id, WANTED).id
    with pytest.raises(Unknown):
        a.contacts.open(secret)
    with pytest.raises(Refused, match="of our own party"):
        a.contacts.ask(a.reader(), made(a, party=a.party).id, WANTED)
