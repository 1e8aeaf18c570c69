"""The ledger by programs: lines with their clauses, above nobody's clearance; its export for those who may prove."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.federation.api import ledger
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.service import People

CANARY = "canary-of-the-ledger"


@pytest.fixture
def agreement(programs: Any) -> str:
    """In force; 60 tools were given under it, one of them at TLP:AMBER and called by the canary."""
    programs.people.trust(programs.card(programs.partner), by="test")
    theirs = programs.nodes[programs.partner].services
    theirs.get(People).trust(programs.card(programs.home), by="test")
    ours = programs.node.services.get(Agreements)
    drafted = ours.draft("Test", [programs.partner], Terms(tlp_ceiling="amber"), starts=wall_clock(), by="op")
    signed = ours.sign(drafted.agreement, by="op")
    theirs.get(Agreements).receive_note(signed.note, signed.document_bytes, by=programs.home)
    both = theirs.get(Agreements).sign(drafted.agreement, by="op")
    made: str = ours.receive_note(both.note, both.document_bytes, by=programs.partner)
    exchange = programs.node.services.get(Exchange)
    for tlp, count in ((TLP.GREEN, 60), (TLP.AMBER, 1)):
        things = [
            {
                "type": "tool",
                "spec_version": "2.1",
                "id": f"tool--5f8a3b0e-3a6e-4f0e-9d57-{tlp:06d}{number:06d}",
                "created": "2026-01-01T00:00:00.000Z",
                "modified": "2026-01-01T00:00:00.000Z",
                "name": f"tool {number}" if tlp == TLP.GREEN else CANARY,
            }
            for number in range(count)
        ]
        stream = BytesIO(json.dumps({"type": "bundle", "id": "bundle--1", "objects": things}).encode())
        exchange.import_stream(stream, name="test", tlp=tlp, by="op")
        exchange.publish(made, [str(each["id"]) for each in things], by="op", who=exchange.operator())
    programs.node.settle()
    return made


def test_lines_come_page_by_page_with_their_clauses(programs: Any, agreement: str) -> None:
    client = programs.client(Role.ANALYST)
    first = client.get("ledger/given", params={"agreement": agreement}).json()
    second = client.get("ledger/given", params={"agreement": agreement, "cursor": first["next"]}).json()
    lines = [*first["lines"], *second["lines"]]
    assert len(first["lines"]) == 50 and second["next"] == ""
    titles = {each["title"] for each in lines}
    assert {f"tool {number}" for number in range(60)} <= titles and CANARY in titles
    assert client.get("ledger/given", params={"cursor": first["next"]}).status_code == 400, "of another question"
    (lane,) = client.get("ledger/lanes").json()["lanes"]
    of_lane = client.get(f"ledger/lanes/{lane['tag']}").json()
    rest = client.get(f"ledger/lanes/{lane['tag']}", params={"cursor": of_lane["next"]}).json()
    assert len(of_lane["lines"]) + len(rest["lines"]) == lane["size"]
    assert client.get("ledger/received").json() == {"lines": [], "next": ""}
    assert client.get("ledger/lanes/nothing").status_code == 404
    assert client.get("quarantine").json() == {"held": []}


def test_an_agreement_in_force_is_suspended_and_resumed(programs: Any, agreement: str) -> None:
    liaison = programs.client(Role.LIAISON)
    told = liaison.post(f"agreements/{agreement}/suspension").json()
    assert (told["state"], told["suspended_by"]) == ("suspended", [programs.home])
    told = liaison.delete(f"agreements/{agreement}/suspension").json()
    assert (told["state"], told["suspended_by"]) == ("in force", [])


def test_what_is_above_a_reader_is_not_named(programs: Any, agreement: str) -> None:
    low = programs.client(Role.LIAISON, TLP.GREEN)
    (lane,) = low.get("ledger/lanes").json()["lanes"]
    for path in ("ledger/given", f"ledger/lanes/{lane['tag']}"):
        answer = low.get(path)
        assert CANARY not in answer.text and any(each["hidden"] for each in answer.json()["lines"])
    refused = low.get("ledger/export", params={"agreement": agreement})
    assert refused.status_code == 403 and refused.json()["code"] == "above-clearance"
    high = programs.client(Role.LIAISON)
    assert CANARY in high.get("ledger/given").text
    exported = high.get("ledger/export", params={"agreement": agreement})
    assert exported.headers["content-type"] == "application/x-ndjson" and len(exported.content.splitlines()) > 60
    analyst = programs.client(Role.ANALYST)
    assert analyst.get("ledger/export", params={"agreement": agreement}).status_code == 403
    stranger = programs.client(Role.LIAISON, party=programs.partner)
    assert stranger.get("ledger/given").status_code == stranger.get("quarantine").status_code == 403
    assert callable(ledger.routes)
