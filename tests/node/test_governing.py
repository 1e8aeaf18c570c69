"""The pages of settings and of the node, and the endpoints beside them: values, places, ways back, and no secret."""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from inprocess import AppClient
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node, open_node
from kouprey.node.changing import LIVE
from kouprey.node.governing import list_rows
from kouprey.node.settings import FILE, MEANINGS
from kouprey.node.web import build_web
from kouprey.node.wording import GROUPS, SAID, TITLES
from kouprey.people.model import Role
from kouprey.people.service import People


@pytest.fixture(autouse=True)
def level() -> Iterator[None]:
    held = logging.getLogger("kouprey").level
    yield
    logging.getLogger("kouprey").setLevel(held)


Enter = Callable[..., AppClient]


@pytest.fixture
def enter(node: Node) -> Enter:
    """Somebody signed in."""
    app, origin, people = build_web(node), node.settings.origin, node.services.get(People)

    def make(role: Role = Role.ADMINISTRATOR, clearance: TLP = TLP.RED) -> AppClient:
        client = AppClient(app, base_url=origin, headers={"Origin": origin})
        person = people.save_person(f"{role} {clearance.word}", (role,), clearance, by="test")
        client.post(f"/sign-in/{people.make_sign_in_link(person, by='test')}")
        return client

    return make


def post(client: AppClient, path: str, **fields: Any) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/settings").text)
    assert found is not None
    return html.unescape(client.post(path, data={"csrf": found[1], **fields}).text)


def test_every_setting_is_on_the_page_once_and_in_words() -> None:
    listed = [name for _, _, names in GROUPS for name in names]
    assert sorted(listed) == sorted(MEANINGS) == sorted(TITLES) == sorted(SAID)
    assert set(LIVE) <= set(MEANINGS)


def test_values_come_with_their_place(node: Node, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {row.name: row for row in list_rows(node)}
    assert (rows["listen"].place, rows["page_max"].place) == ("file", "default")
    assert rows["log_level"].live and not rows["listen"].live
    monkeypatch.setenv("KOUPREY_LOG_LEVEL", "info")
    row = next(row for row in list_rows(node) if row.name == "log_level")
    assert row.elsewhere and row.place == "environment (KOUPREY_LOG_LEVEL)"
    assert "environment (KOUPREY_LOG_LEVEL)" in enter().get("/settings").text


def test_a_setting_is_changed_and_taken_back(node: Node, enter: Enter) -> None:
    admin = enter()
    page = post(admin, "/settings", setting="second_factor", value=["", "lead", "liaison"])
    assert node.settings.second_factor == "lead, liaison" and "Before it was: the default" in page
    undo = re.search(r'action="/settings">(.*?)</form></div>', page, re.S)
    assert undo is not None
    fields = dict(re.findall(r'name="(setting|value|reset)" value="([^"]*)"', undo[1]))
    assert fields == {"setting": "second_factor", "reset": "yes"}
    post(admin, "/settings", **fields)
    assert node.settings.second_factor == ""
    assert "is wrong" in post(admin, "/settings", setting="log_level", value="loud")
    assert "counts from the next start" in post(admin, "/settings", setting="listen", value="127.0.0.1:1")


def test_what_waits_for_a_restart_is_said(node: Node, folder: Path, enter: Enter) -> None:
    with (folder / FILE).open("a") as file:
        file.write("page_max = 77\n")
    page = html.unescape(enter().get("/settings").text)
    assert "after a restart: 77" in page


def test_secrets_are_masked(folder: Path) -> None:
    node = open_node(folder, {"guard_database": ""})
    try:
        secret = "postgresql://kouprey:canary-password@db/kouprey"
        with (folder / FILE).open("a") as file:
            file.write(f'database = "{secret}"\n')
        assert all("canary-password" not in f"{row.value}{row.waiting}" for row in list_rows(node))
    finally:
        node.close()


def test_the_node_is_told_of_and_examined(node: Node, enter: Enter) -> None:
    admin = enter()
    page = html.unescape(admin.get("/settings/node").text)
    for word in node.services.get(People).fingerprint("cert.sovan.example"):
        assert word in page
    assert "No backup yet" in page and "SQLite" in page
    examined = post(admin, "/settings/node")
    assert "The root key lies on this machine" in examined and "label sets" in examined
    assert "starlette" in admin.get("/settings/licences").text


def test_the_doctor_answers_only_those_who_may_see_everything(enter: Enter) -> None:
    green = enter(clearance=TLP.GREEN)
    assert "may name more than you may see" in post(green, "/settings/node")
    assert "Examine the node now" not in green.get("/settings/node").text


@pytest.mark.parametrize("role", [Role.LEAD, Role.AUDITOR, Role.OPERATOR])
def test_only_administrators_come_in(enter: Enter, role: Role) -> None:
    client = enter(role)
    for path in ("/settings", "/settings/node", "/settings/licences"):
        assert client.get(path).status_code == 403, path


def test_programs_do_the_same(node: Node) -> None:
    people = node.services.get(People)
    _, secret = people.create_token(people.home_id, Role.ADMINISTRATOR, TLP.RED, by="test")
    headers = {"Authorization": f"Bearer {secret}"}
    api = AppClient(build_web(node), base_url=node.settings.origin + "/api/v1/", headers=headers)
    held = {each["name"]: each for each in api.get("settings").json()["settings"]}
    assert held["log_level"] | {"meaning": ""} == {
        "name": "log_level",
        "value": "warning",
        "default": "warning",
        "place": "default",
        "live": True,
        "meaning": "",
    }
    assert api.put("settings/log_level", json={"value": "error"}).json()["value"] == "error"
    assert api.put("settings/log_level", json={"reset": True}).json()["place"] == "default"
    assert api.put("settings/listen", json={"value": "x"}).status_code == 409
    assert api.put("settings/none", json={"value": "x"}).status_code == 404
    assert api.get("node").json()["root_key"] is True
    assert "keys" in api.post("node/examination").json()["checks"]
    assert api.get("node/licences").json()["packages"]
    assert api.patch("party", json={"name": "Other"}).json()["name"] == "Other"
