"""The versions of an object, and in words what changed from each to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kouprey.exchange.model import VersionView
from kouprey.exchange.model.weighing import Change
from kouprey.exchange.pages.reading import FACTS, plainly
from kouprey.exchange.rules.differences import diff
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, format_second, parse_instant

AT_ONCE = 5
MOST_CHOSEN = 200
_MOST_ROWS = 4
_ROUND = 40
"""Letters that are left of what is the same before and after a change within a long text."""
_LONGEST = 160
_MOST_ITEMS = 20
_LARGEST = 60_000
"""Bytes of a body up to which its changes are told at once; larger ones on the page that compares."""

LABELS = {
    **FACTS,
    "name": mark("Name"),
    "description": mark("Description"),
    "revoked": mark("Revoked"),
    "object_marking_refs": mark("Markings"),
    "granular_markings": mark("Markings of parts"),
    "spec_version": mark("Edition of the standard"),
    "lang": mark("Language"),
    "extensions": mark("Extensions"),
    "content": mark("Content"),
    "abstract": mark("Abstract"),
}
_SILENT = frozenset({"modified"})
"""Every version has another; the list says which."""


@dataclass(frozen=True)
class Row:
    """One field that changed, in words; `before` or `after` is "" where there was nothing."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Step:
    """A version of the list, and what it changed in the one before; `told` is False where that was not worked out."""

    version: VersionView
    older: VersionView | None
    rows: tuple[Row, ...]
    more: int
    told: bool


def steps(versions: Sequence[VersionView]) -> list[Step]:
    """The newest versions, each with its changes."""
    made = []
    for place, version in enumerate(versions[:AT_ONCE]):
        older = versions[place + 1] if place + 1 < len(versions) else None
        told = older is not None and max(len(version.served.raw), len(older.served.raw)) <= _LARGEST
        rows = changes(older.served.raw, version.served.raw) if told and older is not None else []
        made.append(Step(version, older, tuple(rows[:_MOST_ROWS]), max(0, len(rows) - _MOST_ROWS), told))
    return made


def choices(versions: Sequence[VersionView]) -> list[tuple[Instant, str]]:
    """Versions to choose from, by their instants."""
    return [(each.instant, _moment(format_second(each.instant))) for each in versions[:MOST_CHOSEN] if each.instant]


def changes(before: bytes, after: bytes) -> list[Row]:
    """What changed, field by field; a list says what came and what went."""
    try:
        old, new = decode(before), decode(after)
    except Damaged:
        return []
    grouped: dict[str, list[Change]] = {}
    for each in diff(old, new):
        field = str(each.place[0]) if each.place else ""
        if field not in _SILENT:
            grouped.setdefault(field, []).append(each)
    return [_row(field, several) for field, several in grouped.items()]


def _row(field: str, several: Sequence[Change]) -> Row:
    name = _(LABELS[field]) if field in LABELS else plainly(field) or _("the whole")
    if len(several) == 1 and isinstance(several[0].before, str) and isinstance(several[0].after, str):
        before, after = _cropped(several[0].before, several[0].after)
        return Row(name, _short(before), _short(after))
    gone = [_short(each.before) for each in several if each.kind != "added"]
    came = [_short(each.after) for each in several if each.kind != "removed"]
    return Row(name, _joined(gone), _joined(came))


def _cropped(before: str, after: str) -> tuple[str, str]:
    """Two long texts without most of what is the same at their beginning and end."""
    if max(len(before), len(after)) <= _LONGEST:
        return before, after
    begin = _shared(before, after)
    end = _shared(before[begin:][::-1], after[begin:][::-1])
    head, tail = max(0, begin - _ROUND), max(0, end - _ROUND)

    def cut(text: str) -> str:
        return ("… " if head else "") + text[head : len(text) - tail] + (" …" if tail else "")

    return cut(before), cut(after)


def _shared(one: str, other: str) -> int:
    """How many letters are the same at the beginning of both."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def _joined(texts: Sequence[str]) -> str:
    shown = "; ".join(texts[:3])
    return f"{shown} …" if len(texts) > 3 else shown


def _short(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str):
        text = _moment(value) or value
    elif isinstance(value, dict) and isinstance(value.get("source_name"), str):
        text = " ".join(str(value[key]) for key in ("source_name", "external_id", "url") if value.get(key))
    elif isinstance(value, dict) and isinstance(value.get("phase_name"), str):
        text = value["phase_name"]
    elif isinstance(value, list) and len(value) <= _MOST_ITEMS:
        text = ", ".join(map(_short, value))
    else:
        text = msgspec.json.encode(value).decode()
    return plainly(text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + " …")


def _moment(text: str) -> str:
    """An instant as the other instants of our pages are written; "" for any other text."""
    if len(text) < 20 or text[4:5] != "-" or text[10:11] != "T":
        return ""
    try:
        return format_second(parse_instant(text)).replace("T", " ").replace("Z", " UTC")
    except ValueError:
        return ""
