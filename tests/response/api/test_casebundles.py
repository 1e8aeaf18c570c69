"""Cases out and in as STIX, over the interface for programs: only what the reader reads, and all of it or nothing."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

BASE = "/api/v1/cases"
JSON = {"Content-Type": "application/json"}


def test_what_goes_out_is_what_its_reader_reads_and_comes_in_again(offices: Any) -> None:
    a, _, _ = offices
    lead, legal = a.program(Role.LEAD), a.program(Role.LEGAL)
    case = lead.post(BASE, json={"title": "A page shows another text", "tlp": "amber"}).json()
    one = f"{BASE}/{case['number']}"
    lead.post(
        f"{one}/items", json={"sort": "fact", "text": "It changed.", "at": "2026-11-01 23:50", "offset": "+07:00"}
    )
    lead.post(f"{one}/items", json={"sort": "observable", "text": "203.0.113.7", "note": "It asked"})
    lead.post(f"{one}/items", json={"sort": "note", "text": "To the press", "track": "communication"})
    legal.post(f"{one}/items", json={"sort": "note", "text": "For the prosecutor", "track": "legal"})
    given = lead.get(f"{one}/stix")
    assert given.status_code == 200 and "attachment" in given.headers["content-disposition"]
    assert "It changed." in given.text and "To the press" in given.text and "prosecutor" not in given.text
    assert lead.get(f"{one}/stix", params={"legal": "true"}).json()["code"] == "role-missing"
    assert "prosecutor" not in legal.get(f"{one}/stix").text
    assert "prosecutor" in legal.get(f"{one}/stix", params={"legal": "true"}).text
    assert "press" not in legal.get(f"{one}/stix", params={"legal": "true"}).text
    acts = lead.get(f"{one}/items", params={"happened": "true"}).json()["items"]
    assert [each["body"].get("did") for each in acts].count("case.export") == 2
    taken = lead.post(f"{BASE}/stix", params={"tlp": "green", "name": "b.json"}, content=given.content, headers=JSON)
    assert taken.status_code == 201, taken.text
    made = taken.json()
    assert made["case"]["tlp"] == "amber" and made["case"]["title"] == case["title"] and made["unread"] == []
    two = f"{BASE}/{made['case']['number']}"
    bodies = [each["body"] for each in lead.get(f"{two}/items").json()["items"]]
    assert any(each.get("note") == "It asked" and each["kind"] == "ipv4-addr" for each in bodies)
    kept = next(each for each in lead.get(f"{two}/items").json()["items"] if each["sort"] == "evidence")
    assert kept["body"]["name"] == "b.json"
    assert lead.get(f"{two}/evidence/{kept['id']}").content == given.content


def test_what_cannot_be_a_case_opens_none(offices: Any) -> None:
    a, _, _ = offices
    lead, low = a.program(Role.LEAD), a.program(Role.LEAD, TLP.GREEN)
    keeper = a.program(Role.ADMINISTRATOR)
    red = b'{"type":"bundle","objects":[{"type":"incident","name":"x","object_marking_refs":["%s"]}]}'
    raw = red % b"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
    for client, content, params, code in [
        (lead, b"{}", {}, "bad-bundle"),
        (lead, b"{", {}, "unsafe-json"),
        (lead, raw, {"tlp": "purple"}, "bad-tlp"),
        (lead, raw, {"track": "legal"}, "role-missing"),
        (low, raw, {"tlp": "green"}, "above-clearance"),
        (keeper, raw, {}, "role-missing"),
    ]:
        answer = client.post(f"{BASE}/stix", params=params, content=content, headers=JSON)
        assert answer.json()["code"] == code, answer.text
    assert lead.get(BASE, params={"state": "any"}).json()["cases"] == []
    assert lead.get(f"{BASE}/1/stix").status_code == 404
