"""Verbs of the exchange: receive, import, read, sight, publish and explain."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from kouprey.agreements.facts import DecisionWidened
from kouprey.exchange.model import Findings
from kouprey.exchange.rules import observable_id
from kouprey.exchange.service import indexing
from kouprey.exchange.service.calling import Naming, ObjectName, PlainNaming
from kouprey.exchange.service.collections import MAIN
from kouprey.exchange.service.concerning import Concerning
from kouprey.exchange.service.contributing import Contributing, Given
from kouprey.exchange.service.days import Daily
from kouprey.exchange.service.export import Exporting
from kouprey.exchange.service.foreseeing import Foreseeing
from kouprey.exchange.service.gate import MEDIA_TYPE
from kouprey.exchange.service.inside import Insides
from kouprey.exchange.service.intake import LabelOf
from kouprey.exchange.service.jobs import Jobs
from kouprey.exchange.service.joining import Joining
from kouprey.exchange.service.merging import Merging
from kouprey.exchange.service.placing import Placing
from kouprey.exchange.service.publishing import Publishing
from kouprey.exchange.service.releasing import Releasing
from kouprey.exchange.service.renewing import Renewing
from kouprey.exchange.service.retaining import Retaining
from kouprey.exchange.service.rights import Rights
from kouprey.exchange.service.spotting import Spotting
from kouprey.exchange.service.tables import Tables
from kouprey.exchange.service.using import Using
from kouprey.exchange.service.walking import Walking
from kouprey.exchange.service.weighing import Weighing
from kouprey.exchange.service.writing import Writing
from kouprey.exchange.store import collections as rows
from kouprey.exchange.store.pages import VersionFilter
from kouprey.exchange.wire import MAX_OBJECT, cut, findings_of, read_object
from kouprey.exchange.wire.concerns import MEDIA_TYPE as CONCERN
from kouprey.exchange.wire.splitter import Piece
from kouprey.federation.service import Eraser, Receiver
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.capability import Job, Services
from kouprey.kernel.words.time import Instant

MOVES = 1_000
"""Versions moved in one transaction: well below 200 ms of the writer."""


class Exchange(
    Publishing,
    Joining,
    Writing,
    Daily,
    Jobs,
    Spotting,
    Tables,
    Merging,
    Weighing,
    Insides,
    Walking,
    Placing,
    Exporting,
    Retaining,
    Rights,
    Renewing,
    Releasing,
    Concerning,
    Foreseeing,
    Contributing,
    Using,
):
    """Objects, their versions and assertions; every read is as far as `who` may see.

    `naming` calls objects by their names on pages of others; pages of the exchange set it to what speaks as they do.
    """

    naming: Naming = PlainNaming()

    def widened(self, fact: DecisionWidened, position: Instant) -> int:
        """Move what somebody may see only since `position` above it, so that whoever polls meets it; how many moved.

        In durable steps, each of which finds what is still below: it may be called again, and goes on after a crash.
        """

        def step(tx: Tx) -> int:
            versions = rows.list_to_move(tx, fact.label_sets, position, MOVES)
            if versions:
                indexing.move(tx, versions)
            return len(versions)

        moved = 0
        while count := self._store.write(step):
            moved += count
        return moved


def receives(services: Services) -> Mapping[str, Receiver]:
    """Entries that carry one STIX object, and what is said of those that were given."""
    exchange = services.get(Exchange)
    return {MEDIA_TYPE: exchange.apply, CONCERN: exchange.apply_concerns}


def regains(services: Services) -> Mapping[str, Receiver]:
    """What we gave and lost is taken back as it came to others."""
    return {MEDIA_TYPE: services.get(Exchange).apply}


def erases(services: Services) -> Eraser:
    """What was made of entries of partners goes when they ask for it."""
    return services.get(Exchange).erase_received


def listeners(services: Services) -> list[outbox.Listener]:
    """A decision that widened moves what it opened."""
    exchange = services.get(Exchange)

    def on_widened(_: Store, body: bytes, fact_id: int) -> None:
        exchange.widened(msgspec.json.decode(body, type=DecisionWidened), fact_id)

    return [outbox.Listener("exchange.widened", outbox.fact_name(DecisionWidened), on_widened)]


def jobs(services: Services) -> list[Job]:
    """Held bodies follow the rules of this program, what is too old goes, and nothing is left of what was erased."""
    exchange = services.get(Exchange)
    return [
        Job("exchange.reads", 1.0, exchange.reads.flush),
        Job("exchange.renew", 1.0, exchange.renew),
        Job("exchange.act", 2.0, exchange.go_on),
        Job("exchange.publish", 1.0, exchange.give_by_rules),
        Job("exchange.retain", 10.0, exchange.retain),
        Job("exchange.scrub", 5.0, lambda: exchange.scrub(1.0)),
    ]


__all__ = [
    "MAIN",
    "MAX_OBJECT",
    "MEDIA_TYPE",
    "Exchange",
    "Findings",
    "Given",
    "LabelOf",
    "Naming",
    "ObjectName",
    "Piece",
    "VersionFilter",
    "cut",
    "erases",
    "findings_of",
    "jobs",
    "listeners",
    "observable_id",
    "read_object",
    "receives",
    "regains",
]
