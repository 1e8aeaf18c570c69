"""Passwords on pages: set by oneself, never shown again, and the same answer for every failure."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.pages.own import browser
from kouprey.people.rules import FREE_OF_ACCOUNT

Face = Any
GOOD = "four grey oxen"


@pytest.fixture
def face(make_face: Callable[..., Face]) -> Face:
    return make_face("ministry.example", "Ministry of Examples")


def secured(face: Face, name: str = "Dara") -> Any:
    """Somebody who is signed in and has a password."""
    visitor = face.visitor(Role.ANALYST, name=name)
    answer = visitor.post("/me/password", {"password": GOOD, "again": GOOD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    return visitor


def test_a_password_is_set_and_signs_in_elsewhere(face: Face) -> None:
    here = secured(face)
    assert "Change the password" in here.get("/me").text and GOOD not in here.get("/me").text
    there = face.visitor()
    answer = there.post("/sign-in/password", {"name": "Dara", "password": GOOD, "next": "/me"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    page = there.get("/me").text
    assert "by a password" in page and "by a link" in page and "Sign out everywhere else" in page
    session = face.people.find_session(there.client.cookies["kouprey-ab12"])
    assert session is not None and session.agent == "testclient"


def test_what_is_wrong_with_a_password_is_said_at_the_field(face: Face) -> None:
    somebody = face.visitor(Role.ANALYST, name="Dara")
    for password, again, said in (
        ("short", "short", "too short"),
        ("password1234", "password1234", "tried first"),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "too few characters"),
        ("Dara ministry", "Dara ministry", "little more than a name"),
        (GOOD, GOOD + "!", "not the same"),
    ):
        answer = somebody.post("/me/password", {"password": password, "again": again})
        assert answer.status_code == 400 and said in answer.text
        assert f'value="{password}"' not in answer.text, "what was typed is not sent back"
    assert not face.people.has_password(face.people.get_person("Dara"))


def test_every_failure_gives_the_same_page(face: Face) -> None:
    secured(face)
    face.visitor(Role.ANALYST, name="Without")
    pages = set()
    for name in ("Dara", "Without", "Nobody"):
        answer = face.visitor().post("/sign-in/password", {"name": name, "password": "wrong wrong"})
        text = re.sub(r'value="[^"]*"', "", answer.text)
        assert answer.status_code == 401 and "wrong wrong" not in answer.text
        assert "set-cookie" not in answer.headers
        pages.add(text)
    assert len(pages) == 1


def test_who_guesses_is_told_to_wait_whatever_the_name(face: Face) -> None:
    secured(face)
    for name in ("Dara", "Nobody"):
        answers = [
            face.visitor().post("/sign-in/password", {"name": name, "password": "wrong"})
            for _ in range(FREE_OF_ACCOUNT + 1)
        ]
        assert [answer.status_code for answer in answers] == [401] * FREE_OF_ACCOUNT + [429]
        assert "Try again in 1 seconds" in answers[-1].text


def test_a_form_of_another_site_signs_nobody_in(face: Face) -> None:
    secured(face)
    answer = face.visitor().post(
        "/sign-in/password", {"name": "Dara", "password": GOOD}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_a_session_planted_before_is_not_taken_over(face: Face) -> None:
    secured(face)
    browser = face.visitor()
    browser.client.cookies.set("kouprey-ab12", "planted")
    browser.post("/sign-in/password", {"name": "Dara", "password": GOOD})
    assert face.people.find_session("planted") is None


def test_sign_out_everywhere_else_ends_the_others_at_once(face: Face) -> None:
    here = secured(face)
    there = face.visitor()
    there.post("/sign-in/password", {"name": "Dara", "password": GOOD})
    assert there.get("/me").status_code == 200
    assert here.post("/me/sign-out-elsewhere").status_code == 303
    assert there.get("/me").status_code == 303 and here.get("/me").status_code == 200


def test_ones_own_page_shows_nobody_else(face: Face) -> None:
    secured(face, "Sok")
    dara = face.visitor(Role.ANALYST, name="Dara")
    page = dara.get("/me", headers={"User-Agent": "x"}).text
    assert "Sok" not in page
    assert face.visitor().get("/me").status_code == 303
    assert face.people.save_person("Dara", (Role.ANALYST,), TLP.RED, by="test").name in page


@pytest.mark.parametrize(
    ("agent", "shown"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8.1", "curl/8.1"),
        ("", ""),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent: str, shown: str) -> None:
    assert browser(agent) == shown
