"""Contacts and links over the interface for programs."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from response.pages.test_outside import post, stranger

SOMCHAI = {"name": "Somchai", "team": "Northern Hospital", "mail": "soc@hospital.example", "language": "th"}
BASE = "/api/v1/handoffs"


def test_from_the_contact_to_the_yes(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    assert lead.get(f"{BASE}/contacts").json() == {"contacts": []}
    made = lead.post(f"{BASE}/contacts", json=SOMCHAI)
    assert made.status_code == 201, made.text
    path = f"{BASE}/contacts/{made.json()['id']}"
    changed = lead.put(path, json=SOMCHAI | {"zone": "Asia/Bangkok"})
    assert changed.json()["zone"] == "Asia/Bangkok" and changed.json()["made"] == made.json()["made"]
    assert lead.get(path).json() == changed.json()
    asked = lead.post(f"{path}/handoffs", json={"kind": "act", "title": "Block it", "text": "All.", "number": "A-1"})
    assert asked.status_code == 201 and asked.json()["asked"] == made.json()["id"]
    handoff = f"{BASE}/{asked.json()['id']}"
    link = lead.post(f"{handoff}/links", json={"contact": made.json()["id"]})
    assert link.status_code == 201
    secret = link.json()["address"].rpartition("/")[2]
    assert post(stranger(a), secret, verb="accept", number="H-1").status_code == 303
    told = lead.get(handoff).json()
    assert told["stage"] == "accepted" and told["messages"][-1]["via"] == "link"
    (shown,) = lead.get(f"{handoff}/links").json()["links"]
    assert secret not in str(shown) and shown["revoked"] == ""
    assert lead.delete(f"{handoff}/links/{shown['id']}").status_code == 204
    assert stranger(a).get(f"/reply/{secret}").status_code == 404
    heard = lead.post(f"{handoff}/heard", json={"verb": "start", "via": "telephone"})
    assert heard.status_code == 201 and heard.json()["stage"] == "acting"
    assert lead.put(f"{path}/use", json={"in_use": False}).json()["archived"]


def test_what_is_refused(offices: Any) -> None:
    a, _, _ = offices
    lead, analyst = a.program(Role.LEAD), a.program(Role.ANALYST)
    assert lead.post(f"{BASE}/contacts", json=SOMCHAI | {"zone": "x"}).json()["code"] == "bad-contact"
    assert lead.post(f"{BASE}/contacts", json=SOMCHAI | {"more": 1}).status_code == 400
    assert analyst.post(f"{BASE}/contacts", json=SOMCHAI).status_code == 403
    assert lead.get(f"{BASE}/contacts/contact-1.invalid").status_code == 404
    made = lead.post(f"{BASE}/contacts", json=SOMCHAI).json()["id"]
    question = {"kind": "act", "title": "Block it", "text": "All.", "tlp": "amber+strict"}
    assert lead.post(f"{BASE}/contacts/{made}/handoffs", json=question).json()["code"] == "above-ceiling"
    assert a.program(Role.ANALYST, party="operator.example").get(f"{BASE}/contacts").status_code == 403
