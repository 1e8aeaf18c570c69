"""Reports over the interface for programs, which is as strict as the pages."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

BASE = "/api/v1/reports"
MAIL = {"Content-Type": "message/rfc822"}
RAW = b"From: dara@bank.com\r\nSubject: Help\r\n\r\nIt calls 45.33.32.156\r\n"


def test_told_listed_and_decided(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    assert lead.get(BASE).json() == {"reports": [], "before": ""}
    words = {"what": "My page shows another text", "reach": "dara@bank.com", "once": "x" * 43}
    made = lead.post(BASE, json=words)
    assert made.status_code == 201, made.text
    report = made.json()
    assert report["origin"] == "program" and report["case"] == 1 and report["standing"] == "new"
    assert lead.post(BASE, json=words).json()["number"] == report["number"], "the same telling is one report"
    one = f"{BASE}/{report['number']}"
    assert lead.get(one).json() == report
    (answer,) = lead.get(f"{BASE}/answers").json()["answers"]
    assert answer["to"] == "dara@bank.com" and answer["report"] == report["number"]
    assert lead.put(f"{BASE}/answers/{answer['id']}", json={}).json()["sending"] == "by-hand"
    assert lead.put(f"{BASE}/answers/{answer['id']}", json={}).status_code == 404
    aside = lead.put(f"{one}/abandoned", json={"abandoned": True, "why": "An advertisement"})
    assert aside.json()["standing"] == "abandoned"
    assert lead.put(f"{one}/abandoned", json={"abandoned": True, "why": "x"}).json()["code"] == "set-aside"
    assert lead.put(f"{one}/abandoned", json={"abandoned": False}).json()["standing"] == "new"
    assert lead.get(BASE, params={"standing": "abandoned"}).json()["reports"] == []
    assert lead.get(BASE, params={"standing": "moon"}).status_code == 400
    assert lead.post(BASE, json={"what": " "}).json()["code"] == "no-text"


def test_a_mail_comes_byte_for_byte(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    made = lead.post(f"{BASE}/mail", content=RAW, headers=MAIL)
    assert made.status_code == 201, made.text
    one = f"{BASE}/{made.json()['number']}"
    assert lead.get(f"{one}/original").content == RAW
    broken = lead.post(f"{BASE}/mail", content=b"no mail", headers=MAIL).json()
    assert broken["trouble"] == "unreadable" and broken["trouble_why"] and broken["case"] == 0
    put = lead.put(f"{BASE}/{broken['number']}/case", json={"case": "1"})
    assert put.json() == {"case": 1}
    assert lead.put(f"{BASE}/{broken['number']}/case", json={}).json()["code"] == "has-case"
    assert lead.put(f"{one}/case", json={"case": "99"}).status_code == 404


def test_each_role_gets_what_it_may(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    number = lead.post(f"{BASE}/mail", content=RAW, headers=MAIL).json()["number"]
    for role in Role:
        program = a.program(role)
        said = "".join(program.get(path).text for path in (BASE, f"{BASE}/{number}", f"{BASE}/{number}/original"))
        reads = role in (Role.ANALYST, Role.DUTY_OFFICER, Role.LEAD, Role.LIAISON, Role.LEGAL)
        assert ("45.33.32.156" in said) == reads, role
        told = program.post(BASE, json={"what": "x"}).status_code
        assert (told == 201) == (reads and role is not Role.LEGAL), (role, told)
    low = a.program(Role.LEAD, clearance=TLP.GREEN)
    assert low.get(BASE).json()["reports"] == [] and low.get(f"{BASE}/{number}").status_code == 404
