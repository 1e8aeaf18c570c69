"""The trail as other tools read it: CSV for spreadsheets, NDJSON for programs."""

from __future__ import annotations

import csv
import io
import re
from enum import StrEnum

import msgspec

from kouprey.audit.model import Line
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND, Instant, format_instant, parse_instant

COLUMNS = ("id", "at", "actor", "party", "action", "subject", "detail")
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_DAY: Instant = 86_400 * SECOND


class Form(StrEnum):
    """How the trail is written down."""

    CSV = "csv"
    NDJSON = "ndjson"


MEDIA: dict[Form, str] = {Form.CSV: "text/csv; charset=utf-8", Form.NDJSON: "application/x-ndjson"}


def head(form: Form) -> bytes:
    """What stands before the first line."""
    return _row(COLUMNS) if form is Form.CSV else b""


def render(line: Line, form: Form) -> bytes:
    """One line of the trail as one record; in CSV no cell is a formula, in NDJSON nothing is changed."""
    if form is Form.NDJSON:
        value = {**msgspec.structs.asdict(line), "at": format_instant(line.at)}
        return msgspec.json.encode(value) + b"\n"
    detail = msgspec.json.encode(line.detail).decode() if line.detail else ""
    cells = (str(line.id), format_instant(line.at), line.actor, line.party, line.action, line.subject, detail)
    return _row(tuple(safe(cell) for cell in cells))


def safe(cell: str) -> str:
    """A spreadsheet runs what begins so as a formula; a quote before it makes it a text (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell


def read_day(text: str, *, end: bool = False) -> Instant:
    """The first instant of a day (UTC), or with `end` the first after it; Damaged for what is no day."""
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            raise ValueError("it is not written as 2026-11-01")
        return parse_instant(f"{text}T00:00:00Z") + (_DAY if end else 0)
    except (ValueError, OverflowError) as error:
        raise Damaged(
            f"{text[:40]!r} is not a day.", str(error), "Write it as 2026-11-01 (UTC).", code="bad-day"
        ) from error


def _row(cells: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue().encode()
