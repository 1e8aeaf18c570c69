"""Notices over the interface: they are of persons, so that a program has none and is told so."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role

BASE = "/api/v1/notices"


def test_programs_have_no_notices(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    assert lead.get(BASE).json() == {"notices": [], "waiting": 0, "before": ""}
    lead.post("/api/v1/cases", json={"title": "x", "tlp": "amber"})
    assert lead.get("/api/v1/cases/1/watch").json() == {"watching": False}
    for answer in (
        lead.put("/api/v1/cases/1/watch", json={"watching": True}),
        lead.put(f"{BASE}/read", json={}),
        lead.get(f"{BASE}/choice"),
        lead.put(f"{BASE}/choice", json={"told": ["task"]}),
    ):
        assert answer.status_code == 403 and answer.json()["code"] == "no-person"


def test_a_person_asks_for_theirs(offices: Any) -> None:
    a, _, _ = offices
    lead, analyst = a.visitor(Role.LEAD), a.visitor(Role.ANALYST)
    lead.post("/cases", title="A page shows another text", tlp="amber", severity="high", kind="incident")
    change: dict[str, Any] = {"headers": {"Origin": "http://127.0.0.1:8420", "X-CSRF-Token": analyst.csrf}}
    assert analyst.client.get("/api/v1/cases/1/watch").json() == {"watching": False}
    done = analyst.client.put("/api/v1/cases/1/watch", json={"watching": True}, **change)
    assert done.status_code in (200, 403), done.text
