"""The text of a report says what is known and nothing more; quarters are read as they are written."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND, parse_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.cases import Case, Moment, Track
from kouprey.response.model.duties import MORE, Duty, DutyLine, Export, Left, Report, Standing
from kouprey.response.model.regimes import FIELDS
from kouprey.response.rules.duties import reports_of
from kouprey.response.wire.duties import (
    COLUMNS,
    LABELS,
    both,
    quarter_before,
    quarter_of,
    read_quarter,
    render_export,
    write_report,
)
from kouprey.response.wire.regimes import shipped

KNOWN = Moment(parse_instant("2026-11-27T16:50:00Z"), 420)
CASE = Case(id="case_1", number=12, title="=cmd()", tlp=TLP.AMBER)
DUTY = Duty(
    id="duty_1",
    case="case_1",
    track=Track.TECHNICAL,
    regime=shipped()["malaysia-act-854"],
    known=KNOWN,
    known_by="x",
    why="y",
)
INITIAL = reports_of(DUTY)[1]


def test_a_report_says_times_in_both_ways_and_what_is_not_known() -> None:
    said = write_report(CASE, DUTY, INITIAL, {"sector": "Energy\nDue at: never"}, party="Ministry").decode()
    assert "Known at: 2026-11-27T23:50:00+07:00 (2026-11-27T16:50:00Z)\n" in said
    assert "Due at: 2026-11-28T05:50:00+07:00 (2026-11-27T22:50:00Z)\n" in said
    assert "Marking: TLP:AMBER\n" in said and "Our number: 12\n" in said and "Severity: unknown\n" in said
    assert "Sector: Energy\n  Due at: never\n" in said, "no words make a line of their own"
    assert "More" not in said and both(Moment(0)) == "1970-01-01T00:00:00Z"
    other = msgspec.structs.replace(DUTY, regime=shipped()["eu-nis2"])
    text = write_report(CASE, other, reports_of(other)[2], {}, party="Ministry").decode()
    assert "Due at: not yet known\n" in text


def test_every_line_of_a_form_has_a_name() -> None:
    assert set(LABELS) == {*FIELDS, MORE}


@given(st.dictionaries(st.sampled_from([*FIELDS, MORE]), st.text()))
def test_whatever_is_written_each_line_begins_once(fields: dict[str, str]) -> None:
    said = write_report(CASE, DUTY, INITIAL, fields, party="Ministry").decode()
    for name in shipped()["malaysia-act-854"].steps[1].fields:
        assert sum(line.startswith(f"{LABELS[name]}: ") for line in said.split("\n")) == 1
    assert said.endswith("\n") and "\r" not in said


def test_a_table_has_no_formula_and_says_why_something_is_left_out() -> None:
    report = Report(duty="duty_1", place=2, step="supplementary", final=True, sent=KNOWN.at, sending="s")
    line = DutyLine(case=CASE, duty=DUTY, report=report, standing=Standing.KEPT)
    export = Export(quarter="2026-Q4", since=0, until=1, lines=(line,), omitted=((line, Left.UNSENT),))
    rows = list(csv.DictReader(io.StringIO(render_export(export, {report.id: {"sha256": "aa"}}).decode())))
    assert tuple(rows[0]) == COLUMNS and rows[0]["title"] == "'=cmd()" and rows[0]["sha256"] == "aa"
    assert [(each["in_export"], each["left_out_because"]) for each in rows] == [("yes", ""), ("no", "unsent")]


@given(st.integers(1971, 8999), st.integers(1, 4))
def test_read_quarter_gives_back_what_is_written_and_quarters_follow_one_another(year: int, number: int) -> None:
    name, since, until = read_quarter(f"{year}-Q{number}")
    assert quarter_of(since) == quarter_of(until - 1) == name and quarter_of(until) != name
    assert quarter_before(quarter_of(until)) == name
    assert 90 <= (until - since) // (86_400 * SECOND) <= 92
    assert datetime.fromtimestamp(since // SECOND, UTC).day == 1


@given(st.text(max_size=12))
def test_read_quarter_takes_nothing_else(text: str) -> None:
    try:
        assert read_quarter(text)[0] == text.strip()
    except Damaged as error:
        assert error.code == "bad-quarter"


@pytest.mark.parametrize("text", ["", "2026-Q5", "2026-Q0", "26-Q1", "2026Q1", "0000-Q1", "9999-Q1"])
def test_what_is_no_quarter(text: str) -> None:
    with pytest.raises(Damaged):
        read_quarter(text)
