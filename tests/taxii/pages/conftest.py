"""People who look at the pages of the whole node, and send forms as these pages do."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from inprocess import AppClient
from kouprey.kernel.words.tlp import TLP
from kouprey.node.web import build_web
from kouprey.people.model import Role


class Visitor:
    """Somebody signed in by a link."""

    def __init__(self, house: Any, role: Role, clearance: TLP) -> None:
        origin = house.node.settings.origin
        person = house.people.save_person(f"{role} {clearance.word}", (role,), clearance, by="test")
        self.client = AppClient(build_web(house.node), base_url=origin, headers={"Origin": origin})
        self.client.post(f"/sign-in/{house.people.make_sign_in_link(person, by='test')}")

    def text(self, path: str) -> str:
        """What stands on a page."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return html.unescape(answer.text)

    def status(self, path: str) -> int:
        return self.client.get(path).status_code

    def post(self, path: str, **fields: Any) -> str:
        """Send a form; the page one is led to."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.client.get("/").text)
        assert found is not None
        answer = self.client.post(path, data={"csrf": found[1], **fields})
        return html.unescape(answer.text)

    def undo(self, page: str) -> str:
        """Press the button of the notice that takes back what was done."""
        notice = re.search(r'<form class="inline" method="post" action="([^"]+)">(.*?)</form></div>', page, re.S)
        assert notice is not None, "nothing to take back"
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', notice[2]))
        fields.pop("csrf", None)
        return self.post(notice[1], **fields)


@pytest.fixture
def visitor(house: Any) -> Callable[..., Visitor]:
    def make(role: Role = Role.ADMINISTRATOR, clearance: TLP = TLP.RED) -> Visitor:
        return Visitor(house, role, clearance)

    return make
