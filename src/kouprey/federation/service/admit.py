"""The one entrance: by whatever road entries came, they are verified here before anything of them is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from kouprey.agreements.model import CLAUSES, Version
from kouprey.agreements.model.citing import rests_on
from kouprey.agreements.service import Agreements
from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import (
    AT_MAX,
    GENESIS_MEDIA_TYPE,
    BodyFrame,
    BodyState,
    EntryHeader,
    EntryKind,
    Genesis,
    IndexRange,
    LaneClass,
    ReasonCode,
    Receipt,
)
from kouprey.federation.service.apply import Admitted, Applier, Delivery, Receiver, Verified
from kouprey.federation.service.epochs import new_row
from kouprey.federation.service.frontiers import frontier_at, signed_frontier
from kouprey.federation.service.nodekeys import NodeKeys
from kouprey.federation.service.quotas import require_quota
from kouprey.federation.wire import entry, link
from kouprey.kernel.seal.checkpoint import Checkpoint
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.tree import Frontier
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.time import SECOND, Clock, wall_clock
from kouprey.people.service import People

_ATTEMPTS = 5

RolledBack = Callable[[str, str], None]
"""(origin, why): a peer proves that we have signed more than we know of."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A range of a lane as it came, nothing of it verified: headers from `start` on, their checkpoint and bodies.

    `regained`: its author says that this epoch has ended, and was given back more of it than we saw it end with.
    """

    origin: str
    start: int
    checkpoint: bytes
    headers: Sequence[EntryHeader]
    proof: tuple[bytes, ...]
    bodies: Mapping[int, BodyFrame]
    regained: bool = False


class Admission:
    """Verifies what others wrote, and hands what holds to be applied."""

    def __init__(
        self,
        store: Store,
        people: People,
        agreements: Agreements,
        keyring: Keyring,
        receivers: Mapping[str, Receiver],
        rolled_back: RolledBack | None = None,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._agreements = agreements
        self._applier = Applier(store, people, agreements, keyring, receivers, clock)
        self.keys = NodeKeys(store, people, clock)
        self._rolled_back = rolled_back
        self.forked: list[Callable[[rows.Lane, bytes, bytes], None]] = []
        self._clock = clock

    def author_keys(self, author: str) -> list[bytes]:
        """Every node key a party ever had on a card that is kept here, those that were revoked included."""
        return self.keys.every(author)

    def admit(self, offer: Offer, *, via: str) -> Admitted:
        """Verify an offer and apply what is new in it.

        Raises Damaged or Refused, storing nothing, when a proof does not hold; a contradiction freezes the lane.
        Repeating an offer is harmless. `via` names the road, for the audit.
        """
        for _ in range(_ATTEMPTS):
            done = self._admit(offer, via)
            if done is not None:
                return done
        return Admitted()  # Other roads keep bringing this lane faster than this one can.

    def _admit(self, offer: Offer, via: str) -> Admitted | None:
        """None when another road changed the lane meanwhile."""
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
        self._require_running(lane)
        checkpoint = self.keys.open(offer.checkpoint, offer.origin, lane.author)
        if not self._is_news(lane, checkpoint, offer):
            return Admitted(refused=self._refuse_erased(lane, offer, via))
        self.require_quota(lane.agreement, lane.author, lane.lane_class)
        if lane.state == rows.CLOSED and not offer.regained:
            raise Refused("This epoch was ended by its author.", lane.note, code=ReasonCode.AFTER_CLOSE)
        fresh = offer.headers[lane.size - offer.start :]
        frontier = rules.verify_range(
            self._frontier(lane),
            fresh,
            checkpoint,
            agreement_version=lane.agreement_version,
            proof=offer.proof,
        )
        if frontier.size != checkpoint.size:
            raise Refused("The range must end at a signed checkpoint.", code=ReasonCode.BAD_RANGE)
        came = Verified(
            lane=lane,
            headers=fresh,
            bodies=[self._verified(header, offer.bodies.get(header.index)) for header in fresh],
            frontier=frontier,
            note=offer.checkpoint,
            checkpoint=checkpoint,
            card=self._people.get_party(lane.author).note,
            via=via,
        )
        return self._applier.apply(came)

    def _frontier(self, lane: rows.Lane) -> Frontier:
        """The compact range of what we hold; one damaged in its row would make every page of the author look false."""
        if not lane.id:
            return Frontier.from_bytes(lane.size, lane.frontier)
        with self._store.read() as reader:
            return signed_frontier(reader, lane)

    def fill(self, origin: str, frames: Sequence[BodyFrame], *, via: str) -> int:
        """Take in bodies that were withheld from us when their entries came; how many were applied or quarantined."""
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=origin)
            if lane is None or lane.mine or lane.state == rows.FROZEN:
                return 0
            present = [frame for frame in frames if frame.state is BodyState.PRESENT and frame.index < lane.size]
            held = [rows.list_entries(reader, lane.id, frame.index, frame.index + 1)[0] for frame in present]
        self._require_running(lane)
        headers = [entry.read_header(each.header) for each in held]
        for header, frame in zip(headers, present, strict=True):
            rules.verify_body(header, frame.salt, frame.body)
        return self._applier.fill(lane, headers, present, via) if present else 0

    def require_quota(self, agreement: str, author: str, lane_class: LaneClass) -> None:
        """Raises Refused when the author has given all that a day may hold; nothing is lost, it comes tomorrow."""
        with self._store.read() as reader:
            require_quota(reader, self._agreements, agreement, author, lane_class, self._clock())

    def suspended(self, agreement: str, author: str) -> tuple[str, ...]:
        """Who of the two, we or `author`, has suspended the agreement; nothing is taken in meanwhile."""
        standing = self._agreements.standings().get(agreement)
        return standing.suspended_between(author) if standing is not None else ()

    def _require_running(self, lane: rows.Lane) -> None:
        # Not quarantined: that would be for ever, and the reason passes. The author keeps it for us.
        if by := self.suspended(lane.agreement, lane.author):
            title, clause = self._agreements.standings()[lane.agreement].title, CLAUSES["suspension"]
            raise Refused(
                f"The agreement “{title}” is suspended.",
                f"By {', '.join(by)} (clause 10, Suspension).",
                "Take it in again when the agreement has been resumed.",
                code=ReasonCode.SUSPENDED,
                detail=rests_on(lane.agreement, title, clause),
            )

    def _is_news(self, lane: rows.Lane, offered: Checkpoint, offer: Offer) -> bool:
        """False for what we hold already; a contradiction freezes the lane and raises."""
        if offered.size > lane.size:
            return True
        with self._store.read() as reader:
            root = frontier_at(reader, lane.id, offered.size).root()
            # One of the same size proves it alone.
            ours = rows.find_checkpoint_within(reader, lane.id, offered.size - 1, offered.size)
        if root != offered.root and ours is not None:
            self._freeze(lane, ours.note, offer.checkpoint)
        return False

    def _refuse_erased(self, lane: rows.Lane, offer: Offer, via: str) -> int:
        """How many bodies came again that were erased here; they are not taken, and that is written down."""
        present = {frame.index for frame in offer.bodies.values() if frame.state is BodyState.PRESENT}
        if not present or not lane.id:
            return 0
        with self._store.read() as reader:
            erased = present.intersection(rows.list_erased(reader, lane.id, min(present), max(present) + 1))
        if erased:
            detail = {"first": min(erased), "bodies": len(erased), "via": via}
            self._store.write(
                lambda tx: audit.append(
                    tx,
                    at=self._clock(),
                    actor=lane.author,
                    action="lane.refuse-erased",
                    subject=lane.origin,
                    detail=detail,
                )
            )
        return len(erased)

    def end_rolled_back(self, lane: rows.Lane) -> None:
        """The author has ended an epoch whose end is not what we hold: it was rolled back, and has said so itself."""
        note = "Its author was rolled back and has ended this epoch itself; what we hold of it stays."

        def work(tx: Tx) -> None:
            current = rows.find_lane(tx, lane_id=lane.id)
            if current is not None and current.state == rows.OPEN:
                rows.set_state(tx, lane.id, rows.CLOSED, note)
                detail = {"size": current.size}
                audit.append(
                    tx,
                    at=self._clock(),
                    actor=lane.author,
                    action="lane.rolled-back",
                    subject=lane.origin,
                    detail=detail,
                )

        self._store.write(work)

    def confirm_anew(self, tx: Tx, lane_id: int) -> None:
        """Our receipt for all of a lane, after what it says of bodies has changed."""
        self._applier.confirm_anew(tx, lane_id, self._clock())

    def _freeze(self, lane: rows.Lane, ours: bytes, theirs: bytes) -> None:
        """Two checkpoints of one epoch contradict each other: keep both as evidence and stop believing the lane."""
        why = f"{lane.author} signed two histories of this epoch"

        def work(tx: Tx) -> None:
            rows.set_state(tx, lane.id, rows.FROZEN, why)
            detail = {"a": ours.decode("utf-8", "replace"), "b": theirs.decode("utf-8", "replace")}
            audit.append(tx, at=self._clock(), actor="node", action="lane.fork", subject=lane.origin, detail=detail)

        self._store.write(work)
        for tell in self.forked:
            tell(lane, ours, theirs)
        raise Refused("Two checkpoints of one lane contradict each other.", why, code=ReasonCode.FORK)

    def _new_replica(self, offer: Offer) -> rows.Lane:
        """A lane we do not hold yet, judged by its genesis; stored together with its first entries."""
        genesis, document = self._read_genesis(offer)
        version = self._version_of(genesis)
        rules.open_genesis(
            genesis,
            document,
            origin=offer.origin,
            reader=self._people.home_id,
            agreement=version.agreement,
            version=version.number,
            version_sha256=version.note_sha256.hex(),
            parties=set(version.party_ids),
        )
        if genesis.author == self._people.home_id:
            raise Refused("This lane bears our name and is not ours.", code=ReasonCode.WRONG_AUTHOR)
        return new_row(genesis, document, mine=False, now=self._clock())

    def _read_genesis(self, offer: Offer) -> tuple[Genesis, bytes]:
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
        return entry.read_genesis(body.content), body.content

    def _version_of(self, genesis: Genesis) -> Version:
        try:
            versions = self._agreements.list_versions(genesis.agreement)
        except Unknown:
            versions = []
        for version in versions:
            if version.note_sha256.hex() == genesis.version_sha256 and not version.missing:
                return version
        raise Refused(
            "The lane is under a version of the agreement that is not in force here.",
            f"{genesis.agreement} {genesis.version_sha256[:12]}",
            "Exchange the agreement's notes first.",
            code=ReasonCode.WRONG_AGREEMENT,
        )

    def _verified(self, header: EntryHeader, frame: BodyFrame | None) -> BodyFrame:
        if frame is None:
            raise Damaged(f"The body of entry {header.index} is missing.", code=ReasonCode.TRUNCATED)
        if frame.state is not BodyState.PRESENT:
            # Only an entry of the author may call a body erased; what somebody leaves out may still come.
            return BodyFrame(header.index, BodyState.WITHHELD)
        rules.verify_body(header, frame.salt, frame.body)
        return frame

    def take_receipt(self, lane: rows.Lane, receipt: Receipt, party: str) -> int:
        """Keep a peer's receipt for a lane of ours; the size it confirms.

        Refused with `mismatch` when it confirms a checkpoint of ours that we do not know: we have been rolled back, and
        the epoch is ended, by ourselves.
        """
        if not lane.mine or party not in lane.audience or party == lane.author:
            raise Unknown("There is no such lane.", code=ReasonCode.UNKNOWN_LANE)
        checkpoint, seconds, key = link.open_receipt(
            receipt,
            origin=lane.origin,
            author_keys=self.author_keys(lane.author),
            receipt_keys=self.keys.receipts(party),
        )
        self.keys.require_counting(key, checkpoint, party)
        with self._store.read() as reader:
            known = rows.find_checkpoint(reader, lane.id, checkpoint.size)
        if seconds * 1000 > AT_MAX:
            raise Damaged("A receipt names an impossible time.", code=ReasonCode.BAD_RECEIPT)
        if known is None or known.root != checkpoint.root:
            if self._rolled_back is not None:
                why = f"{party} holds a checkpoint of size {checkpoint.size} signed by us that we do not know"
                self._rolled_back(lane.origin, why)
            raise Refused(
                "The receipt confirms a checkpoint this node does not know.",
                f"It is of size {checkpoint.size}; this node has signed {lane.signed_size}.",
                code=ReasonCode.MISMATCH,
                detail={"size": lane.signed_size},
            )
        now = self._clock()
        stored = rows.StoredReceipt(
            lane.id,
            party,
            checkpoint.size,
            msgspec.json.encode(receipt),
            seconds * SECOND,
            now,
            checkpoint.size,
            key.public.hex(),
        )
        self._store.write(lambda tx: rows.save_receipt(tx, stored))
        return checkpoint.size


__all__ = ["Admission", "Admitted", "Delivery", "Offer", "Receiver"]
