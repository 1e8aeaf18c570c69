"""The page on which a person takes a MISP file in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inprocess import AppClient
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.site import Site
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.misp.pages import PATH, routes, shown
from kouprey.node.assemble import Node, open_node
from kouprey.node.founding import found

HERE = "http://cert.example"


class Desk:
    """A node with this page, and one person in front of it."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.reader = Reader(party="cert.example", clearance=TLP.AMBER, local=True, name="Dara")
        self.roles: tuple[str, ...] = ("analyst",)
        self.site = Site(
            node_id="ab12",
            party="cert.example",
            party_name="CERT",
            version="0",
            origins=(HERE,),
            sign=lambda data: b"k" * 32,
            authenticate=lambda request: Identity(
                name="Dara", reader=self.reader, roles=self.roles, csrf=self.site.sessions.csrf("s")
            ),
            templates=("kouprey.misp",),
        )
        app = build_app(self.site, routes(node.services))
        self.client = AppClient(app, base_url=HERE, follow_redirects=False)
        self.client.cookies.set("kouprey-ab12", "s")

    def post(self, raw: bytes | None, name: str = "event.json", **fields: str) -> Any:
        files = {"file": (name, raw)} if raw is not None else None
        data = {"csrf": self.site.sessions.csrf("s"), **fields}
        return self.client.post(PATH, data=data, files=files, headers={"Origin": HERE})


@pytest.fixture
def desk(tmp_path: Path, misp: Any) -> Iterator[Desk]:
    identity = f"identity--{misp.uuid('cert')}"
    found(tmp_path / "node", party="cert.example", name="CERT", settings={}, identity=identity, person="Dara")
    node = open_node(tmp_path / "node")
    yield Desk(node)
    node.close()


def test_a_file_is_taken_in_and_its_losses_are_shown(desk: Desk, misp: Any) -> None:
    asked = desk.client.get(PATH)
    assert asked.status_code == 200 and 'type="file"' in asked.text
    wallet = misp.attribute("a", "btc", "1Boat", detect=True, Tag=[{"name": "<b>\u202eliar", "local": True}])
    raw = json.dumps({"Event": misp.event(wallet)}).encode()
    told = desk.post(raw, tlp="green")
    assert told.status_code == 200 and "to_ids" in told.text and misp.uuid("a") in told.text
    assert "<b>" not in told.text.partition("<main")[2] and "\u202e" not in told.text
    assert "was skipped" in desk.post(raw, tlp="green").text


def test_what_is_wrong_is_said_on_the_page(desk: Desk) -> None:
    assert desk.post(None).status_code == 400 and "Choose a file." in desk.post(None).text
    assert "no MISP event" in desk.post(b'{"type": "bundle"}').text
    assert desk.post(b"{}", tlp="pink").status_code == 400
    assert desk.post(b"{}", collection="nowhere").status_code == 404


def test_only_people_who_may_write_come_in(desk: Desk) -> None:
    desk.roles = ()
    assert desk.client.get(PATH).status_code == 403
    desk.roles, desk.reader = ("analyst",), Reader(party="operator.example", clearance=TLP.RED)
    assert desk.client.get(PATH).status_code == 403 and desk.post(b"{}").status_code == 403


def test_texts_of_others_cannot_mislead() -> None:
    assert shown("ភាសា a\u202eb") == ascii("ភាសា a\u202eb")[1:-1] and shown("ភាសា") == "ភាសា"
