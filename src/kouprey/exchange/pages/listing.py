"""The list of intelligence: what this reader may see, narrowed by an address that can be kept and sent."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from starlette.responses import Response, StreamingResponse

from kouprey.exchange.model import Head
from kouprey.exchange.pages.naming import SPOKEN, Names, bodies, may, reader_of, spoken_titles
from kouprey.exchange.pages.reading import plainly, type_name, visible
from kouprey.exchange.service import MAIN, Exchange, Findings
from kouprey.exchange.wire.export import FORMS
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/intelligence"
EXPORT = f"{PATH}/export"
PAGE_SIZE = 50
COMMON = 9
"""How many types are offered at once; the rarer ones wait behind a word."""

_EXPORTS = (("stix", "STIX"), ("ndjson", "NDJSON"), ("csv", "CSV"), ("values", mark("Values")))
_TYPE = re.compile(r"[a-z0-9-]{1,250}", re.ASCII)


@dataclass(frozen=True)
class Query:
    """What the address asks for."""

    types: tuple[str, ...] = ()
    text: str = ""
    collection: str = ""
    findings: Findings = ""

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.types or self.text or self.collection or self.findings)

    def url(self, *, at: str = PATH, **more: str) -> str:
        """The address of this list, or of what is made of it `at` another; `more` are places in it."""
        pairs = [("type", each) for each in self.types]
        others = (("q", self.text), ("collection", self.collection), ("findings", self.findings))
        pairs += [(name, text) for name, text in others if text]
        words = urlencode([*pairs, *more.items()])
        return f"{at}?{words}" if words else at

    def toggled(self, type_: str) -> Query:
        """The same with one type more, or without it."""
        types = tuple(t for t in self.types if t != type_) if type_ in self.types else (*self.types, type_)
        return replace(self, types=types)


@dataclass(frozen=True)
class Chip:
    """One type to choose: its name, how many there are, and the address with it chosen or not."""

    type: str
    name: str
    count: int
    on: bool
    url: str


@dataclass(frozen=True)
class Line:
    """One object of the list."""

    head: Head
    title: str
    sources: tuple[str, ...]
    url: str


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
    query = read_query(request)
    before, after = (_position(request.query_params.get(name, "")) for name in ("before", "after"))
    found = exchange.list_objects(
        who,
        collection=query.collection,
        types=query.types,
        text=query.text,
        findings=query.findings,
        before_position=before if after is None else None,
        after_position=after,
        limit=PAGE_SIZE,
    )
    if after is not None and not found.more:
        # Fewer than a page are newer: the first page shows them, and whatever came meanwhile.
        return request.redirect(query.url())
    heads = found.heads
    at_start, at_end = (after is None and before is None), (after is None and not found.more)
    counts = exchange.counts(who)
    return request.render(
        "exchange/list.html",
        query=query,
        lines=lines_of(exchange, people, who, heads),
        chips=_chips(query, counts.by_type),
        common=COMMON,
        total=counts.total,
        collections=[each for each in exchange.list_collections(who) if each.name != MAIN],
        newer="" if at_start or not heads else query.url(after=str(heads[0].position)),
        older="" if at_end or not heads else query.url(before=str(heads[-1].position)),
        exports=[(title, query.url(at=EXPORT, format=name)) for name, title in _EXPORTS],
        may_import=may(request, Permission.WRITE),
        type_name=type_name,
        plain=plainly,
    )


def _export(exchange: Exchange, request: Request) -> Response:
    """What the list shows, all pages of it, as a file."""
    query, name = read_query(request), request.query_params.get("format", "")
    stream = exchange.export(
        reader_of(request),
        name,
        collection=query.collection,
        types=query.types,
        text=query.text,
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


def read_query(request: Request) -> Query:
    """The query of the address; what cannot be one is cut to size."""
    given = request.query_params
    types = tuple(dict.fromkeys(each for each in given.getlist("type")[:40] if _TYPE.fullmatch(each)))
    # Titles have no characters that cannot be seen, so neither has what is looked for in them.
    text = visible(given.get("q", "")[:200]).strip()
    findings: Findings = {"any": "any", "must": "must"}.get(given.get("findings", ""), "")  # type: ignore[assignment]  # the values of a dict are no literals to mypy
    return Query(types=types, text=text, collection=given.get("collection", "")[:100], findings=findings)


def lines_of(exchange: Exchange, people: People, who: Reader, heads: tuple[Head, ...]) -> list[Line]:
    """The heads with titles people understand."""
    names = Names(people)
    values = bodies(exchange, who, (head.stix_id for head in heads if head.type in SPOKEN))
    spoken = spoken_titles(exchange, who, values)
    return [
        Line(
            head,
            spoken.get(head.stix_id, head.title),
            tuple(names.named(source) for source in head.sources),
            object_url(head.stix_id),
        )
        for head in heads
    ]


def _chips(query: Query, by_type: dict[str, int]) -> list[Chip]:
    """Chosen types first, then the most frequent."""
    known = {**dict.fromkeys(query.types, 0), **by_type}
    order = sorted(known, key=lambda t: (t not in query.types, -known[t], t))
    return [Chip(t, type_name(t), known[t], t in query.types, query.toggled(t).url()) for t in order]


def _position(text: str) -> Instant | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
