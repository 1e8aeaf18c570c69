"""Notices over the interface: they are of persons, so that a program has none and is told so."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.storage import outbox
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
    outbox.deliver(a.node.store, a.node.listeners(), clock=a.node.clock)

    def put(path: str, body: Any, status: int = 200) -> Any:
        headers = {"Origin": "http://127.0.0.1:8420", "X-CSRF-Token": analyst.csrf}
        answer = analyst.client.put(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    assert analyst.client.get("/api/v1/cases/1/watch").json() == {"watching": False}
    assert put("/api/v1/cases/1/watch", {"watching": True}) == {"watching": True}
    assert put("/api/v1/cases/9/watch", {"watching": True}, 404)["code"] == "unknown-case"
    lead.post("/cases/1/items", sort="note", text="Look")
    outbox.deliver(a.node.store, a.node.listeners(), clock=a.node.clock)
    told = analyst.client.get(BASE).json()
    (one,) = told["notices"]
    assert told["waiting"] == 1 and one["number"] == 1 and one["title"] == "A page shows another text"
    done = put(f"{BASE}/read", {})
    assert done == {"ids": [one["id"]]} and analyst.client.get(BASE).json()["notices"] == []
    assert analyst.client.get(BASE, params={"unread": "false"}).json()["notices"][0]["read"]
    assert put(f"{BASE}/read", done | {"read": False}) == done and analyst.client.get(BASE).json()["waiting"] == 1
    chosen = {"told": ["task", "clock"], "often": "daily", "address": "x@a.example"}
    assert put(f"{BASE}/choice", chosen)["told"] == ["clock", "task"]
    assert analyst.client.get(f"{BASE}/choice").json()["address"] == "x@a.example"
    assert put(f"{BASE}/choice", chosen | {"address": "no"}, 400)["code"] == "bad-address"
