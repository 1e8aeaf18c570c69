"""Duties over the interface for programs, on a whole node with a moved clock."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from kouprey.kernel.words.time import DAY, SECOND, format_second
from kouprey.people.model import Role

BASE = "/api/v1/cases"
NEW = {"title": "A page shows another text", "tlp": "amber"}
HOUR = 3_600
SINCE = {"known_by": "The duty officer", "why": "NCII entity", "regime": "malaysia-act-854"}


def begun(a: Any, program: Any, **given: Any) -> tuple[str, dict[str, Any]]:
    """A case with running clocks: its address, and the duty."""
    one = f"{BASE}/{program.post(BASE, json=NEW).json()['number']}"
    body = SINCE | {"known": format_second(a.now())} | given
    made = program.post(f"{one}/duties", json=body)
    assert made.status_code == 201, made.text
    return one, made.json()


def warn(a: Any) -> int:
    """What the job of a running node does."""
    job = next(each for each in a.node.jobs() if each.name == "response.duties")
    return int(job.call())


def test_half_four_fifths_and_all_once_each_and_a_report_with_proof(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    assert {"malaysia-act-854", "eu-nis2"} <= {each["key"] for each in lead.get("/api/v1/regimes").json()["regimes"]}
    one, duty = begun(a, lead)
    assert warn(a) == 1
    told = []
    for seconds in (3 * HOUR, 4 * HOUR + 48 * 60, 6 * HOUR):
        a.ahead = seconds + 1
        assert warn(a) == 1 and warn(a) == 0
        reports = lead.get(f"{one}/duties/{duty['id']}").json()["reports"]
        told.append(next(each["told"] for each in reports if each["step"] == "initial"))
    assert told == [50, 80, 100]
    happened = lead.get(f"{one}/items", params={"happened": "true"}).json()["items"]
    assert sum(each["body"].get("did") == "duty.warn" for each in happened) == 4
    report = f"{one}/duties/{duty['id']}/initial"
    draft = lead.get(report).json()
    assert draft["version"] == 0 and draft["fields"]["sector"] == "unknown" and draft["report"]["standing"] == "overdue"
    kept = lead.put(report, json={"version": 0, "fields": {"sector": "វិស័យថាមពល"}})
    assert kept.json()["version"] == 1
    assert lead.put(report, json={"version": 0, "fields": {}}).json()["code"] == "changed-meanwhile"
    sent = lead.post(f"{report}/sendings", json={"version": 1, "channel": "portal", "reference": "NC4-17"})
    assert sent.status_code == 201, sent.text
    text = lead.get(f"{report}/sendings/{sent.json()['id']}")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert sha256(text.content).hexdigest() == sent.json()["sha256"] and "វិស័យថាមពល" in text.text
    answers = f"{report}/sendings/{sent.json()['id']}/answers"
    said = lead.post(answers, json={"verdict": "revision-required", "words": "Which sector?"})
    assert said.status_code == 201
    shown = lead.get(report).json()
    assert shown["report"]["verdict"] == "revision-required" and shown["report"]["standing"] == "late"
    assert shown["sendings"][0]["answers"][0]["words"] == "Which sector?" and len(shown["versions"]) == 1


def test_the_list_its_figures_and_stopping(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    one, duty = begun(a, lead)
    listed = lead.get("/api/v1/duties").json()
    assert [each["step"] for each in listed["reports"]] == ["first-word", "initial", "supplementary"]
    assert listed["figures"] == {"owed": 3, "overdue": 1, "kept": 0, "late": 0, "revision": 0} and listed["after"] == ""
    assert lead.get("/api/v1/duties", params={"state": "moon"}).json()["code"] == "bad-field"
    stop = f"{one}/duties/{duty['id']}/stopped"
    assert lead.put(stop, json={"version": 1, "stopped": True, "why": " "}).json()["code"] == "no-reason"
    assert lead.put(stop, json={"version": 1, "stopped": True, "why": "Not ours"}).json()["stopped"]
    assert lead.put(stop, json={"version": 1, "stopped": False, "why": "x"}).json()["code"] == "changed-meanwhile"
    assert lead.get("/api/v1/duties").json()["reports"] == []
    assert lead.put(stop, json={"version": 2, "stopped": False, "why": "It is"}).json()["version"] == 3
    assert len(lead.get(f"{one}/duties").json()["duties"]) == 1


def test_the_export_of_a_quarter(offices: Any) -> None:
    a, _, _ = offices
    lead = a.program(Role.LEAD)
    one, duty = begun(a, lead, known=format_second(a.now() - 20 * DAY))
    other, open_ = begun(a, lead, known=format_second(a.now() - 400 * DAY))
    report = f"{one}/duties/{duty['id']}/supplementary"
    lead.put(report, json={"version": 0, "fields": {}})
    sent = lead.post(f"{report}/sendings", json={"version": 1, "channel": "mail"}).json()
    at = format_second(a.now())
    quarter = f"{at[:4]}-Q{(int(at[5:7]) - 1) // 3 + 1}"
    found = lead.get("/api/v1/duties/quarter", params={"quarter": quarter}).json()
    assert [each["duty"] for each in found["reports"]] == [duty["id"]]
    assert [(each["report"]["duty"], each["because"]) for each in found["omitted"]] == [(open_["id"], "unsent")]
    answers = f"{report}/sendings/{sent['id']}/answers"
    lead.post(answers, json={"verdict": "revision-required", "words": "More"})
    found = lead.get("/api/v1/duties/quarter", params={"quarter": quarter}).json()
    assert found["reports"] == [] and {each["because"] for each in found["omitted"]} == {"unsent", "revision-required"}
    table = lead.get("/api/v1/duties/quarter.csv", params={"quarter": quarter})
    assert (
        table.headers["content-type"].startswith("text/csv")
        and table.text.count(",no,") + table.text.count(",yes,") >= 2
    )
    assert lead.get("/api/v1/duties/quarter", params={"quarter": "soon"}).json()["code"] == "bad-quarter"
    assert other != one


def test_each_role_gets_what_it_may_and_a_case_answers_for_its_own(offices: Any) -> None:
    a, _, _ = offices
    lead, legal = a.program(Role.LEAD), a.program(Role.LEGAL)
    one, duty = begun(a, lead)
    secret = legal.post(f"{one}/duties", json=SINCE | {"known": format_second(a.now() - SECOND), "why": "CANARY"})
    assert secret.status_code == 201 and secret.json()["track"] == "legal"
    other = f"{BASE}/{lead.post(BASE, json=NEW).json()['number']}"
    assert lead.get(f"{other}/duties/{duty['id']}").status_code == 404
    assert lead.get(f"{other}/duties/{duty['id']}/initial").status_code == 404
    where = f"{one}/duties/{secret.json()['id']}"
    for role in Role:
        program = a.program(role)
        paths = (f"{one}/duties", where, f"{where}/initial", "/api/v1/duties?state=any", f"{one}/items?happened=true")
        said = "".join(program.get(path).text for path in paths)
        assert (secret.json()["id"] in said) == (role is Role.LEGAL), role
        if role is not Role.LEGAL:
            assert program.put(f"{where}/initial", json={"version": 0, "fields": {}}).status_code in (403, 404)
    assert legal.put(f"{one}/duties/{duty['id']}/initial", json={"version": 0, "fields": {}}).status_code == 403
