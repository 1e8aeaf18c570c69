"""The provider on the pages: there and back, linked by one's own act, and refused with words that help."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from kouprey.people.model import Provider, Role

Face = Any


@pytest.fixture
def face(make_face: Callable[..., Face], provider: Any) -> Face:
    face = make_face("ministry.example", "Ministry of Examples")
    provider.now = lambda: face.people._clock() // 1_000_000
    face.people.use_provider(
        Provider(issuer=provider.issuer, client="kouprey", secret="hidden", name="State sign-in"), allow_private=True
    )
    return face


def link(visitor: Any, provider: Any) -> Any:
    page = visitor.post("/me/openid").text
    found = re.search(r'href="(http://127[^"]+)"', page)
    assert found is not None and "State sign-in" in page
    return visitor.get("/sign-in/openid/return?" + provider.come_back(found[1].replace("&amp;", "&")))


def test_linked_once_it_signs_in_and_says_where_to_sign_out(face: Face, provider: Any) -> None:
    dara = face.visitor(Role.ANALYST, name="Dara")
    assert link(dara, provider).headers["location"] == "/me"
    assert "Unlink" in dara.get("/me").text
    browser = face.visitor()
    assert "State sign-in" in browser.get("/sign-in").text
    away = browser.get("/sign-in/openid?next=/ledger%3Fa%3D1")
    assert away.status_code == 303 and away.headers["location"].startswith(f"{provider.issuer}/authorize?")
    back = browser.get("/sign-in/openid/return?" + provider.come_back(away.headers["location"]))
    assert back.headers["location"] == "/ledger?a=1"
    session = face.people.find_session(browser.client.cookies["kouprey-ab12"])
    assert session is not None and session.person.name == "Dara"
    browser.csrf = face.site.sessions.csrf(browser.client.cookies["kouprey-ab12"])
    gone = browser.post("/sign-out")
    assert gone.headers["location"] == "/sign-in?left=provider"
    assert f"{provider.issuer}/leave?" in browser.get("/sign-in?left=provider").text
    dara.post("/me/openid/unlink")
    assert "Link it to you" in dara.get("/me").text


def test_what_goes_wrong_is_said_with_a_way_out(face: Face, provider: Any) -> None:
    browser = face.visitor()
    stale = browser.get("/sign-in/openid/return?code=x&state=y")
    assert stale.status_code == 401 and "Begin again" in stale.text
    away = browser.get("/sign-in/openid").headers["location"]
    unknown = browser.get("/sign-in/openid/return?" + provider.come_back(away))
    assert unknown.status_code == 403 and "nobody here is linked" in unknown.text
    assert "kouprey-ab12=" not in unknown.headers.get("set-cookie", "").replace("kouprey-ab12-openid=", "")
    provider.metadata = lambda said: said.update(issuer="https://evil.example")
    face.people.use_provider(face.people.openid.provider, allow_private=True)
    failed = browser.get("/sign-in/openid")
    assert failed.status_code == 400 and "cannot be reached" in failed.text and "password" in failed.text


def test_another_browser_cannot_be_signed_in_by_a_planted_answer(face: Face, provider: Any) -> None:
    link(face.visitor(Role.ANALYST, name="Dara"), provider)
    attacker, victim = face.visitor(), face.visitor()
    query = provider.come_back(attacker.get("/sign-in/openid").headers["location"])
    assert victim.get(f"/sign-in/openid/return?{query}").status_code == 401
    state = parse_qs(urlsplit(victim.get("/sign-in/openid").headers["location"]).query)["state"][0]
    mixed = query.replace(parse_qs(query)["state"][0], state)
    assert victim.get(f"/sign-in/openid/return?{mixed}").status_code == 401


def test_next_leads_nowhere_else(face: Face, provider: Any) -> None:
    link(face.visitor(Role.ANALYST, name="Dara"), provider)
    browser = face.visitor()
    away = browser.get("/sign-in/openid?next=//evil.example").headers["location"]
    assert browser.get("/sign-in/openid/return?" + provider.come_back(away)).headers["location"] == "/"


def test_without_a_provider_there_is_no_button(make_face: Callable[..., Face]) -> None:
    face = make_face("ministry.example", "Ministry of Examples")
    assert "/sign-in/openid" not in face.visitor().get("/sign-in").text
    assert face.visitor().get("/sign-in/openid").status_code == 409
