"""Receiving: the one entrance for files, entries of partners, sightings and clients."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from typing import BinaryIO

from kouprey.exchange.facts import ObjectsReceived
from kouprey.exchange.model import Arrival, ImportReport, Outcome, Refusal, Source, SourceKind
from kouprey.exchange.service.collections import MAIN, Collections
from kouprey.exchange.service.intake import Batch, LabelOf
from kouprey.exchange.wire import read_object, read_stream
from kouprey.federation.service import Delivery
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP

BATCH = 1_000
"""Objects made durable at a time."""
BATCH_BYTES = 8 << 20
"""And no more bytes than these, but for a single object that has more."""


class Receiving(Collections):
    """Verbs that take objects in."""

    def receive(
        self,
        tx: Tx,
        arrivals: Sequence[Arrival],
        *,
        source: Source,
        label_of: LabelOf,
        into: Sequence[str],
        received_from: tuple[str, Sequence[int]] | None = None,
    ) -> list[Outcome]:
        """Keep arrivals in the caller's transaction; one outcome for each, in their order.

        `into` are ids of collections. `received_from`: the origin of the lane and the index of each arrival's entry.
        An arrival that is refused costs nothing but itself.
        """
        if not arrivals:
            return []
        identities: dict[str, set[str]] = {}
        for stix_id, party in self._people.list_identities(tx).items():
            identities.setdefault(party, set()).add(stix_id)
        batch = Batch(
            tx=tx,
            agreements=self._agreements,
            home=self._people.home_id,
            identities=identities,
            source=source,
            into=into,
            now=self._clock(),
        )
        outcomes = batch.receive(arrivals, label_of, received_from)
        if news := batch.news:
            outbox.record(tx, ObjectsReceived(first=news[0], last=news[-1], count=len(news)))
        return outcomes

    def import_stream(
        self,
        stream: BinaryIO,
        *,
        name: str,
        tlp: TLP | None = None,
        collection: str = "",
        by: str,
        on_progress: Callable[[int], None] | None = None,
        on_refusal: Callable[[Refusal], None] | None = None,
        read: Callable[[BinaryIO], Iterable[Arrival | Refusal]] = read_stream,
    ) -> ImportReport:
        """Take in a stream of any length; each batch is durable before the next is written.

        `name` is the source's, `tlp` the level of what carries no marking (None: AMBER+STRICT). All of it joins the
        main collection, and `collection` (name or id) if one is given. `on_progress` gets the number read since the
        last call, `on_refusal` each refusal as it happens. `read` makes objects of the stream, STIX
        if left out.
        """
        into = [self.ensure_defaults().id]
        if collection and (chosen := self.get_collection(collection).id) not in into:
            into.append(chosen)
        home = self._people.home_id
        source = Source(kind=SourceKind.FILE, party=home, name=name[:200])
        unmarked = TLP.AMBER_STRICT if tlp is None else tlp
        made: dict[TLP, Label] = {level: Label(owner=home, tlp=level) for level in TLP}

        def label_of(_: Arrival, stated: TLP | None) -> Label:
            return made[unmarked if stated is None else stated]

        def keep(arrivals: Sequence[Arrival]) -> list[Outcome]:
            return self._store.write(lambda tx: self.receive(tx, arrivals, source=source, label_of=label_of, into=into))

        began = time.monotonic()
        tally = _Tally(on_refusal)
        for arrivals, refusals in _batches(read(stream)):
            for refusal in refusals:
                tally.refuse(refusal)
            if arrivals:
                tally.add(arrivals, keep(arrivals))
            if on_progress is not None:
                on_progress(len(arrivals) + len(refusals))
        report = tally.report(time.monotonic() - began)
        detail = {"tlp": unmarked.word, "collection": collection or MAIN, "new": report.new, "refused": report.refused}
        self._store.write(
            lambda tx: audit.append(
                tx, at=self._clock(), actor=by, action="exchange.import", subject=source.name, detail=detail
            )
        )
        return report

    def apply(self, tx: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
        """Keep what came in entries of partners; for each None, or why it is not applied. Never raises for content."""
        answers: list[KoupreyError | None] = [None] * len(deliveries)
        read: list[tuple[int, Delivery, Arrival]] = []
        for place, delivery in enumerate(deliveries):
            try:
                read.append((place, delivery, read_object(delivery.content)))
            except KoupreyError as error:
                answers[place] = error
        for (author, agreement, origin), group in groupby(
            read, key=lambda r: (r[1].author, r[1].agreement, r[1].origin)
        ):
            some = list(group)
            # An arrival is found again by its identity: two may be equal and differ in their label.
            labels = {id(arrival): delivery.label for _, delivery, arrival in some}
            outcomes = self.receive(
                tx,
                [arrival for _, _, arrival in some],
                source=Source(kind=SourceKind.PARTY, party=author, name=author),
                label_of=lambda arrival, _, labels=labels: labels[id(arrival)],  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
                into=[self._main(tx).id, self._of_agreement(tx, agreement).id],
                received_from=(origin, [delivery.index for _, delivery, _ in some]),
            )
            for (place, _, _), outcome in zip(some, outcomes, strict=True):
                answers[place] = outcome.error
        return answers


def _batches(stream: Iterable[Arrival | Refusal]) -> Iterator[tuple[list[Arrival], list[Refusal]]]:
    """What is written at a time, with what was refused before it."""
    arrivals: list[Arrival] = []
    refusals: list[Refusal] = []
    size = 0
    for each in stream:
        if isinstance(each, Refusal):
            refusals.append(each)
        else:
            arrivals.append(each)
            size += len(each.raw)
        if len(arrivals) + len(refusals) >= BATCH or size >= BATCH_BYTES:
            yield arrivals, refusals
            arrivals, refusals, size = [], [], 0
    yield arrivals, refusals


class _Tally:
    """What an import has come to so far."""

    def __init__(self, on_refusal: Callable[[Refusal], None] | None) -> None:
        self._on_refusal = on_refusal
        self._counts = dict.fromkeys(("new", "repeat", "conflict", "variant", "refused"), 0)
        self._byte_equal = 0
        self._musts = self._shoulds = self._invalid = 0

    def refuse(self, refusal: Refusal) -> None:
        self._counts["refused"] += 1
        if self._on_refusal is not None:
            self._on_refusal(refusal)

    def add(self, arrivals: Sequence[Arrival], outcomes: Sequence[Outcome]) -> None:
        for arrival, outcome in zip(arrivals, outcomes, strict=True):
            if outcome.error is not None:
                self.refuse(_refusal(arrival, outcome.error))
                continue
            self._counts[outcome.verdict] += 1
            self._byte_equal += outcome.byte_equal
            self._musts += outcome.musts
            self._shoulds += outcome.shoulds
            self._invalid += outcome.musts > 0

    def report(self, seconds: float) -> ImportReport:
        return ImportReport(
            new=self._counts["new"],
            repeats=self._counts["repeat"],
            byte_equal=self._byte_equal,
            conflicts=self._counts["conflict"],
            variants=self._counts["variant"],
            refused=self._counts["refused"],
            musts=self._musts,
            shoulds=self._shoulds,
            invalid=self._invalid,
            seconds=seconds,
        )


def _refusal(arrival: Arrival, error: KoupreyError) -> Refusal:
    return Refusal(
        offset=-1,
        line=None,
        stix_id=arrival.stix_id,
        code=error.code,
        what=error.what,
        why=error.why,
        remedy=error.remedy,
    )
