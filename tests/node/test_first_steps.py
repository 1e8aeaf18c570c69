"""The page of the first steps, from the link that `init` prints to the last of them."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from inprocess import AppClient
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import Node, open_node
from kouprey.node.first_steps import TITLES
from kouprey.node.founding import Founded
from kouprey.node.setup import Step
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.people.service import People


@pytest.fixture
def client(node: Node) -> AppClient:
    origin = node.settings.origin
    return AppClient(build_web(node), base_url=origin, headers={"Origin": origin})


def enter(client: AppClient, link: str) -> str:
    """Open a link, and press the button."""
    shown = client.get(link).text
    # The forms of the frame have one too.
    after = re.findall(r'name="next" value="([^"]*)"', shown)[-1]
    return html.unescape(client.post(link.partition("?")[0], data={"next": after}).text)


def post(client: AppClient, path: str, **fields: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/setup").text)
    assert found is not None
    return html.unescape(client.post(path, data={"csrf": found[1], **fields}).text)


def test_the_link_of_init_leads_here(client: AppClient, told: Founded) -> None:
    page = enter(client, told.link)
    assert "<h1>First steps</h1>" in page and "0 / 8" in page
    for title, _ in TITLES.values():
        assert title in page


def test_the_party_is_called_otherwise_and_back(client: AppClient, told: Founded, node: Node) -> None:
    enter(client, told.link)
    page = post(client, "/setup/party", name="CERT of <Sovan>")
    home = node.services.get(People).home()
    assert home.name == "CERT of <Sovan>" and "Your card says CERT of <Sovan> now" in page and "1 / 8" in page
    assert "CERT of &lt;Sovan&gt;" in client.get("/setup").text
    undo = re.search(r'action="/setup/party">.*?name="name" value="([^"]+)"', page, re.S)
    assert undo is not None and undo[1] == "Ministry of Sovan"
    assert "cannot be called" in post(client, "/setup/party", name=" ")
    assert "no such step" in post(client, "/setup/step", step="elsewhere", done="yes")


def test_samples_steps_and_the_way_back(client: AppClient, told: Founded) -> None:
    enter(client, told.link)
    assert "invented objects" in post(client, "/setup/sample")
    assert "2 / 8" in post(client, "/setup/step", step="look", done="yes")
    assert "1 / 8" in post(client, "/setup/step", step="look", done="no")
    away = post(client, "/setup/away", away="yes")
    assert ">First steps</span>" not in away and "put away" in away
    assert 'href="/setup"' in client.get("/settings").text, "the way back"
    assert ">First steps</span>" in post(client, "/setup/away", away="no")


def test_without_the_root_key_the_name_cannot_be_signed(folder: Path, told: Founded) -> None:
    (folder / "keys" / "root.key").unlink()
    node = open_node(folder)
    try:
        origin = node.settings.origin
        client = AppClient(build_web(node), base_url=origin, headers={"Origin": origin})
        assert "put the root key back" in enter(client, told.link)
        assert "root key is not on this machine" in post(client, "/setup/party", name="Other")
    finally:
        node.close()


def test_only_administrators_are_led(client: AppClient, node: Node) -> None:
    people = node.services.get(People)
    person = people.save_person("Rith", (Role.LEAD,), TLP.RED, by="test")
    client.post(f"/sign-in/{people.make_sign_in_link(person, by='test')}")
    assert client.get("/setup").status_code == 403 and "First steps" not in client.get("/").text
    assert set(TITLES) == set(Step)
