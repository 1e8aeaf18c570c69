"""Applying what was verified: entries, bodies to their receivers, checkpoint and our receipt, in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from kouprey.agreements.model.citing import spoken
from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import (
    ERASED_HERE,
    BodyFrame,
    BodyState,
    EntryHeader,
    EntryKind,
    ReasonCode,
    Receipt,
)
from kouprey.federation.rules import ranges_of
from kouprey.federation.service.anchored import note_anchors
from kouprey.federation.service.epochs import genesis_of
from kouprey.federation.service.quotas import count_received
from kouprey.federation.service.requests import called_erased, note_requests
from kouprey.federation.store.checks import list_handed_over
from kouprey.federation.wire import entry
from kouprey.federation.wire.blob import BLOB_MEDIA_TYPE
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.notes import add_line
from kouprey.kernel.seal.tree import Frontier
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.decision import Decision
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unreachable
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, Instant
from kouprey.people.service import People

T = TypeVar("T")

_log = logging.getLogger(__name__)

_SILENT = frozenset({EntryKind.GENESIS, EntryKind.ERASE, EntryKind.ANCHOR, EntryKind.CLOSE, EntryKind.NOTICE})
"""Kinds that speak about the lane itself: keeping them is all that is to be done."""


class Delivery(msgspec.Struct, frozen=True):
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
    """What became of an offer: entries newly stored, and how many of them were quarantined.

    `refused` bodies came although their author had called them erased; they were not taken.
    """

    stored: int = 0
    quarantined: int = 0
    refused: int = 0


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
            called = called_erased(tx, lane, headers)
            fresh = [
                (header, frame)
                for header, frame in zip(headers, bodies, strict=True)
                if header.index not in called and rows.fill_entry(tx, lane.id, header.index, frame.salt, frame.body)
            ]
            if not fresh:
                return 0
            wrong = {**note_requests(tx, lane, fresh, now), **note_anchors(tx, lane, fresh, now)}
            news = [pair for pair in fresh if pair[0].index not in before]
            refused = {**self._deliver(tx, lane, news, attempt), **wrong}
            _hold_back(tx, lane.id, refused, now)
            self.confirm_anew(tx, lane.id, now)
            stored = sum(len(frame.body) for _, frame in fresh)
            count_received(tx, lane.agreement, lane.author, lane.lane_class, 0, stored, now)
            detail = {"bodies": len(fresh), "quarantined": len(refused), "via": via}
            audit.append(tx, at=now, actor=lane.author, action="lane.fill", subject=lane.origin, detail=detail)
            return len(fresh)

        return self._attempt(work)

    def confirm_anew(self, tx: Tx, lane_id: int, now: Instant) -> None:
        """Our receipt for all of a lane, after what it says of bodies has changed."""
        lane = rows.find_lane(tx, lane_id=lane_id)
        kept = None if lane is None else rows.find_checkpoint(tx, lane.id, lane.size)
        if kept is not None:
            self._confirm(tx, lane_id, kept.note, kept.size, now)

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
        brought = list(zip(came.headers, came.bodies, strict=True))
        wrong = {**note_requests(tx, lane, brought, now), **note_anchors(tx, lane, brought, now)}
        called = called_erased(tx, lane, came.headers)
        pairs = [
            (header, BodyFrame(header.index, BodyState.ERASED) if header.index in called else frame)
            for header, frame in zip(came.headers, came.bodies, strict=True)
        ]
        rows.insert_entries(
            tx,
            lane_id,
            [
                rows.StoredEntry(header.index, header.to_bytes(), frame.salt, frame.body, int(frame.state), 0, now)
                for header, frame in pairs
            ],
        )
        if called:
            rows.reopen_requests(tx, lane.origin, min(called), max(called) + 1)
        refused = {**self._deliver(tx, lane, pairs, attempt), **wrong}
        _hold_back(tx, lane_id, refused, now)
        frontier = came.frontier.to_bytes()
        size = came.checkpoint.size
        rows.set_tail(tx, lane_id, size, 0)
        rows.save_checkpoint(tx, lane_id, rows.StoredCheckpoint(size, came.checkpoint.root, came.note, frontier, now))
        self._confirm(tx, lane_id, came.note, size, now)
        stored = sum(len(frame.body) for _, frame in pairs)
        count_received(tx, lane.agreement, lane.author, lane.lane_class, len(pairs), stored, now)
        detail = {"from": lane.size, "to": size, "quarantined": len(refused), "via": came.via}
        audit.append(tx, at=now, actor=lane.author, action="lane.admit", subject=lane.origin, detail=detail)
        again = sum(frame.state is BodyState.PRESENT and frame.index in called for frame in came.bodies)
        return Admitted(len(came.headers), len(refused), again)

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
        decided: dict[Label, Decision] = {}
        for header, frame in came:
            if header.kind in _SILENT or frame.state is not BodyState.PRESENT:
                continue
            try:
                media_type, delivery = self._gate(tx, lane, header, frame, attempt, decided)
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
        self,
        tx: Tx,
        lane: rows.Lane,
        header: EntryHeader,
        frame: BodyFrame,
        attempt: _Attempt,
        decided: dict[Label, Decision],
    ) -> tuple[str, Delivery]:
        """The receive gate, and whether there is anybody to give it to; raises why it is quarantined.

        `decided`: what was decided in this transaction already; equal labels are decided alike.
        """
        if header.kind not in (EntryKind.OBJECT, EntryKind.BLOB_MANIFEST) or header.sealed:
            what = "sealed entries" if header.sealed else f"entries of kind {header.kind.name.lower()}"
            raise Refused(f"This node does not apply {what} yet.", "It is kept.", code="kind-not-applied")
        body = entry.read_body(frame.body, header.kind, owner=lane.author, agreement=lane.agreement)
        if body.label is None:
            raise Damaged("An entry has no label.", code=ReasonCode.BAD_LABEL)
        decision = decided.get(body.label)
        if decision is None:
            decision = decided[body.label] = self._agreements.may_receive(body.label, reader=tx)
        if not decision.allowed:
            first = decision.because[0]
            raise Refused("The agreement does not allow this entry.", spoken(first), code=first.code)
        if (body.media_type == BLOB_MEDIA_TYPE) != (header.kind is EntryKind.BLOB_MANIFEST):
            raise Damaged("An entry is not of the kind that its media type says.", code=ReasonCode.BAD_BODY)
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
        receipt = Receipt(note=add_line(note, line).decode(), without=ranges_of(missing))
        rows.save_receipt(tx, rows.StoredReceipt(lane_id, home, size, msgspec.json.encode(receipt), now, now, 0))


def _hold_back(tx: Tx, lane_id: int, refused: Mapping[int, KoupreyError], now: Instant) -> None:
    """Keep what is not applied in quarantine, but no body of what was erased here."""
    for index, error in refused.items():
        rows.quarantine(tx, lane_id, index, error.code, str(error), now)
        if error.code == ERASED_HERE:
            rows.erase_entry(tx, lane_id, index)
