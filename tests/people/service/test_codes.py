"""The second step: a code after the password, once each, and recovery codes for a lost phone."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.seal import totp
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Halfway, Role, Session, Way
from kouprey.people.rules import FREE_OF_ACCOUNT
from kouprey.people.service import People

GOOD = "four grey oxen"
HERE = "192.0.2.1"


@pytest.fixture
def session(people: People) -> Session:
    """Dara, with a password."""
    person = people.save_person("Dara", (Role.ANALYST,), TLP.AMBER, by="operator")
    cookie, _ = people.sign_in(people.make_sign_in_link(person, by="operator"))
    session = people.find_session(cookie)
    assert session is not None
    people.set_password(session, GOOD)
    return session


def set_up(people: People, session: Session, clock: Any) -> tuple[bytes, list[str]]:
    secret = people.begin_authenticator(session)
    codes = people.confirm_authenticator(session, now(secret, clock))
    clock.pass_seconds(30)
    return secret, codes


def now(secret: bytes, clock: Any) -> str:
    return totp.code_at(secret, clock.now // totp.PERIOD)


def halfway(people: People) -> str:
    outcome = people.sign_in_by_password("Dara", GOOD, address=HERE)
    assert isinstance(outcome, Halfway)
    return outcome.ticket


def refusal(people: People, ticket: str, code: str) -> str:
    with pytest.raises(KoupreyError) as raised:
        people.finish_sign_in(ticket, code, address=HERE)
    return raised.value.code


def test_a_code_is_asked_for_only_once_confirmed(people: People, session: Session, clock: Any) -> None:
    secret = people.begin_authenticator(session)
    assert people.pending_secret(session.person) == secret
    assert not isinstance(people.sign_in_by_password("Dara", GOOD, address=HERE), Halfway)
    with pytest.raises(KoupreyError):
        people.confirm_authenticator(session, "000000")
    assert not people.has_authenticator(session.person)
    people.confirm_authenticator(session, now(secret, clock))
    assert people.has_authenticator(session.person) and people.pending_secret(session.person) is None


def test_the_password_alone_opens_nothing_and_a_code_opens_once(people: People, session: Session, clock: Any) -> None:
    secret, _ = set_up(people, session, clock)
    code = now(secret, clock)
    cookie, person = people.finish_sign_in(halfway(people), f"{code[:3]} {code[3:]}", address=HERE)
    found = people.find_session(cookie)
    assert found is not None and (found.way, person.name) == (Way.CODE, "Dara")
    assert refusal(people, halfway(people), code) == "wrong-code"


def test_a_recovery_code_works_once(people: People, session: Session, clock: Any) -> None:
    _, codes = set_up(people, session, clock)
    assert len(set(codes)) == 10 and all(len(code) == 19 for code in codes)
    cookie, _ = people.finish_sign_in(halfway(people), codes[3].upper(), address=HERE)
    found = people.find_session(cookie)
    assert found is not None and found.way is Way.RECOVERY
    assert people.count_recovery_codes(session.person) == 9
    assert refusal(people, halfway(people), codes[3]) == "wrong-code"


def test_a_ticket_cannot_be_made_changed_or_kept(people: People, session: Session, clock: Any) -> None:
    secret, _ = set_up(people, session, clock)
    ticket = halfway(people)
    person, until, link, mark = ticket.split(".")
    assert link == ""
    for bad in ("", "x", "a.b.c", f"{person}.{until}.", f"{person}.{int(until) + 1}.{mark}", f"{person}.9", "\0.9.x"):
        assert refusal(people, bad, now(secret, clock)) == "ticket-spent", bad
    clock.pass_seconds(301)
    assert refusal(people, ticket, now(secret, clock)) == "ticket-spent"


def test_a_ticket_ends_with_its_password_and_with_its_person(people: People, session: Session, clock: Any) -> None:
    secret, _ = set_up(people, session, clock)
    ticket = halfway(people)
    people.set_password(session, GOOD + "!")
    assert refusal(people, ticket, now(secret, clock)) == "ticket-spent"
    people.set_password(session, GOOD)
    ticket = halfway(people)
    people.set_active(session.person, False, by="operator")
    assert refusal(people, ticket, now(secret, clock)) == "ticket-spent"
    people.set_active(session.person, True, by="operator")
    assert not people.has_authenticator(session.person) and people.count_recovery_codes(session.person) == 0


def test_guessing_codes_is_slowed(people: People, session: Session, clock: Any) -> None:
    secret, _ = set_up(people, session, clock)
    ticket = halfway(people)
    codes = [refusal(people, ticket, "12345") for _ in range(FREE_OF_ACCOUNT + 1)]
    assert codes == ["wrong-code"] * FREE_OF_ACCOUNT + ["too-many-attempts"]
    # The right password does not start the count of codes anew.
    assert refusal(people, halfway(people), now(secret, clock)) == "too-many-attempts"


def test_it_is_set_up_and_turned_off_by_a_fresh_session_or_the_password(
    people: People, session: Session, clock: Any
) -> None:
    clock.pass_seconds(3600)
    with pytest.raises(Forbidden):
        people.begin_authenticator(session)
    secret = people.begin_authenticator(session, password=GOOD)
    people.confirm_authenticator(session, now(secret, clock))
    with pytest.raises(Refused):
        people.begin_authenticator(session, password=GOOD)
    with pytest.raises(Forbidden):
        people.forget_authenticator(session, password="wrong")
    people.forget_authenticator(session, password=GOOD)
    assert not isinstance(people.sign_in_by_password("Dara", GOOD, address=HERE), Halfway)


def test_secrets_lie_sealed(people: People, session: Session, clock: Any, store: Store) -> None:
    secret, codes = set_up(people, session, clock)
    with store.read() as reader:
        for table in ("authenticator", "recovery_code", "audit"):
            text = repr(reader.all(f"SELECT * FROM {table}"))
            assert repr(secret)[2:-1] not in text and totp.shown(secret) not in text
            assert not any(code.replace("-", "") in text for code in codes)
