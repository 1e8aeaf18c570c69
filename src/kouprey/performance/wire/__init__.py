"""Outside shapes: what an entry's content says, the table for other programs, and the manifest that is signed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from kouprey.agreements.model import CLAUSES
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import SECOND, parse_instant
from kouprey.performance.model import Manifest, Report, Said
from kouprey.performance.rules import INDICATOR, MORE, WHY, quarter_text, read_quarter

STIX = "application/stix+json;version=2.1"
SENTENCE = 20
"""Characters from which a text says something."""
WRONG = frozenset({"disagree", "strongly-disagree"})
"""Opinions that hold an object for wrong."""
MANIFEST_HEAD = b"kouprey report v1\n"
_MOST = 1_000


def read_said(content: bytes) -> Said | None:
    """What a STIX object says that measures need; None when it cannot be read as one."""
    try:
        value = decode(content)
    except KoupreyError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("id"), str) or not isinstance(value.get("type"), str):
        return None
    kind = value["type"]
    relates: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    if kind == "relationship":
        relates = _texts([value.get("source_ref"), value.get("target_ref")])
    elif kind == "opinion" and value.get("opinion") in WRONG:
        doubts = _texts(value.get("object_refs"))
    return Said(value["id"], _flags(value) if kind == "indicator" else 0, _second(value), relates, doubts)


def _flags(value: Mapping[str, Any]) -> int:
    description = value.get("description")
    flags = INDICATOR
    if isinstance(description, str) and len(description.strip()) >= SENTENCE:
        flags |= WHY
    if value.get("valid_until") or value.get("kill_chain_phases") or type(value.get("confidence")) is int:
        flags |= MORE
    return flags


def _second(value: Mapping[str, Any]) -> int:
    text = value.get("modified")
    try:
        return max(0, parse_instant(text) // SECOND) if isinstance(text, str) else 0
    except ValueError:
        return 0


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(each for each in value[:_MOST] if isinstance(each, str)) if isinstance(value, list) else ()


def read_targets(content: bytes) -> tuple[str, list[tuple[int, int]]]:
    """The lane ("" = its own) and ranges of an erase entry (docs/spec/lane.md, kind 2); none when it cannot be read."""
    try:
        value = decode(content)
    except KoupreyError:
        return "", []
    targets, lane = (value.get("targets"), value.get("lane", "")) if isinstance(value, dict) else (None, "")
    return lane if isinstance(lane, str) else "?", [
        (each[0], each[1])
        for each in (targets if isinstance(targets, list) else [])[:_MOST]
        if isinstance(each, list) and len(each) == 2 and all(type(n) is int and 0 <= n < 1 << 24 for n in each)
    ]


def render_table(rows: Iterable[Mapping[str, object]], columns: tuple[str, ...]) -> bytes:
    """CSV (RFC 4180) in which no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column, "")) for column in columns])
    return out.getvalue().encode()


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def figures_hash(agreement: str, quarter: str, figures: Mapping[str, float | None], n: Mapping[str, int | None]) -> str:
    """The hex SHA-256 of what a report says, which stands on its paper (docs/spec/report.md)."""
    said = {"agreement": agreement, "quarter": quarter, "figures": figures, "n": n}
    return sha256(msgspec.json.encode(said, order="sorted")).hexdigest()


def render_manifest(manifest: Manifest) -> bytes:
    """The text of the signed note (docs/spec/report.md)."""
    return MANIFEST_HEAD + msgspec.json.encode(manifest) + b"\n"


def parse_manifest(text: bytes) -> Manifest:
    """Read what `render_manifest` wrote; Damaged unless exact."""
    try:
        manifest = msgspec.json.decode(text.removeprefix(MANIFEST_HEAD), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise _bad(str(error)) from None
    known = figures_hash(manifest.agreement, manifest.quarter, manifest.figures, manifest.n)
    exact = render_manifest(manifest) == text and manifest.figures_sha256 == known
    whole = manifest.figures.keys() == manifest.n.keys() and _is_quarter(manifest.quarter)
    if not exact or not whole or manifest.v != 1 or manifest.kind != "measures":
        raise _bad("It is not written as docs/spec/report.md says.")
    return manifest


def _is_quarter(text: str) -> bool:
    try:
        read_quarter(text)
    except ValueError:
        return False
    return True


def _bad(why: str) -> Damaged:
    return Damaged("The manifest of the report cannot be read.", why, "Ask for the report again.", code="bad-manifest")


TABLE = (
    *("quarter", "measure", "unit", "value", "p90", "n", "target", "baseline", "state"),
    *("agreement", "title", "clause"),
)
"""The columns of the table."""


def table_rows(report: Report) -> list[dict[str, object]]:
    """A row for each measure and quarter, the oldest first; `state` for the quarter that is reported.

    `clause` is the one of the agreement that sets the target.
    """
    return [
        {
            "quarter": quarter_text(point.quarter),
            "measure": each.measure,
            "unit": each.unit,
            "value": _number(point.value),
            "p90": _number(point.p90),
            "n": "<5" if point.n is None else point.n,
            "target": _number(each.target),
            "baseline": _number(each.baseline),
            "state": str(each.state) if point is each.now else "",
            "agreement": report.agreement,
            "title": report.title,
            "clause": CLAUSES["targets"],
        }
        for each in report.measures
        for point in each.trend
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if value != int(value) else str(int(value))
