"""The page of the audit: who did what to what, and when."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup
from starlette.responses import Response, StreamingResponse

from kouprey.agreements.service import Agreements
from kouprey.audit.model import Line, Page, Question
from kouprey.audit.pages.details import DETAILS
from kouprey.audit.pages.places import Places
from kouprey.audit.pages.words import DEEDS
from kouprey.audit.rules import check_export, may_ask, sees, sees_all
from kouprey.audit.service import Audit
from kouprey.audit.wire import MEDIA, Form, read_day
from kouprey.federation.service import Federation
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, joined, mark, ngettext
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.time import SECOND, format_second, wall_clock
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

_DAY = 86_400 * SECOND

_YES_NO = {"True": "yes", "False": "no"}

LONGEST = 300
"""Characters of one value of a detail that are shown."""


def routes(services: Services) -> list[Door]:
    """The door of the audit for persons."""
    audit = services.get(Audit)

    def trail(request: Request) -> Response:
        asked = _asked(request)
        names = _names(services)
        before = _before(request)
        question, wrong = _question(asked, names)
        who = request.reader
        # Nothing is looked for, rather than everything, when a day cannot be read or the answer would tell too much.
        told = not wrong and may_ask(who, question, names)
        found = audit.read(question, by=who.name, before=before) if told else Page(lines=(), older=None)
        names |= _others(services.get(People), found.lines, names)
        # What is not shown is not even asked for; and some things are for roles.
        speaker = msgspec.structs.replace(who, roles=tuple(request.who.roles))
        names |= audit.name(speaker, _ids_in(line for line in found.lines if sees(who, line)) - set(names))

        def address(**more: Any) -> str:
            query = urlencode({name: value for name, value in {**asked, **more}.items() if value})
            return "/audit" + (f"?{query}" if query else "")

        return request.render(
            "audit/trail.html",
            lines=found.lines,
            shown=partial(sees, who),
            whole=sees_all(who),
            detail=lambda line: _detail(line, names),
            names=names,
            actors={**names, "operator": _("the operator of this node"), "node": _("this node")},
            deeds=DEEDS,
            actions=audit.list_actions(),
            asked=asked,
            wrong=wrong,
            export=urlencode({name: value for name, value in asked.items() if value}),
            narrowed=any(asked.values()),
            newest=address() if before else "",
            older=address(before=found.older) if found.older else "",
            address=address,
            place=Places(services, request).of,
            days=_days(),
        )

    def export(request: Request) -> Response:
        word = request.query_params.get("form", "")
        if not word:
            # In which form was not said; the page has a button for each.
            return request.redirect("/audit", _("Choose a form above: as a table, or as lines."), "info")
        if word not in list(Form):
            raise Damaged(mark("The trail is not written down so."), "", mark("Choose csv or ndjson."), code="bad-form")
        question, wrong = _question(_asked(request), _names(services))
        check_export(request.reader)
        if wrong:
            raise Damaged(mark("A day cannot be read."), "", mark("Write it as 2026-11-01."), code="bad-day")
        headers = {"Content-Disposition": f'attachment; filename="audit.{word}"'}
        pieces = audit.export(Form(word), question, by=request.reader.name)
        return StreamingResponse(pieces, media_type=MEDIA[Form(word)], headers=headers)

    roles = roles_with(Permission.AUDIT)
    return [page("/audit", trail, roles=roles), page("/audit/export", export, roles=roles)]


_ASKED = ("action", "subject", "actor", "text", "since", "until")


def _days() -> list[tuple[str, str]]:
    """Short ways to what is asked most: since when, and what it is called."""
    now = wall_clock()
    first = [(now, _("today")), (now - 6 * _DAY, _("last 7 days")), (now - 29 * _DAY, _("last 30 days"))]
    return [(format_second(since)[:10], text) for since, text in first]


def _asked(request: Request) -> dict[str, str]:
    # No text of the trail holds U+0000, and no store looks for it.
    return {name: request.query_params.get(name, "")[:200].replace("\0", "").strip() for name in _ASKED}


def _question(asked: Mapping[str, str], names: Mapping[str, str]) -> tuple[Question, dict[str, str]]:
    """What is asked, with names taken for what they name, and what was wrong in which field."""
    ids = {name: id_ for id_, name in reversed(list(names.items()))}
    wrong: dict[str, str] = {}
    days: dict[str, int | None] = {}
    for name in ("since", "until"):
        try:
            days[name] = read_day(asked[name], end=name == "until") if asked[name] else None
        except Damaged:
            wrong[name] = _("Write it as 2026-11-01.")
            days[name] = None
    question = Question(
        action=asked["action"],
        subject=ids.get(asked["subject"], asked["subject"]),
        actor=ids.get(asked["actor"], asked["actor"]),
        text=asked["text"],
        since=days["since"],
        until=days["until"],
    )
    return question, wrong


def _names(services: Services) -> dict[str, str]:
    """What people call persons, parties, agreements and lanes, by their ids; the first of a name is meant by it."""
    people = services.get(People)
    parties = {party.id: party.name for party in people.list_parties()}
    standings = services.get(Agreements).standings()
    lanes = services.get(Federation).ledger.list_lanes()
    return {
        **{person.id: person.name for person in people.list_persons()},
        **parties,
        **{token.user: token.name for token in people.list_tokens() if token.name},
        **{standing.agreement: standing.title for standing in standings.values()},
        **{lane.origin: _("lane of %(a)s") % {"a": parties.get(lane.author, lane.author)} for lane in lanes},
    }


def _others(people: People, lines: Iterable[Line], names: Mapping[str, str]) -> dict[str, str]:
    """Persons of constituents, who stand in no list of our own people, by their ids."""
    found = {}
    for each in {id_ for line in lines for id_ in (line.actor, line.subject) if id_.startswith("psn_")} - set(names):
        with suppress(Unknown):
            found[each] = people.get_person(each).name
    return found


_WORD = re.compile(r"[\w-]{20,}", re.ASCII)
"""What may be an id in a line of the trail."""


def _ids_in(lines: Iterable[Line]) -> set[str]:
    """Whatever in lines may be an id of something that has a name."""
    found = set()
    for line in lines:
        found |= {line.subject, *_WORD.findall(str(list(line.detail.values())))}
    return found - {""}


def _before(request: Request) -> int | None:
    text = request.query_params.get("before", "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 18):
        raise Damaged(mark("There is no such page of the trail."), "", mark("Start from the newest."), code="bad-page")
    return int(text)


def _detail(line: Line, names: Mapping[str, str]) -> list[tuple[str, str]]:
    """The detail as words, without what says nothing; ids stand in it as parts of a list or of a phrase."""
    if line.action == "exchange.read":
        return _read(line)
    shown = []
    for name, value in line.detail.items():
        if value in ("", [], {}, None):
            continue
        if isinstance(value, dict):
            text = joined(f"{key} {names.get(str(each), str(each))}" for key, each in value.items())
        elif isinstance(value, list):
            text = joined(names.get(str(each), str(each)) for each in value)
        else:
            text = " ".join(names.get(word, word) for word in _YES_NO.get(str(value), str(value)).split(" "))
        called = _(DETAILS[name]) if name in DETAILS else name.replace("_", " ")
        shown.append((called, text if len(text) <= LONGEST else text[:LONGEST] + "…"))
    return shown


def _read(line: Line) -> list[tuple[str, str]]:
    """What somebody asked for, and how much they were given, in words; of ids only how many."""
    detail = line.detail
    kinds = {
        "page": _("objects"),
        "manifest": _("a manifest"),
        "list": _("a list"),
        "object": _("one object"),
        "inside": _("what concerns a network"),
    }
    what = kinds.get(str(detail.get("what", "")), str(detail.get("what", "")))
    times = int(str(detail.get("times", 1)))
    said = ngettext(
        "%(what)s, asked %(times)s time, %(count)s given", "%(what)s, asked %(times)s times, %(count)s given", times
    )
    told = said % {"what": what, "times": times, "count": detail.get("count", 0)}
    shown = [(_("read"), told)]
    first, last = detail.get("first"), detail.get("last")
    if isinstance(first, int) and isinstance(last, int) and last:
        begun, ended = _second(first), _second(last)
        shown.append((_("positions"), begun if begun == ended else begun + " – " + ended))
    try:
        asked = msgspec.json.decode(str(detail.get("asked") or "{}"), type=dict[str, Any])
    except msgspec.DecodeError:
        asked = {"filters": detail.get("asked")}
    if asked.get("types"):
        shown.append((_("types"), joined(map(str, asked["types"]))))
    if asked.get("ids"):
        shown.append((_("by id"), str(len(asked["ids"]))))
    filters = asked.get("filters")
    if isinstance(filters, dict):
        words = (f"{name.replace('_', ' ')} {_YES_NO.get(str(value), str(value))}" for name, value in filters.items())
        filters = joined(words)
    rest = {_("words"): asked.get("text"), _("filters"): filters}
    return [*shown, *((name, str(value)[:LONGEST]) for name, value in rest.items() if value)]


def _second(instant: int) -> Markup:
    # In one piece: a date that breaks at its hyphens is read as a shorter one.
    text = format_second(instant).replace("T", " ").replace("Z", " UTC")
    return Markup('<span class="nowrap">{}</span>').format(text)
