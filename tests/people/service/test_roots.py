"""Root keys follow one another by the word of the one before, and what an earlier one signed counts when it is kept."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Refused
from kouprey.people import wire
from kouprey.people.model import RootStatement
from kouprey.people.service import People

PARTY = "operator.example"


class Successive:
    """A party that changes its root key from time to time."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder = store, folder
        self.people = People(store, keyring.create(folder))
        self.people.found(PARTY, "Operator", identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a11")

    def follow(self, *keep: bytes) -> bytes:
        """Another root key; the statement about it."""
        self.people = People(self.store, keyring.begin_root(self.folder))
        self.people.follow_root(keep, by="test")
        keyring.end_root(self.folder)
        return self.people.list_root_notes(PARTY)[-1]


@pytest.fixture
def successive(make_store: Callable[[], Store], tmp_path: Path) -> Successive:
    return Successive(make_store(), tmp_path / "successive")


def digest(note: bytes) -> bytes:
    return sha256(split_note(note)[0]).digest()


def code(call: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.code


def test_a_card_under_the_next_key_is_taken_once_the_statement_is(people: People, successive: Successive) -> None:
    first = successive.people.home()
    people.trust(first.note, by="test")
    said = successive.follow(digest(first.note))
    card = successive.people.home()
    assert card.card.root != first.card.root and card.card.serial > first.card.serial
    assert code(lambda: people.receive_card(card.note, by="mail")) == "other-root"
    people.receive_root(said, by="mail")
    people.receive_root(said, by="mail")
    assert people.get_party(PARTY).card == first.card, "the key is another, the card is still to come"
    people.receive_card(card.note, by="mail")
    assert people.get_party(PARTY).card == card.card
    assert people.earlier_roots(PARTY) == (first.card.root,)
    assert code(lambda: people.receive_card(first.note, by="mail")) == "old-card"


def test_what_is_kept_of_an_earlier_key_counts_and_nothing_else(people: People, successive: Successive) -> None:
    first = successive.people.home()
    people.trust(first.note, by="test")
    people.receive_root(successive.follow(b"k" * 32), by="mail")
    people.receive_card(successive.people.home().note, by="mail")
    today = people.get_party(PARTY).card.root
    assert people.counts_under(PARTY, today, b"x" * 32)
    assert people.counts_under(PARTY, first.card.root, b"k" * 32)
    assert not people.counts_under(PARTY, first.card.root, digest(first.note))
    assert not people.counts_under(PARTY, SigningKey.generate().vkey(f"{PARTY}/root"), b"k" * 32)


def test_one_key_is_followed_by_one(people: People, successive: Successive, tmp_path: Path) -> None:
    people.trust(successive.people.home().note, by="test")
    stolen = keyring.load(successive.folder).require_root()
    name, other = f"{PARTY}/root", SigningKey.generate()
    forged = RootStatement(party=PARTY, before=stolen.vkey(name), root=other.vkey(name), keep=(), issued=0)
    note = wire.render_root_statement(forged, stolen, other)
    people.receive_root(successive.follow(), by="mail")
    assert code(lambda: people.receive_root(note, by="thief")) == "other-root"
    backwards = msgspec.structs.replace(forged, before=forged.root, root=forged.before)
    note = wire.render_root_statement(backwards, other, stolen)
    people.receive_card(successive.people.home().note, by="mail")
    assert code(lambda: people.receive_root(note, by="thief")) == "other-root"
    assert len(people.list_root_statements(PARTY)) == 1


def test_who_trusts_the_newest_key_learns_of_the_earlier_ones(people: People, successive: Successive) -> None:
    roots = [successive.people.home().card.root]
    first = successive.follow(b"1" * 32)
    roots.insert(0, successive.people.home().card.root)
    second = successive.follow(digest(first))
    people.trust(successive.people.home().note, by="test")
    assert code(lambda: people.receive_root(first, by="mail")) == "other-root", "nothing leads to it yet"
    for note in (second, first):
        people.receive_root(note, by="mail")
    assert people.earlier_roots(PARTY) == tuple(roots)
    assert people.counts_under(PARTY, roots[-1], b"1" * 32)


def test_nobody_tells_us_of_our_own_and_nothing_follows_without_a_key(
    people: People, ring: keyring.Keyring, successive: Successive
) -> None:
    note = successive.follow()
    assert code(lambda: successive.people.receive_root(note, by="mail")) == "bad-note"
    assert code(lambda: people.follow_root([], by="test")) == "no-rotation"
    with pytest.raises(Exception, match="No party"):
        people.receive_root(note, by="stranger")
