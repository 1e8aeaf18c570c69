"""Pages of tokens: shown once, changed, revoked."""

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


def test_a_new_secret_is_shown_once(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR)
    token, before = face.people.create_token("ministry.example", Role.FEED, TLP.GREEN, by="test")
    page = admin.post(f"/people/tokens/{token.user}/secret").text
    secret = re.search(rf"curl -u {token.user}:([\w-]+)", page)[1]  # type: ignore[index]  # no match fails the test
    assert face.people.find_token(f"Bearer {secret}") and face.people.find_token(f"Bearer {before}") is None
    assert secret not in admin.get(f"/people/tokens/{token.user}").text


def test_a_token_is_called_by_its_name_and_a_change_can_be_taken_back(face: Face) -> None:
    admin = face.visitor(Role.ADMINISTRATOR)
    asked = {"name": "SIEM <one>", "party": "ministry.example", "role": "contributor", "clearance": "green", "days": ""}
    admin.post("/people/tokens", asked)
    (token,) = face.people.list_tokens()
    path = f"/people/tokens/{token.user}"
    page = admin.get(path).text
    assert "SIEM &lt;one&gt;" in page and "Import, write and correct intelligence" in page
    assert "A program of our own party" in page and "SIEM &lt;one&gt;" in admin.get("/people").text
    admin.post(path, {"name": "Other", "clearance": "amber", "verbs": ["read"], "collections": "main"})
    (changed,) = face.people.list_tokens()
    assert (changed.name, changed.verbs, changed.collections) == ("Other", ("read",), ("main",))
    # As the button of the notice sends it: several in one field.
    admin.post(path, {"name": "SIEM <one>", "clearance": "green", "verbs": "read write", "collections": ""})
    (back,) = face.people.list_tokens()
    assert back.verbs == ("read", "write") and back.name == "SIEM <one>"
    with pytest.raises(Refused, match="cannot be called"):
        face.people.change_token(token.user, by="test", name="a\x07b")
