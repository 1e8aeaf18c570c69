"""The trail as records: no cell is a formula, nothing breaks out of its record, and days are days."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.audit.model import Line
from kouprey.audit.wire import COLUMNS, Form, head, read_day, render, safe
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND, parse_instant

TEXT = st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\0"), max_size=40)
LINES = st.builds(
    Line,
    id=st.integers(1, 2**50),
    at=st.integers(0, 4 * 10**15),
    actor=TEXT,
    party=TEXT,
    action=TEXT,
    subject=TEXT,
    detail=st.dictionaries(TEXT, TEXT, max_size=3),
)


@given(LINES)
def test_one_line_is_one_record_and_no_cell_is_a_formula(line: Line) -> None:
    written = head(Form.CSV) + render(line, Form.CSV)
    names, cells = csv.reader(io.StringIO(written.decode(), newline=""))
    assert tuple(names) == COLUMNS and len(cells) == len(COLUMNS)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    assert cells[2] in (line.actor, f"'{line.actor}")


@given(LINES)
def test_nothing_is_changed_for_programs(line: Line) -> None:
    written = render(line, Form.NDJSON)
    assert written.count(b"\n") == 1
    read = msgspec.json.decode(written)
    assert (read["actor"], read["subject"], read["detail"]) == (line.actor, line.subject, line.detail)
    assert parse_instant(read["at"]) == line.at


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_a_text(cell: str) -> None:
    assert safe(cell) == f"'{cell}" and safe("plain = 1") == "plain = 1"


@given(st.text(max_size=20))
def test_what_is_no_day_is_told(text: str) -> None:
    try:
        assert read_day(text, end=True) - read_day(text) == 86_400 * SECOND
    except Damaged as error:
        assert error.remedy


def test_a_day_begins_at_midnight_and_has_to_exist() -> None:
    assert read_day("2026-11-01") == parse_instant("2026-11-01T00:00:00Z")
    for bad in ("2026-02-30", "1.11.2026", "٢٠٢٦-11-01", ""):
        with pytest.raises(Damaged):
            read_day(bad)
