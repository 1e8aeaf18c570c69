"""Passwords: set by the person alone, the same answer for every failure, and patience that ends."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused, Unidentified
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role, Session, Way
from kouprey.people.rules import FREE_OF_ACCOUNT, FREE_OF_ADDRESS
from kouprey.people.service import People

GOOD = "four grey oxen"
BETTER = "five grey oxen in a row"
HERE = "192.0.2.1"


def signed_in(people: People, name: str = "Dara") -> Session:
    person = people.save_person(name, (Role.ANALYST,), TLP.AMBER, by="operator")
    cookie, _ = people.sign_in(people.make_sign_in_link(person, by="operator"), "Firefox\n on paper")
    session = people.find_session(cookie)
    assert session is not None
    return session


def enter(people: People, name: str, password: str, address: str = HERE) -> Session:
    cookie, _ = people.sign_in_by_password(name, password, address=address)
    session = people.find_session(cookie)
    assert session is not None
    return session


def refusal(people: People, name: str, password: str, address: str = HERE) -> KoupreyError:
    with pytest.raises(KoupreyError) as raised:
        people.sign_in_by_password(name, password, address=address)
    return raised.value


def test_a_password_is_set_by_the_person_and_signs_in(people: People) -> None:
    session = signed_in(people)
    assert session.agent == "Firefox on paper" and session.way is Way.LINK
    assert not people.has_password(session.person)
    people.set_password(session, GOOD)
    assert people.has_password(session.person)
    assert enter(people, "Dara", GOOD).way is Way.PASSWORD
    assert enter(people, session.person.id, GOOD).person == session.person


def test_every_failure_looks_the_same(people: People) -> None:
    people.set_password(signed_in(people), GOOD)
    signed_in(people, "Without")
    gone = signed_in(people, "Gone")
    people.set_password(gone, GOOD)
    people.set_active(gone.person, False, by="operator")
    said = {
        (type(error), str(error), error.code, str(error.detail))
        for error in (refusal(people, name, GOOD + "!") for name in ("Dara", "Without", "Gone", "Nobody", ""))
    }
    assert len(said) == 1
    assert isinstance(refusal(people, "Gone", GOOD), Unidentified)


def test_every_failure_costs_the_same_work(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    people.set_password(signed_in(people), GOOD)
    checked: list[str] = []
    real = type(people._hasher).verify
    monkeypatch.setattr(type(people._hasher), "verify", lambda self, *a: checked.append(a[0]) or real(self, *a))
    for count, name in enumerate(("Dara", "Nobody"), 1):
        refusal(people, name, "wrong")
        assert len(checked) == count, "one hash, for whoever it was"


def test_weak_passwords_are_refused(people: People) -> None:
    session = signed_in(people)
    for weak in ("short", "password1234", "Dara Example CERT"):
        with pytest.raises(Refused) as raised:
            people.set_password(session, weak)
        assert raised.value.code == "weak-password"
    assert not people.has_password(session.person)


def test_setting_one_ends_the_other_sessions(people: People) -> None:
    first = signed_in(people)
    people.set_password(first, GOOD)
    second = enter(people, "Dara", GOOD)
    people.set_password(second, BETTER)
    assert [session.key for session in people.list_sessions(first.person)] == [second.key]
    assert isinstance(refusal(people, "Dara", GOOD), Unidentified)
    enter(people, "Dara", BETTER)


def test_an_old_session_must_prove_itself(people: People, clock: Any) -> None:
    session = signed_in(people)
    clock.pass_seconds(3600)
    with pytest.raises(Forbidden):
        people.set_password(session, GOOD, old=GOOD)
    people.set_password(fresh := signed_in(people), GOOD)
    clock.pass_seconds(3600)
    for old in ("", BETTER):
        with pytest.raises(Forbidden) as raised:
            people.set_password(fresh, BETTER, old=old)
        assert raised.value.code == "not-fresh"
    people.set_password(fresh, BETTER, old=GOOD)


def test_guessing_one_name_is_slowed_for_it_alone(people: People, clock: Any) -> None:
    people.set_password(signed_in(people), GOOD)
    people.set_password(signed_in(people, "Sok"), GOOD)
    for _ in range(FREE_OF_ACCOUNT):
        assert refusal(people, "Dara", "wrong").code == "wrong-password"
    for address in (HERE, "192.0.2.2"):
        error = refusal(people, "Dara", GOOD, address)
        assert (error.code, error.detail) == ("too-many-attempts", {"seconds": 1})
    enter(people, "Sok", GOOD)
    clock.pass_seconds(1)
    enter(people, "Dara", GOOD)
    assert refusal(people, "Dara", "wrong").code == "wrong-password", "and the count begins anew"


def test_a_name_that_does_not_exist_is_slowed_alike(people: People) -> None:
    codes = [refusal(people, "Nobody", "wrong").code for _ in range(FREE_OF_ACCOUNT + 1)]
    assert codes == ["wrong-password"] * FREE_OF_ACCOUNT + ["too-many-attempts"]


def test_one_address_that_tries_many_names_is_slowed(people: People) -> None:
    people.set_password(signed_in(people), GOOD)
    for number in range(FREE_OF_ADDRESS):
        refusal(people, f"Name {number}", "wrong")
    assert refusal(people, "Dara", GOOD).code == "too-many-attempts"
    enter(people, "Dara", GOOD, "192.0.2.2")


def test_failures_are_forgotten_after_a_day(people: People, clock: Any) -> None:
    people.set_password(signed_in(people), GOOD)
    for _ in range(FREE_OF_ACCOUNT):
        refusal(people, "Dara", "wrong")
    clock.pass_seconds(25 * 3600)
    for _ in range(FREE_OF_ACCOUNT):
        assert refusal(people, "Dara", "wrong").code == "wrong-password"


def test_whoever_is_shut_out_starts_without_a_password(people: People) -> None:
    session = signed_in(people)
    people.set_password(session, GOOD)
    people.set_active(session.person, False, by="operator")
    people.set_active(session.person, True, by="operator")
    assert not people.has_password(session.person) and people.list_sessions(session.person) == []


def test_signing_out_elsewhere_leaves_this_session_and_other_people(people: People) -> None:
    first, other = signed_in(people), signed_in(people, "Sok")
    second = signed_in(people)
    assert {each.key for each in people.list_sessions(first.person)} == {first.key, second.key}
    assert people.sign_out_elsewhere(second) == 1
    assert people.list_sessions(first.person) == [msgspec.structs.replace(second)]
    assert people.list_sessions(other.person) == [other]


def test_no_password_is_kept_anywhere(people: People, store: Store) -> None:
    people.set_password(signed_in(people), GOOD)
    refusal(people, GOOD, "typed into the wrong field")
    for _ in range(FREE_OF_ACCOUNT):
        refusal(people, "Dara", BETTER)
    with store.read() as reader:
        for table in ("password", "sign_in_failure", "session", "audit"):
            text = repr(reader.all(f"SELECT * FROM {table}"))
            assert GOOD not in text and BETTER not in text and HERE not in text, table
