"""The page of a request: first what leaves, then it leaves, then what came back; two persons where it says so."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.service import Strategies
from response.playbooks import calling, raw
from response.servers import Server, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as made:
        yield made


def prepared(office: Any, lead: Any, made: Any) -> str:
    """The address of the request in a case that has taken it up."""
    who = Reader(party=office.party, clearance=TLP.RED, local=True, name="psn_x")
    stix_id = office.node.services.get(Strategies).keep(who, raw(made), tlp=TLP.GREEN, by="test")
    opened = lead.post("/cases", title="A page shows another text", tlp="amber", strategy=stix_id)
    assert opened.status_code == 303, opened.text[:300]
    found = re.search(r'href="(/cases/\d+/calls/item_[0-9a-f]+)"', lead.text(opened.headers["location"]))
    assert found
    return found[1]


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return html.unescape(found[1])


def allow(office: Any, **given: str) -> None:
    office.node.settings = msgspec.structs.replace(office.node.settings, **given)


def test_refused_until_allowed_then_shown_then_sent_and_twice_only_after_looking(offices: Any, server: Server) -> None:
    a, _, _ = offices
    lead = a.visitor(Role.LEAD)
    command = {"command": "POST /tickets?for=__who__:value HTTP/1.1", "content": "<b>&"}
    path = prepared(a, lead, calling(server.base, command))
    text = lead.text(path)
    assert f"may not call {server.host}" in text and "playbook_hosts" in text and 'value="send"' not in text
    allow(a, playbook_hosts=server.host)
    text = lead.text(path)
    assert "&lt;b&gt;&amp;" in text and 'name="value__who__"' in text and 'value="send"' not in text
    shown = lead.post(path, call="0", value__who__="cert.example")
    assert shown.status_code == 200 and "tickets?for=cert.example" in shown.text and not server.came
    given = {name: hidden(shown.text, name) for name in ("digest", "newest", "value__who__")}
    sent = lead.post(path, call="0", go="send", **given)
    assert sent.status_code == 303 and server.came[0][1] == "/tickets?for=cert.example"
    text = lead.text(sent.headers["location"])
    assert "It was answered with 201" in text and "HTTP 201" in text and "/evidence/item_" in text
    again = lead.post(path, call="0", go="send", **given)
    assert again.status_code == 409 and "Somebody has been here meanwhile" in again.text and len(server.came) == 1
    assert lead.post(path, call="0", value__who__="a«b").status_code == 400
    assert "was answered" in lead.text(path.partition("/calls/")[0])


def test_two_persons(offices: Any, server: Server) -> None:
    a, _, _ = offices
    lead, other = a.visitor(Role.LEAD), a.visitor(Role.LIAISON)
    allow(a, playbook_hosts_of_others=server.host)
    path = prepared(a, lead, calling(server.base, {"command": "POST /takedown HTTP/1.1"}))
    text = lead.text(path)
    assert "Ask a second person" in text
    asked = lead.post(path, call="0", go="send", digest=hidden(text, "digest"), newest="")
    assert asked.status_code == 303 and not server.came
    text = lead.text(path)
    assert "You have asked for it" in text and "Let it go" not in text
    (attempt,) = set(re.findall(rf"{path}/(call_[0-9a-f]+)", other.text(path)))
    assert lead.post(f"{path}/{attempt}", call="0", go="release").status_code == 403 and not server.came
    assert other.post(f"{path}/{attempt}", call="0", go="release").status_code == 303 and len(server.came) == 1
    assert "HTTP 201" in other.text(path)
    analyst = a.visitor(Role.ANALYST)
    assert "Ask one of them" in analyst.text(path) and 'value="send"' not in analyst.text(path)
    a.visitor(Role.POLICY).text(path, 404)


def test_declined_with_a_reason_that_stays(offices: Any, server: Server) -> None:
    a, _, _ = offices
    lead, other = a.visitor(Role.LEAD), a.visitor(Role.LIAISON)
    allow(a, playbook_hosts=server.host)
    path = prepared(a, lead, calling(server.base, {"command": "POST /takedown HTTP/1.1"}, third=True))
    lead.post(path, call="0", go="send", digest=hidden(lead.text(path), "digest"), newest="")
    (attempt,) = set(re.findall(rf"{path}/(call_[0-9a-f]+)", other.text(path)))
    assert other.post(f"{path}/{attempt}", call="0", go="decline", because="").status_code == 400
    done = other.post(f"{path}/{attempt}", call="0", go="decline", because="Told by telephone.")
    assert done.status_code == 303 and "Told by telephone." in lead.text(path) and not server.came
    other_case = path.replace("/cases/1/", "/cases/9/")
    lead.text(other_case, 404)
