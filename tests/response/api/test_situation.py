"""The situation over the interface for programs, which is as strict as the pages."""

from __future__ import annotations

from base64 import b64decode
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from response.campaigns import ACTOR, bring, objects

BASE = "/api/v1/situation"
NEW = {"title": "A page is slow", "tlp": "amber", "type": "ddos", "cross_border": True, "sectors": ["media"]}


def test_what_goes_on(offices: Any) -> None:
    a, b, _ = offices
    lead = a.program(Role.LEAD)
    empty = lead.get(BASE).json()
    assert (empty["tlp"], empty["cases"], empty["strikes"], empty["campaigns"]) == ("clear", [], [], [])
    assert [each["party"] for each in empty["traffic"]] == [b.party] and len(empty["seen"]) == 14
    assert lead.post("/api/v1/cases", json=NEW).status_code == 201
    bring(a.node.services, objects(confidence=30))
    found = lead.get(BASE).json()
    assert found["tlp"] == "amber" and found["cases"][0]["title"] == NEW["title"] and found["fresh"]["opened"] == 1
    attacks = sorted((each["attack"], each["first"]) for each in found["strikes"])
    assert attacks == [("ddos", True), ("defacement", True)]
    (campaign,) = found["campaigns"]
    (said,) = campaign["attributions"]
    assert campaign["sectors"] == ["government-national"] and (said["actor"], said["confidence"]) == (ACTOR, 30)
    assert said["said_by"][0]["name"] == "campaigns.json" and said["disagree"] == []
    assert lead.get(BASE, params={"days": "0"}).status_code == 400
    hidden = a.program(Role.LEAD, TLP.CLEAR).get(BASE).json()
    assert hidden["cases"] == hidden["strikes"] == hidden["campaigns"] == [] and hidden["fresh"]["objects"] == 0
    assert hidden["fresh"]["opened"] == 0
    assert a.program(Role.ADMINISTRATOR).get(BASE).json()["cases"] is None


def test_the_paper_and_partners(offices: Any) -> None:
    a, b, _ = offices
    lead = a.program(Role.LEAD)
    assert b64decode(lead.get(f"{BASE}/paper", params={"language": "km"}).json()["pdf"]).startswith(b"%PDF")
    assert lead.get(f"{BASE}/paper", params={"language": "xx"}).json()["code"] == "bad-field"
    assert lead.get(f"{BASE}/partners").json() == {"clocks": []}
    partner = a.program(Role.LEAD, party=b.party)
    assert partner.get(BASE).status_code == 403 and partner.get(f"{BASE}/partners").status_code == 403
