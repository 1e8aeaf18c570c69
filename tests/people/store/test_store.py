"""What people write, they read back."""

from __future__ import annotations

import msgspec
import pytest

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.tlp import TLP
from kouprey.people import store as rows
from kouprey.people.model import Person, Role, Session, Token
from kouprey.people.service import People

DARA = Person(id="psn_1", name="Dara", roles=(Role.ANALYST, Role.LIAISON), clearance=TLP.AMBER_STRICT)
TOKEN = Token(user="tok_1", party="cert.example", role=Role.FEED, clearance=TLP.GREEN, collections=("c",), expires=50)


def test_a_person_comes_back_by_id_before_name(store: Store) -> None:
    namesake = msgspec.structs.replace(DARA, id="psn_2", name="psn_1", active=False)
    for person in (DARA, namesake):
        store.write(lambda tx, person=person: rows.save_person(tx, person, 5))
    with store.read() as reader:
        assert rows.find_person(reader, "psn_1") == DARA
        assert rows.find_person(reader, "Dara") == DARA
        assert rows.find_person(reader, "psn_2") == namesake
        assert rows.find_person(reader, "Sok") is None
        assert rows.list_persons(reader) == [DARA, namesake]


def test_links_and_sessions_end(store: Store) -> None:
    store.write(lambda tx: rows.save_person(tx, DARA, 0))
    store.write(lambda tx: rows.add_sign_in_link(tx, b"link", DARA.id, 10, "operator", 1))
    store.write(lambda tx: rows.add_session(tx, Session(key=b"session", person=DARA, expires=20)))
    with store.read() as reader:
        assert rows.find_sign_in_link(reader, b"link", 9) == DARA
        assert rows.find_sign_in_link(reader, b"link", 10) is None
        assert rows.find_session(reader, b"session", 20) is None
        found = rows.find_session(reader, b"session", 19)
    assert found is not None
    assert (found.person, found.expires) == (DARA, 20)
    assert store.write(lambda tx: rows.spend_sign_in_link(tx, b"link", 5)) == DARA
    assert store.write(lambda tx: rows.spend_sign_in_link(tx, b"link", 5)) is None
    store.write(lambda tx: rows.forget_expired(tx, 20, 20))
    with store.read() as reader:
        assert reader.value("SELECT count(*) FROM session") == reader.value("SELECT count(*) FROM sign_in_link") == 0


def test_access_of_one_ends_alone(store: Store) -> None:
    other = msgspec.structs.replace(DARA, id="psn_2", name="Sok")
    for person in (DARA, other):
        store.write(lambda tx, person=person: rows.save_person(tx, person, 0))
        store.write(
            lambda tx, person=person: rows.add_session(tx, Session(key=person.id.encode(), person=person, expires=20))
        )
    store.write(lambda tx: rows.end_access(tx, DARA.id))
    with store.read() as reader:
        assert rows.find_session(reader, b"psn_1", 1) is None
        assert rows.find_session(reader, b"psn_2", 1) is not None
    store.write(lambda tx: rows.end_session(tx, b"psn_2"))
    with store.read() as reader:
        assert rows.find_session(reader, b"psn_2", 1) is None


def test_a_token_is_found_by_its_secret_while_it_lives(store: Store) -> None:
    store.write(lambda tx: rows.save_token(tx, TOKEN, b"hash", 0))
    with store.read() as reader:
        assert rows.find_token(reader, "tok_1") == TOKEN
        assert rows.find_token_by_secret(reader, b"hash", 49) == TOKEN
        assert rows.find_token_by_secret(reader, b"hash", 50) is None
        assert rows.find_token_by_secret(reader, b"other", 1) is None
    revoked = msgspec.structs.replace(TOKEN, active=False, clearance=TLP.RED)
    store.write(lambda tx: rows.change_token(tx, revoked))
    with store.read() as reader:
        assert rows.find_token_by_secret(reader, b"hash", 1) is None
        assert rows.list_tokens(reader) == [revoked]


def test_one_secret_is_one_token(store: Store) -> None:
    store.write(lambda tx: rows.save_token(tx, TOKEN, b"hash", 0))
    with pytest.raises(Refused):
        store.write(lambda tx: rows.save_token(tx, msgspec.structs.replace(TOKEN, user="tok_2"), b"hash", 0))


def test_an_identity_stays_with_whom_it_was_reserved_to_first(people: People, store: Store, other: People) -> None:
    card = msgspec.structs.replace(other.home().card, identities=people.home().card.identities)
    claimed = store.write(lambda tx: rows.save_party(tx, card, b"note", home=False, now=1))
    assert claimed == list(people.home().card.identities)
    with store.read() as reader:
        assert set(rows.list_identities(reader).values()) == {"cert.example"}
        held = rows.find_party(reader, "operator.example")
        assert held is not None
        assert (held.card, held.note, held.home, held.trusted_at) == (card, b"note", False, 1)
        home = rows.find_home(reader)
        assert home is not None
        assert [party.id for party in rows.list_parties(reader)] == [home.id, "operator.example"]


def test_a_node_has_one_home(people: People, store: Store, other: People) -> None:
    with pytest.raises(Refused):
        store.write(lambda tx: rows.save_party(tx, other.home().card, b"", home=True, now=1))
