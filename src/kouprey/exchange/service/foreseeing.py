"""Foresight: what a partner would see if a draft or a proposal were in force, from label sets and the tally."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kouprey.agreements.model import Version
from kouprey.exchange.model.foreseeing import Foresight, Level, Outlook, Sample
from kouprey.exchange.service.parts import Parts
from kouprey.exchange.store import foreseeing as rows
from kouprey.exchange.store.foreseeing import Heap
from kouprey.exchange.store.seeing import Eyes
from kouprey.kernel.storage.engine import Reader as Snapshot
from kouprey.kernel.storage.labels import list_label_sets
from kouprey.kernel.words.decision import Decision, Reader, Reason
from kouprey.kernel.words.errors import Forbidden
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

SAMPLES = 5
MOST_PARTIES = 20
_GROUNDS = 3


class Foreseeing(Parts):
    """The verb that looks ahead."""

    def foresight(self, who: Reader, agreement: str, version: str = "") -> Foresight:
        """What each other party would see under a version of an agreement, beside what it sees now.

        `version` begins the hash of its note, "" for the newest. Only what `who` sees is looked at and only by the
        labels `who` sees, so nothing is told of anything else. Versions of objects are counted.
        """
        if not who.local:
            raise Forbidden("This is for people of this node's own party.", code="not-local")
        chosen = self._agreements.get_version(agreement, version)
        others = [party for party in chosen.party_ids if party != self._people.home_id]
        eyes = Eyes(self._agreements.profile(who), self._clock(), who.local)
        with self._store.read() as reader:
            heaps = rows.list_heaps(reader, eyes)
            labels = self._labels(reader, who, heaps)
            outlooks = tuple(
                self._outlook(reader, eyes, chosen, party, heaps, labels, who.exercise)
                for party in others[:MOST_PARTIES]
            )
        return Foresight(
            agreement=agreement,
            title=chosen.document.title,
            number=chosen.number,
            signed=not chosen.missing,
            outlooks=outlooks,
            more=max(0, len(others) - MOST_PARTIES),
        )

    def _labels(self, reader: Snapshot, who: Reader, heaps: Sequence[Heap]) -> dict[int, tuple[Label, ...]]:
        """Label set -> the labels of it that the reader may know of."""
        sets, judge = list_label_sets(reader), self._agreements.judge(reader)
        known: dict[Label, bool] = {}
        made = {}
        for set_id in {heap.label_set for heap in heaps}:
            for label in sets[set_id]:
                if label not in known:
                    known[label] = judge([label], who).allowed
            made[set_id] = tuple(label for label in sets[set_id] if known[label])
        return made

    def _outlook(
        self,
        reader: Snapshot,
        eyes: Eyes,
        version: Version,
        party: str,
        heaps: Sequence[Heap],
        labels: Mapping[int, tuple[Label, ...]],
        exercise: str,
    ) -> Outlook:
        asked = self._agreements.party_reader(party, exercise=exercise)
        as_it_is = self._agreements.judge(reader, released=True)
        as_it_would_be = self._agreements.judge(reader, version=version, released=True)
        without_release = self._agreements.judge(reader, version=version)
        now: dict[int, Decision] = {}
        then: dict[int, Decision] = {}
        freely: dict[int, Decision] = {}
        for set_id, marked in labels.items():
            now[set_id] = as_it_is(marked, asked)
            then[set_id] = as_it_would_be(marked, asked)
            freely[set_id] = without_release(marked, asked)
        levels, types = self._sums(heaps, labels, now, then, freely)
        opening = {each for each in labels if then[each].allowed and not now[each].allowed}
        closing = {each for each in labels if now[each].allowed and not then[each].allowed}

        def samples(sets: set[int]) -> tuple[Sample, ...]:
            found = rows.list_newest(reader, eyes, sets, SAMPLES)
            return tuple(
                Sample(stix_id=stix_id, type=type_, title=title, tlp=max(label.tlp for label in labels[set_id]))
                for stix_id, type_, title, set_id in found
            )

        return Outlook(party=party, levels=levels, types=types, opens=samples(opening), closes=samples(closing))

    @staticmethod
    def _sums(
        heaps: Sequence[Heap],
        labels: Mapping[int, tuple[Label, ...]],
        now: Mapping[int, Decision],
        then: Mapping[int, Decision],
        freely: Mapping[int, Decision],
    ) -> tuple[tuple[Level, ...], tuple[tuple[str, int, int], ...]]:
        held: dict[TLP, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        types: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        grounds: dict[TLP, dict[Reason, None]] = defaultdict(dict)
        for heap in heaps:
            made = then[heap.label_set]
            tlp = max(label.tlp for label in labels[heap.label_set])
            sums, by_type = held[tlp], types[heap.type]
            sums[0] += heap.n
            if now[heap.label_set].allowed:
                sums[1] += heap.n
                by_type[0] += heap.n
            if made.allowed:
                sums[2] += heap.n
                by_type[1] += heap.n
                sums[3] += 0 if freely[heap.label_set].allowed else heap.n
            else:
                grounds[tlp] |= dict.fromkeys(made.because)
        levels = tuple(
            Level(tlp=tlp, held=a, now=b, then=c, released=d, because=tuple(grounds[tlp])[:_GROUNDS])
            for tlp, (a, b, c, d) in sorted(held.items())
        )
        ranked = sorted(types.items(), key=lambda pair: (-max(pair[1]), pair[0]))
        return levels, tuple((name, before, after) for name, (before, after) in ranked if before or after)
