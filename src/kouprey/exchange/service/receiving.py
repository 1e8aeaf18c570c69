"""Receiving: the one entrance for files, entries of partners, sightings and clients."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from kouprey.exchange.facts import ObjectsReceived
from kouprey.exchange.model import Arrival, Outcome, Source, SourceKind
from kouprey.exchange.service.collections import Collections
from kouprey.exchange.service.intake import Admit, Batch, LabelOf, admit_all
from kouprey.exchange.wire import read_object
from kouprey.federation.service import Delivery
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.errors import KoupreyError


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
        admit: Admit = admit_all,
    ) -> list[Outcome]:
        """Keep arrivals in the caller's transaction; one outcome for each, in their order.

        `into` are ids of collections. `received_from`: the origin of the lane and the index of each arrival's entry.
        `admit` says why nothing with a label may come in, or None.
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
            admit=admit,
        )
        outcomes = batch.receive(arrivals, label_of, received_from)
        if news := batch.news:
            outbox.record(tx, ObjectsReceived(first=news[0], last=news[-1], count=len(news)))
        return outcomes

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
