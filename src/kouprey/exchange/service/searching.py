"""Searching: how many fit, and what stands around an object, each as far as the reader may see."""

from __future__ import annotations

from collections.abc import Collection as Several
from dataclasses import dataclass

import msgspec

from kouprey.exchange.model import Facets, Filters, Neighbour, Neighbourhood, Relation
from kouprey.exchange.model.searching import Search
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import facets, graph, merging, views
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown

DEEPEST = 3
MOST_NODES = 200


@dataclass(frozen=True)
class Choices:
    """Counts of what fits, and for types, levels and sources of what would fit without that one filter."""

    all: Facets
    types: Facets
    levels: Facets
    sources: Facets


class Searching(Reading):
    """Verbs that count and walk; nothing invisible is counted, named or walked over."""

    def facets(
        self,
        who: Reader,
        *,
        collection: str = "",
        types: Several[str] = (),
        text: str = "",
        filters: Filters = Filters(),
    ) -> Facets:
        """How many fit what `list_objects` would list, by type, level and source.

        Without any narrowing they are versions and come from the tally; else they are objects, counted up to
        1,000: the newest, but for words that are rare on PostgreSQL.
        """
        sought = self._sought(who, collection, types, text, filters)
        eyes = self._eyes(who)
        with self._store.read() as reader:
            if not (collection or types or text.strip()) and filters == Filters():
                return facets.count_all(reader, eyes)
            return facets.count_sought(reader, eyes, sought)

    def choices(self, who: Reader, search: Search) -> Choices:
        """How many fit, and beside each type, level and source how many would if it were chosen.

        Each of the three is counted under all filters but its own. With `more` a count is of at most 1,000.
        """
        filters = search.filters
        wider = {
            "types": msgspec.structs.replace(search, types=()) if search.types else search,
            "levels": _narrowed(search, levels=()) if filters.levels else search,
            "sources": _narrowed(search, sources=()) if filters.sources else search,
        }
        counted: dict[Search, Facets] = {}
        for each in (search, *wider.values()):
            if each not in counted:
                counted[each] = self.facets(
                    who, collection=each.collection, types=each.types, text=each.text, filters=each.filters
                )
        return Choices(
            all=counted[search],
            types=counted[wider["types"]],
            levels=counted[wider["levels"]],
            sources=counted[wider["sources"]],
        )

    def neighbours(self, who: Reader, stix_id: str, *, depth: int = 1, limit: int = MOST_NODES) -> Neighbourhood:
        """What an object is related with, in up to `depth` steps (at most 3) and at most `limit` objects (200).

        A relationship is a step between its ends; any other reference is a step by its property, authors and markings
        excepted. What is revoked is not stepped over. What the object is merged with counts as the object itself.
        Unknown when the reader may not see it.
        """
        depth, limit = max(1, min(depth, DEEPEST)), max(1, min(limit, MOST_NODES))
        eyes = self._eyes(who)
        with self._store.read() as reader:
            if not views.list_versions(reader, eyes, stix_id):
                raise Unknown(
                    f"No object {stix_id[:100]!r}.",
                    "It is not held here, or you may not see it.",
                    code="unknown-object",
                )
            group, _ = merging.group_of(reader, eyes, stix_id)
            near, edge, more = dict.fromkeys(group, 0), group, False
            relations: dict[graph.Step, None] = {}
            for distance in range(1, depth + 1):
                steps, cut = graph.list_steps(reader, eyes, edge, limit)
                more, edge = more or cut, []
                for step in steps:
                    for end in (step.source, step.target):
                        if end not in near and len(near) < limit + len(group):
                            near[end] = distance
                            edge.append(end)
                    if step.source in near and step.target in near:
                        relations[step] = None
                    else:
                        more = True
                if not edge:
                    break
            names = graph.list_names(reader, eyes, near)
        return Neighbourhood(
            nodes=tuple(
                Neighbour(stix_id=each, type=names[each][0], title=names[each][1], distance=distance)
                for each, distance in near.items()
                if distance
            ),
            relations=tuple(Relation(source=s.source, word=s.word, target=s.target, by=s.by) for s in relations),
            more=more,
            same=tuple(group[1:]),
        )


def _narrowed(search: Search, **filters: object) -> Search:
    return msgspec.structs.replace(search, filters=msgspec.structs.replace(search.filters, **filters))
