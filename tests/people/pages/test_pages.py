"""Pages of people: links are spent by pressing, never by opening; and only administrators let people in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Face = Any


@pytest.fixture
def face(make_face: Callable[..., Face]) -> Face:
    return make_face("ministry.example", "Ministry of Examples")


def invited(face: Face, name: str = "Dara") -> str:
    person = face.people.save_person(name, (Role.ANALYST,), TLP.AMBER, by="test")
    return face.people.make_sign_in_link(person, by="test")


def test_opening_a_link_does_not_spend_it(face: Face) -> None:
    secret, nobody = invited(face), face.visitor()
    for _ in range(3):
        page = nobody.get(f"/sign-in/{secret}")
        assert page.status_code == 200 and "Dara" in page.text and "TLP:AMBER" in page.text
    assert face.people.find_link_holder(secret) is not None


def test_pressing_the_button_signs_in_once(face: Face) -> None:
    secret, browser = invited(face), face.visitor()
    answer = browser.post(f"/sign-in/{secret}", {"next": "/audit?actor=x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/audit?actor=x")
    cookie = browser.client.cookies["kouprey-ab12"]
    assert cookie != secret
    session = face.people.find_session(cookie)
    assert session is not None and session.person.name == "Dara"
    again = face.visitor().post(f"/sign-in/{secret}")
    assert again.status_code == 410 and "kouprey-ab12=" not in again.headers.get("set-cookie", "")


def test_a_session_planted_before_is_not_taken_over(face: Face) -> None:
    browser = face.visitor()
    browser.client.cookies.set("kouprey-ab12", "planted")
    browser.post(f"/sign-in/{invited(face)}")
    assert face.people.find_session("planted") is None


def test_next_leads_nowhere_else(face: Face) -> None:
    for bad in ("https://evil.example/", "//evil.example", "/\\evil.example"):
        answer = face.visitor().post(f"/sign-in/{invited(face)}", {"next": bad})
        assert answer.headers["location"] == "/"


@pytest.mark.parametrize("secret", ["A" * 43, "x", "%00"])
def test_a_link_that_never_was_is_answered_kindly(face: Face, secret: str) -> None:
    for answer in (face.visitor().get(f"/sign-in/{secret}"), face.visitor().post(f"/sign-in/{secret}")):
        assert answer.status_code == 410
        assert "administrator" in answer.text


def test_a_form_of_another_site_spends_nothing(face: Face) -> None:
    secret = invited(face)
    answer = face.visitor().post(f"/sign-in/{secret}", headers={"Origin": "http://evil.example"})
    assert answer.status_code == 403 and face.people.find_link_holder(secret) is not None


def test_the_code_can_be_pasted(face: Face) -> None:
    secret = invited(face)
    for pasted in (secret, f"http://ministry.example/sign-in/{secret}", f" http://x/sign-in/{secret}?next=/ "):
        answer = face.visitor().post("/sign-in", {"link": pasted, "next": "/people"})
        assert answer.headers["location"] == f"/sign-in/{secret}?next=/people"
    assert face.visitor().post("/sign-in", {"link": "not a link"}).status_code == 400


def test_signing_out_ends_the_session_here_and_in_the_browser(face: Face) -> None:
    somebody = face.visitor(Role.ANALYST)
    cookie = somebody.client.cookies["kouprey-ab12"]
    answer = somebody.post("/sign-out")
    assert answer.headers["location"] == "/sign-in" and face.people.find_session(cookie) is None
    assert face.visitor().post("/sign-out").status_code == 303


ADMINISTRATION = ["/people", "/people/psn_x", "/people/psn_x/link", "/people/psn_x/active", "/people/tokens"]


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_open_these_doors(face: Face, role: Role) -> None:
    somebody = face.visitor(role)
    assert somebody.get("/people").status_code == 403
    assert all(somebody.post(path).status_code == 403 for path in ADMINISTRATION)


def test_nobody_is_sent_to_sign_in(face: Face) -> None:
    answer = face.visitor().get("/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/people")


def test_inviting_shows_the_link_once(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR)
    answer = admin.post("/people", {"name": "Sok <b>", "roles": ["lead", "auditor"], "clearance": "amber+strict"})
    assert answer.status_code == 200 and "Sok &lt;b&gt;" in answer.text
    secret = re.search(r"http://ministry.example/sign-in/([\w-]+)", answer.text)[1]  # type: ignore[index]  # no match fails the test
    person = face.people.find_link_holder(secret)
    assert (person.roles, person.clearance) == ((Role.AUDITOR, Role.LEAD), TLP.AMBER_STRICT)
    listed = admin.get("/people").text
    assert "Sok &lt;b&gt;" in listed and secret not in listed


def test_what_is_wrong_with_an_invitation_is_said_at_the_field(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR, name="Chan")
    answer = admin.post("/people", {"name": "Chan", "clearance": "amber"})
    assert answer.status_code == 400
    assert "called that already" in answer.text and "at least one role" in answer.text
    assert [person.name for person in face.people.list_persons()] == ["Chan"]
    assert admin.post("/people", {"name": "X", "roles": ["lead"], "clearance": "purple"}).status_code == 400


def test_nobody_hands_out_more_than_they_have(face: Face) -> None:
    face.people.save_person("Director", (Role.LEAD,), TLP.RED, by="test")
    director = face.people.get_person("Director")
    admin = face.visitor(Role.ADMINISTRATOR, clearance=TLP.AMBER)
    assert admin.post("/people", {"name": "X", "roles": ["lead"], "clearance": "red"}).status_code == 403
    assert admin.post(f"/people/{director.id}/link").status_code == 403
    assert admin.post(f"/people/{director.id}", {"roles": ["lead"], "clearance": "green"}).status_code == 403
    token = {"party": "ministry.example", "role": "feed", "clearance": "red"}
    assert admin.post("/people/tokens", token).status_code == 403
    assert face.people.list_tokens() == [] and face.people.get_person("Director").clearance is TLP.RED


def test_deactivating_ends_everything_at_once_and_can_be_undone(face: Face) -> None:
    admin, somebody = face.visitor(Role.ADMINISTRATOR), face.visitor(Role.AUDITOR, name="Dara")
    person = face.people.get_person("Dara")
    secret = face.people.make_sign_in_link(person, by="test")
    assert somebody.get("/audit").status_code == 200
    admin.post(f"/people/{person.id}/active", {"active": "no"})
    assert somebody.get("/audit").status_code == 303 and face.people.find_link_holder(secret) is None
    assert admin.post(f"/people/{person.id}/link").status_code == 409
    # A change of role does not let anybody back in.
    admin.post(f"/people/{person.id}", {"roles": ["lead"], "clearance": "green"})
    assert not face.people.get_person("Dara").active
    admin.post(f"/people/{person.id}/active", {"active": "yes"})
    assert face.people.get_person("Dara").active and somebody.get("/audit").status_code == 303


def test_the_last_administrator_stays(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR, name="Chan")
    me = face.people.get_person("Chan")
    assert admin.post(f"/people/{me.id}/active", {"active": "no"}).status_code == 409
    assert admin.post(f"/people/{me.id}", {"roles": ["lead"], "clearance": "red"}).status_code == 409
    with pytest.raises(Refused):
        face.people.save_person("Chan", (Role.LEAD,), TLP.RED, by="test")
    face.visitor(Role.ADMINISTRATOR)
    assert admin.post(f"/people/{me.id}", {"roles": ["lead"], "clearance": "red"}).status_code == 303


def test_a_token_is_shown_once_changed_and_revoked(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR)
    asked = {"party": "ministry.example", "role": "feed", "clearance": "green", "days": "30"}
    page = admin.post("/people/tokens", asked).text
    (token,) = face.people.list_tokens()
    secret = re.search(rf"curl -u {token.user}:([\w-]+)", page)[1]  # type: ignore[index]  # no match fails the test
    assert face.people.find_token(f"Bearer {secret}") == token
    assert secret not in admin.get("/people").text and secret not in admin.get(f"/people/tokens/{token.user}").text
    admin.post(f"/people/tokens/{token.user}", {"clearance": "amber"})
    assert face.people.list_tokens()[0].clearance is TLP.AMBER
    admin.post(f"/people/tokens/{token.user}/active", {"active": "no"})
    assert face.people.find_token(f"Bearer {secret}") is None
    admin.post(f"/people/tokens/{token.user}/active", {"active": "yes"})
    assert face.people.find_token(f"Bearer {secret}") is not None
    assert admin.get("/people/tokens/tok_none").status_code == 404


def test_every_page_speaks_khmer(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR)
    admin.client.cookies.set("kouprey-ab12-language", "km")
    for path in ("/people", "/sign-in"):
        assert re.search("[\u1780-\u17ff]{4}", re.sub(r"(?s)<form class=.look.*?</form>", "", admin.get(path).text))
