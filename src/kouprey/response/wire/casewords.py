"""What stands in a case, from the fields of a form, of an API body or of a command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import parse_instant
from kouprey.response.model.cases import (
    Body,
    Fact,
    Link,
    LinkTo,
    Moment,
    Note,
    Precision,
    Seen,
    Sort,
    Task,
    TaskState,
)

_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)\Z|Z\Z")
_SHORT = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
E = TypeVar("E", bound=StrEnum)


def read_body(sort: Sort, given: Mapping[str, str]) -> Body:
    """A task, note, fact, observable or link; Damaged names the field that cannot be read."""
    text = given.get("text", "").strip()
    if sort is Sort.TASK:
        return Task(
            title=given.get("title", "").strip(),
            text=text,
            who=given.get("who", ""),
            due=read_moment(given["due"], given.get("offset", "")).at if given.get("due") else 0,
            state=_one_of(TaskState, given.get("state") or "open", "state"),
            after=tuple(given.get("after", "").split()),
            origin=given.get("origin", ""),
            result=given.get("result", "").strip(),
        )
    if sort is Sort.NOTE:
        return Note(text=text)
    if sort is Sort.FACT:
        return Fact(
            text=text,
            moment=read_moment(given.get("at", ""), given.get("offset", ""), given.get("precision", "")),
            source=given.get("source", "").strip(),
            technique=given.get("technique", "").strip(),
        )
    if sort is Sort.OBSERVABLE:
        return Seen(kind=given.get("kind", ""), text=text, note=given.get("note", "").strip())
    if sort is Sort.LINK:
        return Link(
            to=_one_of(LinkTo, given.get("to", ""), "to"),
            ref=given.get("ref", "").strip(),
            note=given.get("note", "").strip(),
            changed=given.get("changed", "") in ("yes", "true", "1"),
        )
    raise Damaged("That is not written by hand.", str(sort), "Choose what it is.", code="bad-item")


def read_moment(text: str, offset: str = "", precision: str = "") -> Moment:
    """A time as people write it, "2026-11-27 23:50", with `offset` as "+07:00" where it says none; UTC without both.

    How exactly it is known follows from what is written, where `precision` does not say less.
    """
    given = text.strip()
    known = Precision.MINUTE
    if _SHORT.fullmatch(given):
        known = {10: Precision.DAY, 16: Precision.MINUTE, 19: Precision.SECOND}[len(given)]
        day, time = given[:10], given[11:] or "00:00:00"
        given = f"{day}T{time if len(time) == 8 else time + ':00'}{offset.strip() or 'Z'}"
    else:
        known = Precision.SECOND
    try:
        instant = parse_instant(given)
    except ValueError as error:
        raise Damaged(
            "That time cannot be read.",
            str(error)[:120],
            "Write it as 2026-11-27 23:50, with the offset from UTC beside it.",
            code="bad-time",
        ) from error
    return Moment(instant, _minutes(given), _one_of(Precision, precision, "precision") if precision else known)


def write_moment(moment: Moment) -> str:
    """RFC 3339 in the offset it was said in, whole seconds."""
    local = _EPOCH + timedelta(microseconds=moment.at) + timedelta(minutes=moment.offset)
    sign, minutes = ("-" if moment.offset < 0 else "+"), abs(moment.offset)
    return f"{local:%Y-%m-%dT%H:%M:%S}{sign}{minutes // 60:02d}:{minutes % 60:02d}"


def show_moment(moment: Moment) -> str:
    """ "2026-11-28 05:50:00 UTC+07:00": the same for people."""
    said = write_moment(moment)
    return f"{said[:10]} {said[11:19]} UTC{said[19:] if moment.offset else ''}"


def offset_text(moment: Moment) -> str:
    """ "+07:00"."""
    return write_moment(moment)[-6:]


def _minutes(text: str) -> int:
    found = _OFFSET.search(text)
    if found is None or found[1] is None:
        return 0
    return (int(found[2]) * 60 + int(found[3])) * (-1 if found[1] == "-" else 1)


def _one_of(kind: type[E], text: str, field: str) -> E:
    try:
        return kind(text)
    except ValueError:
        raise Damaged(
            f"The field {field!r} cannot be read.",
            text[:80],
            f"It is one of {', '.join(kind)}.",
            code="bad-field",
            detail={"field": field},
        ) from None
