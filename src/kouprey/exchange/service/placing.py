"""Placing: how much of what is held stands where among the ways of attack, each as far as the reader may see."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress
from typing import Any

import msgspec

from kouprey.exchange.model.placing import Cell, Matrix, Place, Placed, Technique, Wish
from kouprey.exchange.rules.matrix import FIRST, build, chains_of, places_of
from kouprey.exchange.service.collections import MAIN
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import pages
from kouprey.exchange.store import placements as rows
from kouprey.exchange.store.seeing import Eyes
from kouprey.exchange.wire.catalogues import domain_of, tactics_of
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.safejson import decode

MOST_PATTERNS = 8_000
"""Phases and numbers of attack patterns that make a catalogue."""
MOST_TACTICS = 200


class Placements(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what stands at one place: the technique (None for a phase), and whether there is more."""

    cell: Cell | None
    objects: tuple[Placed, ...]
    more: bool


class Placing(Reading):
    """Verbs of the matrix; nothing invisible is counted."""

    def matrix(self, who: Reader, *, chain: str = "", wish: Wish = Wish()) -> Matrix:
        """A kill chain with how many objects place something under each phase and technique.

        They do so by phases, by numbers of ATT&CK, by naming an attack pattern, or as a relationship that says that
        something uses or indicates one. Each counts once for each of these. Of objects that carry several labels or
        bodies the newest 2,000 are counted. Without `chain`, or with one that is not named here, the first one.
        """
        eyes, main = self._eyes(who), self.get_collection(MAIN, who).id
        with self._store.read() as reader:
            return self._matrix(reader, eyes, main, chain, wish)

    def list_placed(
        self,
        who: Reader,
        *,
        chain: str,
        phase: str = "",
        number: str = "",
        wish: Wish = Wish(),
        before: int = 0,
        limit: int = 50,
        matrix: Matrix | None = None,
    ) -> Placements:
        """The objects that a phase, or a technique by number or STIX id, counts, the latest first.

        The next page is `before` the last one's body. Unknown for what the matrix of this reader does not have;
        `matrix` is the one for the same chain and wish, if it was made already.
        """
        eyes, main = self._eyes(who), self.get_collection(MAIN, who).id
        with self._store.read() as reader:
            chosen = self._matrix(reader, eyes, main, chain, wish) if matrix is None else matrix
            cell, places = places_of(chosen, phase, number)
            if not places:
                raise Unknown(
                    "The matrix has no such place.",
                    "No object that you may see names it, and it stands in no catalogue that you may see.",
                    "Choose a technique or a phase of the matrix.",
                    code="unknown-place",
                )
            found = rows.list_placed(reader, eyes, places, wish, before=before, limit=limit + 1)
        return Placements(cell=cell, objects=tuple(found[:limit]), more=len(found) > limit)

    def _matrix(self, reader: Snapshot, eyes: Eyes, main: str, chain: str, wish: Wish) -> Matrix:
        listed = rows.list_counts(reader, eyes, wish)
        kinds: Counter[str] = Counter()
        sources: Counter[str] = Counter()
        counts: Counter[Place] = Counter()
        for each in listed:
            kinds[each.kind] += each.n
            sources[each.source] += each.n
            # Every place stays known, so that a chain does not vanish under a filter.
            fits = (not wish.kinds or each.kind in wish.kinds) and (not wish.sources or each.source in wish.sources)
            counts[each.place] += each.n if fits else 0
        techniques = _techniques(rows.list_patterns(reader, eyes, MOST_PATTERNS))
        chains = chains_of(counts, techniques)
        chosen = chain if chain in chains else (chains[0] if chains else FIRST)
        return build(
            chosen,
            counts,
            techniques,
            tactics_of(chosen, self._catalogue(reader, eyes, main)) if domain_of(chosen) else (),
            kinds=tuple(kind for kind, _ in sorted(kinds.items(), key=lambda each: (-each[1], each[0]))),
            sources=tuple(name for name, _ in sorted(sources.items(), key=lambda each: (-each[1], each[0]))),
        )

    def _catalogue(self, reader: Snapshot, eyes: Eyes, main: str) -> list[dict[str, Any]]:
        """The matrices and tactics that are held."""
        types = ("x-mitre-matrix", "x-mitre-tactic")
        values = []
        for kind in types:
            for row in pages.list_page(
                reader,
                eyes,
                main,
                after=0,
                limit=MOST_TACTICS,
                types=(kind,),
                ids=(),
                versions="last",
                bodies=True,
            ):
                with suppress(Damaged):
                    values.append(decode(row.raw))
        return values


def _techniques(patterns: list[rows.Pattern]) -> list[Technique]:
    titles: dict[str, str] = {}
    numbers: dict[str, str] = {}
    phases: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for each in patterns:
        titles[each.stix_id] = each.title
        if each.way == "technique":
            numbers[each.stix_id] = min(each.name, numbers.get(each.stix_id, each.name))
        else:
            phases[each.stix_id].add((each.scheme, each.name))
    return [
        Technique(
            stix_id=stix_id,
            name=title,
            number=numbers.get(stix_id, ""),
            phases=tuple(sorted(phases.get(stix_id, ()))),
        )
        for stix_id, title in titles.items()
    ]
