"""Passkeys: added by a fresh session, enough alone to sign in, dead with their person, each answer good once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.seal.passkeys import Place
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused, Unidentified, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role, Session, Way
from kouprey.people.service import People

HERE = Place("node.example", "Ministry of Examples", ("https://node.example",))
Make = Callable[[str, str], Any]


def signed_in(people: People, name: str = "Dara") -> Session:
    person = people.save_person(name, (Role.ANALYST,), TLP.AMBER, by="operator")
    cookie, _ = people.sign_in(people.make_sign_in_link(person, by="operator"))
    session = people.find_session(cookie)
    assert session is not None
    return session


@pytest.fixture
def phone(make_authenticator: Make) -> Any:
    return make_authenticator("node.example", "https://node.example")


def add(people: People, session: Session, phone: Any) -> None:
    people.add_passkey(session, HERE, phone.make(people.ask_for_passkey(session, HERE)), " My\nphone ")


def refusal(call: Any, *args: Any) -> KoupreyError:
    with pytest.raises(KoupreyError) as raised:
        call(*args)
    return raised.value


def test_a_passkey_signs_in_alone(people: People, phone: Any) -> None:
    session = signed_in(people)
    add(people, session, phone)
    cookie, person = people.sign_in_by_passkey(HERE, phone.prove(people.ask_to_sign_in(HERE)), agent="Firefox")
    found = people.find_session(cookie)
    assert found is not None and (found.way, person) == (Way.PASSKEY, session.person)
    (kept,) = people.list_passkeys(person)
    assert (kept.name, kept.uses) == ("Myphone", 1) and kept.used > kept.created


def test_an_answer_works_once_and_not_for_long(people: People, phone: Any, clock: Any) -> None:
    session = signed_in(people)
    asked = people.ask_for_passkey(session, HERE)
    answer = phone.make(asked)
    people.add_passkey(session, HERE, answer, "phone")
    assert isinstance(refusal(people.add_passkey, session, HERE, answer, "again"), Refused)
    phone.uses = -1  # An authenticator that does not count says 0 for ever; then only the challenge tells a repeat.
    proof = phone.prove(people.ask_to_sign_in(HERE))
    people.sign_in_by_passkey(HERE, proof)
    assert isinstance(refusal(people.sign_in_by_passkey, HERE, proof), Unidentified)
    late = phone.prove(people.ask_to_sign_in(HERE))
    clock.pass_seconds(601)
    assert isinstance(refusal(people.sign_in_by_passkey, HERE, late), Unidentified)


def test_a_challenge_is_for_its_purpose_and_its_person(people: People, phone: Any, make_authenticator: Make) -> None:
    dara, sok = signed_in(people), signed_in(people, "Sok")
    add(people, dara, phone)
    assert (
        refusal(people.sign_in_by_passkey, HERE, phone.prove(people.ask_for_passkey(dara, HERE))).code == "bad-passkey"
    )
    other = make_authenticator("node.example", "https://node.example")
    for asked in (people.ask_for_passkey(dara, HERE), people.ask_to_sign_in(HERE), '{"challenge": "AAAA"}'):
        assert refusal(people.add_passkey, sok, HERE, other.make(asked), "x").code == "bad-passkey"
    assert refusal(people.sign_in_by_passkey, HERE, other.prove(people.ask_to_sign_in(HERE))).code == "bad-passkey"
    assert people.list_passkeys(sok.person) == []


def test_a_passkey_ends_with_its_person(people: People, phone: Any) -> None:
    session = signed_in(people)
    add(people, session, phone)
    people.set_active(session.person, False, by="operator")
    assert isinstance(refusal(people.sign_in_by_passkey, HERE, phone.prove(people.ask_to_sign_in(HERE))), Unidentified)
    people.set_active(session.person, True, by="operator")
    assert people.list_passkeys(session.person) == []


def test_passkeys_are_changed_by_a_fresh_session_and_ones_own_alone(people: People, phone: Any, clock: Any) -> None:
    session, other = signed_in(people), signed_in(people, "Sok")
    add(people, session, phone)
    assert isinstance(refusal(people.forget_passkey, other, phone.id), Unknown)
    answer = phone.make(people.ask_for_passkey(session, HERE))
    clock.pass_seconds(1801)
    assert isinstance(refusal(people.add_passkey, session, HERE, answer, "x"), Forbidden)
    assert isinstance(refusal(people.forget_passkey, session, phone.id), Forbidden)
    people.forget_passkey(signed_in(people), phone.id)
    assert people.list_passkeys(session.person) == []
