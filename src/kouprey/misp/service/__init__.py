"""Verbs of MISP: take files and feeds in, say beforehand what would be lost, and give an original back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from kouprey.exchange.facts import VersionErased
from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.finding import Check, Finding
from kouprey.kernel.words.time import Clock, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.misp import store as rows
from kouprey.misp.model import Given, Refusal, Report
from kouprey.misp.service.reading import list_feed, read_events, read_feed
from kouprey.misp.service.taking import Listeners, Taking, Tally, convert
from kouprey.misp.wire.feed import Listed
from kouprey.people.service import People


class Misp:
    """What a node does with MISP events; originals are for whoever has its command line, and nobody else."""

    def __init__(self, store: Store, exchange: Exchange, people: People, clock: Clock = wall_clock) -> None:
        self._store = store
        self._exchange = exchange
        self._people = people
        self._clock = clock

    def import_stream(
        self,
        stream: BinaryIO,
        *,
        name: str,
        tlp: TLP | None = None,
        collection: str = "",
        by: str,
        listeners: Listeners | None = None,
    ) -> Report:
        """Take in a file of MISP events of any length; each event counts once all of it is durable.

        `name` is the source's, `tlp` the level of what carries none (None: AMBER+STRICT). Everything joins the main
        collection, and `collection` (name or id) if one is given.
        """
        events = read_events(stream, name)
        return self._take(events, name, tlp, collection, by, listeners or Listeners(), feed=False)

    def import_feed(
        self,
        folder: Path,
        *,
        name: str,
        tlp: TLP | None = None,
        collection: str = "",
        by: str,
        listeners: Listeners | None = None,
    ) -> Report:
        """Take in a feed folder; events that have not changed since it was last taken in are not even read."""
        listed = list_feed(folder)
        road = rows.Road(name[:200], self._into(collection)[-1])
        with self._store.read() as reader:
            taken = rows.list_taken(reader, road, [each.uuid.lower() for each in listed])

        def skip(each: Listed) -> bool:
            known = taken.get(each.uuid.lower())
            return known is not None and each.changed != 0 and known[0] == each.changed

        events = read_feed(folder, listed, skip)
        return self._take(events, name, tlp, collection, by, listeners or Listeners(), feed=True)

    def _into(self, collection: str) -> list[str]:
        """The ids of the main collection and of the chosen one."""
        into = [self._exchange.ensure_defaults().id]
        if collection and (chosen := self._exchange.get_open_collection(collection).id) not in into:
            into.append(chosen)
        return into

    def _take(
        self,
        events: Iterable[Given | Refusal | None],
        name: str,
        tlp: TLP | None,
        collection: str,
        by: str,
        listeners: Listeners,
        *,
        feed: bool,
    ) -> Report:
        into = self._into(collection)
        source = Source(kind=SourceKind.FILE, party=self._people.home_id, name=name[:200])
        unmarked = TLP.AMBER_STRICT if tlp is None else tlp
        tally = Tally(listeners)
        taking = Taking(self._store, self._exchange, source, into, unmarked, self._clock, tally, feed=feed)
        for each in events:
            if each is None:
                tally.counts["unchanged"] += 1
            else:
                taking.take(each)
            listeners.on_progress(1 if feed else 0)
        taking.finish()
        report = tally.report()
        detail = {"tlp": unmarked.word, "collection": collection, "events": report.events, "new": report.new}
        self._store.write(
            lambda tx: audit.append(
                tx, at=self._clock(), actor=by, action="misp.import", subject=source.name, detail=detail
            )
        )
        return report

    def get_original(self, uuid: str, *, by: str) -> bytes:
        """The newest original of an event, byte for byte; Unknown when none is held. It is written to the audit."""
        with self._store.read() as reader:
            found = rows.find_newest(reader, uuid.lower())
        if found is None:
            raise Unknown(
                f"No MISP event {uuid[:60]!r} is held.",
                remedy="`kouprey misp import` takes events in; their id is that of the report.",
                code="unknown-event",
            )
        if found.erased_at:
            raise Unknown(
                f"The original of the MISP event {found.uuid} is not kept any more.",
                f"Something of it was erased at {format_second(found.erased_at)}, so its bytes went too.",
                "What is left of it stands in its objects.",
                code="erased",
            )
        self._store.write(
            lambda tx: audit.append(
                tx, at=self._clock(), actor=by, action="misp.original", subject=found.uuid, detail={}
            )
        )
        return found.raw

    def version_erased(self, fact: VersionErased) -> int:
        """Take the originals away in which what was erased would still be read; how many events that concerned."""
        uuids = [each.removeprefix("report--") for each in fact.reports]

        def work(tx: Tx) -> int:
            gone = rows.erase(tx, uuids, self._clock())
            for uuid in gone:
                detail: dict[str, object] = {"because": fact.stix_id}
                audit.append(
                    tx, at=self._clock(), actor="node", action="misp.erase-original", subject=uuid, detail=detail
                )
            if gone:
                self._exchange.ask_for_scrub(tx)
            return len(gone)

        return self._store.write(work) if uuids else 0


def listeners(services: Services) -> list[outbox.Listener]:
    """What was erased is not to be found in the originals of events either."""
    misp = services.get(Misp)

    def on_erased(_: Store, body: bytes, __: int) -> None:
        misp.version_erased(msgspec.json.decode(body, type=VersionErased))

    return [outbox.Listener("misp.version-erased", outbox.fact_name(VersionErased), on_erased)]


def checks(services: Services) -> list[Check]:
    """For `kouprey doctor`: whether the originals are still what was received."""
    misp = services.get(Misp)

    def originals(_: bool) -> Iterator[Finding]:
        for uuid in rows.each_damaged(misp._store):
            yield Finding(
                level="bad",
                what=f"The original of the MISP event {uuid} is not what was received.",
                why="Its bytes do not have the hash that was kept.",
                remedy="Import it again from its source, or restore a backup.",
            )

    return [Check("MISP originals", originals)]


def examine(events: Iterable[Given | Refusal | None], listeners: Listeners, tlp: TLP | None = None) -> Report:
    """What taking events in would lose; nothing is kept and no node is needed."""
    tally = Tally(listeners)
    for each in events:
        if isinstance(each, Refusal):
            tally.refuse(each)
        elif each is not None:
            converted = convert(each.value, TLP.AMBER_STRICT if tlp is None else tlp)
            tally.convert(converted)
            tally.counts["objects"] += len(converted.made)
        listeners.on_progress(1)
    return tally.report()


__all__ = ["Listeners", "Misp", "checks", "convert", "examine", "list_feed", "listeners", "read_events", "read_feed"]
