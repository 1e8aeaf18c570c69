"""Where a report stands follows from instants alone; an export asks one clock, and names what it leaves out."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.time import DAY, SECOND, parse_instant
from kouprey.response.model.cases import Case, Item, Moment, Note, Seen, Severity, Sort, Track
from kouprey.response.model.duties import Duty, DutyLine, Left, Report, Standing, Verdict
from kouprey.response.rules.duties import (
    begun_by,
    filled,
    left_out,
    part_of,
    reports_of,
    shared_with,
    sorted_out,
    standing,
)
from kouprey.response.wire.regimes import shipped

KNOWN = parse_instant("2026-07-01T00:00:00Z")
SINCE, UNTIL = parse_instant("2026-07-01T00:00:00Z"), parse_instant("2026-10-01T00:00:00Z")
CASE = Case(id="case_1", number=1, title="A page shows another text")
INSTANTS = st.integers(min_value=1, max_value=4 * 10**15)


def duty(regime: str = "malaysia-act-854", **given: object) -> Duty:
    made = {"known": Moment(KNOWN), "known_by": "x", "why": "y", "case": CASE.id, "track": Track.TECHNICAL} | given
    return Duty(id="duty_1", regime=shipped()[regime], **made)  # type: ignore[arg-type]  # fields of a duty


def line(stopped: bool = False, **given: object) -> DutyLine:
    report = Report(duty="duty_1", place=2, step="supplementary", final=True, begins=KNOWN, **given)  # type: ignore[arg-type]  # fields of a report
    held = duty(stopped=stopped)
    return DutyLine(case=CASE, duty=held, report=report, standing=standing(report, stopped=stopped, now=UNTIL))


def test_the_last_report_of_a_regime_is_its_final_one() -> None:
    made = reports_of(duty())
    assert [each.final for each in made] == [False, False, True] and [each.place for each in made] == [0, 1, 2]
    assert [each.due - KNOWN for each in made] == [0, 6 * 3600 * SECOND, 14 * DAY]


def test_a_first_sending_begins_what_waits_and_nothing_else() -> None:
    held = duty("eu-nis2")
    reports = list(reports_of(held))
    assert begun_by(held, reports) == []
    reports[1] = Report(duty="duty_1", place=1, step="notification", begins=KNOWN, due=1, first_sent=KNOWN + DAY)
    ((report, begins, due),) = begun_by(held, reports)
    assert report.step == "final" and begins == KNOWN + DAY and due == parse_instant("2026-08-02T00:00:00Z")


@given(INSTANTS, st.integers(min_value=0, max_value=10**13), INSTANTS, INSTANTS, st.booleans())
def test_a_report_stands_somewhere_and_its_part_is_a_part(
    begins: int, length: int, sent: int, now: int, stopped: bool
) -> None:
    unsent = Report(duty="d", place=0, step="s", begins=begins, due=begins + length)
    there = standing(unsent, stopped=stopped, now=now)
    assert there in ({Standing.STOPPED} if stopped else {Standing.RUNNING, Standing.OVERDUE})
    assert 0 <= part_of(unsent, now) <= 100 and (part_of(unsent, now) == 100) == (now >= unsent.due)
    done = Report(duty="d", place=0, step="s", begins=begins, due=begins + length, first_sent=sent)
    after = standing(done, stopped=stopped, now=now)
    assert after is (Standing.SENT if not length else Standing.KEPT if sent <= done.due else Standing.LATE)


@given(st.integers(0, 4 * 10**15), st.integers(0, 4 * 10**15), st.sampled_from(Verdict), st.booleans())
def test_a_report_stands_in_one_quarter_at_most(sent: int, due: int, verdict: Verdict, stopped: bool) -> None:
    each = line(stopped, sent=sent, first_sent=sent, due=due, verdict=verdict)
    bounds = [0, 10**15, 2 * 10**15, 3 * 10**15, 5 * 10**15]
    windows = list(pairwise(bounds))
    found = [sorted_out([each], since, until) for since, until in windows]
    counted = sum(len(lines) for lines, _ in found)
    assert counted == (1 if sent and verdict is not Verdict.REVISION else 0)
    assert all(len(lines) + len(omitted) <= 1 for lines, omitted in found), "never in and left out at once"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"sent": UNTIL - 1, "due": SINCE}, None),
        ({"sent": SINCE, "due": SINCE, "verdict": Verdict.ACCEPTED}, None),
        ({"sent": SINCE, "due": SINCE, "verdict": Verdict.REVISION}, Left.REVISION),
        ({"sent": UNTIL, "due": SINCE}, Left.LATER),
        ({"due": SINCE - DAY}, Left.UNSENT),
        ({"due": UNTIL - 1, "stopped": True}, Left.STOPPED),
        ({"due": 0}, Left.UNSENT),
    ],
)
def test_why_a_report_is_left_out(given: dict[str, object], why: Left | None) -> None:
    assert left_out(line(**given), SINCE, UNTIL) is why  # type: ignore[arg-type]  # fields of a report


@pytest.mark.parametrize(
    "given", [{"sent": SINCE - 1, "due": SINCE}, {"due": UNTIL}, {"due": SINCE - 1, "stopped": True}]
)
def test_what_is_no_matter_of_a_quarter(given: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        left_out(line(**given), SINCE, UNTIL)  # type: ignore[arg-type]  # fields of a report


def test_a_form_takes_from_tracks_alone_that_all_its_readers_read() -> None:
    assert shared_with(Track.TECHNICAL) == (Track.TECHNICAL,)
    assert shared_with(Track.LEGAL) == (Track.TECHNICAL, Track.LEGAL)


@given(st.text(max_size=40), st.sampled_from(Severity), st.booleans())
def test_no_line_is_blank_and_nothing_is_invented(words: str, severity: Severity, border: bool) -> None:
    case = Case(id="c", number=1, title="T", severity=severity, cross_border=border)
    item = Item(
        id="i",
        case="c",
        version=1,
        sort=Sort.NOTE,
        track=Track.TECHNICAL,
        at=1,
        made_at=1,
        made_by="x",
        hidden=False,
        body=Note(text="NOTE"),
    )
    for regime in shipped().values():
        for step in regime.steps:
            fields = filled(step, case, [item], party=words, lead="")
            assert all(fields[name] for name in step.fields) and "NOTE" not in str(fields)
            assert fields.get("cross_border", "yes") == ("yes" if border else "unknown") or "cross_border" not in fields
            assert fields.get("person", "unknown") == "unknown" and fields.get("impact", "unknown") == "unknown"
    assert Seen(kind="a", text="b").note == ""
