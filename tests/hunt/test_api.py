"""Hunts over the interface for programs."""

from __future__ import annotations

from typing import Any

from hunt.sigma import lines, rule
from kouprey.hunt.service import Hunts
from kouprey.people.model import Role

CURL = rule("s:\n    Image|endswith: 'curl'\ncondition: s")
BYTES = {"Content-Type": "application/octet-stream"}


def test_from_rules_to_a_sighting(programs: Any, hunts: Hunts) -> None:
    analyst, policy = programs.client(Role.ANALYST), programs.client(Role.POLICY)
    assert policy.get("hunts").status_code == 403 and analyst.get("hunts").json() == {"hunts": []}
    raw = lines({"Image": "/bin/curl"})
    assert analyst.post("hunts", content=raw, headers=BYTES).json()["code"] == "no-rules"
    told = analyst.post("hunts/rules", params={"name": "a.yml"}, content=CURL.encode(), headers=BYTES)
    assert told.status_code == 201 and told.json()["new"] == 1
    digest = analyst.get("hunts/rules", params={"text": "loader"}).json()["rules"][0]["digest"]
    assert analyst.get(f"hunts/rules/{digest}").text == CURL
    made = analyst.post("hunts", params={"name": "e.ndjson"}, content=raw, headers=BYTES).json()
    assert made["state"] == "waiting" and hunts.turn() == 1
    shown = analyst.get(f"hunts/{made['id']}").json()
    assert shown["hunt"]["state"] == "done" and shown["found"][0]["hits"] == 1 and shown["blind"] == []
    assert analyst.get(f"hunts/{made['id']}/rules/{digest}/events").json()["hits"][0]["line"] == 0
    one = f"hunts/{made['id']}/rules/{digest}/sightings"
    assert analyst.post(one, json={"tlp": "blue"}).json()["code"] == "bad-tlp"
    assert analyst.post(one, json={"tlp": "green"}).json()["id"].startswith("sighting--")
    assert analyst.put(f"hunts/rules/{digest}/use", json={"retired": True}).status_code == 204
    assert analyst.get("hunts/rules").json()["rules"][0]["retired"]
    assert analyst.get("hunts/none").status_code == analyst.get("hunts/rules/none").status_code == 404
