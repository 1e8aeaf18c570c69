"""The REST interface of the audit: read page by page, and taken away whole by those who see everything."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct
from starlette.responses import Response, StreamingResponse

from kouprey.audit import rules
from kouprey.audit.model import Line as Held
from kouprey.audit.model import Question
from kouprey.audit.service import Audit
from kouprey.audit.wire import MEDIA, Form
from kouprey.kernel.web.api import Asked, Paged, Time, api, next_page, place_of, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, parse_instant
from kouprey.people.model import Permission, roles_with

PAGE = 50
"""Lines of a page, whatever `limit` says."""


class Wanted(Asked, frozen=True, kw_only=True):
    """Which lines: "" for any. `text` stands anywhere in the subject; `until` is the first instant that is too late."""

    action: str = ""
    subject: str = ""
    actor: str = ""
    text: str = ""
    since: Time = ""
    until: Time = ""


class Which(Paged, frozen=True, kw_only=True):
    """As `Wanted`, in pages of 50."""

    action: str = ""
    subject: str = ""
    actor: str = ""
    text: str = ""
    since: Time = ""
    until: Time = ""


class Taken(Wanted, frozen=True, kw_only=True):
    """How the lines are written down."""

    form: Literal["csv", "ndjson"] = "ndjson"


class Line(Struct, kw_only=True):
    """One deed. Where `hidden`, what it is about is above the reader's clearance."""

    id: int
    at: Time
    actor: str
    party: str
    action: str
    subject: str
    detail: dict[str, Any]
    hidden: bool


class Lines(Struct, kw_only=True):
    """A page, newest first; `next` is "" on the last."""

    lines: tuple[Line, ...]
    next: str


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    audit = services.get(Audit)

    def read(request: Request, asked: Which) -> Lines:
        question, who = _question(asked), request.reader
        if not rules.may_ask(who, question, ()):
            return Lines(lines=(), next="")
        found = audit.read(question, by=who.name, before=place_of(request, asked, int))
        following = next_page(request, asked, found.older) if found.older is not None else ""
        return Lines(lines=tuple(_line(each, rules.sees(who, each)) for each in found.lines), next=following)

    def export(request: Request, asked: Taken) -> Response:
        rules.check_export(request.reader)
        form = Form(asked.form)
        pieces = audit.export(form, _question(asked), by=request.reader.name)
        return StreamingResponse(pieces, media_type=MEDIA[form])

    told: dict[str, Any] = {"group": "Audit", "roles": roles_with(Permission.AUDIT)}
    return [
        api(
            "GET",
            "/audit",
            read,
            takes=Which,
            gives=Lines,
            does=("GET /audit",),
            summary="Who did what to what, and when; that it was read stands in it from then on.",
            **told,
        ),
        api(
            "GET",
            "/audit/export",
            export,
            takes=Taken,
            media=("application/x-ndjson", "text/csv"),
            fails={"above-clearance": 403},
            seconds=600.0,
            does=("GET /audit/export",),
            summary="The trail as a table or as lines; for who is cleared for everything.",
            **told,
        ),
    ]


def _question(asked: Wanted | Which) -> Question:
    return Question(
        action=asked.action,
        subject=asked.subject,
        actor=asked.actor,
        text=asked.text,
        since=_instant("since", asked.since),
        until=_instant("until", asked.until),
    )


def _instant(name: str, text: str) -> Instant | None:
    try:
        return parse_instant(text) if text else None
    except ValueError as error:
        raise Damaged(
            f"The field {name!r} is wrong.",
            f"{error}.",
            "Write an instant as 2026-12-01T00:00:00Z.",
            code="bad-field",
            detail={"field": name},
        ) from None


def _line(held: Held, seen: bool) -> Line:
    return Line(
        id=held.id,
        at=time_of(held.at),
        actor=held.actor,
        party=held.party,
        action=held.action,
        subject=held.subject if seen else "",
        detail=held.detail if seen else {},
        hidden=not seen,
    )
