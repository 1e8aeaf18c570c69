"""Verbs of the exchange: receive, import, read, sight, publish and explain."""

from __future__ import annotations

from collections.abc import Callable, Collection as Several, Iterable, Mapping, Sequence
from typing import BinaryIO, Literal

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import (
    Arrival,
    Collection,
    Counts,
    Event,
    Explanation,
    HeadPage,
    ImportReport,
    ObjectView,
    Outcome,
    Page,
    PublishReport,
    Refusal,
    Sighted,
    Source,
)
from kouprey.federation.service import Lanes, Receiver
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People

MAIN = "main"
"""The collection that everything is a member of."""

LabelOf = Callable[[Arrival, TLP | None], Label]
"""The label of an arrival, given the level its markings state (None when they state none); it is only ever raised."""

VersionFilter = Literal["first", "last", "all"]


class Exchange:
    """Objects, their versions and assertions; every read is as far as `who` may see."""

    def __init__(
        self, store: Store, people: People, agreements: Agreements, lanes: Lanes, clock: Clock = wall_clock
    ) -> None: ...

    # collections

    def ensure_defaults(self) -> Collection: ...
    def create_collection(
        self, name: str, *, title: str = "", description: str = "", strict: bool = False, by: str
    ) -> Collection: ...
    def list_collections(self, who: Reader | None = None) -> list[Collection]: ...
    def get_collection(self, name_or_id: str, who: Reader | None = None) -> Collection: ...

    # receiving; every collection in `into` is an id; MAIN is added by nobody but the caller

    def receive(
        self,
        tx: Tx,
        arrivals: Sequence[Arrival],
        *,
        source: Source,
        label_of: LabelOf,
        into: Sequence[str],
        received_from: tuple[str, Sequence[int]] | None = None,
    ) -> list[Outcome]: ...
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
    ) -> ImportReport: ...

    # reading

    def list_objects(
        self,
        who: Reader,
        *,
        collection: str = "",
        types: Several[str] = (),
        text: str = "",
        before_position: Instant | None = None,
        after_position: Instant | None = None,
        limit: int = 50,
    ) -> HeadPage: ...
    def get_object(self, who: Reader, stix_id: str) -> ObjectView: ...
    def counts(self, who: Reader) -> Counts: ...
    def list_recent(self, who: Reader, limit: int = 20) -> list[Event]: ...
    def count_waiting(self) -> dict[str, int]: ...

    # reading for TAXII

    def page(
        self,
        who: Reader,
        collection: str,
        *,
        after_position: Instant = 0,
        added_after: Instant = 0,
        limit: int = 1000,
        types: Several[str] = (),
        ids: Several[str] = (),
        versions: VersionFilter | Several[Instant] = "last",
        bodies: bool = True,
    ) -> Page: ...

    # giving

    def publish(
        self,
        agreement: str,
        ids: Iterable[str] = (),
        *,
        types: Several[str] = (),
        text: str = "",
        everything: bool = False,
        by: str,
    ) -> PublishReport: ...
    def sight(
        self,
        stix_id: str,
        *,
        who: Reader,
        by: str,
        count: int = 1,
        first_seen: Instant | None = None,
        last_seen: Instant | None = None,
        description: str = "",
    ) -> Sighted: ...
    def explain(self, stix_id: str, party: str, *, who: Reader) -> Explanation: ...
    def operator(self) -> Reader: ...


def receives(services: Services) -> Mapping[str, Receiver]: ...


def listeners(services: Services) -> list[outbox.Listener]: ...
