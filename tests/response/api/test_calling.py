"""Requests of steps over the interface: seen, let go, and the same key never sends twice."""

from __future__ import annotations

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


def test_seen_sent_once_and_read_by_who_may(offices: Any, server: Server) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    who = Reader(party=a.party, clearance=TLP.RED, local=True, name="psn_x")
    made = calling(server.base, {"command": "POST /tickets HTTP/1.1", "content": "__words__:value"})
    strategy = a.node.services.get(Strategies).keep(who, raw(made), tlp=TLP.GREEN, by="test")
    case = lead.post("/api/v1/cases", json={"title": "x", "tlp": "amber", "strategy": strategy}).json()["number"]
    (task,) = [each for each in lead.get(f"/api/v1/cases/{case}/items").json()["items"] if each["body"].get("calls")]
    one = f"/api/v1/cases/{case}/items/{task['id']}/calls"
    seen = lead.post(f"{one}/look", json={"values": {"__words__": "defaced"}}).json()
    assert seen["content"] == "defaced" and not seen["may_send"] and "playbook_hosts" in seen["bar"]
    body = {"digest": seen["digest"], "newest": "", "values": {"__words__": "defaced"}}
    assert lead.post(one, json=body).json()["code"] == "host-not-allowed"
    a.node.settings = msgspec.structs.replace(a.node.settings, playbook_hosts=server.host)
    for _ in range(2):
        sent = lead.post(one, json=body, headers={"Idempotency-Key": "press-1"})
        assert sent.status_code == 201 and sent.json()["status"] == 201
    assert [each[3] for each in server.came] == [b"defaced"]
    assert lead.post(one, json=body).json()["code"] == "changed-meanwhile"
    (kept,) = lead.get(one).json()["attempts"]
    assert kept == sent.json() and kept["evidence"]
    assert lead.get(one.replace(f"/{case}/", "/99/")).status_code == 404
    assert a.program(Role.POLICY).get(one).status_code == 404
    analyst = a.program(Role.ANALYST)
    assert analyst.post(one, json=body | {"newest": kept["id"]}).status_code == 403 and len(server.came) == 1


def test_two_persons_and_a_program_is_none(offices: Any, server: Server) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    who = Reader(party=a.party, clearance=TLP.RED, local=True, name="psn_x")
    made = calling(server.base, {"command": "POST /takedown HTTP/1.1"}, third=True)
    strategy = a.node.services.get(Strategies).keep(who, raw(made), tlp=TLP.GREEN, by="test")
    case = lead.post("/api/v1/cases", json={"title": "x", "tlp": "amber", "strategy": strategy}).json()["number"]
    (task,) = [each for each in lead.get(f"/api/v1/cases/{case}/items").json()["items"] if each["body"].get("calls")]
    a.node.settings = msgspec.structs.replace(a.node.settings, playbook_hosts=server.host)
    one = f"/api/v1/cases/{case}/items/{task['id']}/calls"
    seen = lead.post(f"{one}/look", json={}).json()
    assert seen["two_persons"] and seen["may_send"]
    refused = lead.post(one, json={"digest": seen["digest"], "newest": ""})
    assert refused.status_code == 403 and refused.json()["code"] == "not-a-person" and not server.came
    for verb, body in (("release", None), ("decline", {"because": "x"})):
        assert lead.post(f"{one}/call_0/{verb}", json=body).json()["code"] == "no-call"
