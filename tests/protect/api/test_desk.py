"""Shields over the interface for programs, as far as the file that a device fetches."""

from __future__ import annotations

from typing import Any

from kouprey.people.model import Role
from kouprey.protect.model import Format
from kouprey.protect.service import Protect
from protect.conftest import Indicate
from protect.devices import basic, device


def test_from_a_shield_to_a_file(programs: Any, protect: Protect, indicate: Indicate) -> None:
    officer, analyst, policy = (programs.client(role) for role in (Role.DUTY_OFFICER, Role.ANALYST, Role.POLICY))
    indicate("[domain-name:value = 'evil.example']")
    indicate("[ipv4-addr:value = '203.0.113.7']")
    indicate("[ipv4-addr:value = '10.0.0.1']")
    assert policy.get("shields").status_code == 403
    assert analyst.post("shields", json={"name": "edge"}).status_code == 403
    assert officer.post("shields", json={"name": "a b"}).json()["code"] == "bad-shield-name"
    assert officer.post("shields", json={"name": "edge", "tlp": "red"}).json()["code"] == "too-strict"
    assert officer.post("shields", json={"name": "edge", "tlp": "pink"}).json()["code"] == "bad-level"
    assert officer.post("shields", json={"name": "edge", "valid_days": 9}).json()["code"] == "bad-limit"
    assert officer.post("shields", json={"name": "edge", "collection": "none"}).status_code == 404
    made = officer.post("shields", json={"name": "edge", "title": "The border"})
    assert made.status_code == 201 and made.json()["tlp"] == "amber+strict" and made.json()["current"] is None
    assert officer.post("shields", json={"name": "edge"}).json()["code"] == "shield-exists"
    assert analyst.get("shields/edge/entries").json()["code"] == "unknown-release"
    waiting = officer.post("shields/edge/compilation").json()
    assert waiting["state"] == "waiting" and waiting["asks"] == ["first"] and waiting["left"] == {"reserved": 1}
    assert [each["text"] for each in analyst.get("shields/edge/entries").json()["entries"]] == [
        "evil.example",
        "203.0.113.7",
    ]
    (left,) = analyst.get("shields/edge/left", params={"why": "reserved"}).json()["left"]
    assert left["text"] == "10.0.0.1" and left["by"] == "10.0.0.0/8"
    outlet = officer.post("shields/edge/outlets", json={"title": "Name server"}).json()
    fetch = device(programs, Authorization=basic(outlet["secret"]))
    assert fetch.get("/shields/edge/names.txt").json()["code"] == "no-release"
    assert officer.post("shields/edge/approval", json={"serial": 1}).json()["code"] == "not-waiting"
    current = officer.post("shields/edge/approval", json={"serial": waiting["serial"]}).json()
    assert current["state"] == "current" and analyst.get("shields").json()["shields"][0]["current"] == current
    assert len(analyst.get("shields/edge/releases").json()["releases"]) == 1
    answer = fetch.get("/shields/edge/names.txt")
    assert answer.status_code == 200 and answer.text.endswith("\nevil.example\n")
    assert f"serial {current['serial']}" in answer.text and "/shields/edge/manifest" in answer.text
    tag = answer.headers["etag"]
    assert tag.startswith('"') and answer.headers["x-shield-serial"] == str(current["serial"])
    again = fetch.get("/shields/edge/names.txt", headers={"If-None-Match": tag})
    assert again.status_code == 304 and again.content == b"" and again.headers["etag"] == tag
    since = {"If-Modified-Since": answer.headers["last-modified"]}
    assert fetch.get("/shields/edge/names.txt", headers=since).status_code == 304
    assert fetch.get("/shields/edge/names.txt", headers={"If-Modified-Since": "yesterday"}).status_code == 200
    assert fetch.get("/shields/edge/names.txt", headers={**since, "If-None-Match": '"x"'}).status_code == 200
    assert fetch.get("/shields/edge/manifest").text.startswith("kouprey shield v1\n")
    tags = {form: fetch.get(f"/shields/edge/{form}") for form in Format}
    assert {each.status_code for each in tags.values()} == {200}
    assert len({each.headers["etag"] for each in tags.values()}) == len(Format)
    assert tags[Format.RPZ].headers["content-type"].startswith("text/dns")
    assert fetch.get("/shields/edge/none").json()["code"] == "unknown-format"
    assert analyst.get("shields/edge/outlets").json()["outlets"][0]["used"] != ""
    indicate("[domain-name:value = 'new.example']")
    officer.post("shields/edge/compilation")
    changed = fetch.get("/shields/edge/names.txt", headers={"If-None-Match": tag})
    assert changed.status_code == 200 and changed.headers["etag"] != tag and "new.example" in changed.text
    back = officer.post("shields/edge/rollback", json={"serial": current["serial"], "reason": "Wrong"}).json()
    assert back["back_to"] == current["serial"] and "new.example" not in fetch.get("/shields/edge/names.txt").text
    assert officer.post("shields/edge/resumption").json()["added"] == 1
    held = officer.put("shields/edge", json={"growth": 5, "confidence": 3, "tlp": "green"}).json()
    assert (held["growth"], held["confidence"], held["tlp"], held["canary"]) == (5, 3, "green", 0)


def test_decisions_about_values(programs: Any) -> None:
    officer, analyst = programs.client(Role.DUTY_OFFICER), programs.client(Role.ANALYST)
    made = officer.post("allowances", json={"text": "GOV.example", "reason": "The state"})
    assert made.status_code == 201 and made.json()["text"] == "gov.example"
    assert officer.post("allowances", json={"text": "a b", "reason": "x"}).json()["code"] == "bad-value"
    assert officer.post("allowances", json={"text": "a.example", "reason": ""}).json()["code"] == "bad-reason"
    assert analyst.post("allowances", json={"text": "a.example", "reason": "x"}).status_code == 403
    assert analyst.get("allowances").json()["allowances"] == [made.json()]
    assert officer.post("allowances/withdrawal", json={"text": "gov.example"}).status_code == 204
    assert officer.post("allowances/withdrawal", json={"text": "gov.example"}).json()["code"] == "unknown-allowance"
