"""What a list can be narrowed by, what narrows it now, and which filter to drop when nothing is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from kouprey.exchange.model import Facets
from kouprey.exchange.pages.naming import Names
from kouprey.exchange.pages.query import Facet, Query
from kouprey.exchange.pages.reading import plainly, type_name
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.searching import Choices
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP, parse_tlp

AT_ONCE = 8
"""Values of a facet that are offered at once; the rarer ones wait behind a word."""
MOST = 60
MOST_WAYS = 8
"""Filters that are tried out when nothing fits."""


@dataclass(frozen=True)
class Chip:
    """One value to choose: how many there are (`more`: or more), and the address with it chosen or not."""

    name: str
    count: int
    more: bool
    on: bool
    url: str
    level: TLP | None = None


@dataclass(frozen=True)
class Group:
    """One facet: the values at once, and the rarer ones."""

    title: str
    chips: Sequence[Chip]
    rarer: Sequence[Chip]


@dataclass(frozen=True)
class Active:
    """One filter that narrows the list now, and the query without it."""

    name: str
    value: str
    without: Query

    @property
    def url(self) -> str:
        """The list without it."""
        return self.without.url()


def groups(query: Query, choices: Choices, names: Names) -> list[Group]:
    """Types, levels and sources: chosen ones first, then the most frequent; levels in their order."""
    levels = {level.word: count for level, count in choices.levels.by_tlp.items()}
    return [
        _group(mark("Type"), query, "types", choices.types, choices.types.by_type, type_name),
        _group(mark("Marking"), query, "levels", choices.levels, levels, _level),
        _group(mark("Source"), query, "sources", choices.sources, choices.sources.by_source, names.named),
    ]


def _group(title: str, query: Query, facet: Facet, facets: Facets, counted: Mapping[str, int], name: object) -> Group:
    assert callable(name)
    chosen: tuple[str, ...] = getattr(query, facet)
    known = {**dict.fromkeys(chosen, 0), **counted}
    if facet == "levels":
        order = sorted(known, key=parse_tlp)
    else:
        order = sorted(known, key=lambda each: (each not in chosen, -known[each], each))
    chips = [
        Chip(
            name=name(each),
            count=known[each],
            more=facets.more,
            on=each in chosen,
            url=query.toggled(facet, each).url(),
            level=parse_tlp(each) if facet == "levels" else None,
        )
        for each in order[:MOST]
    ]
    return Group(title, chips[:AT_ONCE], chips[AT_ONCE:])


def _level(word: str) -> str:
    return parse_tlp(word).text


def active_chips(query: Query, names: Names, collections: Mapping[str, str]) -> list[Active]:
    """Everything that narrows the list, each with the list without it."""

    def without(name: str) -> Query:
        return replace(query, **{name: getattr(Query(), name)})

    found = []
    if query.text:
        found.append(Active(_("Words"), query.text, without("text")))
    facets: Sequence[tuple[Facet, str, Callable[[str], str]]] = (
        ("types", _("Type"), type_name),
        ("levels", _("Marking"), _level),
        ("sources", _("Source"), names.named),
    )
    for facet, title, name in facets:
        found += [Active(title, name(each), query.toggled(facet, each)) for each in getattr(query, facet)]
    single = (
        ("since", _("From"), query.since),
        ("until", _("To"), query.until),
        ("collection", _("Collection"), plainly(collections.get(query.collection, query.collection))),
        ("findings", _("Findings"), {"any": _("with findings"), "must": _("breaks the standard")}.get(query.findings)),
        ("revoked", _("Revoked"), {"yes": _("only revoked"), "no": _("without revoked")}.get(query.revoked)),
        ("conflict", _("Conflict"), _("only with conflicting bodies") if query.conflict else ""),
    )
    return found + [Active(title, value, without(name)) for name, title, value in single if value]


def ways_out(exchange: Exchange, who: Reader, chips: Sequence[Active]) -> list[tuple[Active, int, bool]]:
    """Those filters without which something fits, with how much does, and whether there is more than was counted."""
    found = []
    for each in chips[:MOST_WAYS] if len(chips) > 1 else ():
        search = each.without.search
        facets = exchange.facets(
            who, collection=search.collection, types=search.types, text=search.text, filters=search.filters
        )
        if facets.total:
            found.append((each, facets.total, facets.more))
    return found
