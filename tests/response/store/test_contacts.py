"""Contacts and links on both engines."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.contacts import Contact, Link
from kouprey.response.store import contacts as rows

SOMCHAI = Contact(
    id="contact-1.invalid",
    name="Somchai",
    team="Northern Hospital",
    mail="soc@hospital.example",
    phone="+66 2 555 0100",
    language="th",
    zone="Asia/Bangkok",
    paper="MoU 12/2026",
    ceiling=TLP.AMBER,
    content=TLP.GREEN,
    note="Knows the radiology network.",
    made_at=5,
)


def link(number: int, contact: str = SOMCHAI.id, expires: int = 100) -> Link:
    return Link(
        id=f"link_{number}",
        hashed=bytes([number]) * 32,
        handoff="h" * 64,
        contact=contact,
        made_by="psn_1",
        made_at=number,
        expires=expires,
    )


def test_contacts_come_back_as_they_were(pair: Any) -> None:
    a, _, _ = pair
    a.store.write(lambda tx: rows.save_contact(tx, SOMCHAI))
    with a.store.read() as reader:
        assert rows.find_contact(reader, SOMCHAI.id) == SOMCHAI
        assert rows.find_contact(reader, "contact-2.invalid") is None
    other = Contact(id="contact-2.invalid", name="Aina", team="A team", archived_at=9)
    a.store.write(lambda tx: rows.save_contact(tx, other))
    with a.store.read() as reader:
        assert [each.name for each in rows.list_contacts(reader)] == ["Somchai", "Aina"], "archived ones come last"


def test_links_are_found_by_hash_and_revoked(pair: Any) -> None:
    a, _, _ = pair
    for number in (1, 2):
        a.store.write(lambda tx, number=number: rows.add_link(tx, link(number)))
    a.store.write(lambda tx: rows.add_link(tx, link(3, expires=50)))
    with a.store.read() as reader:
        assert rows.find_link(reader, hashed=b"\1" * 32) == link(1)
        assert rows.find_link(reader, hashed=b"\7" * 32) is None
        assert rows.find_link(reader, id="link_2") == link(2)
        assert [each.id for each in rows.list_links(reader, "h" * 64)] == ["link_3", "link_2", "link_1"]
    assert a.store.write(lambda tx: rows.revoke(tx, 60, id="link_1")) == 1
    assert a.store.write(lambda tx: rows.revoke(tx, 61, id="link_1")) == 0
    # Those that are over need no revoking.
    assert a.store.write(lambda tx: rows.revoke(tx, 60, contact=SOMCHAI.id)) == 1
