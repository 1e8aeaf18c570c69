"""The matrix of attacks: tactics as columns, techniques coloured by how much is held of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from starlette.responses import Response

from kouprey.exchange.model.placing import Cell, Column, Matrix, Placed, Wish
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import SPOKEN, Names, bodies, may, reader_of, short, spoken_titles
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.pages.tactics import tactic
from kouprey.exchange.rules.matrix import scale_of, shade, spoken
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.placing import Placements
from kouprey.exchange.wire.catalogues import domain_of
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/attack"
LAYER = f"/api/v1{PATH}/layer"
PAGE_SIZE = 12
CHAIN_NAMES = {
    "mitre-attack": "MITRE ATT&CK",
    "mitre-mobile-attack": mark("MITRE ATT&CK, mobile"),
    "mitre-ics-attack": mark("MITRE ATT&CK, industry"),
    "lockheed-martin-cyber-kill-chain": "Cyber Kill Chain",
}
_LONG = re.compile(r"[A-Za-z]{9,}")
# Behind a vowel and before a consonant with a vowel, or between two consonants amid vowels: where English parts words.
_JOINT = re.compile(
    r"(?<=[a-z]{3}[aeiouy])(?=[b-df-hj-np-tv-xz][aeiouy][a-z]{2})|"
    r"(?<=[a-z]{2}[aeiouy][b-df-hj-np-tv-xz])(?=[b-df-hj-np-tv-xz][aeiouy][a-z])",
    re.IGNORECASE,
)
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_MOST = 20


@dataclass(frozen=True)
class Query:
    """What the address asks for, as the form writes it; months are `2026-11` or ""."""

    chain: str = ""
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    all: bool = False
    phase: str = ""
    at: str = ""

    @property
    def wish(self) -> Wish:
        """What is counted."""
        return Wish(kinds=self.kinds, sources=self.sources, since=month_of(self.since), until=month_of(self.until))

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return self.wish != Wish()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Names and values of what is counted, as they stand in the address."""
        chosen = [("kind", kind) for kind in self.kinds] + [("source", source) for source in self.sources]
        single = (("chain", self.chain), ("since", self.since), ("until", self.until))
        return [*((name, value) for name, value in single if value), *chosen]

    def url(self, **more: str) -> str:
        """The address of this matrix; `more` is what is chosen in it."""
        pairs = [*self.pairs, *([("all", "yes")] if self.all else ())]
        words = urlencode([*pairs, *((name, value) for name, value in more.items() if value)])
        return f"{PATH}?{words}" if words else PATH


@dataclass(frozen=True)
class Tile:
    """A technique as the matrix shows it: how dark it is, from 0 to 5."""

    cell: Cell
    name: str
    shade: int
    url: str
    chosen: bool


@dataclass(frozen=True)
class Band:
    """A column with the techniques that are shown, and how many are left out because nothing is held of them.

    `shade` is how dark it is for what names the phase alone.
    """

    column: Column
    name: str
    anchor: str
    url: str
    chosen: bool
    total: int
    shade: int
    tiles: Sequence[Tile]
    left_out: int


@dataclass(frozen=True)
class Line:
    """An object that places something there."""

    placed: Placed
    title: str
    url: str


def month_of(text: str) -> int:
    """A month as it is counted: `2026-11` is 202611; 0 for what is none."""
    found = _MONTH.match(text)
    return int(found[1]) * 100 + int(found[2]) if found else 0


def breakable(text: str) -> str:
    """The text with soft hyphens in its long words, for narrow cells; browsers show one only where a line ends."""
    return _LONG.sub(lambda word: _JOINT.sub("\u00ad", word[0]), text)


def chain_name(chain: str) -> str:
    """What people call a kill chain."""
    return CHAIN_NAMES.get(chain) or plainly(spoken(chain))


def doors(services: Services) -> list[Door]:
    """The matrix."""
    exchange, people = services.get(Exchange), services.get(People)

    def show(request: Request) -> Response:
        return _show(exchange, Names(people), request)

    return [page(PATH, show, roles=roles_with(Permission.READ))]


def _show(exchange: Exchange, names: Names, request: Request) -> Response:
    who = reader_of(request)
    query = _read(request)
    matrix = exchange.matrix(who, chain=query.chain, wish=query.wish)
    query = replace(query, chain=matrix.chain)
    before = request.query_params.get("before", "")
    found: Placements | None = None
    if query.at or query.phase:
        found = exchange.list_placed(
            who,
            chain=matrix.chain,
            phase=query.phase,
            number=query.at,
            wish=query.wish,
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0,
            limit=PAGE_SIZE,
            matrix=matrix,
        )
    # What names a phase alone is coloured on the same scale: often it is most of what is held.
    most = max((matrix.most, *(column.count for column in matrix.columns)))
    bands = [_band(column, matrix, query, most) for column in matrix.columns]
    more = found.objects[-1].body if found and found.more else 0
    return request.render(
        "exchange/attack.html",
        matrix=matrix,
        query=query,
        bands=bands,
        techniques=len({tile.cell.name for band in bands for tile in band.tiles if tile.cell.count}),
        chains=[(chain, chain_name(chain)) for chain in matrix.chains],
        sources=[(source, names.named(source)) for source in matrix.sources],
        scale=scale_of(most),
        found=found,
        place=_place(matrix, query, found),
        lines=_lines(exchange, request, found.objects if found else ()),
        older=query.url(at=query.at, phase=query.phase, before=str(more)) if more else "",
        first=query.url(at=query.at, phase=query.phase) if before else "",
        layer=f"{LAYER}?{urlencode(query.pairs)}" if domain_of(matrix.chain) else "",
        may_import=may(request, Permission.WRITE),
        cell_name=_named,
        breakable=breakable,
        cell_key=_key,
        object_url=object_url,
        type_name=type_name,
    )


def _read(request: Request) -> Query:
    given = request.query_params
    months = [month if month_of(month := given.get(name, "")[:7]) else "" for name in ("since", "until")]
    return Query(
        chain=given.get("chain", "")[:100],
        kinds=_several(given.getlist("kind")),
        sources=_several(given.getlist("source")),
        since=months[0],
        until=months[1],
        all=given.get("all", "") == "yes",
        phase=given.get("phase", "")[:100],
        at=given.get("at", "")[:100],
    )


def _several(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each[:300] for each in given[:_MOST] if each))


def _key(cell: Cell) -> str:
    return cell.number or cell.stix_ids[0]


def _named(cell: Cell) -> str:
    """A technique by its name; one that nothing describes by its number or a short id."""
    return short(cell.name) if not cell.number and cell.name in cell.stix_ids else plainly(cell.name)


def _band(column: Column, matrix: Matrix, query: Query, most: int) -> Band:
    shown = [cell for cell in column.cells if query.all or cell.count]
    return Band(
        column,
        # Its catalogue calls it as it likes; without one it is called as on the pages of objects.
        (not column.stix_id and tactic(column.phase)) or plainly(column.name),
        f"phase-{matrix.columns.index(column)}",
        query.url(phase=column.phase) + "#at" if column.count else "",
        bool(column.phase) and column.phase == query.phase and not query.at,
        column.count + sum(cell.count for cell in column.cells),
        shade(column.count, most),
        [
            Tile(
                cell,
                _named(cell),
                shade(cell.count, most),
                query.url(at=_key(cell)) + "#at",
                query.at in (cell.number, *cell.stix_ids, *(below.number for below in cell.below)) and bool(query.at),
            )
            for cell in shown
        ],
        len(column.cells) - len(shown),
    )


def _place(matrix: Matrix, query: Query, found: Placements | None) -> str:
    """What the chosen place is called."""
    if found is None:
        return ""
    if found.cell is not None:
        return _named(found.cell)
    return next((plainly(column.name) for column in matrix.columns if column.phase == query.phase), "")


def _lines(exchange: Exchange, request: Request, placed: Sequence[Placed]) -> list[Line]:
    who = reader_of(request)
    speaking = bodies(exchange, who, (each.stix_id for each in placed if each.type in SPOKEN))
    titles = spoken_titles(exchange, who, speaking)
    return [Line(each, plainly(titles.get(each.stix_id, each.title)), object_url(each.stix_id)) for each in placed]
