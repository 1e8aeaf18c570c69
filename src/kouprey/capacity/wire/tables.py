"""Files: rules of continuing education, codes of competencies, and lists of who was there."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import msgspec

from kouprey.capacity.model import CpdScheme
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, parse_instant

LARGEST = 500_000
MOST_LINES = 5_000
COLUMNS = ("code", "day", "at", "marked_by")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class Marked(NamedTuple):
    """A line of a list that was kept without a network."""

    line: int
    code: str
    day: str
    at: Instant
    by: str


@cache
def schemes() -> Mapping[str, CpdScheme]:
    """The schemes whose rules are shipped, by id."""
    folder = files("kouprey.capacity") / "templates" / "cpd"
    found = [read_scheme(each.read_text("utf-8")) for each in folder.iterdir() if each.name.endswith(".toml")]
    return {each.id: each for each in sorted(found, key=lambda each: each.id)}


def read_scheme(text: str) -> CpdScheme:
    """Rules out of their file; Damaged (`bad-rules`) naming what is wrong."""
    try:
        scheme = msgspec.convert(tomllib.loads(text), type=CpdScheme)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Damaged("The rules cannot be read.", str(error)[:300], "Put the file right.", code="bad-rules") from error
    ids = [each.id for each in scheme.rules]
    if len(set(ids)) != len(ids) or not scheme.source or not _DAY.fullmatch(scheme.seen):
        why = "A rule stands in it twice, or its source or the date it was seen is missing."
        raise Damaged("The rules cannot be read.", why, "Put the file right.", code="bad-rules")
    return scheme


@cache
def competencies() -> Mapping[tuple[str, str], str]:
    """(framework, code) -> name, of all that are shipped."""
    text = (files("kouprey.capacity") / "templates" / "competencies.toml").read_text("utf-8")
    tables: dict[str, Any] = tomllib.loads(text)
    return {(framework, code): name for framework, codes in tables.items() for code, name in codes.items()}


def read_marks(text: str) -> list[Marked]:
    """A list of who was there: columns code, day, at, marked_by. Damaged (`bad-list`) names the first bad line."""
    if len(text) > LARGEST:
        raise Damaged("The list is too long.", f"At most {LARGEST:,} characters.", code="bad-list")
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff")))
    try:
        if rows.fieldnames is None or set(COLUMNS) - {name.strip().lower() for name in rows.fieldnames if name}:
            raise _line(1, f"Its columns are not {', '.join(COLUMNS)}.")
        found = []
        for number, row in enumerate(rows, 2):
            if number > MOST_LINES:
                raise _line(number, f"At most {MOST_LINES} lines are taken at once.")
            found.append(_marked(number, {str(key).strip().lower(): str(value or "") for key, value in row.items()}))
    except csv.Error as error:
        raise _line(rows.line_num, str(error)) from error
    return found


def _marked(number: int, row: Mapping[str, str]) -> Marked:
    code, day, by = row["code"].strip().upper(), row["day"].strip(), row["marked_by"].strip()
    if not 0 < len(code) <= 40 or not _DAY.fullmatch(day) or not 0 < len(by) <= 200 or not by.isprintable():
        raise _line(number, "The code, the day (2026-12-01) or who marked them is missing or cannot be read.")
    try:
        at = parse_instant(row["at"].strip())
    except (ValueError, OverflowError) as error:
        raise _line(number, f"The time is not written like 2026-12-01T02:00:00Z: {error}") from error
    return Marked(number, code, day, at, by)


def _line(number: int, why: str) -> Damaged:
    return Damaged(f"Line {number} of the list cannot be read.", why, "Put it right and try again.", code="bad-list")
