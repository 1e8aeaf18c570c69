"""A first look at a table: how it is written, what its columns are called, and what they seem to be."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO

import msgspec

from kouprey.exchange.model.tables import Dialect, Look, Row
from kouprey.exchange.wire.tables.cells import bare, read_value
from kouprey.exchange.wire.tables.rows import read_rows
from kouprey.kernel.words.errors import Damaged

HEAD = 1 << 16
"""Bytes that are looked at."""
SHOWN = 10

_DELIMITERS = ",;\t|"
_COMMENTS = ("#", ";", "//")
_WORDS = (
    ("valid_until", re.compile(r"valid.?until|expir|valid.?to\b", re.IGNORECASE)),
    (
        "valid_from",
        re.compile(r"valid.?from|first.?seen|date.?added|add.?date|listing.?date|time.?stamp|^date$", re.IGNORECASE),
    ),
    ("confidence", re.compile(r"confidence", re.IGNORECASE)),
    ("tlp", re.compile(r"\btlp\b|^tlp", re.IGNORECASE)),
    ("labels", re.compile(r"^(?:tags?|labels?|malware|threat|family|botname|category)\b", re.IGNORECASE)),
    ("description", re.compile(r"desc|comment|reason|^info", re.IGNORECASE)),
    ("name", re.compile(r"^(?:name|title)$", re.IGNORECASE)),
)
"""Role -> how columns with it are called; for looking, never for deciding."""


def look_at(head: bytes, given: Dialect | None = None) -> Look:
    """What the beginning of a table says about it; with `given`, read as that says. Never raises for what it says."""
    dialect = given if given is not None else _dialect(head)
    cut = head[: head.rfind(b"\n") + 1] if len(head) >= HEAD and b"\n" in head else head
    rows = [each for each in read_rows(BytesIO(cut), dialect) if isinstance(each, Row)][:200]
    if given is None:
        dialect, rows = _with_header(head, dialect, rows)
    columns = dialect.columns
    if dialect.header and rows:
        columns, rows = rows[0].cells, rows[1:]
    if not columns:
        columns = tuple(str(number + 1) for number in range(max((len(row.cells) for row in rows), default=0)))
    guessed = {name: role for place, name in enumerate(columns) if (role := _role(name, place, rows))}
    return Look(dialect=dialect, columns=columns, guessed=guessed, rows=tuple(rows[:SHOWN]))


def _dialect(head: bytes) -> Dialect:
    encoding = "utf-8"
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        try:
            head[: head.rfind(b"\n") + 1 or None].decode()
        except UnicodeDecodeError:
            encoding = "latin-1"
    text = head.decode(encoding, "replace").lstrip("\ufeff")
    lines = [line for line in text.splitlines() if line.strip()][:200]
    comment = next((mark for mark in _COMMENTS if lines and lines[0].lstrip().startswith(mark)), "")
    body = [line for line in lines if not (comment and line.lstrip().startswith(comment))]
    best, delimiter = 0.0, ","
    for each in _DELIMITERS:
        counts = Counter(line.count(each) for line in body)
        counts.pop(0, None)
        if counts:
            _, often = counts.most_common(1)[0]
            if often > best:
                best, delimiter = often, each
    return msgspec.convert({"encoding": encoding, "delimiter": delimiter, "comment": comment, "header": False}, Dialect)


def _with_header(head: bytes, dialect: Dialect, rows: list[Row]) -> tuple[Dialect, list[Row]]:
    """A first row without values, above rows with some, names the columns; so may the last comment before the rows."""
    if rows and not _has_value(rows[0]) and any(map(_has_value, rows[1:])):
        return msgspec.structs.replace(dialect, header=True), rows
    if dialect.comment and rows:
        text = head.decode(dialect.encoding, "replace")
        above = [line.strip() for line in text.splitlines()[: rows[0].line - 1] if line.strip()]
        names = above[-1].lstrip("\ufeff#;/ ").split(dialect.delimiter) if above else []
        if len(names) == len(rows[0].cells) > 1:
            return msgspec.structs.replace(dialect, columns=tuple(name.strip() for name in names)), rows
    return dialect, rows


def _has_value(row: Row) -> bool:
    return any(_kind(cell) for cell in row.cells)


def _kind(cell: str) -> str:
    text = bare(cell)
    if not text:
        return ""
    try:
        return read_value("value", text).kind
    except Damaged:
        return ""


def _role(name: str, place: int, rows: list[Row]) -> str:
    for role, words in _WORDS:
        if words.search(name):
            return role
    cells = [bare(row.cells[place]) for row in rows if place < len(row.cells) and bare(row.cells[place])]
    kinds = Counter(_kind(cell) for cell in cells)
    kinds.pop("", None)
    # Numbers alone are AS numbers to some; only their name or their letters say so.
    if not re.search(r"\basn?\b", name, re.IGNORECASE) and not any(cell[:1] in "aA" for cell in cells):
        kinds.pop("as-number", None)
    return "value" if cells and sum(kinds.values()) * 2 > len(cells) else ""
