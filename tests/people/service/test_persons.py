"""Persons sign in by links that work once, and are shut out at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused, Unidentified, Unknown
from kouprey.kernel.words.look import Look
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.service import People

DAY = 24 * 3600


def invite(people: People, name: str = "Dara", *roles: Role, clearance: TLP = TLP.AMBER) -> Any:
    return people.save_person(name, roles or (Role.ANALYST,), clearance, by="operator")


def code(call: Any, *args: Any, **options: Any) -> str:
    with pytest.raises(KoupreyError) as raised:
        call(*args, **options)
    return raised.value.code


def test_a_link_works_once(people: People) -> None:
    dara = invite(people)
    secret = people.make_sign_in_link(dara, by="operator")
    for _ in range(2):
        assert people.find_link_holder(secret) == dara
    cookie, who = people.sign_in(secret)
    assert who == dara
    session = people.find_session(cookie)
    assert session is not None
    assert session.person == dara
    assert people.find_link_holder(secret) is None
    with pytest.raises(Unidentified):
        people.sign_in(secret)
    people.sign_out(cookie)
    assert people.find_session(cookie) is None


def test_of_many_at_once_one_gets_in(people: People) -> None:
    secret = people.make_sign_in_link(invite(people), by="operator")

    def attempt(_: int) -> bool:
        try:
            people.sign_in(secret)
        except Unidentified:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(attempt, range(16))) == 1


def test_secrets_are_stored_as_hashes_only(people: People, store: Store) -> None:
    link = people.make_sign_in_link(invite(people), by="operator")
    spare = people.make_sign_in_link(people.get_person("Dara"), by="operator")
    cookie, _ = people.sign_in(link)
    _, token = people.create_token("cert.example", Role.FEED, TLP.GREEN, by="operator")
    with store.read() as reader:
        for table in ("sign_in_link", "session", "token", "audit", "outbox", "meta"):
            text = repr(reader.all(f"SELECT * FROM {table}"))
            for secret in (link, spare, cookie, token):
                assert secret not in text


def test_links_and_sessions_end_by_themselves(people: People, clock: Any) -> None:
    dara = invite(people)
    late, early = (people.make_sign_in_link(dara, by="operator") for _ in range(2))
    cookie, _ = people.sign_in(early)
    clock.pass_seconds(DAY / 2 + 1)
    assert people.find_session(cookie) is None
    clock.pass_seconds(DAY / 2)
    with pytest.raises(Unidentified):
        people.sign_in(late)


def test_who_is_shut_out_stays_out(people: People) -> None:
    dara = invite(people)
    spare = people.make_sign_in_link(dara, by="operator")
    cookie, _ = people.sign_in(people.make_sign_in_link(dara, by="operator"))
    out = people.set_active(dara, False, by="operator")
    assert not out.active
    assert people.find_session(cookie) is None
    assert people.find_link_holder(spare) is None
    assert code(people.make_sign_in_link, dara, by="operator") == "inactive-person"
    # Changing somebody's roles does not let them in again, nor does letting them in revive what had ended.
    assert invite(people, "Dara", Role.LEAD).active is False
    people.set_active(out, True, by="operator")
    assert people.get_person("Dara").roles == (Role.LEAD,)
    assert people.find_session(cookie) is None
    assert people.find_link_holder(spare) is None


def test_a_lowered_clearance_holds_at_once(people: People) -> None:
    cookie, _ = people.sign_in(people.make_sign_in_link(invite(people), by="operator"))
    invite(people, clearance=TLP.CLEAR)
    session = people.find_session(cookie)
    assert session is not None
    reader = people.reader_of(session.person)
    assert (reader.party, reader.clearance, reader.local) == ("cert.example", TLP.CLEAR, True)


def test_the_last_who_lets_people_in_stays(people: People) -> None:
    keo = invite(people, "Keo", Role.ADMINISTRATOR)
    assert code(people.set_active, keo, False, by="operator") == "last-administrator"
    assert code(invite, people, "Keo", Role.ANALYST) == "last-administrator"
    sok = invite(people, "Sok", Role.ADMINISTRATOR)
    people.set_active(keo, False, by="operator")
    assert code(people.set_active, sok, False, by="operator") == "last-administrator"


def test_nobody_grants_more_than_they_have(people: People) -> None:
    admin = invite(people, "Keo", Role.ADMINISTRATOR, clearance=TLP.GREEN)
    analyst = invite(people, "Dara", Role.ANALYST, clearance=TLP.RED)
    secret = invite(people, "Sok", Role.ADMINISTRATOR, clearance=TLP.RED)
    save = people.save_person
    save("New", (Role.LEAD,), TLP.GREEN, by="keo", granter=admin)
    for call in (
        lambda: save("New", (Role.LEAD,), TLP.AMBER, by="keo", granter=admin),
        lambda: save("New", (Role.LIAISON,), TLP.GREEN, by="dara", granter=analyst),
        # Nor may they change somebody who has more.
        lambda: save("Sok", (Role.ANALYST,), TLP.CLEAR, by="keo", granter=admin),
        lambda: people.set_active(secret, False, by="keo", granter=admin),
    ):
        with pytest.raises(Forbidden) as forbidden:
            call()
        assert forbidden.value.code == "beyond-own-rights"
    assert people.get_person("Sok") == secret


@pytest.mark.parametrize(
    ("name", "roles"), [("", (Role.LEAD,)), ("a\nb", (Role.LEAD,)), ("psn_1", (Role.LEAD,)), ("Dara", ())]
)
def test_who_cannot_be_added(people: People, name: str, roles: tuple[Role, ...]) -> None:
    with pytest.raises(Refused):
        people.save_person(name, roles, TLP.GREEN, by="operator")
    assert people.list_persons() == []
    with pytest.raises(Unknown):
        people.get_person("Dara")


def test_how_pages_look_belongs_to_the_person_and_not_to_the_browser(people: People) -> None:
    dara = invite(people)
    first, second = (people.sign_in(people.make_sign_in_link(dara, by="operator"))[0] for _ in range(2))

    def look(cookie: str) -> Look:
        session = people.find_session(cookie)
        assert session is not None
        return session.look

    def choose(cookie: str, chosen: Look) -> None:
        session = people.find_session(cookie)
        assert session is not None
        people.set_look(session, chosen)

    assert look(first) == Look()
    choose(first, Look(language="km", theme="dark"))
    choose(second, Look(keys=False))
    assert look(first) == look(second) == Look(language="km", theme="dark", keys=False)
    # Who changes what somebody may do leaves it alone, and nobody else gets it.
    people.save_person("Dara", (Role.LEAD,), TLP.GREEN, by="operator")
    other = people.sign_in(people.make_sign_in_link(invite(people, "Sok"), by="operator"))[0]
    assert look(first).language == "km" and look(other) == Look()
    # Of a session that has ended nothing is kept.
    session = people.find_session(first)
    assert session is not None
    people.sign_out(first)
    people.set_look(session, Look(language="en"))
    assert look(second).language == "km"
