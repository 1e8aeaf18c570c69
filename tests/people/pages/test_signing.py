"""Signing in: links are spent by pressing, never by opening, and every failure of a password looks the same."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

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


def test_every_page_speaks_khmer(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR)
    admin.client.cookies.set("kouprey-ab12-language", "km")
    for path in ("/people", "/sign-in", "/me"):
        assert re.search("[\u1780-\u17ff]{4}", re.sub(r"(?s)<form class=.look.*?</form>", "", admin.get(path).text))
