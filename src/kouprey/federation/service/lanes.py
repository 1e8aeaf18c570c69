"""Our own lanes: queue bodies, append them, sign what is durable, and never sign two histories."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from hashlib import sha256

import msgspec

from kouprey.agreements.model import Standing, State
from kouprey.agreements.service import Agreements
from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import (
    EPOCH_MAX,
    GENESIS_MEDIA_TYPE,
    SALT_SIZE,
    EntryBody,
    EntryKind,
    EpochReason,
    Genesis,
    LaneClass,
    LaneEnd,
)
from kouprey.federation.wire import entry
from kouprey.kernel.seal.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.seal.notes import split_note
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.words.errors import Refused
from kouprey.kernel.words.ids import new_id
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)

BATCH = 1000
"""Bodies appended in one transaction, so that no write lasts long."""

AskPeers = Callable[[rows.Lane], Sequence[bytes]]
"""Our newest checkpoint of a lane as each reachable peer holds it."""


class Lanes:
    """The lanes this node writes. Only the process that holds the lock appends and signs; all may queue."""

    def __init__(
        self,
        store: Store,
        guard: Store,
        people: People,
        agreements: Agreements,
        keyring: Keyring,
        lock: FileLock,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._guard = guard
        self._people = people
        self._agreements = agreements
        self._keyring = keyring
        self._lock = lock
        self._clock = clock
        self._holder = new_id("run")
        self._turn = threading.Lock()
        self._claimed: set[str] = set()
        self.ready = False
        self.halted = ""
        self.waiting = threading.Event()
        self.appended: list[Callable[[str], None]] = []

    def queue(
        self,
        tx: Tx,
        agreement: str,
        bodies: Sequence[EntryBody],
        *,
        lane_class: LaneClass = LaneClass.BULK,
        kind: EntryKind = EntryKind.OBJECT,
    ) -> range:
        """Promise, in the caller's transaction, to append these bodies; returns their publication numbers."""
        now = self._clock()
        rendered = [entry.render_body(body) for body in bodies]
        for raw in rendered:
            # Made once here only to refuse what no lane could carry while the caller can still be told.
            entry.new_header(kind=kind, index=1, version=1, at_ms=0, salt=bytes(SALT_SIZE), body=raw)
        first = tx.positions(len(rendered))
        numbers = range(first, first + len(rendered))
        rows.queue_outgoing(
            tx,
            (
                rows.Outgoing(number, agreement, lane_class, kind, raw, now)
                for number, raw in zip(numbers, rendered, strict=True)
            ),
        )
        tx.after_commit(self.waiting.set)
        return numbers

    def count_waiting(self) -> dict[str, int]:
        """Agreement -> how many bodies wait to be appended."""
        with self._store.read() as reader:
            return rows.count_outgoing(reader)

    # the start-up barrier

    def start(self, ask_peers: AskPeers | None = None) -> bool:
        """Take the lock and prove continuity of every lane of ours; a lane that cannot prove it goes on in a new epoch.

        False when another process holds the lock. Nothing is signed before this has returned True.
        """
        if not self._lock.try_take():
            return False
        with self._turn:
            with self._store.read() as reader:
                mine = [lane for lane in rows.list_lanes(reader, mine=True) if lane.state == rows.OPEN]
            for lane in mine:
                broken = self._discontinuity(lane, ask_peers)
                if broken:
                    self._renew(lane, EpochReason.RESTORE, broken)
                else:
                    self._claim(lane.origin)
            self.ready = True
        self.waiting.set()
        return True

    def _discontinuity(self, lane: rows.Lane, ask_peers: AskPeers | None) -> str:
        """Why this lane must not be continued, or "" when the guard and the peers agree with the database."""
        with self._guard.read() as reader:
            guarded = rows.find_guard(reader, lane.origin)
        if guarded is None:
            return "the guard does not know this lane: the database was restored or copied"
        size, root, _ = guarded
        if size > lane.size:
            return f"the guard has seen {size} entries, the database holds {lane.size}"
        with self._store.read() as reader:
            kept = rows.find_checkpoint(reader, lane.id, size) if size else None
            if size and kept is None and self._root_of(reader, lane, size) != root:
                return f"the guard's root at {size} differs from the database"
        if kept is not None and kept.root != root:
            return f"the guard's root at {size} differs from the database"
        for note in ask_peers(lane) if ask_peers is not None else ():
            seen = open_checkpoint(note, lane.origin, [self._public_key()])
            if seen.size > lane.size:
                return f"a peer holds {seen.size} entries signed by us, the database {lane.size}"
            with self._store.read() as reader:
                known = rows.find_checkpoint(reader, lane.id, seen.size)
            if known is None or known.root != seen.root:
                return f"a peer holds a checkpoint of size {seen.size} that we do not know"
        return ""

    def _root_of(self, reader: Reader, lane: rows.Lane, size: int) -> bytes:
        """The root over the stored headers [0, size)."""
        frontier = Frontier()
        frontier.extend(leaf_hash(header) for header in rows.list_headers(reader, lane.id, 0, size))
        return frontier.root()

    def discovered_rollback(self, origin: str, why: str) -> None:
        """A peer has shown a checkpoint of ours that we do not know: go on in a new epoch, and say so ourselves."""
        with self._turn:
            with self._store.read() as reader:
                lane = rows.find_lane(reader, origin=origin)
            if lane is not None and lane.mine and lane.state == rows.OPEN and self._lock.held:
                self._renew(lane, EpochReason.RESTORE, why)
        self.waiting.set()

    def _renew(self, lane: rows.Lane, reason: EpochReason, why: str) -> rows.Lane:
        """Close an epoch where it was last signed and open the next; what was never signed is queued again."""
        _log.warning("Lane %s goes on in a new epoch: %s.", lane.tag, why)

        def close(tx: Tx) -> None:
            unsigned = rows.list_entries(tx, lane.id, lane.signed_size, lane.size)
            kept = [held for held in unsigned if held.publication]
            tx.execute("DELETE FROM lane_entry WHERE lane_id = ? AND entry_index >= ?", (lane.id, lane.signed_size))
            rows.queue_outgoing(
                tx,
                (
                    rows.Outgoing(
                        held.publication,
                        lane.agreement,
                        lane.lane_class,
                        entry.read_header(held.header).kind,
                        held.body,
                        held.at,
                    )
                    for held in kept
                ),
            )
            rows.set_size(tx, lane.id, lane.signed_size, rows.get_frontier(tx, lane.id, lane.signed_size))
            rows.set_state(tx, lane.id, rows.CLOSED, f"A new epoch was opened: {why}.")
            detail = {"reason": str(reason), "why": why, "size": lane.signed_size}
            audit.append(
                tx, at=self._clock(), actor="node", action="lane.new-epoch", subject=lane.origin, detail=detail
            )

        self._store.write(close)
        with self._store.read() as reader:
            last = rows.find_checkpoint(reader, lane.id, lane.signed_size)
        previous = LaneEnd(lane.origin, last.size, last.root.hex()) if last is not None else None
        standing = self._agreements.get_standing(lane.agreement)
        return self._open(standing, lane.lane_class, reason, previous)

    # appending and signing

    def append_waiting(self) -> int:
        """Append everything queued that may go, and sign it; the number of entries appended."""
        if not self.ready or not self._lock.held or self.halted:
            return 0
        count = 0
        with self._turn:
            self.waiting.clear()
            with self._store.read() as reader:
                wanted = rows.list_outgoing_lanes(reader)
            for agreement, lane_class in wanted:
                standing = self._agreements.standings().get(agreement)
                if standing is None or not self._may_append(standing):
                    continue
                count += self._append_all(standing, lane_class)
        return count

    def _may_append(self, standing: Standing) -> bool:
        """While we or all the others have suspended it, bodies wait in the queue."""
        if standing.state(self._clock()) is State.IN_FORCE:
            return True
        others = [party for party in standing.parties if party != standing.home]
        suspended = all(standing.suspended_between(party) for party in others)
        return standing.state(self._clock()) is State.SUSPENDED and not suspended

    def _append_all(self, standing: Standing, lane_class: LaneClass) -> int:
        count = 0
        while True:
            lane = self._current_lane(standing, lane_class)
            appended = self._store.write(lambda tx, lane=lane: self.append_batch(tx, lane))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            if lane.size + appended > lane.signed_size:
                self.sign(lane.id)
            count += appended
            if appended:
                for tell in self.appended:
                    tell(lane.agreement)
            if appended < BATCH:
                return count

    def append_batch(self, tx: Tx, lane: rows.Lane) -> int:
        """Turn up to BATCH queued bodies into entries; durable with the caller's transaction, signed afterwards."""
        waiting = rows.list_outgoing(tx, lane.agreement, lane.lane_class, BATCH)
        if not waiting:
            return 0
        now = self._clock()
        frontier = _frontier(lane.size, lane.frontier)
        salts = random_bytes(SALT_SIZE * len(waiting))
        entries: list[rows.StoredEntry] = []
        for place, body in enumerate(waiting):
            salt = salts[place * SALT_SIZE : (place + 1) * SALT_SIZE]
            header = entry.new_header(
                kind=body.kind,
                index=lane.size + place,
                version=lane.agreement_version,
                at_ms=body.at // 1000,
                salt=salt,
                body=body.body,
            ).to_bytes()
            entries.append(
                rows.StoredEntry(lane.size + place, header, salt, body.body, rows.HELD, body.publication, now)
            )
        frontier.extend(leaf_hash(held.header) for held in entries)
        rows.insert_entries(tx, lane.id, entries)
        rows.set_size(tx, lane.id, frontier.size, b"".join(frontier.hashes))
        rows.delete_outgoing(tx, (body.publication for body in waiting))
        return len(entries)

    def sign(self, lane_id: int) -> Checkpoint:
        """Sign a checkpoint over all durable entries of a lane of ours.

        The order is what keeps a crash harmless: entries durable, read back and hashed again, the guard advanced by
        compare-and-swap and durable, then the signature.
        """
        with self._store.read() as reader:
            lane = rows.find_lane(reader, lane_id=lane_id)
            if lane is None:
                raise Refused("There is no such lane.", code="unknown-lane")
            frontier = _frontier(lane.signed_size, rows.get_frontier(reader, lane.id, lane.signed_size))
            frontier.extend(map(leaf_hash, rows.list_headers(reader, lane.id, lane.signed_size, lane.size)))
        if frontier.size != lane.size or b"".join(frontier.hashes) != lane.frontier:
            self.halted = f"Stored entries of lane {lane.tag} differ from what was appended; nothing more is signed."
            raise Refused(self.halted, "The database may be damaged.", "Run `kouprey doctor`.", code="damaged-lane")
        checkpoint = Checkpoint(lane.origin, lane.size, frontier.root())
        self._advance_guard(lane, checkpoint)
        note = sign_checkpoint(checkpoint, self._keyring.node)
        kept = rows.StoredCheckpoint(lane.size, checkpoint.root, note, lane.frontier, self._clock())
        self._store.write(lambda tx: rows.save_checkpoint(tx, lane.id, kept))
        return checkpoint

    def _advance_guard(self, lane: rows.Lane, checkpoint: Checkpoint) -> None:
        def work(tx: Tx) -> bool:
            held = rows.find_guard(tx, lane.origin)
            if held is None:
                rows.begin_guard(tx, lane.origin, checkpoint.size, checkpoint.root, self._holder)
                return lane.signed_size == 0
            if held[0] > checkpoint.size or (held[0] == checkpoint.size and held[1] != checkpoint.root):
                return False
            return rows.advance_guard(tx, lane.origin, held[0], checkpoint.size, checkpoint.root, self._holder)

        if not self._guard.write(work):
            self.halted = f"Somebody else has signed for lane {lane.tag}; this process signs nothing more."
            raise Refused(
                self.halted,
                "Two instances of this node run on the same data, or the guard was replaced.",
                "Stop one of them, then start this one again.",
                code="guard-lost",
            )

    def _claim(self, origin: str) -> None:
        self._guard.write(lambda tx: rows.claim_guard(tx, origin, self._holder))

    def release(self) -> None:
        """Sign nothing more and let another process take over."""
        self.ready = False
        self._lock.release()

    # opening lanes

    def _current_lane(self, standing: Standing, lane_class: LaneClass) -> rows.Lane:
        """Our open lane of this class under the version of the agreement that counts now, opened when missing."""
        with self._store.read() as reader:
            mine = rows.list_lanes(reader, mine=True, agreement=standing.agreement)
        lanes = [lane for lane in mine if lane.lane_class is lane_class and lane.state == rows.OPEN]
        if not lanes:
            return self._open(standing, lane_class, EpochReason.FIRST, None)
        lane = lanes[-1]
        if lane.version_sha256 != standing.note_sha256.hex():
            return self._renew(lane, EpochReason.MEMBERSHIP, "the agreement has a new version")
        if lane.size + BATCH >= EPOCH_MAX:
            return self._renew(lane, EpochReason.ROLL, "the epoch is full")
        return lane

    def _open(
        self, standing: Standing, lane_class: LaneClass, reason: EpochReason, previous: LaneEnd | None
    ) -> rows.Lane:
        home = self._people.home()
        genesis = Genesis(
            agreement=standing.agreement,
            version=standing.version,
            version_sha256=standing.note_sha256.hex(),
            author=home.id,
            audience=tuple(sorted(standing.parties)),
            lane_class=lane_class,
            purpose_set=tuple(sorted(standing.terms.purposes)),
            epoch=random_bytes(16).hex(),
            prev=previous,
            reason=reason,
            root_key_statement=sha256(split_note(home.note)[0]).hexdigest(),
        )
        document = entry.render_genesis(genesis)
        origin = rules.lane_origin(document)
        body = entry.render_body(EntryBody(media_type=GENESIS_MEDIA_TYPE, label=None, content=document))
        now = self._clock()
        salt = random_bytes(SALT_SIZE)
        header = entry.new_header(
            kind=EntryKind.GENESIS, index=0, version=standing.version, at_ms=now // 1000, salt=salt, body=body
        ).to_bytes()
        frontier = Frontier()
        frontier.append(leaf_hash(header))
        lane = rows.Lane(
            id=0,
            origin=origin,
            tag=rules.lane_tag(origin),
            agreement=standing.agreement,
            agreement_version=standing.version,
            version_sha256=standing.note_sha256.hex(),
            author=home.id,
            audience=genesis.audience,
            lane_class=lane_class,
            genesis=document,
            mine=True,
            size=1,
            frontier=b"".join(frontier.hashes),
            signed_size=0,
            state=rows.OPEN,
            note="",
            opened_at=now,
        )

        def work(tx: Tx) -> int:
            lane_id = rows.insert_lane(tx, lane)
            rows.insert_entries(tx, lane_id, [rows.StoredEntry(0, header, salt, body, rows.HELD, 0, now)])
            detail = {"agreement": standing.agreement, "reason": str(reason), "class": str(lane_class)}
            audit.append(tx, at=now, actor="node", action="lane.open", subject=origin, detail=detail)
            return lane_id

        lane_id = self._store.write(work)
        self.sign(lane_id)
        with self._store.read() as reader:
            opened = rows.find_lane(reader, lane_id=lane_id)
        if opened is None:
            raise Refused("The new lane cannot be read back.", code="damaged-lane")
        return opened

    def _public_key(self) -> bytes:
        return self._keyring.node.verify_key("node").public

    def genesis_of(self, lane: rows.Lane) -> Genesis:
        """The genesis document of a lane we hold, read."""
        return msgspec.json.decode(lane.genesis, type=Genesis)


def _frontier(size: int, hashes: bytes) -> Frontier:
    return Frontier.from_bytes(size, hashes)
