"""The endpoint of the graph: objects and relations around some objects, in pages."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from msgspec import Meta, Struct

from kouprey.exchange.api.objects import Relation
from kouprey.exchange.api.shapes import Level, level, wrong
from kouprey.exchange.model.walking import Walk
from kouprey.exchange.service import MAIN, Exchange
from kouprey.exchange.service.walking import FURTHEST, MOST_SPOTS, MOST_STARTS
from kouprey.kernel.web.api import Asked, CursorText, Time, api, next_page, place_of, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.people.model import Permission, roles_with


class Wished(Asked, frozen=True, kw_only=True):
    """Around which objects, how many steps, and how many objects a page has."""

    id: tuple[str, ...]
    depth: Annotated[int, Meta(ge=1, le=FURTHEST)] = 1
    limit: Annotated[int, Meta(ge=1, le=MOST_SPOTS)] = 500
    cursor: CursorText = ""


class Spot(Struct, kw_only=True):
    """An object of the graph. `at`: its version, or when it first came in where it has none; `distance` in steps."""

    id: str
    type: str
    title: str
    at: Time
    tlp: Level
    sources: tuple[str, ...]
    distance: int


class Graph(Struct, kw_only=True):
    """A page of a graph: `relations` are those this page completes.

    `known` counts the objects met, the first ones left out; with `more` there are others that no page shows.
    """

    objects: tuple[Spot, ...]
    relations: tuple[Relation, ...]
    known: int
    more: bool
    next: str


def doors(services: Services) -> list[Door]:
    """The endpoint."""
    exchange = services.get(Exchange)

    def walk(request: Request, asked: Wished) -> Graph:
        if not asked.id or len(asked.id) > MOST_STARTS:
            raise wrong("id", f"A graph begins at 1 to {MOST_STARTS} objects.", "Name so many ids.")
        found = exchange.walk(
            request.reader,
            asked.id,
            depth=asked.depth,
            limit=asked.limit,
            after=place_of(request, asked, int) or 0,
        )
        called = _called(exchange, request.reader, found)
        return Graph(
            objects=tuple(
                Spot(
                    id=each.stix_id,
                    type=each.type,
                    title=called.get(each.stix_id, each.title),
                    at=time_of(each.at),
                    tlp=level(each.tlp),
                    sources=each.sources,
                    distance=each.distance,
                )
                for each in found.spots
            ),
            relations=tuple(
                Relation(source=each.source, word=each.word, target=each.target, by=each.by) for each in found.relations
            ),
            known=found.known,
            more=found.more,
            next=next_page(request, asked, found.after) if found.after else "",
        )

    return [
        api(
            "GET",
            "/graph",
            walk,
            takes=Wished,
            gives=Graph,
            group="Objects",
            roles=roles_with(Permission.READ),
            own=False,
            does=("GET /graph", "GET /intelligence/{stix_id}/graph"),
            fails={"unknown-object": 404, "bad-cursor": 400},
            summary="The graph around some objects: what they are related with, in pages of up to 2,000 objects.",
        )
    ]


_CALLED = 500
"""Relationships and sightings of one answer that are called by what they are about."""


def _called(exchange: Exchange, who: Reader, found: Walk) -> dict[str, str]:
    """Relationships and sightings by the titles of their ends, as far as these are in the same answer."""
    titles = {each.stix_id: each.title for each in found.spots}
    wanted = [each.stix_id for each in found.spots if each.type in ("relationship", "sighting")][:_CALLED]
    if not wanted:
        return {}
    called = {}
    for row in exchange.page(who, exchange.get_collection(MAIN).id, ids=wanted, limit=len(wanted)).rows:
        value: Any = {}
        with suppress(Damaged):
            value = decode(row.raw)
        # Whatever stands there, if anything does.
        first, second, seen = (
            titles.get(str(value.get(name))) for name in ("source_ref", "target_ref", "sighting_of_ref")
        )
        if seen:
            called[row.stix_id] = seen
        elif first and second:
            called[row.stix_id] = f"{first} {str(value.get('relationship_type', ''))[:100].replace('-', ' ')} {second}"
    return called
