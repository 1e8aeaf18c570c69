"""The authenticator app on pages: a secret shown until confirmed, codes shown once, a code after the password."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.kernel.seal import totp
from kouprey.kernel.words.time import wall_clock
from kouprey.people.model import Role

Face = Any
GOOD = "four grey oxen"


@pytest.fixture
def face(make_face: Callable[..., Face]) -> Face:
    return make_face("ministry.example", "Ministry of Examples")


def set_up(face: Face) -> tuple[Any, bytes, list[str]]:
    here = face.visitor(Role.ANALYST, name="Dara")
    here.post("/me/password", {"password": GOOD, "again": GOOD})
    page = here.post("/me/authenticator").text
    assert "<svg" in page and "style=" not in page
    secret = base64.b32decode(re.search(r"<code>([A-Z2-7]{32})</code>", page)[1])  # type: ignore[index]  # no match fails the test
    wrong = here.post("/me/authenticator/confirm", {"code": "1"})
    assert wrong.status_code == 400 and "not right" in wrong.text and totp.shown(secret) in wrong.text
    # Of the period before, so that the one of now is still unused.
    done = here.post("/me/authenticator/confirm", {"code": totp.code_at(secret, wall_clock() // totp.PERIOD - 1)})
    codes = re.findall(r"<li>([a-z2-7-]{19})</li>", done.text)
    assert len(codes) == 10
    return here, secret, codes


def test_a_code_is_asked_for_after_the_password(face: Face) -> None:
    here, secret, codes = set_up(face)
    mine = here.get("/me").text
    assert totp.shown(secret) not in mine and codes[0] not in mine and "10 recovery codes" in mine
    there = face.visitor()
    asked = there.post("/sign-in/password", {"name": "Dara", "password": GOOD, "next": "/me"})
    assert asked.status_code == 200 and "set-cookie" not in asked.headers
    ticket = re.search(r'name="ticket" value="([^"]+)"', asked.text)[1]  # type: ignore[index]  # no match fails the test
    wrong = there.post("/sign-in/code", {"ticket": ticket, "code": "1", "next": "/me"})
    assert wrong.status_code == 401 and "set-cookie" not in wrong.headers and ticket in wrong.text
    code = totp.code_at(secret, wall_clock() // totp.PERIOD)
    answer = there.post("/sign-in/code", {"ticket": ticket, "code": code, "next": "/me"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert "by a password and a code" in there.get("/me").text
    spent = face.visitor().post("/sign-in/code", {"ticket": "x", "code": code})
    assert spent.status_code == 401 and "took too long" in spent.text


def test_it_is_turned_off_again(face: Face) -> None:
    here, _, _ = set_up(face)
    assert here.post("/me/authenticator/off").status_code == 303
    assert "Set it up" in here.get("/me").text
    assert here.post("/me/authenticator/confirm", {"code": "1"}).status_code == 303, "nothing waits to be confirmed"


def test_without_a_password_there_is_nothing_to_add_to(face: Face) -> None:
    somebody = face.visitor(Role.ANALYST)
    assert "Set a password first" in somebody.get("/me").text
    assert somebody.post("/me/authenticator").status_code == 409
