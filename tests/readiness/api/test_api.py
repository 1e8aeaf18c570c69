"""Readiness over the interface for programs."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


def test_looking_saying_and_planning(programs: Any) -> None:
    lead, analyst = programs.client(Role.LEAD), programs.client(Role.ANALYST)
    assert analyst.put("readiness/country", json={"country": "KHM"}).json()["code"] == "role-missing"
    assert lead.put("readiness/country", json={"country": "ZZZ"}).json()["code"] == "bad-country"
    assert lead.put("readiness/country", json={"country": "KHM"}).status_code == 204
    shown = analyst.get("readiness").json()
    gci = next(each for each in shown["frameworks"] if each["id"] == "gci-2024")
    assert round(gci["owner"]["value"], 2) == 37.09 and gci["owner"]["tier"]["id"] == "T4"
    assert round(gci["owner"]["gap"], 2) == 17.91 and gci["weights"] == "estimate" and shown["proposals"] == []
    one = "readiness/frameworks/ncsi-3/indicators/1.4"
    assert analyst.put(one, json={"value": 3, "evidence": "x"}).status_code == 403
    said = lead.put(one, json={"value": 3, "evidence": "https://gov.example/strategy"}).json()
    assert said["state"] == "claimed" and lead.put(one, json={"value": 2}).json()["code"] == "bad-value"
    rows = {each["id"]: each["answer"] for each in lead.get("readiness/frameworks/ncsi-3").json()["indicators"]}
    assert len(rows) == 49 and rows["1.4"]["value"] == 3 and rows["1.5"] is None
    assert lead.post(f"{one}/confirmed", json={}).json()["code"] == "not-proven"
    assert lead.post(f"{one}/statements").json()["code"] == "not-confirmed"
    assert lead.delete("readiness/statements/evidence_0").status_code == 404
    assert lead.get("readiness/statements").json() == {"statements": []}
    plan = lead.get("readiness/frameworks/ncsi-3/plan", params={"target": 60}).json()
    assert plan["possible"] and plan["reached"] >= 60
    first = plan["measures"][0]["id"]
    less = lead.get("readiness/frameworks/ncsi-3/plan", params={"target": 60, "without": first}).json()
    assert first not in [each["id"] for each in less["measures"]]
    assert lead.get("readiness/paper", params={"language": "km"}).json()["pdf"].startswith("JVBER")
    assert lead.get("readiness/frameworks/none").status_code == 404


def test_what_the_node_does_is_proposed(programs: Any) -> None:
    lead = programs.client(Role.LEAD)
    for n in range(10):
        made = lead.post("cases", json={"title": f"Case {n}", "tlp": "red"}).json()
        closed = lead.patch(f"cases/{made['number']}", json={"version": made["version"], "phase": "closed"})
        assert closed.status_code == 200, closed.text
    found = {
        (each["framework"], each["indicator"]): each["count"] for each in lead.get("readiness").json()["proposals"]
    }
    assert found[("ncsi-3", "9.1")] == 10
    blind = programs.client(Role.LEAD, TLP.GREEN).get("readiness").json()["proposals"]
    assert [each["count"] for each in blind if each["indicator"] == "9.1"] == [10], "a count of ten tells of none"
    one = "readiness/frameworks/ncsi-3/indicators/9.1"
    assert lead.post(f"{one}/confirmed", json={"note": "This year"}).json()["state"] == "confirmed"
    made = lead.post(f"{one}/statements").json()
    assert lead.get("readiness/statements").json()["statements"][0]["id"] == made["id"]
    assert lead.delete(f"readiness/statements/{made['id']}").status_code == 204
    assert lead.get("readiness/statements").json()["statements"][0]["withdrawn"]
