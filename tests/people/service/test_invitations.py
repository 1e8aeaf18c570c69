"""Links as they are listed, taken back and sent anew; and second factors that a role needs."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.seal import totp
from kouprey.kernel.words.errors import Forbidden, Refused, Unidentified, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Halfway, Invitation, Person, Role, Session, Way
from kouprey.people.service import People

GOOD = "four ordinary words together"


def invited(people: People, name: str = "Dara", *roles: Role) -> tuple[Person, str]:
    person = people.save_person(name, roles or (Role.ANALYST,), TLP.AMBER, by="operator")
    return person, people.make_sign_in_link(person, by="operator")


def enter(people: People, secret: str) -> Session:
    outcome = people.sign_in(secret)
    assert isinstance(outcome, tuple)
    session = people.find_session(outcome[0])
    assert session is not None
    return session


def only(people: People) -> Invitation:
    (found,) = people.list_invitations()
    return found


def test_a_list_says_who_made_a_link_for_whom_and_what_became_of_it(people: People, clock: Any) -> None:
    person, secret = invited(people)
    held = only(people)
    assert (held.person, held.made_by, held.spent, held.revoked) == (person, "operator", 0, 0)
    assert held.made < held.expires and held.is_open(clock()) and secret not in repr(held)
    enter(people, secret)
    assert only(people).spent and not only(people).is_open(clock())
    clock.pass_seconds(25 * 3600)
    people.make_sign_in_link(person, by="operator")
    assert len(people.list_invitations()) == 2  # what is over stays for a while
    clock.pass_seconds(32 * 24 * 3600)
    people.make_sign_in_link(person, by="operator")
    assert len(people.list_invitations()) == 1


def test_one_link_is_taken_back_and_the_person_stays(people: People) -> None:
    person, first = invited(people)
    second = people.make_sign_in_link(person, by="operator")
    wanted = next(each for each in people.list_invitations() if people.find_link_holder(first))
    taken = people.revoke_invitation(wanted.id, by="operator")
    assert taken.revoked and people.get_person("Dara").active
    assert sum(people.find_link_holder(each) is not None for each in (first, second)) == 1
    with pytest.raises(Refused):
        people.revoke_invitation(wanted.id, by="operator")
    with pytest.raises(Unknown):
        people.revoke_invitation("0" * 16, by="operator")


def test_a_link_sent_anew_ends_the_one_that_was_lost(people: People, clock: Any) -> None:
    person, lost = invited(people)
    made, secret = people.renew_invitation(only(people).id, by="operator")
    assert made.person == person and people.find_link_holder(lost) is None
    with pytest.raises(Unidentified):
        people.sign_in(lost)
    enter(people, secret)
    # Of one that is over there is nothing to take back.
    again, _ = people.renew_invitation(made.id, by="operator")
    assert again.is_open(clock())


def test_nobody_touches_links_or_factors_of_somebody_above(people: People) -> None:
    _, _ = invited(people, "Boss", Role.ADMINISTRATOR)
    junior = people.save_person("Junior", (Role.ANALYST,), TLP.CLEAR, by="operator")
    boss = people.get_person("Boss")
    for act in (
        lambda: people.revoke_invitation(only(people).id, by=junior.id, granter=junior),
        lambda: people.renew_invitation(only(people).id, by=junior.id, granter=junior),
        lambda: people.make_sign_in_link(boss, by=junior.id, granter=junior),
        lambda: people.reset_second_factor(boss, by=junior.id, granter=junior),
    ):
        with pytest.raises(Forbidden):
            act()
    assert only(people).revoked == 0


def with_app(people: People, session: Session, clock: Any) -> bytes:
    people.set_password(session, GOOD)
    secret = people.begin_authenticator(session)
    people.confirm_authenticator(session, totp.code_at(secret, clock() // totp.PERIOD))
    clock.pass_seconds(60)
    return secret


def test_a_link_asks_for_the_code_where_there_is_one(people: People, clock: Any) -> None:
    person, link = invited(people)
    secret = with_app(people, enter(people, link), clock)
    link = people.make_sign_in_link(person, by="operator")
    outcome = people.sign_in(link)
    assert isinstance(outcome, Halfway) and people.find_link_holder(link) == person
    with pytest.raises(Unidentified):
        people.finish_sign_in(outcome.ticket, "000000", address="")
    code = totp.code_at(secret, clock() // totp.PERIOD)
    cookie, _ = people.finish_sign_in(outcome.ticket, code, address="")
    session = people.find_session(cookie)
    assert session is not None and session.way is Way.LINK_CODE
    assert people.find_link_holder(link) is None  # spent with the code
    clock.pass_seconds(60)
    with pytest.raises(Unidentified):
        people.finish_sign_in(outcome.ticket, totp.code_at(secret, clock() // totp.PERIOD), address="")


def test_a_link_taken_back_between_the_steps_lets_nobody_in(people: People, clock: Any) -> None:
    person, link = invited(people)
    secret = with_app(people, enter(people, link), clock)
    outcome = people.sign_in(people.make_sign_in_link(person, by="operator"))
    assert isinstance(outcome, Halfway)
    people.revoke_invitation(next(each.id for each in people.list_invitations() if not each.spent), by="operator")
    with pytest.raises(Unidentified):
        people.finish_sign_in(outcome.ticket, totp.code_at(secret, clock() // totp.PERIOD), address="")


def test_a_role_that_needs_a_factor_is_led_to_set_one_up(people: People, clock: Any) -> None:
    people.demand_second_factor(frozenset({Role.ADMINISTRATOR}))
    analyst, link = invited(people)
    assert not people.lacks_proof(enter(people, link))
    boss, link = invited(people, "Boss", Role.ADMINISTRATOR)
    session = enter(people, link)
    assert people.lacks_proof(session) and not people.has_second_factor(boss)
    with_app(people, session, clock)
    again = next(each for each in people.list_sessions(boss) if each.key == session.key)
    assert again.way is Way.CODE and not people.lacks_proof(again)
    # A role given later counts at the next request.
    people.save_person(analyst.name, (Role.ADMINISTRATOR,), TLP.AMBER, by="operator")
    assert all(people.lacks_proof(each) for each in people.list_sessions(people.get_person(analyst.name)))


def test_a_stolen_password_sets_up_no_second_factor_of_its_own(people: People, clock: Any) -> None:
    people.demand_second_factor(frozenset({Role.ANALYST}))
    person, link = invited(people)
    session = enter(people, link)
    with_app(people, session, clock)
    weak = Session(key=b"weak", person=person, expires=clock() + 10**9, created=clock(), way=Way.PASSWORD)
    for act in (
        lambda: people.begin_authenticator(weak),
        lambda: people.confirm_authenticator(weak, "1"),
        lambda: people.forget_authenticator(weak),
        lambda: people.forget_passkey(weak, b"x"),
    ):
        with pytest.raises(Forbidden) as told:
            act()
        assert told.value.code == "second-factor"


def test_a_lost_factor_is_forgotten_by_an_administrator(people: People, clock: Any) -> None:
    person, link = invited(people)
    with_app(people, enter(people, link), clock)
    people.reset_second_factor(person, by="operator")
    assert not people.has_second_factor(person) and people.list_sessions(person) == []
    assert people.count_recovery_codes(person) == 0
    assert isinstance(people.sign_in(people.make_sign_in_link(person, by="operator")), tuple)
