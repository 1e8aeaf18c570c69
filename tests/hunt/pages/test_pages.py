"""Pages of hunts as an analyst sees them."""

from __future__ import annotations

import re
from typing import Any

from hunt.sigma import lines, rule
from kouprey.hunt.service import Hunts
from kouprey.people.model import Role
from readiness.pages.test_pages import ORIGIN, Person

CURL = rule("s:\n    Image|endswith: 'curl'\ncondition: s", title="A loader <b>")
WORD = rule("k:\n    - 'any'\ncondition: k", title="Words", id="22222222-2222-4222-8222-222222222222")


def send(person: Person, path: str, name: str, raw: bytes) -> str:
    """Hand in a file by the form of a page."""
    csrf = re.findall(r'name="csrf" value="([^"]+)"', person.client.get(path).text)[0]
    answer = person.client.post(path, data={"csrf": csrf}, files={"file": (name, raw)}, headers={"Origin": ORIGIN})
    return str(answer.text)


def test_bring_rules_ask_a_record_and_look(programs: Any, hunts: Hunts) -> None:
    analyst = Person(programs, Role.ANALYST)
    assert "There are no rules" in analyst.get("/hunts")
    told = send(analyst, "/hunts/rules", "a.yml", f"{CURL}---\n{WORD}".encode())
    assert "2 new rules." in told and "1 cannot be run" in told and "A loader &lt;b&gt;" in told
    assert "This is no file" in send(analyst, "/hunts/rules", "x", b"\xff")
    page = send(analyst, "/hunts", "events.ndjson", lines({"Image": "/bin/curl", "Text": "<script>"}))
    assert "waiting" in page and hunts.turn() == 1
    (hunt,) = hunts.list_hunts(hunts.operator())
    shown = analyst.get(f"/hunts/{hunt.id}")
    assert "Rules that found something" in shown and "Words" in shown and "done" in analyst.get(f"/hunts/{hunt.id}/now")
    (found,) = hunts.outcomes(hunts.operator(), hunt.id)
    hit = f"/hunts/{hunt.id}/rules/{found.digest}"
    events = analyst.get(hit)
    assert "&lt;script&gt;" in events and "<script>" not in events.split("<main")[1] and "/cases/new?title=" in events
    assert "The sighting is kept." in analyst.post(hit, at=hit, tlp="green").text
    assert analyst.post(hit, at=hit, tlp="blue").status_code == 400
    rule_page = f"/hunts/rules/{found.digest}"
    alone = analyst.get(rule_page).split("<details")[0]
    assert "A loader" in alone and "22222222" not in alone, "of the file, its own rule"
    assert "The whole file that it came in" in analyst.get(rule_page)
    assert "It is asked no more." in analyst.post(rule_page, at=rule_page, retired="yes").text
    assert "not asked" in analyst.get("/hunts/rules?q=loader") and "No rule" in analyst.get("/hunts/rules?q=nowhere")
    assert "A loader" in Person(programs, Role.LEAD).get("/cases/new?title=A+loader&summary=2")
    assert Person(programs, Role.POLICY).client.get("/hunts").status_code == 403
