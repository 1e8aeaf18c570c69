"""Walking: the graph around some objects, in pages, as far as the reader may see."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.exchange.model import Relation
from kouprey.exchange.model.walking import Spot, Walk
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import graph, merging
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown

FURTHEST = 3
MOST_SPOTS = 2_000
"""Objects of one page."""
_MET = {1: MOST_SPOTS, 2: 500, 3: 300}
"""Objects that a walk of so many steps meets: each of them is gone to on its own."""
MOST_STARTS = 50


class Walking(Reading):
    """Verbs that walk; nothing invisible is named, counted or walked over."""

    def walk(
        self,
        who: Reader,
        starts: Sequence[str],
        *,
        depth: int = 1,
        limit: int = MOST_SPOTS,
        after: int = 0,
        most: int = MOST_SPOTS,
    ) -> Walk:
        """What stands around these objects (at most 50) in up to `depth` steps (at most 3), as `neighbours` steps.

        Of the objects a page names those behind the first `after` ones, at most `limit` (at most 2,000); the first page
        begins with the starts. Two steps meet 500 objects at most, three 300; `most` says that fewer are enough.
        Starts the reader may not see are left out; Unknown when he may see none of them.
        """
        depth, limit = max(1, min(depth, FURTHEST)), max(1, min(limit, MOST_SPOTS))
        eyes = self._eyes(who)
        with self._store.read() as reader:
            seen = graph.list_spots(reader, eyes, dict.fromkeys(starts[:MOST_STARTS]))
            if not seen:
                raise Unknown(
                    "None of these objects can be shown.",
                    "They are not held here, or you may not see them.",
                    "Choose others from the list of intelligence.",
                    code="unknown-object",
                )
            near, first, relations, more = _met(reader, eyes, [each for each in starts if each in seen], depth, most)
            place = {each: n for n, each in enumerate(near)}
            low, high = (first + after if after else 0), first + after + limit
            page = [each for each, n in place.items() if low <= n < high]
            found = graph.list_spots(reader, eyes, page)
        return Walk(
            spots=tuple(
                Spot(
                    stix_id=each,
                    type=found[each].type,
                    title=found[each].title,
                    at=found[each].at,
                    tlp=found[each].tlp,
                    sources=found[each].sources,
                    distance=near[each],
                )
                for each in page
            ),
            relations=tuple(
                Relation(source=s.source, word=s.word, target=s.target, by=s.by)
                for s in relations
                if low <= max(place[s.source], place[s.target]) < high
            ),
            known=len(near) - first,
            more=more,
            after=after + limit if high < len(near) else 0,
        )


def _met(
    reader: Snapshot, eyes: Eyes, starts: Sequence[str], depth: int, most: int
) -> tuple[dict[str, int], int, dict[graph.Step, None], bool]:
    """Everything on the way with its distance, how many of it are starts, and what relates them; whether there is more.

    What a start is merged with counts as a start.
    """
    near = dict.fromkeys(starts, 0)
    for each in starts:
        near |= dict.fromkeys(merging.group_of(reader, eyes, each)[0], 0)
    first = len(near)
    edge, more, most = list(near), False, min(most, _MET[depth])
    relations: dict[graph.Step, None] = {}
    for distance in range(1, depth + 1):
        steps, cut = graph.list_steps(reader, eyes, edge, most)
        more, edge = more or cut, []
        for step in steps:
            for end in (step.source, step.target):
                if end not in near and len(near) < most + first:
                    near[end] = distance
                    edge.append(end)
            if step.source in near and step.target in near:
                relations[step] = None
            else:
                more = True
        if not edge:
            break
    return near, first, relations, more
