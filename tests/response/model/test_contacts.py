"""Nouns of contacts."""

from __future__ import annotations

from kouprey.kernel.words.ids import is_party_id
from kouprey.response.model.contacts import NOWHERE, Link


def test_a_link_holds_until_its_end_or_until_it_is_taken_back() -> None:
    link = Link(id="link_1", hashed=b"x", handoff="h", contact="c", made_by="p", made_at=0, expires=10)
    assert link.holds(9) and not link.holds(10)
    taken = Link(id="link_1", hashed=b"x", handoff="h", contact="c", made_by="p", made_at=0, expires=10, revoked_at=1)
    assert not taken.holds(5)


def test_the_id_of_a_contact_stands_where_that_of_a_party_does() -> None:
    assert is_party_id(f"contact-{'0' * 32}{NOWHERE}")
