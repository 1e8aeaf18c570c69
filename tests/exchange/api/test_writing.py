"""Programs write, edit, take back, and follow the imports they start."""

from __future__ import annotations

import json
from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

Desk = Any
"""What conftest builds."""

DRAFT = {"kind": "indicator", "values": ["203.0.113.7"], "why": "Found in a sample of ours.", "tlp": "green"}
NDJSON = {"Content-Type": "application/x-ndjson"}


def test_a_draft_is_looked_at_kept_changed_and_taken_back(either: Desk) -> None:
    client = either.client(Role.ANALYST)
    looked = client.post("/writings/look", json=DRAFT).json()
    assert (looked["problems"], looked["score"]) == ([], 35)
    assert looked["object"]["pattern"] == "[ipv4-addr:value = '203.0.113.7']"
    assert {each["asks"] for each in looked["questions"] if each["answered"]} == {"why", "marking"}
    made = client.post("/writings", json=DRAFT)
    assert made.status_code == 201
    at = f"/objects/{made.json()['id']}"
    version = client.get(at).json()["versions"][0]["version"]
    revised = client.post(f"{at}/revisions", json={**DRAFT, "action": "Block it now.", "seen": version})
    assert revised.status_code == 201
    again = client.post(f"{at}/revisions", json={**DRAFT, "seen": version}).json()
    assert again["code"] == "changed-meanwhile"
    assert client.post(f"{at}/revocation", json={}).status_code == 200
    assert client.post(f"{at}/revocation", json={}).json()["code"] == "revoked-already"
    assert client.get(at).json()["versions"][0]["bodies"][0]["revoked"] is True
    assert client.post(f"{at}/restoration", json={"version": version}).status_code == 200
    newest = client.get(at).json()["versions"][0]["bodies"][0]
    assert newest["revoked"] is False and "What to do" not in newest["object"]["description"]
    assert (
        client.post(f"{at}/restoration", json={"version": "2020-01-01T00:00:00Z"}).json()["code"] == "unknown-version"
    )


def test_what_is_wrong_is_told_by_its_field(desk: Desk) -> None:
    desk.keep(desk.indicator(1))
    client = desk.client(Role.ANALYST)
    wrong = client.post("/writings", json={"kind": "indicator", "pattern": "[x"}).json()
    assert (wrong["code"], wrong["field"]) == ("bad-pattern", "pattern")
    assert client.post("/writings", json={"kind": "opinion"}).json()["code"] == "bad-field"
    assert client.post("/writings", json={**DRAFT, "since": "soon"}).json()["field"] == "since"
    at = f"/objects/{desk.indicator(1)['id']}"
    assert client.post(f"{at}/revisions", json={**DRAFT, "seen": ""}).json()["code"] == "not-ours"
    assert client.post(f"{at}/revocation", json={}).json()["code"] == "not-ours"
    low = desk.client(Role.ANALYST, clearance=TLP.GREEN)
    assert low.post("/writings", json={**DRAFT, "tlp": "red"}).json()["code"] == "above-clearance"


def test_who_would_see_it(desk: Desk) -> None:
    desk.agree()
    levels = {each["tlp"]: each for each in desk.client(Role.ANALYST).get("/prospects").json()["levels"]}
    assert list(levels) == ["clear", "green", "amber", "amber+strict", "red"]
    assert all(each["own"] >= 0 for each in levels.values())
    for each in levels["red"]["under"]:
        assert not each["goes"] and each["parties"][0]["because"][0]["clause"]


def test_an_import_is_started_and_asked_after(either: Desk) -> None:
    client = either.client(Role.ANALYST)
    lines = b"\n".join(json.dumps(either.indicator(number)).encode() for number in range(1, 4))
    lines += b'\n{"type":"x"}\n{"type":"y"}'
    started = client.post("/import-jobs?name=feed&tlp=green", content=lines, headers=NDJSON)
    assert started.status_code == 202
    at = f"/import-jobs/{started.json()['id']}"
    either.exchange.wait_for_import(started.json()["id"], 30)
    job = client.get(at).json()
    assert (job["state"], job["new"], job["refused"]) == ("done", 3, 2) and job["read"] == job["size"] == len(lines)
    first = client.get(f"{at}/refusals", params={"limit": 1}).json()
    rest = client.get(f"{at}/refusals", params={"limit": 1, "cursor": first["next"]}).json()
    assert [each["line"] for each in (*first["refusals"], *rest["refusals"])] == [4, 5] and rest["next"] == ""
    assert client.post(f"{at}/cancel").json()["code"] == "import-ended"
    again = client.post("/import-jobs?name=again", content=lines, headers=NDJSON).json()
    either.exchange.wait_for_import(again["id"], 30)
    page = client.get("/import-jobs", params={"limit": 1}).json()
    older = client.get("/import-jobs", params={"limit": 1, "cursor": page["next"]}).json()
    assert [each["name"] for each in (*page["imports"], *older["imports"])] == ["again", "feed"]
    other = either.client(Role.ANALYST)
    assert other.get(at).json()["code"] == "unknown-import" and other.get("/import-jobs").json()["imports"] == []
    assert client.post("/import-jobs?collection=nowhere", content=b"{}", headers=NDJSON).status_code == 404
