"""Cases over the interface for programs, which is as strict as the pages."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role

BASE = "/api/v1/cases"
NEW = {"title": "A page shows another text", "tlp": "amber", "type": "application-compromise"}


def test_from_opening_to_closing(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    assert lead.get(BASE).json() == {"cases": [], "before": ""}
    made = lead.post(BASE, json=NEW)
    assert made.status_code == 201, made.text
    case = made.json()
    one = f"{BASE}/{case['number']}"
    assert lead.get(one).json() == case and case["category"] == "intrusions" and case["spans"]["contain"] is None
    times = {"reported": "2026-11-01T23:50:00+07:00", "acknowledged": "2026-11-02T01:10:00+07:00"}
    changed = lead.patch(one, json={"version": case["version"], "severity": "high", "moments": times})
    assert (
        changed.json()["spans"]["acknowledge"] == 80 * 60 and changed.json()["moments"]["reported"] == times["reported"]
    )
    assert lead.patch(one, json={"version": case["version"], "title": "x"}).json()["code"] == "changed-meanwhile"
    fact = {"sort": "fact", "text": "It changed.", "at": "2026-11-01 23:50", "offset": "+07:00"}
    made_fact = lead.post(f"{one}/items", json=fact)
    assert made_fact.status_code == 201 and made_fact.json()["body"]["moment"]["offset"] == 420
    task = lead.post(f"{one}/items", json={"sort": "task", "title": "Take it off"}).json()
    done = lead.put(
        f"{one}/items/{task['id']}", json={"sort": "task", "title": "Take it off", "state": "done", "version": 1}
    )
    assert done.json()["version"] == 2 and done.json()["body"]["state"] == "done"
    hidden = lead.put(f"{one}/items/{task['id']}/sight", json={"version": 2, "hidden": True})
    assert hidden.json()["hidden"] and lead.get(f"{one}/items").json()["items"] == []
    happened = lead.get(f"{one}/items", params={"happened": "true"}).json()["items"]
    assert {each["sort"] for each in happened} == {"fact", "act"}
    version = lead.get(one).json()["version"]
    assert lead.patch(one, json={"version": version, "phase": "closed"}).json()["moments"]["closed"]
    assert lead.get(BASE).json()["cases"] == [] and lead.get(BASE, params={"state": "closed"}).json()["cases"]
    assert lead.get(f"{BASE}/times").json()["classes"][""]["acknowledge"]["median_s"] == 4_800


def test_evidence_strategies_and_joining(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    one, two = (f"{BASE}/{lead.post(BASE, json=NEW).json()['number']}" for _ in range(2))
    raw = bytes(range(256)) * 100
    kept = lead.post(
        f"{one}/evidence",
        params={"name": "dump.bin", "source": "A disk"},
        content=raw,
        headers={"Content-Type": "application/octet-stream"},
    )
    assert kept.status_code == 201, kept.text
    assert lead.get(f"{one}/evidence/{kept.json()['id']}").content == raw
    assert lead.get(f"{two}/evidence/{kept.json()['id']}").status_code == 404
    joined = lead.put(f"{two}/merged", json={"case": "1"})
    assert joined.json()["merged"] and not lead.put(f"{two}/merged", json={"case": ""}).json()["merged"]
    named = lead.put(f"{one}/members", json={"named": True})
    assert named.json()["named"] and a.program(Role.ANALYST).get(one).status_code == 404
    assert lead.post(f"{one}/strategies", json={"strategy": "course-of-action--0"}).status_code in (400, 404)


def test_deleting_is_refused_everywhere_and_written_down(offices: Any) -> None:
    a, _, _ = offices
    lead, analyst = a.program(Role.LEAD), a.program(Role.ANALYST)
    one = f"{BASE}/{lead.post(BASE, json=NEW).json()['number']}"
    note = lead.post(f"{one}/items", json={"sort": "note", "text": "One"}).json()["id"]
    for program in (lead, analyst):
        for path in (one, f"{one}/items/{note}"):
            answer = program.delete(path)
            assert answer.status_code == 403 and answer.json()["code"] == "never-deleted"
    assert len(lead.get(f"{one}/items").json()["items"]) == 1
    audit = a.program(Role.AUDITOR).get("/api/v1/audit").text
    assert audit.count("case.not-deleted") == 4


def test_each_role_gets_what_it_may(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    one = f"{BASE}/{lead.post(BASE, json=NEW).json()['number']}"
    legal = a.program(Role.LEGAL)
    secret = legal.post(f"{one}/items", json={"sort": "note", "track": "legal", "text": "CANARY"}).json()["id"]
    for role in Role:
        program = a.program(role)
        said = "".join(program.get(path).text for path in (BASE, one, f"{one}/items", f"{one}/items?happened=true"))
        assert ("CANARY" in said) == (role is Role.LEGAL), role
        if role is not Role.LEGAL:
            told = program.put(f"{one}/items/{secret}", json={"sort": "note", "text": "x", "version": 1})
            assert told.status_code in (403, 404)
    assert lead.post(f"{one}/items", json={"sort": "note", "track": "legal", "text": "x"}).status_code == 403
    assert lead.get(BASE, params={"state": "moon"}).json()["code"] == "bad-field"
    assert lead.post(BASE, json=NEW | {"more": 1}).status_code == 400
