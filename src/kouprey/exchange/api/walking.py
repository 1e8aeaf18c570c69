"""The endpoint of the graph: objects and relations around some objects, in pages."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from kouprey.exchange.api.objects import Relation
from kouprey.exchange.api.shapes import Level, level, wrong
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.walking import FURTHEST, MOST_SPOTS, MOST_STARTS
from kouprey.kernel.web.api import Asked, CursorText, Time, api, next_page, place_of, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
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
        return Graph(
            objects=tuple(
                Spot(
                    id=each.stix_id,
                    type=each.type,
                    title=each.title,
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
