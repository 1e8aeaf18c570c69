"""Endpoints that find: lists with filters, counts, files for other tools, and the state of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from msgspec import Struct, structs
from starlette.responses import Response, StreamingResponse

from kouprey.exchange.api.shapes import Level, Listed, instant_of, level, level_of, within, wrong
from kouprey.exchange.api.shown import listed
from kouprey.exchange.model import Facets, Filters, Findings
from kouprey.exchange.model.days import Days
from kouprey.exchange.model.searching import Search
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.export import FORMS
from kouprey.kernel.web.api import LIMIT, Asked, CursorText, Limit, Time, api, next_page, place_of, tagged, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Forbidden, TooLarge
from kouprey.kernel.words.time import DAY, format_second
from kouprey.people.model import Permission, roles_with

FormName = Literal["stix", "ndjson", "csv", "values"]
ListName = Literal["values", "csv", "ndjson"]
LIST_MAX = 64 << 20
"""Bytes of a list, which is held in memory as a whole."""


class Wanted(Asked, frozen=True, kw_only=True):
    """What is looked for: `q` are words, "phrases" and beginnings*, or an id. `since` and `until` bound being news."""

    q: str = ""
    type: tuple[str, ...] = ()
    tlp: tuple[Level, ...] = ()
    source: tuple[str, ...] = ()
    collection: str = ""
    since: Time = ""
    until: Time = ""
    findings: Findings = ""
    revoked: bool | None = None
    conflict: bool = False
    in_force: bool = False


class WantedPage(Wanted, frozen=True, kw_only=True):
    """The same, in pages, latest news first."""

    limit: Limit = LIMIT
    cursor: CursorText = ""


class WantedFile(Wanted, frozen=True, kw_only=True):
    """The same as a file; or the objects of these ids alone."""

    format: FormName = "stix"
    id: tuple[str, ...] = ()


class WantedList(Wanted, frozen=True, kw_only=True):
    """The same as a list that is fetched by its address again and again."""

    format: ListName = "values"


class Objects(Struct, kw_only=True):
    """A page of objects."""

    objects: tuple[Listed, ...]
    next: str


class Counts(Struct, kw_only=True):
    """How many fit; with `more` counting stopped at `total`. Of versions when nothing narrows, else of objects."""

    total: int
    more: bool
    by_type: dict[str, int]
    by_tlp: dict[str, int]
    by_source: dict[str, int]


class Choices(Struct, kw_only=True):
    """Counts of what fits, and for types, levels and sources of what would fit without that one filter."""

    all: Counts
    types: Counts
    levels: Counts
    sources: Counts


class Happened(Struct, kw_only=True):
    """Somebody said something about an object."""

    at: Time
    id: str
    type: str
    title: str
    source: str
    tlp: Level


class Day(Struct, kw_only=True):
    """What came in on a day of UTC, by source, and how much was given."""

    day: str
    by_source: dict[str, int]
    given: int


class Overview(Struct, kw_only=True):
    """How much a reader may see, what was said lately, and the last fourteen days, today last.

    In `days` a version that two sources brought counts for both.
    """

    total: int
    by_type: dict[str, int]
    by_tlp: dict[str, int]
    recent: tuple[Happened, ...]
    days: tuple[Day, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    reads, group = roles_with(Permission.READ), "Search"
    return [
        api(
            "GET",
            "/overview",
            desk.overview,
            gives=Overview,
            group=group,
            roles=reads,
            does=("GET /",),
            summary="How much there is that you may see, by type and level, and what was said lately.",
        ),
        api(
            "GET",
            "/objects",
            desk.find,
            takes=WantedPage,
            gives=Objects,
            group=group,
            roles=reads,
            own=False,
            does=("GET /intelligence",),
            fails={"unknown-collection": 404, "bad-cursor": 400},
            summary="Find objects: the newest version of each that you may see, latest news first.",
        ),
        api(
            "GET",
            "/facets",
            desk.facets,
            takes=Wanted,
            gives=Choices,
            group=group,
            roles=reads,
            own=False,
            does=("GET /intelligence",),
            fails={"unknown-collection": 404},
            summary="Count what fits by type, level and source.",
        ),
        *_files(desk, reads, group),
    ]


def _files(desk: _Desk, reads: tuple[str, ...], group: str) -> list[Door]:
    return [
        api(
            "GET",
            "/export",
            desk.export,
            takes=WantedFile,
            media=tuple(form.media_type.partition(";")[0] for form in FORMS.values()),
            group=group,
            roles=reads,
            does=("GET /intelligence/export",),
            fails={"unknown-object": 404, "unknown-collection": 404},
            summary="Everything that fits as a stream: a STIX bundle, one object a line, a table, or plain values.",
        ),
        api(
            "GET",
            "/list",
            desk.list,
            takes=WantedList,
            media=("text/plain", "text/csv", "application/x-ndjson"),
            group=group,
            roles=reads,
            own=False,
            scoped=True,
            seconds=120.0,
            fails={"unknown-collection": 404, "token-bound": 403, "list-too-long": 413},
            summary="Everything that fits as a list with an entity tag, to be fetched by its address again and again.",
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def overview(self, request: Request) -> Overview:
        who = request.reader
        counts = self._exchange.counts(who)
        return Overview(
            total=counts.total,
            by_type=counts.by_type,
            by_tlp={level(each): n for each, n in counts.by_tlp.items()},
            recent=tuple(
                Happened(
                    at=time_of(each.at),
                    id=each.stix_id,
                    type=each.type,
                    title=each.title,
                    source=each.source.name,
                    tlp=level(each.tlp),
                )
                for each in self._exchange.list_recent(who)
            ),
            days=_days(self._exchange.days(who)),
        )

    def find(self, request: Request, asked: WantedPage) -> Objects:
        search = search_of(asked)
        found = self._exchange.list_objects(
            request.reader,
            collection=search.collection,
            types=search.types,
            text=search.text,
            filters=search.filters,
            before_position=place_of(request, asked, int),
            limit=asked.limit,
        )
        on = next_page(request, asked, found.heads[-1].position) if found.more else ""
        return Objects(objects=tuple(map(listed, found.heads)), next=on)

    def facets(self, request: Request, asked: Wanted) -> Choices:
        made = self._exchange.choices(request.reader, search_of(asked))
        return Choices(
            all=_counts(made.all),
            types=_counts(made.types),
            levels=_counts(made.levels),
            sources=_counts(made.sources),
        )

    def export(self, request: Request, asked: WantedFile) -> Response:
        form = FORMS[asked.format]
        stream = self._written(request, asked, asked.format, asked.id)
        headers = {"Content-Disposition": f'attachment; filename="intelligence.{form.suffix}"'}
        return StreamingResponse(stream, media_type=form.media_type, headers=headers)

    def list(self, request: Request, asked: WantedList) -> Response:
        if request.who.scope and asked.format == "csv":
            raise Forbidden(
                "That is not open to you.",
                "The token is bound to collections, and a table names sources and levels beyond those.",
                "Ask for values or objects, or for a token without a bound.",
                code="token-bound",
            )
        asked = structs.replace(asked, collection=self._bound(request, asked.collection))
        held: list[bytes] = []
        size = 0
        # The tag is that of the bytes, and must be known before the first of them leaves.
        for piece in self._written(request, asked, asked.format, ()):
            held.append(piece)
            size += len(piece)
            if size > LIST_MAX:
                raise TooLarge(
                    "The list is too long.",
                    f"It has more than {LIST_MAX:,} bytes.",
                    "Narrow it, or stream it from /api/v1/export.",
                    code="list-too-long",
                )
        response = Response(b"".join(held), media_type=FORMS[asked.format].media_type)
        return tagged(request, response)

    def _bound(self, request: Request, wanted: str) -> str:
        """The collection that is read: a token bound to some reads one of these."""
        return within(self._exchange, request.reader, request.who.scope, wanted)

    def _written(self, request: Request, asked: Wanted, form: str, ids: tuple[str, ...]) -> Iterator[bytes]:
        search = search_of(asked)
        return self._exchange.export(
            request.reader,
            form,
            ids=ids,
            collection=search.collection,
            types=search.types,
            text=search.text,
            filters=search.filters,
            by=request.reader.name,
        )


def search_of(asked: Wanted) -> Search:
    """What is looked for, as the exchange knows it."""
    if len(asked.q) > 200:
        raise wrong("q", "It is longer than 200 characters.", "Look for less.")
    return Search(
        text=asked.q.strip(),
        types=asked.type,
        collection=asked.collection,
        filters=Filters(
            sources=asked.source,
            levels=tuple(each for word in asked.tlp if (each := level_of(word, "tlp")) is not None),
            since=instant_of(asked.since, "since"),
            until=instant_of(asked.until, "until"),
            conflict=asked.conflict,
            revoked=asked.revoked,
            findings=asked.findings,
            in_force=asked.in_force,
        ),
    )


def _days(told: Days) -> tuple[Day, ...]:
    return tuple(
        Day(
            day=format_second((told.first + place) * DAY)[:10],
            by_source={source: values[place] for source, values in told.by_source.items() if values[place]},
            given=given,
        )
        for place, given in enumerate(told.given)
    )


def _counts(facets: Facets) -> Counts:
    return Counts(
        total=facets.total,
        more=facets.more,
        by_type=facets.by_type,
        by_tlp={level(each): n for each, n in facets.by_tlp.items()},
        by_source=facets.by_source,
    )
