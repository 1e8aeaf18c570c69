"""The one entrance: by whatever road entries came, they are verified, judged again, applied once or quarantined."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from kouprey.agreements.model import Version
from kouprey.agreements.service import Agreements
from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import (
    GENESIS_MEDIA_TYPE,
    BodyFrame,
    BodyState,
    EntryHeader,
    EntryKind,
    IndexRange,
    ReasonCode,
    Receipt,
)
from kouprey.federation.wire import entry, link
from kouprey.kernel.seal.checkpoint import Checkpoint, cosign, open_checkpoint
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.seal.notes import add_line
from kouprey.kernel.seal.tree import Frontier
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND, Clock, Instant, wall_clock
from kouprey.people.service import People


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
class Offer:
    """A range of a lane as it came, nothing of it verified: headers from `start` on, their checkpoint and bodies."""

    origin: str
    start: int
    checkpoint: bytes
    headers: Sequence[EntryHeader]
    proof: tuple[bytes, ...]
    bodies: Mapping[int, BodyFrame]


@dataclass(frozen=True, slots=True)
class Admitted:
    """What became of an offer: entries newly stored, and how many of them were quarantined."""

    stored: int = 0
    quarantined: int = 0


class Admission:
    """Verifies and applies what others wrote; holds the replicas of their lanes."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        keyring: Keyring,
        receivers: Mapping[str, Receiver],
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._keyring = keyring
        self._receivers = receivers
        self._clock = clock

    def author_keys(self, author: str) -> list[bytes]:
        """The node keys whose checkpoints count for a party."""
        return [VerifyKey.parse(self._people.get_party(author).card.node).public]

    def admit(self, offer: Offer, *, via: str) -> Admitted:
        """Verify an offer and apply what is new in it.

        Raises Damaged or Refused, storing nothing, when a proof does not hold; a contradiction freezes the lane.
        Repeating an offer is harmless. `via` names the road, for the audit.
        """
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=offer.origin)
        if lane is not None and lane.mine:
            raise Refused("This is a lane of our own.", code=ReasonCode.WRONG_AUTHOR)
        if lane is not None and lane.state == rows.FROZEN:
            raise Refused("This lane is frozen.", lane.note, code=ReasonCode.FORK)
        held = 0 if lane is None else lane.size
        if offer.start > held:
            raise Refused(
                "Entries before these are missing.",
                f"The range begins at {offer.start}, and we hold {held} of this lane.",
                f"Ask for them: {rules.please_send(offer.origin, (IndexRange(held, offer.start),), offer.start)}.",
                code=ReasonCode.GAP,
                detail={"held": held, "from": offer.start},
            )
        if lane is None:
            lane = self._new_replica(offer)
        checkpoint = open_checkpoint(offer.checkpoint, offer.origin, self.author_keys(lane.author))
        if not self._is_news(lane, checkpoint, offer):
            return Admitted()
        fresh = offer.headers[lane.size - offer.start :]
        frontier = rules.verify_range(
            Frontier.from_bytes(lane.size, lane.frontier),
            fresh,
            checkpoint,
            agreement_version=lane.agreement_version,
            proof=offer.proof,
        )
        if frontier.size != checkpoint.size:
            raise Refused("The range must end at a signed checkpoint.", code=ReasonCode.BAD_RANGE)
        bodies = [self._verified(header, offer.bodies.get(header.index)) for header in fresh]
        return self._apply(lane, fresh, bodies, frontier, offer.checkpoint, checkpoint, via)

    def _is_news(self, lane: rows.Lane, offered: Checkpoint, offer: Offer) -> bool:
        """False for what we hold already; a contradiction freezes the lane and raises."""
        if offered.size <= lane.size:
            with self._store.read() as reader:
                kept = rows.find_checkpoint(reader, lane.id, offered.size)
            if kept is not None and kept.root != offered.root:
                self._freeze(lane, kept.note, offer.checkpoint)
            return False
        return True

    def _freeze(self, lane: rows.Lane, ours: bytes, theirs: bytes) -> None:
        """Two checkpoints of one epoch contradict each other: keep both as evidence and stop believing the lane."""
        why = f"{lane.author} signed two histories of this epoch"

        def work(tx: Tx) -> None:
            rows.set_state(tx, lane.id, rows.FROZEN, why)
            detail = {"a": ours.decode("utf-8", "replace"), "b": theirs.decode("utf-8", "replace")}
            audit.append(tx, at=self._clock(), actor="node", action="lane.fork", subject=lane.origin, detail=detail)

        self._store.write(work)
        raise Refused("Two checkpoints of one lane contradict each other.", why, code=ReasonCode.FORK)

    def _new_replica(self, offer: Offer) -> rows.Lane:
        """A lane we do not hold yet, judged by its genesis; stored together with its first entries."""
        first = offer.headers[0] if offer.headers else None
        frame = offer.bodies.get(0)
        if (
            first is None
            or first.kind is not EntryKind.GENESIS
            or frame is None
            or frame.state is not BodyState.PRESENT
        ):
            raise Damaged("A lane does not begin with its genesis.", code=ReasonCode.BAD_GENESIS)
        rules.verify_body(first, frame.salt, frame.body)
        body = entry.read_body(frame.body, EntryKind.GENESIS, owner="", agreement="")
        if body.media_type != GENESIS_MEDIA_TYPE:
            raise Damaged("A lane does not begin with its genesis.", code=ReasonCode.BAD_GENESIS)
        genesis = entry.read_genesis(body.content)
        version = self._version_of(genesis.agreement, genesis.version_sha256)
        rules.open_genesis(
            genesis,
            body.content,
            origin=offer.origin,
            reader=self._people.home_id,
            agreement=version.agreement,
            version=version.number,
            version_sha256=version.note_sha256.hex(),
            parties=set(version.party_ids),
        )
        if genesis.author == self._people.home_id:
            raise Refused("This lane bears our name and is not ours.", code=ReasonCode.WRONG_AUTHOR)
        return rows.Lane(
            id=0,
            origin=offer.origin,
            tag=rules.lane_tag(offer.origin),
            agreement=genesis.agreement,
            agreement_version=genesis.version,
            version_sha256=genesis.version_sha256,
            author=genesis.author,
            audience=genesis.audience,
            lane_class=genesis.lane_class,
            genesis=body.content,
            mine=False,
            size=0,
            frontier=b"",
            signed_size=0,
            state=rows.OPEN,
            note="",
            opened_at=self._clock(),
        )

    def _version_of(self, agreement: str, version_sha256: str) -> Version:
        for version in self._agreements.list_versions(agreement):
            if version.note_sha256.hex() == version_sha256 and not version.missing:
                return version
        raise Refused(
            "The lane is under a version of the agreement that is not in force here.",
            f"{agreement} {version_sha256[:12]}",
            "Exchange the agreement's notes first.",
            code=ReasonCode.WRONG_AGREEMENT,
        )

    def _verified(self, header: EntryHeader, frame: BodyFrame | None) -> BodyFrame:
        if frame is None:
            raise Damaged(f"The body of entry {header.index} is missing.", code=ReasonCode.TRUNCATED)
        if frame.state is BodyState.PRESENT:
            rules.verify_body(header, frame.salt, frame.body)
        return frame

    def _apply(
        self,
        lane: rows.Lane,
        headers: Sequence[EntryHeader],
        bodies: Sequence[BodyFrame],
        frontier: Frontier,
        note: bytes,
        checkpoint: Checkpoint,
        via: str,
    ) -> Admitted:
        """Store entries, apply bodies, keep the checkpoint and our receipt: all in one transaction."""

        def work(tx: Tx) -> Admitted:
            now = self._clock()
            current = rows.find_lane(tx, origin=lane.origin)
            if (0 if current is None else current.size) != lane.size:
                return Admitted()  # Another road brought the same entries meanwhile.
            lane_id = rows.insert_lane(tx, lane) if current is None else current.id
            rows.insert_entries(
                tx,
                lane_id,
                (
                    rows.StoredEntry(header.index, header.to_bytes(), frame.salt, frame.body, int(frame.state), 0, now)
                    for header, frame in zip(headers, bodies, strict=True)
                ),
            )
            refused = self._deliver(tx, lane, headers, bodies)
            for index, error in refused.items():
                rows.quarantine(tx, lane_id, index, error.code, str(error), now)
            rows.set_size(tx, lane_id, frontier.size, frontier.to_bytes())
            kept = rows.StoredCheckpoint(checkpoint.size, checkpoint.root, note, frontier.to_bytes(), now)
            rows.save_checkpoint(tx, lane_id, kept)
            self._receipt(tx, lane_id, note, checkpoint.size, now)
            detail = {"from": lane.size, "to": checkpoint.size, "quarantined": len(refused), "via": via}
            audit.append(tx, at=now, actor=lane.author, action="lane.admit", subject=lane.origin, detail=detail)
            return Admitted(len(headers), len(refused))

        return self._store.write(work)

    def _deliver(
        self, tx: Tx, lane: rows.Lane, headers: Sequence[EntryHeader], bodies: Sequence[BodyFrame]
    ) -> dict[int, KoupreyError]:
        """Hand each labelled body to its receiver, in order; index -> why it is quarantined."""
        refused: dict[int, KoupreyError] = {}
        waiting: dict[str, list[Delivery]] = {}
        for header, frame in zip(headers, bodies, strict=True):
            if header.kind is not EntryKind.OBJECT or frame.state is not BodyState.PRESENT:
                continue
            try:
                body = entry.read_body(frame.body, header.kind, owner=lane.author, agreement=lane.agreement)
                self._gate(tx, body.label, body.media_type)
            except KoupreyError as error:
                refused[header.index] = error
                continue
            if body.label is None:
                continue
            delivery = Delivery(
                origin=lane.origin,
                index=header.index,
                author=lane.author,
                agreement=lane.agreement,
                label=body.label,
                content=body.content,
                said_at=header.at_ms * 1000,
            )
            waiting.setdefault(body.media_type, []).append(delivery)
        for media_type, deliveries in waiting.items():
            answers = self._receivers[media_type](tx, deliveries)
            for delivery, answer in zip(deliveries, answers, strict=True):
                if answer is not None:
                    refused[delivery.index] = answer
        return refused

    def _gate(self, tx: Tx, label: Label | None, media_type: str) -> None:
        """The receive gate, and whether there is anybody to give it to."""
        if label is None:
            raise Damaged("An entry has no label.", code=ReasonCode.BAD_LABEL)
        decision = self._agreements.may_receive(label, reader=tx)
        if not decision.allowed:
            first = decision.because[0]
            raise Refused("The agreement does not allow this entry.", first.text, code=first.code)
        if media_type not in self._receivers:
            raise Refused(
                "Nobody here understands this entry.",
                f"Its media type is {media_type}.",
                "Upgrade this node; the entry is kept and can be applied then.",
                code="unknown-media-type",
            )

    def _receipt(self, tx: Tx, lane_id: int, note: bytes, size: int, now: Instant) -> None:
        """Our word that we hold the lane durably up to `size`; it leaves only after this transaction is durable."""
        home = self._people.home_id
        line = cosign(note, f"{home}/receipt", self._keyring.receipt, now // SECOND)
        missing = rows.list_missing_bodies(tx, lane_id, size)
        receipt = Receipt(note=add_line(note, line).decode(), without=_ranges(missing))
        stored = rows.StoredReceipt(lane_id, home, size, msgspec.json.encode(receipt), now, now, 0)
        rows.save_receipt(tx, stored)

    def take_receipt(self, lane: rows.Lane, receipt: Receipt, party: str) -> int:
        """Keep a peer's receipt for a lane of ours; the size it confirms.

        Refused with `mismatch` when it confirms a checkpoint of ours that we do not know: we have been rolled back.
        """
        peer = self._people.get_party(party)
        checkpoint, seconds = link.open_receipt(
            receipt,
            origin=lane.origin,
            author_keys=self.author_keys(lane.author),
            receipt_key=VerifyKey.parse(peer.card.receipt),
        )
        with self._store.read() as reader:
            known = rows.find_checkpoint(reader, lane.id, checkpoint.size)
        if known is None or known.root != checkpoint.root:
            raise Refused(
                "The receipt confirms a checkpoint this node does not know.",
                f"It is of size {checkpoint.size}; this node has signed {lane.signed_size}.",
                code=ReasonCode.MISMATCH,
                detail={"size": lane.signed_size},
            )
        now = self._clock()
        stored = rows.StoredReceipt(
            lane.id, party, checkpoint.size, msgspec.json.encode(receipt), seconds * SECOND, now, checkpoint.size
        )
        self._store.write(lambda tx: rows.save_receipt(tx, stored))
        return checkpoint.size


def _ranges(indices: Sequence[int]) -> tuple[IndexRange, ...]:
    """Sorted indices as ranges."""
    parts: list[IndexRange] = []
    for index in indices:
        if parts and parts[-1].end == index:
            parts[-1] = IndexRange(parts[-1].start, index + 1)
        else:
            parts.append(IndexRange(index, index + 1))
    return tuple(parts)
