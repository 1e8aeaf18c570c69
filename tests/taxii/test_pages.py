"""The pages of sources: kept, pulled, paused and forgotten, by people who may keep links; secrets shown to nobody."""

from __future__ import annotations

from typing import Any

import pytest

from inprocess import AppClient
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import hmac_sha256
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.site import Site
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.taxii.pages import routes
from kouprey.taxii.service import Remotes

HERE = "http://cert.example"
SECRET = "canary-of-a-password"


class Visitor:
    """Somebody signed in, who sends forms as our pages do."""

    def __init__(self, house: Any, role: Role, clearance: TLP = TLP.RED) -> None:
        ring = house.node.services.get(Keyring)
        person = house.people.save_person(f"Somebody {role}", (role,), clearance, by="test")
        site = Site(
            node_id="ab12",
            party=house.people.home_id,
            party_name="Example CERT",
            version="0",
            origins=(HERE,),
            sign=lambda data: hmac_sha256(ring.cookie, data),
            authenticate=lambda request: self._who(house, request),
            templates=("kouprey.taxii",),
        )
        self.client = AppClient(build_app(site, routes(house.node.services)), base_url=HERE, follow_redirects=False)
        cookie, _ = house.people.sign_in(house.people.make_sign_in_link(person, by="test"))
        self.client.cookies.set("kouprey-ab12", cookie)
        self.csrf = site.sessions.csrf(cookie)

    def _who(self, house: Any, request: Request) -> Identity | None:
        secret = request.site.sessions.read(request)
        session = house.people.find_session(secret) if secret else None
        if session is None:
            return None
        roles = tuple(str(role) for role in session.person.roles)
        csrf = request.site.sessions.csrf(secret)
        return Identity(name=session.person.name, reader=house.people.reader_of(session.person), roles=roles, csrf=csrf)

    def text(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return str(answer.text)

    def post(self, path: str, **fields: str) -> Any:
        return self.client.post(path, data={"csrf": self.csrf, **fields}, headers={"Origin": HERE})


@pytest.fixture
def liaison(house: Any) -> Visitor:
    return Visitor(house, Role.LIAISON)


FORM = {
    "url": "http://127.0.0.1:1/api/",
    "collection": "365fed99-08fa-4fdb-a6fd-8a9b8a3c2d11",
    "name": "Up <b>there</b>",
    "user": "us",
    "secret": SECRET,
    "tlp": "green",
    "every": "300",
    "private": "yes",
}


def test_from_keeping_to_forgetting(house: Any, liaison: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kouprey.taxii.service.asking.time.sleep", lambda _: None)
    assert "Nothing is pulled yet" in liaison.text("/sources")
    answer = liaison.post("/sources", **FORM)
    assert answer.status_code == 303
    page = answer.headers["location"]
    assert "Nothing came yet" in liaison.text(page) and "every five minutes" in liaison.text(page)
    remotes = house.node.services.get(Remotes)
    assert remotes.pull_due() == 1
    for text in (liaison.text("/sources"), liaison.text(page)):
        assert "fails" in text and SECRET not in text and "Up &lt;b&gt;there" in text and "<b>there" not in text
    assert "Nothing listens" in liaison.text(page)
    liaison.post(f"{page}/pause")
    assert "paused" in liaison.text(page) and remotes.pull_due() == 0
    assert liaison.post(f"{page}/pull").status_code == 303 and remotes.pull_due() == 0
    liaison.post(f"{page}/resume")
    assert remotes.pull_due() == 1
    liaison.post(f"{page}/pull")
    assert remotes.pull_due() == 1
    liaison.post(f"{page}/remove")
    assert "Nothing is pulled yet" in liaison.text("/sources") and liaison.client.get(page).status_code == 404


@pytest.mark.parametrize("wrong", [{"url": "ftp://a/"}, {"collection": ""}, {"every": "1"}, {"tlp": "purple"}])
def test_what_is_wrong_is_not_kept(house: Any, liaison: Visitor, wrong: dict[str, str]) -> None:
    assert liaison.post("/sources", **{**FORM, **wrong}).status_code in (303, 400, 422)
    assert house.node.services.get(Remotes).list_remotes() == []


@pytest.mark.parametrize("role", [Role.ANALYST, Role.LEGAL, Role.AUDITOR])
def test_others_are_turned_away(house: Any, liaison: Visitor, role: Role) -> None:
    page = liaison.post("/sources", **FORM).headers["location"]
    other = Visitor(house, role)
    for path in ("/sources", page):
        assert other.client.get(path).status_code == 403
    assert other.post(f"{page}/remove").status_code == 403
    assert "Up" in liaison.text("/sources")
