"""The graph of relations: the picture is drawn by a script, and the same stands in a table without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from kouprey.exchange.model import Relation
from kouprey.exchange.model.walking import Spot, Walk
from kouprey.exchange.pages.around import read_depth
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import SPOKEN, Names, bodies, name_objects, reader_of, spoken_titles
from kouprey.exchange.pages.reading import (
    RELATION_NAMES,
    TYPE_NAMES,
    facts_of,
    plainly,
    references_in,
    relation_name,
    texts_of,
    type_name,
)
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.walking import FURTHEST, MOST_SPOTS, MOST_STARTS
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.safejson import decode
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/graph"
LISTED = 200
"""Objects of the table that the server writes; the script goes on from there."""
AT_ONCE = 6
"""Relations of one object that are listed at once."""


@dataclass(frozen=True)
class Tie:
    """One relation of an object with another one; `outward`: the object says it."""

    word: str
    outward: bool
    title: str
    url: str


@dataclass(frozen=True)
class Row:
    """An object of the table with its relations to other objects of the graph."""

    spot: Spot
    title: str
    url: str
    sources: tuple[str, ...]
    ties: Sequence[Tie]


def doors(services: Services) -> list[Door]:
    """The graph of one object, and of several."""
    view = _View(services)
    readers = roles_with(Permission.READ)
    return [
        page(PATH, view.several, roles=readers),
        page("/intelligence/{stix_id}/graph", view.one, roles=readers),
    ]


class _View:
    """What the page asks of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)

    def one(self, request: Request) -> Response:
        stix_id = request.path_params["stix_id"]
        if request.query_params.get("part") == "facts":
            return self._facts(request, stix_id)
        return self._show(request, (stix_id,))

    def several(self, request: Request) -> Response:
        chosen = tuple(dict.fromkeys(request.query_params.getlist("id")))[:MOST_STARTS]
        if not chosen:
            return request.render("exchange/graph_empty.html")
        return self._show(request, chosen)

    def _show(self, request: Request, starts: tuple[str, ...]) -> Response:
        who = reader_of(request)
        depth = read_depth(request.query_params.get("depth", ""))
        found = self._exchange.walk(who, starts, depth=depth, limit=LISTED, most=LISTED + 1)
        titles = self._titles(request, found)
        names = Names(self._people)
        begun = [spot for spot in found.spots if not spot.distance]
        asked = [("id", spot.stix_id) for spot in begun if spot.stix_id in starts]
        alone = len(asked) == 1
        return request.render(
            "exchange/graph.html",
            title=titles[begun[0].stix_id] if alone else "",
            back=object_url(begun[0].stix_id) if alone else "",
            kind=type_name(begun[0].type) if alone else "",
            count=len(asked),
            rows=_rows(found, titles, names),
            known=found.known,
            more=found.more,
            depth=depth,
            depths=[(n, f"?{urlencode([*([] if alone else asked), ('depth', n)])}") for n in range(1, FURTHEST + 1)],
            data=f"/api/v1{PATH}?{urlencode(asked)}",
            words=_words()
            | {"sources": {name: names.named(name) for spot in found.spots for name in spot.sources}}
            | {"titles": {each.stix_id: titles[each.stix_id] for each in found.spots if each.type in SPOKEN}},
            most=MOST_SPOTS,
            at_once=AT_ONCE,
            type_name=type_name,
        )

    def _titles(self, request: Request, found: Walk) -> dict[str, str]:
        who = reader_of(request)
        speaking = bodies(self._exchange, who, (each.stix_id for each in found.spots if each.type in SPOKEN))
        spoken = spoken_titles(self._exchange, who, speaking)
        return {each.stix_id: plainly(spoken.get(each.stix_id, each.title)) for each in found.spots}

    def _facts(self, request: Request, stix_id: str) -> Response:
        """What the object says, as a piece of the page."""
        who = reader_of(request)
        found = self._exchange.get_object(who, stix_id)
        value = decode(found.newest.served.raw)
        facts = facts_of(value)
        return request.render(
            "exchange/graph_facts.html",
            found=found,
            texts=[text[:600] + (" …" if len(text) > 600 else "") for text in texts_of(value)[:1]],
            facts=facts,
            named=name_objects(self._exchange, who, references_in(facts)[:AT_ONCE]),
            object_url=object_url,
            type_name=type_name,
        )


def _rows(found: Walk, titles: Mapping[str, str], names: Names) -> list[Row]:
    ties: dict[str, dict[Tie, None]] = {}
    for each in found.relations:
        for here, there, outward in ((each.source, each.target, True), (each.target, each.source, False)):
            if here in titles and there in titles and here != there:
                tie = Tie(said(each), outward, titles[there], object_url(there))
                ties.setdefault(here, {})[tie] = None
    return [
        Row(
            spot,
            titles[spot.stix_id],
            object_url(spot.stix_id),
            tuple(names.named(source) for source in spot.sources),
            tuple(ties.get(spot.stix_id, ())),
        )
        for spot in found.spots
    ]


def said(relation: Relation) -> str:
    """The word of a relation as people read it."""
    return relation_name(relation.word)


def _words() -> dict[str, Any]:
    """The texts that the script writes, in the language of the answer."""
    return {
        "types": {name: _(text) for name, text in TYPE_NAMES.items()},
        "verbs": {name: _(text) for name, text in RELATION_NAMES.items()},
        "sighting": _("Sighting of %(what)s"),
        "shown": _("Shown here: objects %(n)s, relations %(m)s."),
        "hidden": _("%(n)s are hidden."),
        "laying": _("Placing the objects …"),
        "relations": _("%(n)s relations here"),
        "more": _("%(n)s more"),
        "atleast": _("%(n)s or more further ones"),
        "nomore": _("All that you may see of its relations are shown."),
        "expand": _("Show its relations"),
        "further": _("Show %(n)s more"),
        "expanded": _("%(n)s objects were added."),
        "full": _("The picture holds %(n)s objects at most. Hide some, or begin at another object."),
        "failed": _("The node did not answer. Try again."),
        "gone": _("It can no longer be shown to you."),
        "pin": _("Pin"),
        "unpin": _("Let go"),
        "pinned": _("pinned"),
        "undone": _("Taken back."),
        "nothing": _("Nothing to take back."),
        "says": _("what it says of them"),
        "said": _("what they say of it"),
    }
