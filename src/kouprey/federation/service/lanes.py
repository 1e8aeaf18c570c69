"""Our own lanes: queue bodies, append them, sign what is durable, and never sign two histories."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from kouprey.agreements.model import Standing
from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import (
    EpochReason,
    LaneClass,
)
from kouprey.federation.service.epochs import (
    audience_of,
    close_epoch,
    may_append,
    open_epoch,
    publish_anew,
    reason_to_leave,
)
from kouprey.federation.service.erasures import Erasures
from kouprey.federation.service.frontiers import tail_ends
from kouprey.federation.service.guard import Guard, discontinuity, lost_lanes
from kouprey.federation.service.queueing import BATCH, BATCH_BYTES, Queueing
from kouprey.kernel.seal.checkpoint import Checkpoint, sign_checkpoint
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.words.errors import KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)

AskPeers = Callable[[rows.Lane], Sequence[bytes]]
"""Our newest checkpoint of a lane as each reachable peer holds it."""

_LEFT = {EpochReason.MEMBERSHIP: "the agreement has a new version", EpochReason.ROLL: "the epoch is full"}


class Lanes(Queueing):
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

    # the start-up barrier

    def start(self, ask_peers: AskPeers | None = None) -> bool:
        """Take the lock and prove continuity of every lane of ours; one that cannot prove it goes on in a new epoch.

        False when another process holds the lock. Nothing is signed before this has returned True. What was durable
        and unsigned when the node stopped is signed now.
        """
        if not self._lock.try_take():
            return False
        with self._turn:
            self._leave_what_may_have_gone_on()
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

    def _leave_what_may_have_gone_on(self) -> None:
        """When the guard knows lanes that this database does not, any may have gone on in a later epoch, now lost."""
        if lost := lost_lanes(self._store, self._guard):
            left = [lane.origin for lane in self._open_lanes()]
            self.end_all(f"the guard knows {len(lost)} lanes of ours that the database does not")
            # Said once: at the next start the epochs opened since then go on.
            self._guard.forget([*lost, *left])

    def _open_lanes(self) -> list[rows.Lane]:
        with self._store.read() as reader:
            return [lane for lane in rows.list_lanes(reader, mine=True) if lane.state == rows.OPEN]

    def _prove(self, lane: rows.Lane, held_by_peers: Sequence[bytes]) -> None:
        """Claim the guard for a lane, or close its epoch."""
        public = [key.public for key in self._keyring.signers]
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

    def publish_anew(self, lane_id: int, first: int, why: str) -> int:
        """A peer has proven that its history of an epoch of ours is another from entry `first` on: end the epoch.

        What we had signed since, which nobody would accept there, waits for the next; how many entries.
        """

        def work(tx: Tx) -> int:
            lane = rows.find_lane(tx, lane_id=lane_id)
            return 0 if lane is None or not lane.mine else publish_anew(tx, lane, first, why, self._clock())

        with self._turn:
            queued = self._store.write(work)
        self.waiting.set()
        return queued

    def _close(self, lane_id: int, why: str) -> None:
        def work(tx: Tx) -> None:
            lane = rows.find_lane(tx, lane_id=lane_id)
            if lane is not None and lane.state == rows.OPEN:
                _log.warning("Lane %s goes on in a new epoch: %s.", lane.tag, why)
                close_epoch(tx, lane, why, self._clock())

        self._store.write(work)

    def end_all(self, why: str) -> None:
        """End every epoch of ours; what is published next opens others."""
        with self._turn:
            for lane in self._open_lanes():
                self._close(lane.id, why)

    def end_epoch(self, tx: Tx, lane: rows.Lane, why: str) -> None:
        """End an epoch of ours in the caller's transaction."""
        close_epoch(tx, lane, why, self._clock())
        tx.after_commit(self.waiting.set)

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
            count += self._sign_tails(LaneClass.PRIORITY) + self._sign_tails()
            with self._store.read() as reader:
                wanted = rows.list_outgoing_lanes(reader)
            for agreement, lane_class, aim in wanted:
                try:
                    count += self._append_all(agreement, lane_class, aim)
                except KoupreyError as error:
                    if self.halted:
                        raise
                    failures.append(error)
        if failures:
            raise failures[0]
        return count

    def _sign_tails(self, only: LaneClass | None = None) -> int:
        """Sign what is durable and was never signed: published just now, or before the node was stopped."""
        count = 0
        for lane in self._open_lanes():
            if lane.size > lane.signed_size and only in (None, lane.lane_class):
                count += self.sign(lane.id).size - lane.signed_size
                self._tell(lane.agreement)
        return count

    def _tell(self, agreement: str) -> None:
        for tell in self.appended:
            tell(agreement)

    def _append_all(self, agreement: str, lane_class: LaneClass, aim: str) -> int:
        count = 0
        # The standing is asked anew for each batch: a suspension stops a long backlog in the middle.
        while (standing := self._agreements.standings().get(agreement)) is not None and may_append(
            standing, self._clock()
        ):
            if len(audience_of(standing, aim)) < 2:
                break  # Those it was for are no parties any more, and nobody else may have it.
            lane = self._current_lane(standing, lane_class, aim)
            appended = self._append(lane)
            if not appended:
                break
            self.sign(lane.id)
            count += appended
            self._tell(agreement)
            if lane_class is not LaneClass.PRIORITY:
                count += self._append_urgent()
        return count

    def _append_urgent(self) -> int:
        """What must not wait until a backlog is appended: looked for after each batch of one."""
        count = self._sign_tails(LaneClass.PRIORITY)
        with self._store.read() as reader:
            urgent = rows.list_urgent_outgoing(reader)
        for agreement, aim in urgent:
            # One that cannot go on was tried before the backlog, and is told about at the end of it.
            with suppress(Refused):
                count += self._append_all(agreement, LaneClass.PRIORITY, aim)
        return count

    def _append(self, lane: rows.Lane) -> int:
        return self._store.write(lambda tx: self.append_batch(tx, lane))

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
            ends, tail = tail_ends(reader, lane, BATCH, BATCH_BYTES)
        last = ends[-1]
        if last.size != lane.size or lane.tail not in (tail, rows.UNKNOWN):
            self._halt_damaged(lane)
        # The guard need only know the last: the others are beginnings of the same history.
        if not self._guard.advance(Checkpoint(lane.origin, last.size, last.root()), first=lane.signed_size == 0):
            self._halt(lane)
        signed = [Checkpoint(lane.origin, end.size, end.root()) for end in ends]
        now = self._clock()
        kept = [
            rows.StoredCheckpoint(
                each.size, each.root, sign_checkpoint(each, *self._keyring.signers), end.to_bytes(), now
            )
            for each, end in zip(signed, ends, strict=True)
        ]
        self._store.write(lambda tx: self._keep(tx, lane, kept, tail))
        return signed[-1]

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

    def _current_lane(self, standing: Standing, lane_class: LaneClass, aim: str) -> rows.Lane:
        """Our open lane of this class and aim under the version of the agreement that counts, opened when missing."""
        home = self._people.home()

        def work(tx: Tx) -> rows.Lane:
            last = rows.find_last_lane(tx, standing.agreement, lane_class, aim)
            if last is not None:
                leave = reason_to_leave(last, standing)
                if leave is None:
                    return last
                if last.state == rows.OPEN:
                    close_epoch(tx, last, _LEFT[leave], self._clock())
            return open_epoch(tx, home, standing, lane_class, last, self._clock(), aim)

        with self._store.read() as reader:
            last = rows.find_last_lane(reader, standing.agreement, lane_class, aim)
        if last is not None and reason_to_leave(last, standing) is None:
            return last
        lane = self._store.write(work)
        self.sign(lane.id)
        return lane
