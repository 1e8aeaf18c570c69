"""What stands around one object, as its page shows it: a picture, and a table by step, relation and type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kouprey.exchange.model import Neighbour, Relation
from kouprey.exchange.pages.listing import object_url
from kouprey.exchange.pages.naming import SPOKEN, bodies, spoken_titles
from kouprey.exchange.pages.picture import Picture, Thing, draw
from kouprey.exchange.pages.reading import plainly, relation_name, type_name
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.searching import DEEPEST
from kouprey.kernel.words.decision import Reader

NEAREST = 100
"""Objects of each kind of relation that are looked for: the picture shows fewer, and the graph has the rest."""
AT_ONCE = 8
"""Objects of a group that are listed at once."""


@dataclass(frozen=True)
class Item:
    """An object that is related; `through` is the nearer one beyond the first step."""

    title: str
    url: str
    through: str


@dataclass(frozen=True)
class Group:
    """Objects of one type that stand in one relation, as many steps away; `outward`: the nearer one says it."""

    step: int
    outward: bool
    word: str
    kind: str
    items: Sequence[Item]


@dataclass(frozen=True)
class Around:
    """Everything that the panel shows; `count` objects, and whether there are more."""

    depth: int
    depths: Sequence[int]
    groups: Sequence[Group]
    count: int
    more: bool
    picture: Picture | None
    near: Sequence[Neighbour] = ()
    """Those one step away."""


def around(
    exchange: Exchange,
    who: Reader,
    stix_id: str,
    *,
    title: str = "",
    depth: int = 1,
    url_of: Callable[[str], str] = object_url,
) -> Around:
    """Relations with visible objects up to `depth` steps away; `url_of` makes the addresses of their pages."""
    near = exchange.neighbours(who, stix_id, depth=depth, limit=NEAREST)
    titles = _titles(exchange, who, near.nodes)
    away = dict.fromkeys((stix_id, *near.same), 0) | {node.stix_id: node.distance for node in near.nodes}
    nodes = {node.stix_id: node for node in near.nodes}

    def here(end: str) -> str:
        """What begins at a merged object begins here: the two are one."""
        return end if away[end] else stix_id

    steps = list(_outward(near.relations, away))
    ends = _ends_of(exchange, who, stix_id)
    grouped: dict[tuple[int, bool, str, str], dict[Item, None]] = {}
    hangs_on: dict[str, str] = {}
    for nearer, further, outward, word in sorted(steps, key=lambda step: away[step[1]]):
        node = nodes[further]
        nearer = here(nearer)
        hangs_on.setdefault(further, nearer)
        word = ends.get(further, word) if nearer == stix_id else word
        key = (node.distance, outward, relation_name(word), type_name(node.type))
        item = Item(titles[further], url_of(further), "" if nearer == stix_id else titles[nearer])
        grouped.setdefault(key, {})[item] = None
    groups = [Group(*key, tuple(items)) for key, items in grouped.items()]
    things = [Thing(stix_id, "", title, url_of(stix_id), "", 0)] + [
        Thing(key, node.type, titles[key], url_of(key), hangs_on[key], node.distance)
        for key, node in nodes.items()
        if key in hangs_on
    ]
    return Around(
        depth=depth,
        depths=range(1, DEEPEST + 1),
        groups=sorted(groups, key=lambda group: (group.step, -len(group.items), group.word, group.kind)),
        count=len(nodes),
        more=near.more,
        near=tuple(node for node in near.nodes if node.distance == 1),
        picture=draw(things, [(here(each.source), here(each.target)) for each in near.relations]) if nodes else None,
    )


def read_depth(text: str) -> int:
    """How many steps an address asks for."""
    return int(text) if text in {str(depth) for depth in range(1, DEEPEST + 1)} else 1


def _outward(relations: Sequence[Relation], away: Mapping[str, int]) -> Iterator[tuple[str, str, bool, str]]:
    """(nearer, further, whether the nearer says it, word) of relations that lead a step further out."""
    for each in relations:
        if away[each.source] + 1 == away[each.target]:
            yield each.source, each.target, True, each.word
        elif away[each.target] + 1 == away[each.source]:
            yield each.target, each.source, False, each.word


def _ends_of(exchange: Exchange, who: Reader, stix_id: str) -> dict[str, str]:
    """Of a relationship: which of its two ends is which; for others nothing."""
    if not stix_id.startswith("relationship--"):
        return {}
    value = bodies(exchange, who, [stix_id]).get(stix_id, {})
    return {str(value.get("source_ref")): "source", str(value.get("target_ref")): "target"}


def _titles(exchange: Exchange, who: Reader, nodes: Sequence[Neighbour]) -> dict[str, str]:
    """Names people understand: a sighting and a relationship are known by what they are about."""
    speaking = bodies(exchange, who, (node.stix_id for node in nodes if node.type in SPOKEN))
    spoken = spoken_titles(exchange, who, speaking)
    return {node.stix_id: plainly(spoken.get(node.stix_id, node.title)) for node in nodes}
