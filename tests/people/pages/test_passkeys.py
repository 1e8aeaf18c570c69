"""Passkeys on pages: asked for where browsers know them, added and forgotten by oneself, enough to sign in."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from kouprey.people.model import Role

Face = Any
ORIGIN = "http://ministry.localhost"


@pytest.fixture
def face(make_face: Callable[..., Face]) -> Face:
    return make_face("ministry.localhost", "Ministry of Examples")


@pytest.fixture
def phone(make_authenticator: Callable[[str, str], Any]) -> Any:
    return make_authenticator("ministry.localhost", ORIGIN)


def asked(page: str, kind: str) -> str:
    """What the browser is told on a page."""
    found = re.search(rf'data-passkey="{kind}" data-options="([^"]+)"', page)
    assert found is not None
    return html.unescape(found[1])


def with_passkey(face: Face, phone: Any) -> Any:
    here = face.visitor(Role.ANALYST, name="Dara")
    answer = phone.make(asked(here.get("/me").text, "create"))
    assert here.post("/me/passkeys", {"answer": answer, "called": "My <phone>"}).status_code == 303
    return here


def test_a_passkey_is_added_and_signs_in(face: Face, phone: Any) -> None:
    here = with_passkey(face, phone)
    assert "My &lt;phone&gt;" in here.get("/me").text
    there = face.visitor()
    proof = phone.prove(asked(there.get("/sign-in").text, "get"))
    answer = there.post("/sign-in/passkey", {"answer": proof, "next": "/me"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/me")
    assert "by a passkey" in there.get("/me").text
    again = face.visitor().post("/sign-in/passkey", {"answer": proof})
    assert again.status_code == 401 and "set-cookie" not in again.headers and "not accepted" in again.text


def test_what_does_not_hold_is_told_kindly(face: Face, phone: Any, make_authenticator: Callable[..., Any]) -> None:
    here = with_passkey(face, phone)
    stranger = make_authenticator("ministry.localhost", ORIGIN)
    page = face.visitor().get("/sign-in").text
    for bad in ("", "{}", "x" * 1000, stranger.prove(asked(page, "get"))):
        answer = face.visitor().post("/sign-in/passkey", {"answer": bad})
        assert answer.status_code == 401 and "set-cookie" not in answer.headers, bad
        assert here.post("/me/passkeys", {"answer": bad}).status_code == 303
    assert len(face.people.list_passkeys(face.people.get_person("Dara"))) == 1


def test_a_passkey_is_forgotten_by_its_own_person_alone(face: Face, phone: Any) -> None:
    here, other = with_passkey(face, phone), face.visitor(Role.ADMINISTRATOR)
    path = f"/me/passkeys/{phone.id.hex()}/forget"
    assert other.post(path).status_code == 404
    for bad in ("x", "0", "zz", "00"):
        assert here.post(f"/me/passkeys/{bad}/forget").status_code == 404
    assert here.post(path).status_code == 303
    proof = phone.prove(asked(face.visitor().get("/sign-in").text, "get"))
    assert face.visitor().post("/sign-in/passkey", {"answer": proof}).status_code == 401


def test_where_browsers_know_none_nothing_is_asked(make_face: Callable[..., Face]) -> None:
    face = make_face("plain.example", "Plain")
    assert "data-passkey" not in face.visitor().get("/sign-in").text
    assert "data-passkey" not in face.visitor(Role.ANALYST).get("/me").text
    assert face.visitor().post("/sign-in/passkey", {"answer": "{}"}).status_code == 404
