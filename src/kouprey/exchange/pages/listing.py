"""The list of intelligence: what this reader may see, narrowed by an address that can be kept and sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.responses import Response, StreamingResponse

from kouprey.exchange.model import Head
from kouprey.exchange.pages.choosing import active_chips, groups, ways_out
from kouprey.exchange.pages.columns import Cell, cells_of, columns_for
from kouprey.exchange.pages.deeds import kinds_for
from kouprey.exchange.pages.naming import SPOKEN, Names, bodies, may, reader_of, spoken_titles
from kouprey.exchange.pages.query import PATH, Query, read_address
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.pages.saved import offered, opened
from kouprey.exchange.service import MAIN, Exchange
from kouprey.exchange.service.acting import MOST
from kouprey.exchange.wire.context import Piece, marked, snippet
from kouprey.exchange.wire.export import FORMS
from kouprey.exchange.wire.terms import read_query, text_of
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import Instant, format_second, wall_clock
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

EXPORT = f"{PATH}/export"
PAGE_SIZE = 50

_DENSITIES = (("comfortable", mark("Comfortable")), ("compact", mark("Compact")))
_EXPORTS = (("stix", "STIX"), ("ndjson", "NDJSON"), ("csv", "CSV"), ("values", mark("Values")))


@dataclass(frozen=True)
class Line:
    """One object of the list; `title` and the `context` of a hit are in pieces, `news` since the person looked.

    `came` is when it became news, to the minute; `cells` stand in the further columns of its type.
    """

    head: Head
    title: Sequence[Piece]
    context: Sequence[Piece]
    sources: tuple[str, ...]
    url: str
    news: bool
    came: str
    cells: tuple[Cell, ...] = ()


def object_url(stix_id: str) -> str:
    """The page of an object."""
    return f"{PATH}/{quote(stix_id, safe='')}"


def doors(services: Services) -> list[Door]:
    """The list."""
    exchange, people = services.get(Exchange), services.get(People)

    def show(request: Request) -> Response:
        return _show(exchange, people, request)

    def export(request: Request) -> Response:
        return _export(exchange, request)

    readers = roles_with(Permission.READ)
    return [page(PATH, show, roles=readers), page(EXPORT, export, roles=readers)]


def _show(exchange: Exchange, people: People, request: Request) -> Response:
    who = reader_of(request)
    query = query_of_request(request)
    before, after = (_position(request.query_params.get(name, "")) for name in ("before", "after"))
    # Before the list, so that whatever comes between the two is news to whoever says that he has looked.
    newest = exchange.newest(who, collection=query.collection)
    found = exchange.list_objects(
        who,
        collection=query.collection,
        types=query.types,
        text=query.text,
        filters=query.search.filters,
        before_position=before if after is None else None,
        after_position=after,
        limit=PAGE_SIZE,
    )
    if after is not None and not found.more:
        # Fewer than a page are newer: the first page shows them, and whatever came meanwhile.
        return request.redirect(query.url(saved=request.query_params.get("saved", "")))
    heads = found.heads
    at_start, at_end = (after is None and before is None), (after is None and not found.more)
    names = Names(people)
    collections = [each for each in exchange.list_collections(who) if each.name != MAIN]
    titles = {each.id: each.title for each in collections} | {each.name: each.title for each in collections}
    choices, chips = exchange.choices(who, query.search), active_chips(query, names, titles)
    saved = opened(exchange, who, request, query)
    key = saved.search.id if saved else ""
    density, chosen = _density(request)
    further = columns_for(query.types)
    looked = saved.looked if saved else None
    response = request.render(
        "exchange/list.html",
        query=query,
        lines=lines_of(exchange, names, who, heads, text=query.text, looked=looked, further=bool(further)),
        further=further,
        choices=choices,
        total=choices.all.total,
        groups=groups(query, choices, names),
        chips=chips,
        ways_out=ways_out(exchange, who, chips) if not heads and at_start else [],
        holds=bool(heads) or exchange.counts(who).total > 0,
        collections=collections,
        newer="" if at_start or not heads else query.url(after=str(heads[0].position), saved=key),
        older="" if at_end or not heads else query.url(before=str(heads[-1].position), saved=key),
        first="" if at_start else query.url(saved=key),
        exports=[(title, query.url(at=EXPORT, format=name)) for name, title in _EXPORTS],
        saved=saved,
        offered=offered(exchange, names, who, who.name),
        newest=newest,
        may_import=may(request, Permission.WRITE),
        kinds=kinds_for(request),
        most=MOST,
        density=density,
        densities=[(name, title, _other(request, rows=name)) for name, title in _DENSITIES],
        type_name=type_name,
        plain=plainly,
    )
    if chosen:
        request.site.sessions.keep(response, "rows", density)
    return response


def _density(request: Request) -> tuple[str, bool]:
    """How close the rows stand, and whether that was chosen just now; a choice is kept in the browser."""
    asked = request.query_params.get("rows", "")
    known = [name for name, _title in _DENSITIES]
    if asked in known:
        return asked, True
    kept = request.site.sessions.get(request, "rows")
    return (kept if kept in known else known[0]), False


def _other(request: Request, **changed: str) -> str:
    """The address of this page with something else chosen."""
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in changed]
    return f"{PATH}?{urlencode([*kept, *changed.items()])}"


def _export(exchange: Exchange, request: Request) -> Response:
    """What the list shows, all pages of it, or what is marked in it, as a file."""
    query, name = query_of_request(request), request.query_params.get("format", "")
    chosen = request.query_params.getlist("id") if request.query_params.get("all") != "yes" else []
    stream = exchange.export(
        reader_of(request),
        name,
        ids=[each[:300] for each in chosen[:MOST]],
        collection=query.collection,
        types=query.types,
        text=query.text,
        filters=query.search.filters,
        by=request.who.name,
    )
    form = FORMS[name]
    return StreamingResponse(
        stream,
        media_type=form.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="intelligence.{form.suffix}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


def query_of_request(request: Request) -> Query:
    """The query of the address."""
    given = request.query_params
    return read_address({name: given.getlist(name) for name in given})


def lines_of(
    exchange: Exchange,
    names: Names,
    who: Reader,
    heads: Sequence[Head],
    *,
    text: str = "",
    looked: Instant | None = None,
    further: bool = False,
) -> list[Line]:
    """The heads with titles people understand, and where the words looked for are met in them.

    With `further` they also bring what stands in the further columns of their types.
    """
    wanted = read_query(text)
    plain = {head.stix_id: marked(head.title, wanted) for head in heads}
    # Only where the title does not show why it is a hit is the object itself looked into.
    dark = {stix_id for stix_id, pieces in plain.items() if wanted and not any(piece.hit for piece in pieces)}
    speaking = {head.stix_id for head in heads if head.type in SPOKEN}
    values = bodies(exchange, who, {head.stix_id for head in heads} if further else speaking | dark)
    now = wall_clock()
    spoken = spoken_titles(exchange, who, {key: value for key, value in values.items() if key in speaking})
    return [
        Line(
            head,
            marked(spoken[head.stix_id], wanted) if head.stix_id in spoken else plain[head.stix_id],
            snippet(plainly(text_of(values[head.stix_id])), wanted) if head.stix_id in dark & values.keys() else (),
            tuple(names.named(source) for source in head.sources),
            object_url(head.stix_id),
            looked is not None and head.position > looked,
            format_second(head.position)[:16].replace("T", " "),
            cells_of(head, values.get(head.stix_id, {}), now) if further else (),
        )
        for head in heads
    ]


def _position(text: str) -> Instant | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
