"""The relations of one object, as its page lists them: which way, by which word, with what."""

from __future__ import annotations

from dataclasses import dataclass

from kouprey.exchange.model import Neighbour
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.decision import Reader

COMMENTS = frozenset({"sighting", "note", "opinion"})
"""They have panels of their own."""
MOST = 60
"""Relations that the page of an object shows."""


@dataclass(frozen=True)
class Line:
    """One relation; `outward` when the object of the page is its source."""

    outward: bool
    word: str
    title: str
    kind: str
    url: str


@dataclass(frozen=True)
class Around:
    """The relations that are shown, and whether there are more."""

    lines: list[Line]
    more: bool


def around(exchange: Exchange, who: Reader, stix_id: str) -> Around:
    """Relations with visible objects one step away, those of what it is merged with included."""
    near = exchange.neighbours(who, stix_id, limit=MOST)
    nodes = {node.stix_id: node for node in near.nodes}
    lines: dict[Line, None] = {}
    for each in near.relations:
        outward = each.source == stix_id or each.source in near.same
        other = nodes.get(each.target if outward else each.source)
        if other is not None and other.type not in COMMENTS:
            lines[_line(outward, each.word, other)] = None
    return Around(list(lines)[:MOST], near.more or len(lines) > MOST)


def _line(outward: bool, word: str, other: Neighbour) -> Line:
    said = plainly(word.removesuffix("_refs").removesuffix("_ref").replace("_", " ").replace("-", " "))
    return Line(outward, said, plainly(other.title), type_name(other.type), object_url(other.stix_id))
