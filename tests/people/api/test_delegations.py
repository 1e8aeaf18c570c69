"""Delegations by programs: listed and revoked; recorded and confirmed by persons only."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.people.api import delegations
from kouprey.people.model import Role

NEW = {"verbs": ["read"], "clearance": "green", "ends": "2027-06-30T00:00:00Z", "because": "Minutes 7"}


@pytest.fixture
def house(programs: Any) -> Any:
    """Knows a partner; a token of our own may be asked to act for it."""
    programs.people.trust(programs.card(programs.partner), by="test")
    programs.token, programs.secret = programs.people.create_token(programs.home, Role.FEED, TLP.AMBER, by="test")
    return programs


def person(house: Any, name: str) -> Any:
    """A page's script in the browser of an administrator."""
    made = house.people.save_person(name, (Role.ADMINISTRATOR,), TLP.RED, by="test")
    cookie, _ = house.people.sign_in(house.people.make_sign_in_link(made, by="test"))
    client, site = house.client(), house.app.site
    del client.headers["Authorization"]
    client.cookies.set(site.sessions.cookie, cookie)
    client.headers.update({"X-CSRF-Token": site.sessions.csrf(cookie), "Origin": house.origin})
    return client


def test_two_persons_and_then_it_counts(house: Any) -> None:
    one, two = person(house, "One"), person(house, "Two")
    acts = house.client()
    acts.headers.update({"Authorization": f"Bearer {house.secret}", "X-Acting-For": house.partner})
    wanted = {**NEW, "party": house.partner, "token": house.token.user}
    made = one.post("delegations", json=wanted)
    assert made.status_code == 201 and made.json()["state"] == "unconfirmed"
    path = f"delegations/{made.json()['id']}"
    assert acts.get("list").status_code == 403
    assert one.post(f"{path}/confirmation").json()["code"] == "same-person"
    confirmed = two.post(f"{path}/confirmation").json()
    assert confirmed["state"] == "in-force" and confirmed["recorded_by"] != confirmed["confirmed_by"] != ""
    answer = acts.get("list")
    assert answer.status_code == 200 and "X-Acting-For" in answer.headers["vary"]
    assert house.client().delete(path).json()["state"] == "revoked"
    assert acts.get("list").json()["code"] == "not-delegated"
    assert house.client().delete(path).json()["code"] == "delegation-done"
    assert [each["state"] for each in house.client().get("delegations").json()["delegations"]] == ["revoked"]


def test_a_program_is_not_one_of_the_two(house: Any) -> None:
    """One person could make two tokens, or confirm what a token of theirs recorded."""
    program, one = house.client(), person(house, "One")
    wanted = {**NEW, "party": house.partner, "token": house.token.user}
    assert program.post("delegations", json=wanted).json()["code"] == "persons-only"
    path = f"delegations/{one.post('delegations', json=wanted).json()['id']}"
    assert program.post(f"{path}/confirmation").json()["code"] == "persons-only"
    assert house.people.list_delegations()[0].confirmed_by == ""


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"verbs": []}, 400),
        ({"verbs": ["publish"]}, 400),
        ({"ends": "tomorrow"}, 400),
        ({"ends": "2020-01-01T00:00:00Z"}, 409),
        ({"party": "nobody.example"}, 404),
        ({"token": "tok_none"}, 404),
        ({"because": ""}, 400),
        ({"clearance": "purple"}, 400),
    ],
)
def test_what_is_no_delegation(house: Any, wrong: dict[str, Any], status: int) -> None:
    one = person(house, "One")
    asked = {**NEW, "party": house.partner, "token": house.token.user, **wrong}
    assert one.post("delegations", json=asked).status_code == status
    assert house.people.list_delegations() == []
    assert callable(delegations.doors)


def test_a_header_without_a_delegation_is_never_passed_over(house: Any) -> None:
    """Neither of a token, nor of a session, nor of nobody; nor twice, nor on pages, known or not."""
    token, session = house.client(), person(house, "One")
    for client in (token, session):
        for party in (house.partner, house.home, "nobody.example", ""):
            answer = client.get("list", headers={"X-Acting-For": party})
            assert (answer.status_code, answer.json()["code"]) == (403, "not-delegated")
    nobody = house.client()
    del nobody.headers["Authorization"]
    assert nobody.get("list", headers={"X-Acting-For": house.partner}).status_code == 403
    wrong = {"Authorization": "Bearer wrong", "X-Acting-For": house.partner}
    assert nobody.get("list", headers=wrong).status_code == 401
    one, two = person(house, "Two"), person(house, "Three")
    made = one.post("delegations", json={**NEW, "party": house.partner, "token": house.token.user}).json()
    two.post(f"delegations/{made['id']}/confirmation")
    acts = house.client()
    acts.headers["Authorization"] = f"Bearer {house.secret}"
    assert acts.get("list", headers=[("X-Acting-For", house.partner)]).status_code == 200
    assert acts.get("list", headers=[("X-Acting-For", house.partner)] * 2).status_code == 403
    # No page, and nothing for our own people, opens to it, though the token is our own.
    for path in ("/intelligence", "/nowhere", "/api/v1/partners", "/api/v1/tokens"):
        answer = acts.get(f"{house.origin}{path}", headers={"X-Acting-For": house.partner})
        assert answer.status_code == (404 if path == "/nowhere" else 403), path
    assert acts.get(f"{house.origin}/nowhere", headers={"X-Acting-For": "x"}).status_code == 404
