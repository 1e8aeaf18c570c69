"""What goes out of a duty as text: a report, the table of an export; and how a quarter is written."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND, Instant, format_second
from kouprey.response.model.cases import Case, Moment
from kouprey.response.model.duties import MORE, UNKNOWN, Duty, DutyLine, Export, Left, Report
from kouprey.response.wire.casewords import write_moment

LABELS: Mapping[str, str] = {
    "person": "Person who reports",
    "entity": "Entity",
    "sector": "Sector",
    "lead": "Lead of the sector",
    "type": "Type of incident",
    "what": "What happened",
    "severity": "Severity",
    "found_at": "Found at",
    "method": "How it was found",
    "hosts": "Hosts concerned",
    "actor": "Who did it",
    "artefacts": "Artefacts",
    "related": "Related incidents",
    "techniques": "Tactics and techniques",
    "impact": "Impact",
    "action": "Action taken",
    "malicious": "Suspected to be malicious",
    "cross_border": "Crosses a border",
    "cause": "Root cause",
    MORE: "More",
}
"""Line of a form -> how it is called in a report, which is in English whatever language its pages are in."""
COLUMNS = (
    "quarter",
    "in_export",
    "left_out_because",
    "case",
    "title",
    "regime",
    "version",
    "report",
    "cites",
    "known",
    "due",
    "first_sent",
    "sent",
    "standing",
    "channel",
    "reference",
    "sha256",
    "verdict",
    "verdict_at",
)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)


def write_report(case: Case, duty: Duty, report: Report, fields: Mapping[str, str], *, party: str) -> bytes:
    """The exact text of a report, UTF-8 with line feeds.

    A value of several lines goes on behind two spaces, so that no words make a line of their own.
    """
    step = duty.regime.steps[report.place]
    due = Moment(report.due, duty.known.offset)
    lines = [
        step.title,
        duty.regime.title,
        step.cites,
        "",
        f"To: {duty.regime.to or UNKNOWN}",
        f"From: {_folded(party)}",
        f"Our number: {case.number}",
        f"Marking: {case.tlp.text}",
        f"Known at: {both(duty.known)}",
        f"Due at: {both(due) if report.due else 'not yet known'}",
        "",
    ]
    names = [*step.fields, *([MORE] if fields.get(MORE, "").strip() else [])]
    lines += [f"{LABELS[name]}: {_folded(fields.get(name, '').strip() or UNKNOWN)}" for name in names]
    return ("\n".join(lines) + "\n").encode()


def both(moment: Moment) -> str:
    """A time in the offset in which it was said, and in UTC."""
    said, utc = write_moment(moment), format_second(moment.at)
    return utc if moment.offset == 0 else f"{said} ({utc})"


def render_export(export: Export, details: Mapping[str, Mapping[str, str]]) -> bytes:
    """CSV (RFC 4180) in which no cell is a formula; what is left out stands behind, each with its reason.

    `details`: id of a report -> channel, reference and sha256 of its newest sending.
    """
    rows = [_row(export.quarter, line, None, details) for line in export.lines]
    rows += [_row(export.quarter, line, why, details) for line, why in export.omitted]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row.get(column, "")) for column in COLUMNS])
    return out.getvalue().encode()


def read_quarter(text: str) -> tuple[str, Instant, Instant]:
    """A quarter as "2026-Q4": itself, its first instant in UTC, and the first one after it; Damaged for none."""
    found = _QUARTER.fullmatch(text.strip())
    if found is None or not 1970 <= int(found[1]) <= 9000:
        raise Damaged("That is no quarter.", text[:40], "Write it as 2026-Q4.", code="bad-quarter")
    year, number = int(found[1]), int(found[2])
    return found[0], _first(year, number), _first(year + number // 4, number % 4 + 1)


def quarter_of(instant: Instant) -> str:
    """The quarter in which an instant lies, in UTC."""
    at = datetime.fromtimestamp(instant // SECOND, UTC)
    return f"{at.year:04d}-Q{(at.month - 1) // 3 + 1}"


def quarter_before(quarter: str) -> str:
    """The one before."""
    return quarter_of(read_quarter(quarter)[1] - SECOND)


def _first(year: int, number: int) -> Instant:
    return int(datetime(year, number * 3 - 2, 1, tzinfo=UTC).timestamp()) * SECOND


def _folded(text: str) -> str:
    return "\n  ".join(text.splitlines())


def _row(
    quarter: str, line: DutyLine, why: Left | None, details: Mapping[str, Mapping[str, str]]
) -> Mapping[str, object]:
    report, duty = line.report, line.duty
    row: dict[str, object] = {
        "quarter": quarter,
        "in_export": "no" if why else "yes",
        "left_out_because": why or "",
        "case": line.case.number,
        "title": line.case.title,
        "regime": duty.regime.title,
        "version": duty.regime.version,
        "report": line.step.title,
        "cites": line.step.cites,
        "known": write_moment(duty.known),
        "due": _utc(report.due),
        "first_sent": _utc(report.first_sent),
        "sent": _utc(report.sent),
        "standing": str(line.standing),
        "verdict": str(report.verdict),
        "verdict_at": _utc(report.verdict_at),
    }
    return row | dict(details.get(report.id, {}))


def _cell(value: object) -> str:
    """A spreadsheet runs what begins so as a formula; a quote before it makes it a text (OWASP, CSV injection)."""
    text = str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _utc(instant: Instant) -> str:
    return format_second(instant) if instant else ""
