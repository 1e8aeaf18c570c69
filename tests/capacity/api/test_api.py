"""Capacity over the interface for programs."""

from __future__ import annotations

from typing import Any

from capacity.pages.test_pages import FORM, times
from kouprey.capacity.api import activities, questions, records, shapes
from kouprey.people.model import Role

BASE = "/api/v1/capacity"
assert all((activities, questions, records, shapes)), "what the endpoints are made of"


def test_a_trainer_plans_and_whoever_reads_sees_no_names(offices: tuple[Any, Any, str]) -> None:
    a, _, agreement = offices
    trainer, feed = a.program(Role.TRAINER), a.program(Role.FEED)
    plan = {"agreement": agreement, "theme": "Response", "year": 2027}
    assert feed.post(f"{BASE}/programmes", json=plan).json()["code"] == "role-missing"
    programme = trainer.post(f"{BASE}/programmes", json=plan).json()["id"]
    asked = {**FORM, **times(a.now()), "seats": 2}
    made = trainer.post(f"{BASE}/programmes/{programme}/activities", json=asked)
    assert made.status_code == 201, made.text
    one = f"{BASE}/activities/{made.json()['id']}"
    bad = trainer.post(f"{BASE}/programmes/{programme}/activities", json={**asked, "starts": "soon"})
    assert bad.json()["code"] == "bad-time"
    assert trainer.put(f"{one}/nominations", json={"people": [{"name": "Dara"}, {"name": "Sok"}]}).status_code == 204
    assert trainer.post(f"{one}/seats").status_code == 204
    whole = trainer.get(one).json()
    assert [each["state"] for each in whole["seats"]] == ["confirmed", "confirmed"]
    assert feed.get(one).json()["seats"] == [], "no names for who only reads"
    rooms = trainer.get(f"{one}/rooms").json()["rooms"]
    day = next(iter(rooms))
    mark = {"code": whole["seats"][0]["code"], "day": day}
    assert trainer.post(f"{one}/attendance", json=mark).json() == {"new": 1, "known": 0}
    listed = f"code,day,at,marked_by\n{mark['code']},{day},2026-12-01T02:00:00Z,Maly\n"
    assert trainer.post(f"{one}/attendance", json={"list": listed}).json() == {"new": 0, "known": 1}
    who = {"party": a.party, "nominee": whole["seats"][0]["nominee"]}
    scored = trainer.post(f"{one}/outcomes", json={**who, "pre": 40, "post": 86, "feedback": [5, 4, 5, 3, 5]})
    assert scored.json()["post"] == 86
    assert trainer.post(f"{one}/closed").json()["code"] == "not-yet"
    gone = whole["seats"][1]["nominee"]
    assert trainer.post(f"{one}/seats/{gone}/withdrawn").status_code == 204
    assert trainer.post(f"{one}/seats/{gone}/accepted").json()["code"] == "unknown-nominee"
    due = {"text": "Write it", "owner": "Dara", "due": asked["ends"]}
    follow = trainer.post(f"{one}/follow-ups", json=due).json()["id"]
    assert trainer.put(f"{one}/follow-ups/{follow}", json={"done": True}).status_code == 204
    assert trainer.get(f"{BASE}/measures/{agreement}").json()["used"] == 1
    assert trainer.put(one, json=asked).json()["version"] == 2
    assert trainer.post(f"{one}/cancelled", json={"why": "Flooded"}).json()["state"] == "cancelled"
    assert len(feed.get(BASE).json()["activities"]) == 1
    assert feed.get(f"{BASE}/activities/none").status_code == 404


def test_badges_certificates_and_needs(offices: tuple[Any, Any, str]) -> None:
    a, _, _ = offices
    trainer, feed = a.program(Role.TRAINER), a.program(Role.FEED)
    wanted = {"name": "Night work", "description": "d", "criteria": "c", "competencies": ["ecsf:2"], "least": 70}
    achievement = trainer.post(f"{BASE}/achievements", json=wanted).json()["id"]
    assert trainer.post(f"{BASE}/achievements", json={**wanted, "name": "CISSP"}).json()["code"] == "other-scheme"
    asked = {"achievement": achievement, "party": a.party, "nominee": "nom_x"}
    assert trainer.post(f"{BASE}/badges", json=asked).json()["code"] == "not-earned"
    assert trainer.post(f"{BASE}/badges/none/revoked", json={"why": "x"}).status_code == 404
    assert trainer.get(f"{BASE}/badges/none/paper").status_code == 404
    assert len(feed.get(f"{BASE}/badges").json()["achievements"]) == 1
    assert trainer.post(f"{BASE}/keys").status_code == 204
    assert len(trainer.get(f"{BASE}/badges").json()["keys"]) == 1
    assert feed.post(f"{BASE}/check", json={"badge": "{}"}).json()["code"] == "bad-badge"
    held = {"issuer": "A body", "title": "Global ACE", "number": "1", "valid_until": "2029-11-30"}
    one = f"{BASE}/certificates/{feed.post(f'{BASE}/certificates', json=held).json()['id']}"
    assert feed.post(f"{one}/checked").json()["code"] == "role-missing"
    assert trainer.post(f"{one}/checked").status_code == 204
    assert feed.put(f"{one}/withdrawn", json={"withdrawn": True}).status_code == 204
    assert len(feed.get(f"{BASE}/certificates").json()["certificates"]) == 1
    assert feed.get(f"{BASE}/record").json() == {"seats": [], "badges": [], "points": []}
    assert feed.post(f"{BASE}/calendar", json={}).json()["address"].endswith(".ics")
    wish = {"wishes": [{"need": True, "competency": "ecsf:2", "count": 5}]}
    assert trainer.put(f"{BASE}/needs", json=wish).status_code == 204
    assert feed.get(f"{BASE}/needs").json()["wishes"][0]["count"] == 5
