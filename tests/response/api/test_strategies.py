"""Strategies over the interface for programs."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from response.playbooks import DEFACED, raw

BASE = "/api/v1/strategies"
NEW = {"name": "A page is defaced", "steps": ["Take it off", "Tell the press"], "tlp": "amber"}


def test_written_read_and_listed(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    assert lead.get(BASE).json() == {"strategies": [], "before": 0}
    made = lead.post(BASE, json=NEW)
    assert made.status_code == 201, made.text
    one = f"{BASE}/{made.json()['id']}"
    assert [each["title"] for each in made.json()["tasks"]] == NEW["steps"]
    assert lead.get(one).json() == made.json()
    (brief,) = lead.get(BASE).json()["strategies"]
    assert (brief["id"], brief["tlp"]) == (made.json()["id"], "amber")
    low = a.program(Role.ANALYST, clearance=TLP.GREEN)
    assert low.get(one).status_code == 404 and low.get(BASE).json()["strategies"] == []
    assert low.get(f"{one}/playbook").status_code == 404


def test_a_playbook_comes_back_byte_for_byte(offices: Any) -> None:
    a, _, _ = offices
    lead, sent = a.program(Role.LEAD), raw(DEFACED)
    kept = lead.post(f"{BASE}/playbooks", content=sent, headers={"Content-Type": "application/json"})
    assert kept.status_code == 201, kept.text
    assert lead.get(f"{BASE}/{kept.json()['id']}/playbook").content == sent
    again = lead.post(f"{BASE}/playbooks", content=sent, headers={"Content-Type": "application/json"})
    assert again.status_code == 409 and again.json()["code"] == "held-already"
    bad = lead.post(f"{BASE}/playbooks", content=b"{}", headers={"Content-Type": "application/json"})
    assert bad.status_code == 400
    assert lead.post(BASE, json=NEW | {"tlp": "purple"}).json()["code"] == "bad-tlp"
    assert a.program(Role.AUDITOR).post(BASE, json=NEW).status_code == 403
