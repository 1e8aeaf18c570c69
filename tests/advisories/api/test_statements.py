"""Statements over the interface for programs; what binds persons stays with persons."""

from __future__ import annotations

from typing import Any

import msgspec

from advisories.conftest import RUMOUR, Bureau, content
from kouprey.advisories.wire.statement import read_signed
from kouprey.people.model import Role

BASE = "/api/v1/statements"
NEW: dict[str, Any] = msgspec.to_builtins(content()) | {"valid_from": "", "valid_until": "2999-01-01T00:00:00Z"}


def test_drafts_are_written_and_approved_by_no_program(ministry: Bureau) -> None:
    press = ministry.program(Role.COMMUNICATIONS)
    heard = press.post(f"{BASE}/rumours", json={"text": RUMOUR, "heard_from": "hotline"})
    assert heard.status_code == 201, heard.text
    made = press.post(f"{BASE}/drafts", json=NEW | {"rumours": [heard.json()["id"]]})
    assert made.status_code == 201, made.text
    one = f"{BASE}/drafts/{made.json()['id']}"
    assert made.json()["rumours"] == [heard.json()["id"]] and press.get(one).json() == made.json()
    assert press.post(f"{one}/approve", json={"revision": 1}).json()["code"] == "no-person"
    assert press.post(f"{one}/publish", json={"revision": 1}).json()["code"] == "approvals-missing"
    changed = press.put(one, json=NEW | {"contact": "elsewhere", "revision": 1})
    assert changed.json()["revision"] == 2 and changed.json()["content"]["contact"] == "elsewhere"
    assert press.put(one, json=NEW | {"revision": 1}).json()["code"] == "draft-changed"
    assert press.put(one, json=NEW).json()["code"] == "draft-changed"
    for who in (ministry.press, ministry.lead):
        ministry.desk.approve(who, made.json()["id"], 2)
    said = press.post(f"{one}/publish", json={"revision": 2})
    assert said.status_code == 201, said.text
    assert read_signed(said.json()["signed"].encode()).raw and said.json()["content"]["verdict"] == "false"
    assert press.get(BASE).json()["statements"] == [said.json()]
    assert press.get(f"{BASE}/published/{said.json()['id']}").json() == said.json()
    assert press.get(f"{BASE}/published/XX-A-2026-0001").json()["code"] == "unknown-statement"
    assert press.get(f"{BASE}/answered").json()["answered"][0]["rumours"] == 1
    assert press.get(f"{BASE}/drafts").json() == {"drafts": []}
    assert len(press.get(f"{BASE}/drafts", params={"state": "published"}).json()["drafts"]) == 1


def test_the_check_and_what_is_wrong(ministry: Bureau) -> None:
    made, press = ministry.publish(), ministry.program(Role.COMMUNICATIONS)
    told = press.post(f"{BASE}/check", json={"text": RUMOUR}).json()
    assert told["finding"] == "declared" and told["hits"][0]["id"] == made.id and told["hits"][0]["verdict"] == "false"
    assert press.post(f"{BASE}/check", json={"text": " "}).json()["code"] == "bad-question"
    assert press.post(f"{BASE}/drafts", json=NEW | {"languages": {}}).json()["code"] == "bad-statement"
    assert press.post(f"{BASE}/drafts", json=NEW | {"valid_until": "soon"}).json()["code"] == "bad-field"
    assert press.post(f"{BASE}/rumours", json={"text": ""}).json()["code"] == "bad-rumour"


def test_others_read_what_is_public_and_nothing_of_the_desk(bureaus: tuple[Bureau, Bureau, str]) -> None:
    ministry, operator, _ = bureaus
    ministry.publish()
    auditor = ministry.program(Role.AUDITOR)
    assert len(auditor.get(BASE).json()["statements"]) == 1
    for path in ("drafts", "rumours", "answered", "mirrors"):
        assert auditor.get(f"{BASE}/{path}").json()["code"] == "role-missing"
    partner = ministry.program(Role.CONTRIBUTOR, party=operator.party)
    assert partner.get(f"{BASE}/drafts").status_code == 403
    ministry.parcel(operator)
    lead = operator.program(Role.LEAD)
    (mirror,) = lead.get(f"{BASE}/mirrors").json()["mirrors"]
    assert mirror == {"publisher": ministry.party, "name": "Ministry.Example", "count": 1, "shown": False}
    assert lead.post(f"{BASE}/mirrors/{ministry.party}", json={"shown": True}).status_code == 204
    assert lead.post(f"{BASE}/mirrors/nobody.example", json={"shown": True}).status_code == 404
    assert lead.get(f"{BASE}/mirrors").json()["mirrors"][0]["shown"]


def test_rumours_and_drafts_are_put_away(ministry: Bureau) -> None:
    press = ministry.program(Role.COMMUNICATIONS)
    rumour = f"{BASE}/rumours/{press.post(f'{BASE}/rumours', json={'text': RUMOUR}).json()['id']}"
    assert press.post(f"{rumour}/aside").json()["aside"] and not press.post(f"{rumour}/reopen").json()["aside"]
    assert len(press.get(f"{BASE}/rumours").json()["rumours"]) == 1
    draft = press.post(f"{BASE}/drafts", json=NEW).json()["id"]
    assert press.post(f"{BASE}/drafts/{draft}/abandon").json()["state"] == "abandoned"
    assert press.post(f"{BASE}/drafts/{draft}/abandon").json()["code"] == "draft-closed"
