"""Receiving one batch: judge each arrival, keep it, and say what became of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Arrival, Outcome, Source, Verdict
from kouprey.exchange.rules import classify, may_version
from kouprey.exchange.service import barring
from kouprey.exchange.service.expiring import keep_ends
from kouprey.exchange.service.indexing import index
from kouprey.exchange.service.judging import Judging
from kouprey.exchange.service.naming import keep_observables
from kouprey.exchange.service.placed import keep_placements
from kouprey.exchange.store import intake as rows
from kouprey.exchange.store.tombstones import list_barred
from kouprey.exchange.wire import defined_tlp
from kouprey.kernel.storage import labels
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP

LabelOf = Callable[[Arrival, TLP | None], Label]
"""The label of an arrival, given the level its markings state (None when they state none); it is only ever raised."""

Admit = Callable[[Label], KoupreyError | None]
"""Why nothing that carries a label may come in by this road, or None."""

MAX_BODIES = 100
"""Unequal bodies kept of one version; whoever sends more is not in conflict but in error."""


def admit_all(_: Label) -> None:
    """For roads on which every label may come."""


class _Kept(msgspec.Struct, gc=False):
    """An arrival that is kept, and what it was."""

    version: rows.HeldVersion
    verdict: Verdict
    byte_equal: bool
    body: int


@dataclass
class Batch:
    """One batch on its way in. `identities` are the STIX identity ids on each party's card."""

    tx: Tx
    agreements: Agreements
    home: str
    identities: Mapping[str, Collection[str]]
    source: Source
    into: Sequence[str]
    now: Instant
    admit: Admit = admit_all
    _labels: dict[Label, tuple[int, int]] = field(default_factory=dict)
    _sets: dict[frozenset[int], int] = field(default_factory=dict)
    _opening: dict[tuple[int, int], bool] = field(default_factory=dict)
    _alone: dict[int, int] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    _news: dict[int, rows.HeldVersion] = field(default_factory=dict)

    def receive(
        self, arrivals: Sequence[Arrival], label_of: LabelOf, received_from: tuple[str, Sequence[int]] | None
    ) -> list[Outcome]:
        """Keep a batch; one outcome for each arrival, in order."""
        self._shelf = rows.Shelf(self.tx, arrivals)
        self._judging = Judging(self.tx, self.into)
        self._barred = list_barred(self.tx, {arrival.stix_id for arrival in arrivals})
        self._source_id = rows.intern_source(self.tx, self.source)
        self._owners = {i.lower(): party for party, listed in self.identities.items() for i in listed}
        levels = _defined_levels(self.tx, arrivals)
        origin, indices = received_from or ("", ())
        kept: list[_Kept | KoupreyError] = []
        for place, arrival in enumerate(arrivals):
            label = _label(arrival, levels, label_of)
            entry = (origin, indices[place]) if received_from else ("", -1)
            kept.append(self._keep(arrival, label, entry))
        joining = [
            each.version
            for each in kept
            if isinstance(each, _Kept) and not each.version.collections.issuperset(self.into)
        ]
        self._place(joining)
        self._shelf.save(
            (set_id, label, self._alone[label]) for members, set_id in self._sets.items() for label in members
        )
        self._judging.save()
        keep_observables(self.tx, self._shelf)
        keep_ends(self.tx, self._shelf.fresh)
        keep_placements(self.tx, self._shelf)
        index(self.tx, self._shelf)
        return [self._outcome(arrival, each) for arrival, each in zip(arrivals, kept, strict=True)]

    @property
    def news(self) -> list[Instant]:
        """The positions given to versions, ascending."""
        return sorted(version.position for version in self._news.values())

    def _outcome(self, arrival: Arrival, kept: _Kept | KoupreyError) -> Outcome:
        if isinstance(kept, KoupreyError):
            return Outcome(stix_id=arrival.stix_id, verdict="refused", error=kept)
        news = kept.version.position if kept.version.id in self._news else 0
        musts, shoulds = self._judging.counts(kept.body)
        return Outcome(
            stix_id=arrival.stix_id,
            verdict=kept.verdict,
            version_id=kept.version.id,
            position=news,
            byte_equal=kept.byte_equal,
            musts=musts,
            shoulds=shoulds,
        )

    def _keep(self, arrival: Arrival, label: Label, entry: tuple[str, int]) -> _Kept | KoupreyError:
        if (arrival.stix_id, arrival.instant) in self._barred:
            return barring.barred(arrival.stix_id)
        digest = sha256(arrival.raw).digest()
        version = self._shelf.find(arrival)
        if (barred := self.admit(label) or self._judging.refuse(arrival, version)) is not None:
            return barred
        verdict: Verdict = "new"
        body = None
        if version is None:
            refused = self._reserved(arrival)
            if refused is not None:
                return refused
            label_id, alone = self._label(label)
            version = self._shelf.add_version(arrival, self._source_id, alone, self.now)
            self._news[version.id] = version
        else:
            body = next((held for held in version.bodies if held.sha256 == digest), None)
            verdict = "repeat" if body is not None else self._judge(version, arrival)
            if body is None and verdict == "repeat":
                body = self._equal(version, arrival)
            if body is None and len(version.bodies) >= MAX_BODIES:
                return _too_many(arrival)
            label_id, alone = self._label(label)
        byte_equal = body is not None and body.sha256 == digest
        if body is None:
            extract = self._judging.extract(arrival)
            body = self._shelf.add_body(version, arrival, digest, extract)
            self._judging.keep(body.id, extract.findings)
        said = rows.HeldAssertion(body.id, self._source_id, label_id, alone, self.source.party)
        if said not in version.assertions:
            self._shelf.add_assertion(version, said, self.now, *entry)
        self._settle(version)
        return _Kept(version, verdict, byte_equal, body.id)

    def _reserved(self, arrival: Arrival) -> Refused | None:
        thing = self._shelf.objects.get(arrival.stix_id)
        creators = thing.creators if thing is not None else ()
        # Nearly all objects name nobody whose card we hold; asking the rule for each would cost a fifth of an import.
        named = [name.lower() for name in (arrival.created_by, arrival.stix_id, *creators) if name]
        if self._owners.keys().isdisjoint(named):
            return None
        made = may_version(
            arrival.created_by,
            self.source.party,
            self.identities,
            stix_id=arrival.stix_id,
            earlier_creators=creators,
        )
        if made.allowed:
            return None
        return Refused(
            f"{arrival.stix_id} may not get a version from {self.source.party}.",
            made.because[0].text,
            "Add a sighting, a note or an opinion to it, or ask its author for the change.",
            code=made.because[0].code,
        )

    def _judge(self, version: rows.HeldVersion, arrival: Arrival) -> Verdict:
        return classify([self._shelf.raw(held) for held in version.bodies], arrival.raw, arrival.observable)

    def _equal(self, version: rows.HeldVersion, arrival: Arrival) -> rows.HeldBody | None:
        """The kept body that says the same in other bytes."""
        return next(
            (
                held
                for held in version.bodies
                if classify([self._shelf.raw(held)], arrival.raw, arrival.observable) == "repeat"
            ),
            None,
        )

    def _settle(self, version: rows.HeldVersion) -> None:
        """The label set and the served body that follow from all assertions; what opens to a reader is news."""
        if len(version.assertions) == 1:
            label_set = version.assertions[0].alone
        else:
            self._alone.update((said.label, said.alone) for said in version.assertions)
            label_set = self._label_set(frozenset(said.label for said in version.assertions))
        body = self._served(version)
        if version.label_set == label_set and version.body == body:
            return
        # For whom nothing changes it must not move either: that would betray what was said where they may not see.
        if version.body != body or self._opens(version.label_set, label_set):
            self._news[version.id] = version
        self._shelf.change(version, label_set=label_set, body=body)

    def _opens(self, before: int, after: int) -> bool:
        """Whether anybody sees what carries the one set who did not see it with the other."""
        pair = before, after
        if pair not in self._opening:
            self._opening[pair] = labels.opens(self.tx, before, after, self.now)
        return self._opening[pair]

    def _served(self, version: rows.HeldVersion) -> int:
        """The oldest body that the author's party said, else the oldest."""
        first = version.bodies[0]
        if len(version.bodies) == 1 or (author := self._owners.get(first.created_by.lower())) is None:
            return first.id
        return min((said.body for said in version.assertions if said.party == author), default=first.id)

    def _label(self, label: Label) -> tuple[int, int]:
        """(id, set of it alone)."""
        known = self._labels.get(label)
        if known is None:
            label_id = labels.intern_label(self.tx, label)
            known = label_id, self._label_set(frozenset((label_id,)))
            self._labels[label] = known
            self._alone[label_id] = known[1]
        return known

    def _label_set(self, members: frozenset[int]) -> int:
        known = self._sets.get(members)
        if known is None:
            known = self._sets[members] = self.agreements.label_set(self.tx, members)
        return known

    def _place(self, joining: list[rows.HeldVersion]) -> None:
        """Positions for what became news, and for what only joins a collection."""
        others = {version.id: version for version in joining if version.id not in self._news}
        count = len(self._news) + len(others)
        if not count:
            return
        position = self.tx.positions(count)
        for version in self._news.values():
            self._shelf.place(version, position, self.into)
            position += 1
        for version in others.values():
            self._shelf.join(version, position, self.into)
            position += 1


def _label(arrival: Arrival, levels: Mapping[str, TLP], label_of: LabelOf) -> Label:
    """Never looser than the body's own markings; a standard definition of a level is itself open to all."""
    if arrival.stix_id.lower() in STIX_MARKINGS:
        label = label_of(arrival, TLP.CLEAR)
        return label if label.tlp is TLP.CLEAR else msgspec.structs.replace(label, tlp=TLP.CLEAR)
    stated = arrival.tlp
    for marking in arrival.markings:
        level = levels.get(marking)
        if level is not None and (stated is None or level > stated):
            stated = level
    label = label_of(arrival, stated)
    return label if stated is None else label.strictest(stated)


def _defined_levels(tx: Tx, arrivals: Sequence[Arrival]) -> dict[str, TLP]:
    """The levels that marking definitions define, held ones and those in this batch; the strictest of each counts."""
    named = {marking for arrival in arrivals for marking in arrival.markings}
    levels: dict[str, TLP] = {}
    if not named:
        return levels
    defined = [(stix_id, defined_tlp(decode(raw))) for stix_id, raw in rows.list_definitions(tx, named)]
    defined += [(a.stix_id, defined_tlp(decode(a.raw))) for a in arrivals if a.stix_id in named]
    for stix_id, level in defined:
        if level is not None:
            levels[stix_id] = max(level, levels.get(stix_id, TLP.CLEAR))
    return levels


def _too_many(arrival: Arrival) -> Refused:
    return Refused(
        f"{arrival.stix_id} has too many unequal bodies.",
        f"{MAX_BODIES} are kept of this version; each further one would hide them.",
        "Ask the sender to give each change a new `modified`.",
        code="too-many-bodies",
    )
