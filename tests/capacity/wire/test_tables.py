"""Rules, codes and lists out of their files."""

from __future__ import annotations

import contextlib
import csv
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.capacity.wire.tables import competencies, read_marks, read_scheme, schemes
from kouprey.kernel.words.errors import Damaged

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[4] / "shared")) / "data" / "capacity"
HEAD = "code,day,at,marked_by\n"


def test_what_is_shipped_has_source_and_date() -> None:
    found = schemes()["global-ace"]
    assert (found.hours, found.years, found.least_a_year) == (60, 3, 20)
    assert found.source.startswith("https://") and found.seen == found.version == "2026-11-22"
    assert competencies()["nice", "PD-WRL-003"] == "Incident Response"
    assert len([key for key in competencies() if key[0] == "ecsf"]) == 12


def test_the_numbers_are_those_that_were_seen() -> None:
    if not (SHARED / "global-ace").is_dir():
        pytest.skip("no samples beside the checkout (KOUPREY_SHARED)")
    with (SHARED / "global-ace" / "cpd_rules.csv").open(encoding="utf-8") as file:
        seen = sorted((int(row["points"]), int(row["annual_ceiling"] or 0)) for row in csv.DictReader(file))
    assert sorted((each.points, each.ceiling) for each in schemes()["global-ace"].rules) == seen


def test_lists_are_read_as_spreadsheets_write_them() -> None:
    text = "\ufeff" + HEAD + 'abcd2345,2026-12-01,2026-12-01T02:00:00Z,"Maly, trainer"\n'
    assert [(each.code, each.by) for each in read_marks(text)] == [("ABCD2345", "Maly, trainer")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("code,day\n", 1),
        (HEAD + "X,today,2026-12-01T02:00:00Z,Maly\n", 2),
        (HEAD + "X,2026-12-01,nine,Maly\n", 2),
        (HEAD + "X,2026-12-01,2026-12-01T02:00:00Z,\n", 2),
    ],
)
def test_the_line_that_is_wrong_is_named(text: str, line: int) -> None:
    with pytest.raises(Damaged, match=f"Line {line}"):
        read_marks(text)


@pytest.mark.parametrize("text", ["", "id = 1", "= 2"])
def test_rules_without_source_are_refused(text: str) -> None:
    with pytest.raises(Damaged):
        read_scheme(text)


@given(st.text(max_size=200))
def test_anything_is_read_or_refused(text: str) -> None:
    """read_marks and read_scheme say what they cannot read."""
    for read in (read_marks, read_scheme):
        for given_text in (text, HEAD + text):
            with contextlib.suppress(Damaged):
                read(given_text)
