"""Our own lanes: queue bodies, append them, sign what is durable, and never sign two histories."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from kouprey.agreements.model import Standing, State
from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import (
    BODY_MAX,
    SALT_SIZE,
    EntryBody,
    EntryKind,
    EpochReason,
    LaneClass,
)
from kouprey.federation.service.epochs import close_epoch, open_epoch, reason_to_leave
from kouprey.federation.service.erasures import Erasures
from kouprey.federation.service.frontiers import frontier_at
from kouprey.federation.service.guard import Guard, discontinuity
from kouprey.federation.wire import entry
from kouprey.kernel.seal.checkpoint import Checkpoint, sign_checkpoint
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.words.errors import KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)

BATCH = 1000
"""Bodies appended in one transaction, so that no write lasts long."""
BATCH_BYTES = 8 << 20
"""Bytes of them together: a checkpoint every so often is what lets a peer fetch and verify in bounded memory."""

TAIL_MAX = 64 * BATCH
"""Entries that may be unsigned in a lane before others wait in the queue."""

AskPeers = Callable[[rows.Lane], Sequence[bytes]]
"""Our newest checkpoint of a lane as each reachable peer holds it."""

_LEFT = {
    EpochReason.MEMBERSHIP: "the agreement has a new version",
    EpochReason.ROLL: "the epoch is full",
}


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
        self._guard = Guard(guard)
        self.erasures = Erasures(guard)
        self._people = people
        self._agreements = agreements
        self._keyring = keyring
        self._lock = lock
        self._clock = clock
        self._turn = threading.RLock()
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
        if not bodies:
            return range(0)
        rendered = [entry.render_body(body) for body in bodies]
        longest = max(rendered, key=len)
        if len(longest) > BODY_MAX:
            # No lane could carry it: refused, in the words of the wire, while the caller can still be told.
            entry.new_header(kind=kind, index=1, version=1, at_ms=0, salt=bytes(SALT_SIZE), body=longest)
        first = tx.positions(len(rendered))
        numbers = range(first, first + len(rendered))
        tip = self._open_for(tx, agreement, lane_class) if len(rendered) <= BATCH else None
        if tip is None:
            now = self._clock()
            rows.queue_outgoing(
                tx,
                (
                    rows.Outgoing(number, agreement, lane_class, kind, raw, now)
                    for number, raw in zip(numbers, rendered, strict=True)
                ),
            )
        else:
            self._insert(tx, tip, numbers, [kind] * len(rendered), rendered)
        tx.after_commit(self.waiting.set)
        return numbers

    def _open_for(self, tx: Tx, agreement: str, lane_class: LaneClass) -> rows.Tip | None:
        """The tip of the lane that these bodies can enter in the caller's transaction, if nothing waits before them.

        Appending is for everybody: the database puts it in order. Opening an epoch and signing are for the holder of
        the lock, and what was never signed can always wait again.
        """
        standing = self._agreements.standings(tx).get(agreement)
        if standing is None or not self._may_append(standing) or rows.has_outgoing(tx, agreement, lane_class):
            return None
        tip = rows.find_tip(tx, agreement, lane_class)
        if tip is None or reason_to_leave(tip, standing) is not None:
            return None
        return tip if tip.size - tip.signed_size < TAIL_MAX else None

    def count_waiting(self) -> dict[str, int]:
        """Agreement -> how many bodies wait to be appended."""
        with self._store.read() as reader:
            return rows.count_outgoing(reader)

    # the start-up barrier

    def start(self, ask_peers: AskPeers | None = None) -> bool:
        """Take the lock and prove continuity of every lane of ours; one that cannot prove it goes on in a new epoch.

        False when another process holds the lock. Nothing is signed before this has returned True. What was durable
        and unsigned when the node stopped is signed now.
        """
        if not self._lock.try_take():
            return False
        with self._turn:
            for lane in self._open_lanes():
                asked = ask_peers(lane) if ask_peers is not None else ()
                self._prove(lane, asked)
            try:
                self._sign_tails()
            except KoupreyError as error:
                # What is signed can be served all the same; `halted` says why nothing is added to it.
                _log.error("Nothing is signed for now: %s", error)
            self.ready = True
        self.waiting.set()
        return True

    def _open_lanes(self) -> list[rows.Lane]:
        with self._store.read() as reader:
            return [lane for lane in rows.list_lanes(reader, mine=True) if lane.state == rows.OPEN]

    def _prove(self, lane: rows.Lane, held_by_peers: Sequence[bytes]) -> None:
        """Claim the guard for a lane, or close its epoch."""
        public = self._keyring.node.verify_key("node").public
        for _ in range(3):
            guarded = self._guard.find(lane.origin)
            with self._store.read() as reader:
                current = rows.find_lane(reader, lane_id=lane.id) or lane
                try:
                    broken = discontinuity(reader, current, guarded, held_by_peers, public)
                except Refused as error:
                    broken = str(error)
            if broken:
                self._close(lane.id, broken)
                return
            # Another instance may have signed since the guard was read; then everything is looked at again.
            if guarded is not None and self._guard.claim(lane.origin, guarded):
                return
        self._close(lane.id, "another instance of this node keeps signing")

    def discovered_rollback(self, origin: str, why: str) -> None:
        """A peer has shown a checkpoint of ours that we do not know: end the epoch; what is published next opens one.

        Works beside a running server too: the epoch ends in the database, which every process reads before it signs.
        """
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=origin)
        if lane is not None and lane.mine and lane.state == rows.OPEN:
            self._close(lane.id, why)
            self.waiting.set()

    def _close(self, lane_id: int, why: str) -> None:
        def work(tx: Tx) -> None:
            lane = rows.find_lane(tx, lane_id=lane_id)
            if lane is not None and lane.state == rows.OPEN:
                _log.warning("Lane %s goes on in a new epoch: %s.", lane.tag, why)
                close_epoch(tx, lane, why, self._clock())

        self._store.write(work)

    # appending and signing

    def append_waiting(self) -> int:
        """Append everything queued that may go, and sign it; the number of entries newly signed.

        One agreement that cannot go on does not hold up the others; its failure is raised when they are done.
        """
        self.waiting.clear()
        if not self.ready or not self._lock.held or self.halted:
            return 0
        count = 0
        failures: list[KoupreyError] = []
        with self._turn:
            count += self._sign_tails()
            with self._store.read() as reader:
                wanted = rows.list_outgoing_lanes(reader)
            for agreement, lane_class in wanted:
                try:
                    count += self._append_all(agreement, lane_class)
                except KoupreyError as error:
                    if self.halted:
                        raise
                    failures.append(error)
        if failures:
            raise failures[0]
        return count

    def _sign_tails(self) -> int:
        """Sign what is durable and was never signed: published just now, or before the node was stopped."""
        count = 0
        for lane in self._open_lanes():
            if lane.size > lane.signed_size:
                count += self.sign(lane.id).size - lane.signed_size
                self._tell(lane.agreement)
        return count

    def _tell(self, agreement: str) -> None:
        for tell in self.appended:
            tell(agreement)

    def _append_all(self, agreement: str, lane_class: LaneClass) -> int:
        count = 0
        # The standing is asked anew for each batch: a suspension stops a long backlog in the middle.
        while (standing := self._agreements.standings().get(agreement)) is not None and self._may_append(standing):
            lane = self._current_lane(standing, lane_class)
            appended = self._append(lane)
            if not appended:
                break
            self.sign(lane.id)
            count += appended
        if count:
            self._tell(agreement)
        return count

    def _append(self, lane: rows.Lane) -> int:
        return self._store.write(lambda tx: self.append_batch(tx, lane))

    def _may_append(self, standing: Standing) -> bool:
        """While we or all the others have suspended it, bodies wait in the queue."""
        state = standing.state(self._clock())
        if state is State.SUSPENDED:
            others = [party for party in standing.parties if party != standing.home]
            return standing.home not in standing.suspended_by and not all(map(standing.suspended_between, others))
        return state is State.IN_FORCE

    def append_batch(self, tx: Tx, lane: rows.Lane) -> int:
        """Turn queued bodies into entries, up to BATCH of them; durable with the caller's transaction, then signed.

        0 when nothing waits, or when the lane was closed or grew since it was read.
        """
        tip = rows.find_tip(tx, lane.agreement, lane.lane_class)
        if tip is None or tip.id != lane.id or tip.state != rows.OPEN:
            return 0
        waiting = rows.list_outgoing(tx, lane.agreement, lane.lane_class, BATCH, BATCH_BYTES)
        if not waiting:
            return 0
        numbers, _, _, kinds, bodies, _ = zip(*waiting, strict=True)
        self._insert(tx, tip, numbers, kinds, bodies)
        rows.delete_outgoing(tx, lane.agreement, lane.lane_class, waiting[0].publication, waiting[-1].publication)
        return len(waiting)

    def _insert(
        self, tx: Tx, tip: rows.Tip, numbers: Sequence[int], kinds: Sequence[EntryKind], bodies: Sequence[bytes]
    ) -> None:
        """Store bodies as the next entries of a lane, as it stands in this transaction."""
        now = self._clock()
        salted = random_bytes(SALT_SIZE * len(bodies))
        salts = [salted[at : at + SALT_SIZE] for at in range(0, len(salted), SALT_SIZE)]
        headers = entry.pack_headers(
            kinds, salts, bodies, start=tip.size, version=tip.agreement_version, at_ms=now // 1000
        )
        rows.insert_held(tx, tip.id, tip.size, zip(headers, salts, bodies, strict=True), numbers, now)
        rows.set_tail(tx, tip.id, tip.size + len(headers), rows.sum_tail(headers, tip.tail))

    def sign(self, lane_id: int) -> Checkpoint:
        """Sign all durable entries of a lane of ours; the last checkpoint.

        The order is what keeps a crash harmless: entries durable, read back and hashed again, the guard advanced by
        compare-and-swap and durable, then the signature, which leaves the node only after it is stored. A long tail
        gets several checkpoints, so that whoever fetches it can verify it in bounded memory.
        """
        with self._store.read() as reader:
            lane = rows.find_lane(reader, lane_id=lane_id)
            if lane is None or not lane.mine:
                raise Unknown("There is no such lane of ours.", code="unknown-lane")
            ends, tail = self._ends(reader, lane)
        last = ends[-1]
        if last.size != lane.size or lane.tail not in (tail, rows.UNKNOWN):
            self._halt_damaged(lane)
        # The guard need only know the last: the others are beginnings of the same history.
        if not self._guard.advance(Checkpoint(lane.origin, last.size, last.root()), first=lane.signed_size == 0):
            self._halt(lane)
        signed = [Checkpoint(lane.origin, end.size, end.root()) for end in ends]
        now = self._clock()
        kept = [
            rows.StoredCheckpoint(each.size, each.root, sign_checkpoint(each, self._keyring.node), end.to_bytes(), now)
            for each, end in zip(signed, ends, strict=True)
        ]
        self._store.write(lambda tx: self._keep(tx, lane, kept, tail))
        return signed[-1]

    def _ends(self, reader: Reader, lane: rows.Lane) -> tuple[list[Frontier], int]:
        """The compact ranges at which the tail of a lane is to be signed, over its headers as they are stored now.

        With them the checksum of those headers.
        """
        frontier = frontier_at(reader, lane.id, lane.signed_size)
        ends: list[Frontier] = []
        tail = 0
        while frontier.size < lane.size or not ends:
            start = frontier.size
            end = rows.end_within(reader, lane.id, start, min(start + BATCH, lane.size), BATCH_BYTES)
            frontier = frontier.copy()
            headers = rows.list_headers(reader, lane.id, start, end)
            frontier.extend(map(leaf_hash, headers))
            tail = rows.sum_tail(headers, tail)
            ends.append(frontier)
            if frontier.size != end:
                break  # A row is missing; the comparison that follows says so.
        return ends, tail

    def _keep(self, tx: Tx, lane: rows.Lane, kept: Sequence[rows.StoredCheckpoint], tail: int) -> None:
        """Store signed checkpoints; `tail` sums up the headers they sign, those behind them stay unsigned."""
        current = rows.find_lane(tx, lane_id=lane.id)
        if current is None or current.state != rows.OPEN:
            # Its tail waits again for the next epoch; a signature over it would be a second history.
            raise Refused("The epoch was closed while it was being signed.", code="closed-epoch")
        for each in kept:
            rows.save_checkpoint(tx, lane.id, each)
        grown = rows.list_headers(tx, lane.id, lane.size, current.size)
        if current.tail not in (rows.sum_tail(grown, tail), rows.UNKNOWN):
            self._halt_damaged(lane)
        rows.set_tail(tx, lane.id, current.size, rows.sum_tail(grown))

    def _halt_damaged(self, lane: rows.Lane) -> None:
        self.halted = f"Stored entries of lane {lane.tag} differ from what was appended; nothing more is signed."
        raise Refused(self.halted, "The database may be damaged.", "Run `kouprey doctor`.", code="damaged-lane")

    def _halt(self, lane: rows.Lane) -> None:
        self.halted = f"Somebody else has signed for lane {lane.tag}; this process signs nothing more."
        raise Refused(
            self.halted,
            "Two instances of this node run on the same data, or the guard was replaced.",
            "Stop one of them, then start this one again.",
            code="guard-lost",
        )

    def release(self) -> None:
        """Sign nothing more and let another process take over."""
        self.ready = False
        with self._turn:
            self._lock.release()

    def _current_lane(self, standing: Standing, lane_class: LaneClass) -> rows.Lane:
        """Our open lane of this class under the version of the agreement that counts now, opened when missing."""
        home = self._people.home()

        def work(tx: Tx) -> rows.Lane:
            last = rows.find_last_lane(tx, standing.agreement, lane_class)
            if last is not None:
                leave = reason_to_leave(last, standing)
                if leave is None:
                    return last
                if last.state == rows.OPEN:
                    close_epoch(tx, last, _LEFT[leave], self._clock())
            return open_epoch(tx, home, standing, lane_class, last, self._clock())

        with self._store.read() as reader:
            last = rows.find_last_lane(reader, standing.agreement, lane_class)
        if last is not None and reason_to_leave(last, standing) is None:
            return last
        lane = self._store.write(work)
        self.sign(lane.id)
        return lane
