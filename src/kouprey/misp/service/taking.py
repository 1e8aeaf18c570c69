"""Taking one source in: each event decided upon, converted, and made durable together with its original."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from kouprey.exchange.model import Arrival, Source
from kouprey.exchange.service import Exchange, findings_of, observable_id, read_object
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Clock
from kouprey.kernel.words.tlp import TLP
from kouprey.misp import rules
from kouprey.misp import store as rows
from kouprey.misp.model import Converted, Given, Loss, Made, Original, Refusal, Report, Standing
from kouprey.misp.service.reading import refusal
from kouprey.misp.wire.events import read_event

BATCH = 1_000
"""Objects made durable at a time."""
BATCH_BYTES = 8 << 20
LOOK_BACK = 5
"""Earlier states of an event that are looked at when it comes from somewhere new."""

_encode = msgspec.json.Encoder().encode


class Listeners(msgspec.Struct, frozen=True):
    """Who is told while an import runs: how much was read, what is refused, what is lost."""

    on_progress: Callable[[int], None] = lambda _: None
    on_refusal: Callable[[Refusal], None] = lambda _: None
    on_loss: Callable[[Loss], None] = lambda _: None


def convert(value: dict[str, Any], unmarked: TLP) -> Converted:
    """What an event becomes, judged by the STIX standard as everything here is."""
    return rules.convert(value, unmarked, observable_id, _judge)


def _judge(value: dict[str, Any]) -> str:
    for finding in findings_of(value, value["type"]):
        if finding.severity == "must":
            return f"{finding.path}: {finding.text}" if finding.path else finding.text
    return ""


class Tally:
    """What an import has come to so far, told to its listeners as it happens."""

    def __init__(self, listeners: Listeners) -> None:
        self.listeners = listeners
        self.counts: Counter[str] = Counter()
        self._began = time.monotonic()

    def refuse(self, refused: Refusal) -> None:
        self.counts["refused_objects" if refused.stix_id else "refused"] += 1
        self.listeners.on_refusal(refused)

    def convert(self, converted: Converted) -> None:
        self.counts["events"] += 1
        self.counts["attributes"] += converted.attributes
        self.counts["losses"] += len(converted.losses)
        for loss in converted.losses:
            self.listeners.on_loss(loss)

    def report(self) -> Report:
        """Everything counted."""
        return Report(**self.counts, seconds=time.monotonic() - self._began)


class Taking:
    """One source on its way in; `finish` makes the rest durable. A `feed` gives each event as it stands."""

    def __init__(
        self,
        store: Store,
        exchange: Exchange,
        source: Source,
        into: Sequence[str],
        unmarked: TLP,
        clock: Clock,
        tally: Tally,
        *,
        feed: bool,
    ) -> None:
        self._feed = feed
        self._store = store
        self._exchange = exchange
        self._source = source
        self._into = into
        self._road = rows.Road(source.name, into[-1])
        self._unmarked = unmarked
        self._clock = clock
        self._tally = tally
        self._arrivals: list[tuple[Arrival, Label, Given]] = []
        self._done: list[tuple[Original, bytes]] = []
        self._barred: set[str] = set()
        self._size = 0

    def take(self, given: Given | Refusal) -> None:
        """Take in one event, unless it is known; what cannot be kept is refused by itself."""
        if isinstance(given, Refusal):
            self._tally.refuse(given)
            return
        uuid, changed = rules.uuid_of(given.value), rules.changed_of(given.value)
        if any(original.uuid == uuid for original, _ in self._done):
            # A second version of it in one file is compared with the first one, so that one has to be held.
            self.finish()
        digest = sha256(given.raw).digest()
        with self._store.read() as reader:
            taken = rows.list_taken(reader, self._road, [uuid]).get(uuid)
            newest = rows.find_newest(reader, uuid)
        if taken == (changed, digest):
            self._tally.counts["unchanged"] += 1
            return
        if newest is not None and newest.changed > changed:
            self._tally.counts["older"] += 1
            return
        converted = convert(given.value, self._unmarked)
        self._tally.convert(converted)
        for made in converted.made:
            self._add(made, given)
        for made in self._gone(converted, taken):
            self._tally.counts["revoked"] += 1
            self._add(made, given)
        self._done.append((Original(uuid, changed, given.raw, self._unmarked), digest))
        self._size += len(given.raw)
        if len(self._arrivals) >= BATCH or self._size >= BATCH_BYTES:
            self.finish()

    def _gone(self, converted: Converted, taken: rows.Taken | None) -> list[Made]:
        """What is to be taken back: measured by what this feed gave last, else by what anybody gave."""
        whole = self._feed and taken is not None and taken[0] < converted.changed
        with self._store.read() as reader:
            if whole and taken is not None:
                last = rows.find_original(reader, converted.uuid, taken[1])
                earlier = [last] if last is not None else []
            else:
                earlier = rows.list_earlier(reader, converted.uuid, converted.changed, LOOK_BACK)
        before = [convert(read_event(each.raw), each.unmarked) for each in earlier]
        return rules.revocations(before, converted, whole=whole)

    def _add(self, made: Made, given: Given) -> None:
        raw = _encode(made.value)
        self._arrivals.append((read_object(raw), self._label(made.standing), given))
        self._size += len(raw)
        if len(self._arrivals) >= BATCH or self._size >= BATCH_BYTES:
            self.finish()

    def _label(self, standing: Standing) -> Label:
        return Label(owner=self._source.party, tlp=standing.tlp, pap=standing.pap)

    def finish(self) -> None:
        """Make durable what was taken so far, and remember the events of which that was the last.

        An event counts as taken with the last of its objects: if we die before, it is simply taken again.
        """
        arrivals, self._arrivals = self._arrivals, []
        originals, self._done = self._done, []
        self._size = 0
        labels = {id(arrival): label for arrival, label, _ in arrivals}

        def work(tx: Tx) -> list[KoupreyError | str]:
            outcomes = self._exchange.receive(
                tx,
                [arrival for arrival, _, _ in arrivals],
                source=self._source,
                label_of=lambda arrival, _: labels[id(arrival)],
                into=self._into,
            )
            # What was erased would lie in the original again.
            self._barred |= {
                rules.uuid_of(given.value)
                for (_, _, given), outcome in zip(arrivals, outcomes, strict=True)
                if outcome.error is not None and outcome.error.code == "erased"
            }
            for original, digest in originals:
                now = self._clock()
                kept = msgspec.structs.replace(original, erased_at=now) if original.uuid in self._barred else original
                rows.save(tx, self._road, kept, digest, now)
            return [outcome.error or outcome.verdict for outcome in outcomes]

        for (arrival, _, given), fate in zip(arrivals, self._store.write(work), strict=True):
            if isinstance(fate, KoupreyError):
                uuid = rules.uuid_of(given.value)
                self._tally.refuse(refusal(fate, given.file, given.offset, uuid, arrival.stix_id))
            else:
                self._tally.counts["objects"] += 1
                self._tally.counts[_COUNTED[fate]] += 1


_COUNTED = {"new": "new", "repeat": "repeats", "conflict": "conflicts", "variant": "variants"}
