"""Applying what was verified: entries, bodies to their receivers, checkpoint and our receipt, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import (
    ERASED_HERE,
    BodyFrame,
    BodyState,
    EntryHeader,
    EntryKind,
    IndexRange,
    ReasonCode,
    Receipt,
)
from kouprey.federation.service.epochs import genesis_of
from kouprey.federation.store.checks import list_handed_over
from kouprey.federation.wire import entry
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.notes import add_line
from kouprey.kernel.seal.tree import Frontier
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unreachable
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, Instant
from kouprey.people.service import People

T = TypeVar("T")

_log = logging.getLogger(__name__)

_SILENT = frozenset({EntryKind.GENESIS, EntryKind.ANCHOR, EntryKind.CLOSE, EntryKind.NOTICE})
"""Kinds that speak about the lane itself: keeping them is all that is to be done."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The body of one entry for the receiver of its media type; `label` says who speaks and who may see it."""

    origin: str
    index: int
    author: str
    agreement: str
    label: Label
    content: bytes
    said_at: Instant


Receiver = Callable[[Tx, Sequence[Delivery]], Sequence[KoupreyError | None]]
"""Applies deliveries in the given transaction; for each either None or why it was not applied. It must not raise."""


@dataclass(frozen=True, slots=True)
class Verified:
    """A range whose proofs hold: `headers` follow the lane as it was read, and end at `checkpoint`."""

    lane: rows.Lane
    headers: Sequence[EntryHeader]
    bodies: Sequence[BodyFrame]
    frontier: Frontier
    note: bytes
    checkpoint: Checkpoint
    card: bytes
    via: str


@dataclass(frozen=True, slots=True)
class Admitted:
    """What became of an offer: entries newly stored, and how many of them were quarantined."""

    stored: int = 0
    quarantined: int = 0


@dataclass
class _Attempt:
    """Which receiver is at work, and those that have failed: one that breaks must not hold up the lane."""

    at_work: str = ""
    broken: frozenset[str] = frozenset()


class Applier:
    """Writes what was verified and hands labelled bodies to their receivers."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        keyring: Keyring,
        receivers: Mapping[str, Receiver],
        clock: Clock,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._keyring = keyring
        self._receivers = receivers
        self._clock = clock

    def apply(self, came: Verified) -> Admitted | None:
        """Store a range; None when another road changed the lane since it was read."""
        return self._attempt(lambda tx, attempt: self._apply(tx, came, attempt))

    def fill(self, lane: rows.Lane, headers: Sequence[EntryHeader], bodies: Sequence[BodyFrame], via: str) -> int:
        """Store bodies that were withheld when their entries came, apply them, and say so in our receipt."""

        def work(tx: Tx, attempt: _Attempt) -> int:
            now = self._clock()
            before = list_handed_over(tx, lane.id)
            fresh = [
                (header, frame)
                for header, frame in zip(headers, bodies, strict=True)
                if rows.fill_entry(tx, lane.id, header.index, frame.salt, frame.body)
            ]
            if not fresh:
                return 0
            news = [pair for pair in fresh if pair[0].index not in before]
            refused = self._deliver(tx, lane, news, attempt)
            _hold_back(tx, lane.id, refused, now)
            current = rows.find_lane(tx, lane_id=lane.id)
            kept = rows.find_checkpoint(tx, lane.id, lane.size if current is None else current.size)
            if kept is not None:
                self._confirm(tx, lane.id, kept.note, kept.size, now)
            detail = {"bodies": len(fresh), "quarantined": len(refused), "via": via}
            audit.append(tx, at=now, actor=lane.author, action="lane.fill", subject=lane.origin, detail=detail)
            return len(fresh)

        return self._attempt(work)

    def _attempt(self, work: Callable[[Tx, _Attempt], T]) -> T:
        attempt = _Attempt()
        while True:
            attempt.at_work = ""
            try:
                return self._store.write(lambda tx: work(tx, attempt))
            except Unreachable:
                raise
            except Exception:
                if not attempt.at_work or attempt.at_work in attempt.broken:
                    raise
                _log.exception("The receiver of %s failed; its entries are quarantined.", attempt.at_work)
                attempt.broken |= {attempt.at_work}

    def _apply(self, tx: Tx, came: Verified, attempt: _Attempt) -> Admitted | None:
        now = self._clock()
        lane = came.lane
        current = rows.find_lane(tx, origin=lane.origin)
        if (current is None) != (lane.id == 0) or (current is not None and current != lane):
            return None
        lane_id = lane.id or self._open(tx, came)
        rows.insert_entries(
            tx,
            lane_id,
            [
                rows.StoredEntry(header.index, header.to_bytes(), frame.salt, frame.body, int(frame.state), 0, now)
                for header, frame in zip(came.headers, came.bodies, strict=True)
            ],
        )
        refused = self._deliver(tx, lane, list(zip(came.headers, came.bodies, strict=True)), attempt)
        _hold_back(tx, lane_id, refused, now)
        frontier = came.frontier.to_bytes()
        size = came.checkpoint.size
        rows.set_tail(tx, lane_id, size, 0)
        rows.save_checkpoint(tx, lane_id, rows.StoredCheckpoint(size, came.checkpoint.root, came.note, frontier, now))
        self._confirm(tx, lane_id, came.note, size, now)
        detail = {"from": lane.size, "to": size, "quarantined": len(refused), "via": came.via}
        audit.append(tx, at=now, actor=lane.author, action="lane.admit", subject=lane.origin, detail=detail)
        return Admitted(len(came.headers), len(refused))

    def _open(self, tx: Tx, came: Verified) -> int:
        """Begin a replica; the epoch its genesis follows has ended, unless entries of it are still on their way."""
        genesis = genesis_of(came.lane)
        rows.keep_card(tx, genesis.root_key_statement, came.lane.author, came.card)
        before = rows.find_lane(tx, origin=genesis.prev.origin) if genesis.prev is not None else None
        if before is not None and genesis.prev is not None and not before.mine and before.author == came.lane.author:
            lost = before.size - genesis.prev.size
            note = f"Its author went on in a new epoch ({genesis.reason})"
            note += f" and said itself that it lost {lost} entries we hold." if lost > 0 else "."
            if before.state == rows.FROZEN:
                rows.set_state(tx, before.id, rows.FROZEN, f"{before.note}. {note}")
            elif lost >= 0:
                rows.set_state(tx, before.id, rows.CLOSED, note)
        return rows.insert_lane(tx, came.lane)

    def _deliver(
        self, tx: Tx, lane: rows.Lane, came: Sequence[tuple[EntryHeader, BodyFrame]], attempt: _Attempt
    ) -> dict[int, KoupreyError]:
        """Hand each labelled body to its receiver, in order; index -> why it is quarantined."""
        refused: dict[int, KoupreyError] = {}
        waiting: dict[str, list[Delivery]] = {}
        for header, frame in came:
            if header.kind in _SILENT or frame.state is not BodyState.PRESENT:
                continue
            try:
                media_type, delivery = self._gate(tx, lane, header, frame, attempt)
            except KoupreyError as error:
                refused[header.index] = error
            else:
                waiting.setdefault(media_type, []).append(delivery)
        for media_type, deliveries in waiting.items():
            attempt.at_work = media_type
            answers = self._receivers[media_type](tx, deliveries)
            for delivery, answer in zip(deliveries, answers, strict=True):
                if answer is not None:
                    refused[delivery.index] = answer
            attempt.at_work = ""
        return refused

    def _gate(
        self, tx: Tx, lane: rows.Lane, header: EntryHeader, frame: BodyFrame, attempt: _Attempt
    ) -> tuple[str, Delivery]:
        """The receive gate, and whether there is anybody to give it to; raises why it is quarantined."""
        if header.kind is not EntryKind.OBJECT or header.sealed:
            what = "sealed entries" if header.sealed else f"entries of kind {header.kind.name.lower()}"
            raise Refused(f"This node does not apply {what} yet.", "It is kept.", code="kind-not-applied")
        body = entry.read_body(frame.body, header.kind, owner=lane.author, agreement=lane.agreement)
        if body.label is None:
            raise Damaged("An entry has no label.", code=ReasonCode.BAD_LABEL)
        decision = self._agreements.may_receive(body.label, reader=tx)
        if not decision.allowed:
            first = decision.because[0]
            raise Refused("The agreement does not allow this entry.", first.text, code=first.code)
        if body.media_type not in self._receivers:
            raise Refused(
                "Nobody here understands this entry.",
                f"Its media type is {body.media_type}.",
                "Upgrade this node; the entry is kept and can be applied then.",
                code="unknown-media-type",
            )
        if body.media_type in attempt.broken:
            raise Refused(
                "This entry could not be applied.",
                "What should have applied it failed; the trace is in the log.",
                "Report it: this is a bug in Kouprey, or was made to look like one.",
                code="receiver-failed",
            )
        delivery = Delivery(
            origin=lane.origin,
            index=header.index,
            author=lane.author,
            agreement=lane.agreement,
            label=body.label,
            content=body.content,
            said_at=header.at_ms * 1000,
        )
        return body.media_type, delivery

    def _confirm(self, tx: Tx, lane_id: int, note: bytes, size: int, now: Instant) -> None:
        """Our word that we hold the lane durably up to `size`; it leaves only after this transaction is durable."""
        home = self._people.home_id
        line = cosign(note, f"{home}/receipt", self._keyring.receipt, now // SECOND)
        missing = rows.list_missing_bodies(tx, lane_id, size)
        receipt = Receipt(note=add_line(note, line).decode(), without=_ranges(missing))
        rows.save_receipt(tx, rows.StoredReceipt(lane_id, home, size, msgspec.json.encode(receipt), now, now, 0))


def _hold_back(tx: Tx, lane_id: int, refused: Mapping[int, KoupreyError], now: Instant) -> None:
    """Keep what is not applied in quarantine, but no body of what was erased here."""
    for index, error in refused.items():
        rows.quarantine(tx, lane_id, index, error.code, str(error), now)
        if error.code == ERASED_HERE:
            rows.erase_entry(tx, lane_id, index)


def _ranges(indices: Sequence[int]) -> tuple[IndexRange, ...]:
    """Sorted indices as ranges."""
    parts: list[IndexRange] = []
    for index in indices:
        if parts and parts[-1].end == index:
            parts[-1] = IndexRange(parts[-1].start, index + 1)
        else:
            parts.append(IndexRange(index, index + 1))
    return tuple(parts)
