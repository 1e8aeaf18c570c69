"""Reports of duties, on both engines: filled in from the case, sent with proof, answered, and exported by quarter."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.words.time import DAY, SECOND, parse_instant
from kouprey.people.model import Role
from kouprey.response.model.cases import Kind, Link, LinkTo, Moment, Note, Seen, Severity, Task, TaskState, Track
from kouprey.response.model.duties import Channel, Left, Standing, Verdict
from response.conftest import Neighbours
from response.service.test_duties import HOUR, MALAYSIA, Office, code


@pytest.fixture
def office(neighbours: Neighbours, tmp_path: Path) -> Office:
    return Office(neighbours, tmp_path / "regimes")


def test_the_form_says_what_the_case_knows_and_unknown_for_the_rest(office: Office) -> None:
    case = office.open(
        type="application-compromise", severity=Severity.HIGH, severity_why="A ministry", lead=office.lead.name
    )
    found = Moment(office.at - 60 * SECOND, 420)
    case = office.cases.change(office.lead, case.id, case.version, moments={"detected": found})
    for body in (
        Seen(kind="ipv4-addr", text="203.0.113.7"),
        Link(to=LinkTo.TICKET, ref="RT-7"),
        Task(title="Take it off", state=TaskState.DONE, result="It is off"),
        Task(title="Not yet done"),
    ):
        office.cases.add(office.lead, case.id, Track.TECHNICAL, body)
    office.cases.add(office.legal, case.id, Track.LEGAL, Seen(kind="ipv4-addr", text="198.51.100.66"))
    both = office.who(Role.LEGAL, Role.LEAD)
    duty = office.start(case).duty.id
    first = office.duties.draft(both, duty, "initial")
    assert first.form == 0 and first.fields["type"] == "intrusions: application-compromise"
    assert first.fields["severity"] == "high: A ministry" and first.fields["sector"] == "unknown"
    assert "+07:00" in first.fields["found_at"] and first.fields["person"] == "P0"
    assert all(first.fields[name] for name in first.step.fields), "no line is blank"
    later = office.duties.draft(both, duty, "supplementary").fields
    assert later["artefacts"] == "ipv4-addr 203.0.113.7", "what fewer read than the duty is not told in it"
    assert later["related"] == "RT-7" and later["action"] == "Take it off: It is off" and later["actor"] == "unknown"
    legal = office.start(case, who=office.legal).duty.id
    assert "198.51.100.66" in office.duties.draft(office.legal, legal, "supplementary").fields["artefacts"]


def test_every_version_of_the_words_is_kept(office: Office) -> None:
    duty = office.start(office.open()).duty.id
    write = office.duties.write
    assert write(office.lead, duty, "initial", 0, {"sector": "Energy\r\nPower", "method": " "}).version == 1
    assert code(lambda: write(office.lead, duty, "initial", 0, {})) == "changed-meanwhile"
    assert code(lambda: write(office.lead, duty, "initial", 1, {"hosts": "x"})) == "bad-field"
    assert code(lambda: write(office.lead, duty, "initial", 1, {"sector": "\x00"})) == "bad-text"
    assert code(lambda: write(office.lead, duty, "nothing", 0, {})) == "unknown-report"
    assert code(lambda: write(office.who(Role.POLICY), duty, "initial", 1, {})) == "unknown-duty"
    assert code(lambda: write(office.legal, duty, "initial", 1, {})) == "role-missing"
    assert write(office.analyst, duty, "initial", 1, {"more": "And this"}).version == 2
    draft = office.duties.draft(office.lead, duty, "initial")
    assert [(each.version, each.fields["sector"]) for each in draft.forms] == [
        (2, "Energy\nPower"),
        (1, "Energy\nPower"),
    ]
    assert draft.fields["method"] == "unknown" and "More: And this\n" in draft.text
    assert "Sector: Energy\n  Power\n" in draft.text and draft.sha256 == sha256(draft.text.encode()).hexdigest()


def test_what_was_sent_is_proven_byte_for_byte(office: Office) -> None:
    held = office.start(office.open())
    duty, send = held.duty.id, office.duties.send
    assert code(lambda: send(office.lead, duty, "initial", 0, Channel.MAIL)) == "no-form"
    office.duties.write(office.lead, duty, "initial", 0, {})
    early, late = Moment(office.at - SECOND), Moment(office.at + HOUR * SECOND)
    for at in (early, late):
        assert code(lambda at=at: send(office.lead, duty, "initial", 1, Channel.MAIL, at=at)) == "bad-moment"
    assert code(lambda: send(office.lead, duty, "initial", 2, Channel.MAIL)) == "changed-meanwhile"
    assert code(lambda: send(office.lead, duty, "initial", 1, Channel.MAIL, reference="a\nb")) == "bad-text"
    shown = office.duties.draft(office.lead, duty, "initial")
    office.ahead(HOUR)
    sent = send(office.lead, duty, "initial", 1, Channel.PORTAL, reference="NC4-2026-17")
    kept, said = office.duties.sent_text(office.lead, duty, "initial", sent.id)
    assert said.decode() == shown.text and sha256(said).hexdigest() == kept.sha256 == shown.sha256
    assert kept.reference == "NC4-2026-17" and kept.made_by == office.lead.name and kept.channel is Channel.PORTAL
    assert office.report(held, "initial").standing is Standing.KEPT
    office.duties.write(office.lead, duty, "initial", 1, {"sector": "Another"})
    assert office.duties.sent_text(office.lead, duty, "initial", sent.id)[1] == said, "later words change nothing"
    assert code(lambda: office.duties.sent_text(office.lead, duty, "initial", "sending_0")) == "unknown-sending"
    assert code(lambda: office.duties.sent_text(office.lead, duty, "first-word", sent.id)) == "unknown-sending"
    assert code(lambda: office.duties.sent_text(office.who(Role.POLICY), duty, "initial", sent.id)) == "unknown-duty"
    office.ahead(6 * HOUR)
    assert office.duties.warn() == 1 and office.duties.tally(office.lead).kept == 1, "what was sent is told no more"
    office.actor.store.write(lambda tx: tx.execute("UPDATE case_duty_sending SET said = ?", (b"other",)))
    assert code(lambda: office.duties.sent_text(office.lead, duty, "initial", sent.id)) == "broken"


def test_a_sending_starts_the_clock_of_what_waits_for_it(office: Office) -> None:
    held = office.start(office.open(), "eu-nis2")
    duty = held.duty.id
    assert office.report(held, "final").standing is Standing.WAITING
    office.duties.write(office.lead, duty, "notification", 0, {})
    office.ahead(73 * HOUR)
    first = Moment(office.at)
    office.duties.send(office.lead, duty, "notification", 1, Channel.MAIL, at=first)
    due = office.report(held, "final").report.due
    assert office.report(held, "notification").standing is Standing.LATE and due > office.at + 27 * DAY
    office.ahead(HOUR)
    office.duties.send(office.lead, duty, "notification", 1, Channel.LETTER)
    assert office.report(held, "final").report.due == due, "sending it again moves no deadline"
    assert office.duties.tally(office.lead).late == 1


def test_what_the_receiver_said_is_kept_with_the_sending(office: Office) -> None:
    held = office.start(office.open())
    duty, answer = held.duty.id, office.duties.answer
    office.duties.write(office.lead, duty, "initial", 0, {})
    sent = office.duties.send(office.lead, duty, "initial", 1, Channel.HANDOFF).id
    revision = Verdict.REVISION
    assert code(lambda: answer(office.lead, duty, "initial", sent, revision)) == "no-reason"
    assert code(lambda: answer(office.lead, duty, "initial", "sending_0", revision, words="x")) == "unknown-sending"
    past = Moment(office.at - DAY)
    assert code(lambda: answer(office.lead, duty, "initial", sent, Verdict.ACCEPTED, at=past)) == "bad-moment"
    answer(office.lead, duty, "initial", sent, revision, words="The sector is missing")
    assert office.report(held, "initial").report.verdict is revision
    answer(office.lead, duty, "initial", sent, Verdict.ACCEPTED)
    draft = office.duties.draft(office.lead, duty, "initial")
    assert [each.verdict for each in draft.answers[sent]] == [Verdict.ACCEPTED, revision]
    office.ahead(60)
    office.duties.send(office.lead, duty, "initial", 1, Channel.HANDOFF)
    assert office.report(held, "initial").report.verdict is Verdict.NONE, "of the newest sending nothing was said yet"


def final(office: Office, title: str, at: str, verdict: Verdict = Verdict.NONE, **given: Any) -> Any:
    """A case whose final report was sent at a time ("": never)."""
    known = Moment(parse_instant("2026-07-01T00:00:00Z"))
    held = office.start(office.open(title, **given), known=known)
    duty, step = held.duty.id, "supplementary"
    if at:
        office.duties.write(office.lead, duty, step, 0, {})
        moment = Moment(parse_instant(at))
        sent = office.duties.send(office.lead, duty, step, 1, Channel.PORTAL, at=moment)
        if verdict is not Verdict.NONE:
            office.duties.answer(office.lead, duty, step, sent.id, verdict, words="As said", at=moment)
    return held


def test_an_export_leaves_out_what_is_to_be_revised_and_says_so(office: Office) -> None:
    office.at = parse_instant("2026-11-01T00:00:00Z")
    final(office, "Accepted", "2026-07-14T00:00:00Z", Verdict.ACCEPTED)
    final(office, "Nothing said", "2026-09-30T23:59:59Z")
    final(office, "To revise", "2026-07-10T00:00:00Z", Verdict.REVISION)
    final(office, "Next quarter", "2026-10-01T00:00:00Z")
    final(office, "Never", "")
    stopped = final(office, "Stopped", "")
    office.duties.set_stopped(office.lead, stopped.duty.id, 1, "Not ours", stopped=True)
    final(office, "A drill", "2026-07-14T00:00:00Z", kind=Kind.EXERCISE)
    export = office.duties.export(office.lead, "2026-Q3")
    assert [each.case.title for each in export.lines] == ["Accepted", "Nothing said"]
    assert {line.case.title: why for line, why in export.omitted} == {
        "To revise": Left.REVISION,
        "Next quarter": Left.LATER,
        "Never": Left.UNSENT,
        "Stopped": Left.STOPPED,
    }
    after = office.duties.export(office.lead, "2026-Q4")
    assert [each.case.title for each in after.lines] == ["Next quarter"]
    assert {line.case.title for line, _ in after.omitted} == {"Never"}
    table = office.duties.export_table(office.lead, "2026-Q3").decode()
    assert table.count("\r\n") == 7 and "yes,,1,Accepted" in table and "no,revision-required,3,To revise" in table
    assert office.duties.export(office.who(Role.POLICY), "2026-Q3").omitted == ()
    assert code(lambda: office.duties.export(office.lead, "2026-Q5")) == "bad-quarter"
    assert code(lambda: office.duties.export(office.who(Role.ADMINISTRATOR), "2026-Q3")) == "role-missing"


def test_what_was_revised_stands_in_the_quarter_of_its_new_sending(office: Office) -> None:
    office.at = parse_instant("2026-11-01T00:00:00Z")
    held = final(office, "Revised", "2026-07-10T00:00:00Z", Verdict.REVISION)
    again = Moment(parse_instant("2026-10-05T00:00:00Z"))
    office.duties.send(office.lead, held.duty.id, "supplementary", 1, Channel.PORTAL, at=again)
    assert not office.duties.export(office.lead, "2026-Q3").lines
    assert office.duties.export(office.lead, "2026-Q3").omitted[0][1] is Left.LATER
    assert len(office.duties.export(office.lead, "2026-Q4").lines) == 1
    assert office.report(held, "supplementary").standing is Standing.KEPT, "its first sending was in time"


def test_notes_of_others_go_into_no_form(office: Office) -> None:
    case = office.open()
    office.cases.add(office.lead, case.id, Track.POLICY, Note(text="POLICY"))
    held = office.start(case, MALAYSIA)
    assert "POLICY" not in office.duties.draft(office.lead, held.duty.id, "supplementary").text
