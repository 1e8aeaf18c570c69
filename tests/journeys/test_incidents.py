"""Incidents over three served nodes, as their people's programs see them: the scenarios of response, a test each.

Nodes are served once for all of them; each works on cases of its own. Clocks are those of the machine, so that what
takes hours is begun so long ago. What needs a moved clock stands in `tests/response`.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from journeys.three import HOUR, SEALED, Three, drop, open_three, reply_to
from kouprey.agreements.model import HandOffTerm
from kouprey.kernel.words.time import SECOND, format_second, wall_clock
from kouprey.node.actors import wait_until
from response.playbooks import action, manual, playbook

TERMS = tuple(HandOffTerm(kind=kind, acknowledge_s=HOUR, decide_s=4 * HOUR) for kind in ("act", "inform"))


def begin(three: Three) -> None:
    """What the nodes do by themselves, every few seconds or half a minute, is begun before the first test."""
    lead = three.program(three.ministry)
    drop(three.ministry, "1.eml", SEALED)
    since = {"known_by": "The duty officer", "why": "An NCII entity", "regime": "malaysia-act-854"}
    for share, seconds in ((50, 3 * HOUR), (80, 4 * HOUR + 48 * 60), (100, 6 * HOUR)):
        number = new_case(lead)["number"]
        duty = said(lead.post(f"/cases/{number}/duties", json=since | {"known": ago(seconds + 5)}), 201)
        three.clocks[share] = f"/cases/{number}/duties/{duty['id']}"
    parties = [three.operator.party, three.neighbour.party]
    said(lead.post("/directory/drills", json={"parties": parties, "text": "Please acknowledge."}), 201)
    theirs, silent = three.program(three.operator), three.program(three.neighbour)
    wait_until("both have it", lambda: all(said(each.get("/directory/drills"))["asked"] for each in (theirs, silent)))
    (drill,) = said(theirs.get("/directory/drills"))["asked"]
    said(theirs.post(f"/directory/drills/{drill['handoff']}/messages", json={"verb": "acknowledge"}), 201)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    with open_three(tmp_path_factory.mktemp("incidents"), TERMS) as made:
        begin(made)
        yield made


def said(answer: httpx.Response, status: int = 200) -> Any:
    """What was answered, which must be of this status."""
    assert answer.status_code == status, answer.text
    return answer.json()


def new_case(lead: httpx.Client, **given: Any) -> dict[str, Any]:
    case: dict[str, Any] = said(lead.post("/cases", json={"title": "A page shows another text"} | given), 201)
    return case


def items(lead: httpx.Client, case: Any, **query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = said(lead.get(f"/cases/{case}/items", params=query))["items"]
    return found


def test_joined_and_parted_nothing_is_lost(three: Three) -> None:
    """Scenario 2: both cases, their numbers and items are as before, plus the two acts."""
    lead = three.program(three.ministry)
    one, two = (new_case(lead, title=f"Phishing at {name}")["number"] for name in ("the bank", "the post"))
    for number in (one, two):
        said(lead.post(f"/cases/{number}/items", json={"sort": "note", "text": f"Note of {number}"}), 201)
    before = {number: (said(lead.get(f"/cases/{number}")), items(lead, number)) for number in (one, two)}
    said(lead.put(f"/cases/{two}/merged", json={"case": str(one)}))
    said(lead.put(f"/cases/{two}/merged", json={"case": ""}))
    for number, (case, held) in before.items():
        now = said(lead.get(f"/cases/{number}"))
        assert [each["id"] for each in items(lead, number)] == [each["id"] for each in held]
        assert {key: now[key] for key in ("number", "title", "id", "opened")} == {
            key: case[key] for key in ("number", "title", "id", "opened")
        }
    acts = [each["body"].get("did") for each in items(lead, two, happened="true") if each["sort"] == "act"]
    assert len([each for each in acts if each and "merge" in each]) >= 2, acts


def test_nothing_is_deleted_by_anybody(three: Three) -> None:
    """Scenario 3: refused by the interface, and written down."""
    lead, analyst = three.program(three.ministry), three.program(three.ministry, "analyst")
    number = new_case(lead)["number"]
    note = said(lead.post(f"/cases/{number}/items", json={"sort": "note", "text": "One"}), 201)["id"]
    for program in (lead, analyst):
        for path in (f"/cases/{number}", f"/cases/{number}/items/{note}"):
            assert said(program.delete(path), 403)["code"] == "never-deleted"
    audit = three.program(three.ministry, "auditor").get("/audit").text
    assert audit.count("case.not-deleted") == 4


def test_times_are_instants_with_their_offset(three: Three) -> None:
    """Scenario 4: found at 23:50 and reported at 01:10 of the next day, in a zone seven hours ahead."""
    lead = three.program(three.ministry)
    case = new_case(lead)
    times = {"detected": "2026-11-01T23:50:00+07:00", "acknowledged": "2026-11-02T01:10:00+07:00"}
    times["reported"] = times["detected"]
    one = f"/cases/{case['number']}"
    changed = said(lead.patch(one, json={"version": case["version"], "moments": times}))
    assert changed["spans"]["acknowledge"] == 80 * 60 and changed["moments"]["detected"].endswith("+07:00")
    bundle = lead.get(f"{one}/stix").text
    assert "2026-11-01T16:50:00" in bundle


def ago(seconds: int) -> str:
    return format_second(wall_clock() - seconds * SECOND)


def test_what_crosses_a_border_is_in_its_list_at_once(three: Three) -> None:
    """Scenario 6."""
    lead, liaison = three.program(three.ministry), three.program(three.ministry, "liaison")
    number = new_case(lead, title="Over the border", cross_border=True)["number"]
    listed = said(liaison.get("/cases", params={"cross_border": "true"}))["cases"]
    assert number in {each["number"] for each in listed}
    other = new_case(lead, title="Within")["number"]
    assert other not in {
        each["number"] for each in said(liaison.get("/cases", params={"cross_border": "true"}))["cases"]
    }


def test_who_is_not_competent_names_who_is(three: Three) -> None:
    """Scenario 11: asked of the other in one step, old clocks stand, and the directory learns by a person's word."""
    lead, theirs = three.program(three.ministry), three.program(three.operator)
    words = {"title": "Block it", "text": "It calls 203.0.113.9.", "refs": ["203.0.113.9"], "kind": "act"}
    asked = said(
        lead.post("/handoffs", json=words | {"agreement": three.story.agreement, "to": three.operator.party}), 201
    )["id"]
    wait_until("the operator has it", lambda: theirs.get(f"/handoffs/{asked}").status_code == 200)
    no = {"verb": "decline", "reason": "not-competent", "other": three.neighbour.party, "text": "Not ours."}
    said(theirs.post(f"/handoffs/{asked}/messages", json=no), 201)
    wait_until("the answer has come", lambda: said(lead.get("/directory/proposals"))["proposals"])
    (proposal,) = said(lead.get("/directory/proposals"))["proposals"]
    assert proposal["competent"] == three.neighbour.party
    route = {"to": three.neighbour.party, "text": "You were named."}
    second = said(lead.post(f"/handoffs/{asked}/route", json=route), 201)["id"]
    far = three.program(three.neighbour)
    wait_until("the neighbour has it", lambda: far.get(f"/handoffs/{second}").status_code == 200)
    wait_until("the operator knows", lambda: said(theirs.get(f"/handoffs/{asked}"))["stage"] == "rerouted")
    assert said(lead.get(f"/handoffs/{asked}"))["stage"] == "rerouted"
    assert said(lead.get("/directory/competence", params={"q": "203.0.113.9"}))["parties"] == []
    said(lead.post(f"/directory/proposals/{proposal['message']}", json={"apply": True, "subjects": ["203.0.113.0/24"]}))
    found = said(lead.get("/directory/competence", params={"q": "203.0.113.9"}))["parties"]
    assert [each["party"] for each in found] == [three.neighbour.party]


def test_a_playbook_becomes_tasks_and_nothing_runs(three: Three, tmp_path: Path) -> None:
    """Scenario 15: a step of bash is a task with its text; nothing of it is executed."""
    lead = three.program(three.ministry)
    trace = tmp_path / "ran"
    steps = {
        "start": {"type": "start", "on_completion": "collect"},
        "collect": action([{"type": "bash", "command": f"touch {trace}"}], name="Collect", on_completion="call"),
        "call": manual("Call the host of the page.", name="Call the host", on_completion="end"),
        "end": {"type": "end"},
    }
    strategy = said(lead.post("/strategies/playbooks", json=playbook(steps)), 201)["id"]
    number = new_case(lead)["number"]
    said(lead.post(f"/cases/{number}/strategies", json={"strategy": strategy}), 201)
    tasks = [each["body"] for each in items(lead, number) if each["sort"] == "task"]
    assert {each["title"] for each in tasks} == {"Collect", "Call the host"}
    assert f"touch {trace}" in str(tasks) and {each["state"] for each in tasks} == {"open"} and not trace.exists()


def test_a_sealed_mail_opens_a_case_and_its_reporter_is_answered(three: Three) -> None:
    """Scenario 1: the original is kept as evidence, the reporter gets the number, a second reply joins the case."""
    lead = three.program(three.ministry)
    wait_until("the reporter is answered", lambda: three.relay.came, seconds=60)
    (answer,) = three.relay.came
    (report,) = said(lead.get("/reports"))["reports"]
    case = report["case"]
    assert answer["To"] == "dara@bank.example" and f"#{case}]" in answer["Subject"], report
    assert "Encrypted" not in answer["Subject"] + answer.get_content()
    kept = [each["body"] for each in items(lead, case) if each["sort"] == "evidence"]
    assert sha256(SEALED).hexdigest() in {each["sha256"] for each in kept}
    assert lead.get(f"/reports/{report['number']}/original").content == SEALED
    drop(three.ministry, "2.eml", reply_to(answer, "dara@bank.example", "It goes on."))
    wait_until("the second mail is taken", lambda: len(said(lead.get("/reports"))["reports"]) == 2, seconds=60)
    assert {each["case"] for each in said(lead.get("/reports"))["reports"]} == {case}


def test_a_legal_clock_warns_once_each_and_a_report_is_proven(three: Three) -> None:
    """Scenarios 5 and 7: 50, 80 and 100 % of six hours; unknown is said; a quarter leaves out what must be revised."""
    lead = three.program(three.ministry)
    begun = three.clocks

    def told(where: str) -> int:
        return int(next(each["told"] for each in said(lead.get(where))["reports"] if each["step"] == "initial"))

    wait_until(
        "each was warned of", lambda: {share: told(where) for share, where in begun.items()} == {k: k for k in begun}
    )
    report = f"{begun[100]}/initial"
    draft = said(lead.get(report))
    assert draft["fields"]["sector"] == "unknown" and draft["report"]["standing"] == "overdue"
    said(lead.put(report, json={"version": 0, "fields": {"sector": "Energy"}}))
    sent = said(lead.post(f"{report}/sendings", json={"version": 1, "channel": "portal", "reference": "P-17"}), 201)
    text = lead.get(f"{report}/sendings/{sent['id']}")
    assert sha256(text.content).hexdigest() == sent["sha256"] and "Energy" in text.text
    _left_out_of_the_quarter(lead, f"{begun[100]}/supplementary")
    number = begun[100].split("/")[2]
    warned = [each for each in items(lead, number, happened="true") if each["body"].get("did") == "duty.warn"]
    assert len(warned) == len({each["id"] for each in warned}) and 1 <= len(warned) <= 3


def _left_out_of_the_quarter(lead: httpx.Client, report: str) -> None:
    """A last report that must be revised is named among what is left out."""
    said(lead.put(report, json={"version": 0, "fields": {}}))
    sent = said(lead.post(f"{report}/sendings", json={"version": 1, "channel": "mail"}), 201)
    verdict = {"verdict": "revision-required", "words": "Which one?"}
    at = ago(0)
    query = {"quarter": f"{at[:4]}-Q{(int(at[5:7]) - 1) // 3 + 1}"}
    duty = report.split("/")[4]
    assert duty in {each["duty"] for each in said(lead.get("/duties/quarter", params=query))["reports"]}
    said(lead.post(f"{report}/sendings/{sent['id']}/answers", json=verdict), 201)
    found = said(lead.get("/duties/quarter", params=query))
    assert found["reports"] == []
    why = {each["report"]["duty"]: each["because"] for each in found["omitted"]}
    assert why[duty] == "revision-required" and list(why.values()).count("unsent") == 2


def test_a_drill_measures_and_counts_nowhere(three: Three) -> None:
    """Scenario 16: one partner answers and one never does; no list, clock or figure of earnest work shows it."""
    lead, theirs, silent = (three.program(each) for each in (three.ministry, three.operator, three.neighbour))

    def speed(party: str) -> Any:
        teams = said(lead.get("/directory"))["teams"]
        return next(each["drills"] for each in teams if each["party"] == party)

    wait_until("it is measured", lambda: (speed(three.operator.party) or {}).get("acknowledged_s") is not None)
    assert speed(three.neighbour.party)["acknowledged_s"] is None and speed(three.neighbour.party)["success"] == ""
    ids = {each["handoff"] for each in said(lead.get("/directory/drills"))["sent"]}
    for program in (lead, theirs, silent):
        listed = program.get("/handoffs").text + program.get("/handoffs", params={"ended": "true"}).text
        assert not any(each in listed for each in ids)
        assert all(program.get(f"/handoffs/{each}").status_code == 404 for each in ids)
