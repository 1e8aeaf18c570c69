"""What waits to be appended to our lanes, and how it becomes entries; signing is another matter."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence

from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import BODY_MAX, SALT_SIZE, EntryBody, EntryKind, Genesis, LaneClass
from kouprey.federation.service.epochs import aim_of, may_append, reason_to_leave
from kouprey.federation.wire import entry
from kouprey.kernel.seal.keys import random_bytes
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import Clock

BATCH = 1000
"""Bodies appended in one transaction, so that no write lasts long."""
BATCH_BYTES = 8 << 20
"""Bytes of them together: a checkpoint every so often is what lets a peer fetch and verify in bounded memory."""

TAIL_MAX = 64 * BATCH
"""Entries that may be unsigned in a lane before others wait in the queue."""


class Queueing:
    """Bodies on their way into lanes of ours; for every process of the node."""

    _store: Store
    _agreements: Agreements
    _clock: Clock
    waiting: threading.Event

    def queue(
        self,
        tx: Tx,
        agreement: str,
        bodies: Sequence[EntryBody],
        *,
        lane_class: LaneClass = LaneClass.BULK,
        kind: EntryKind = EntryKind.OBJECT,
        parties: Collection[str] = (),
    ) -> range:
        """Promise, in the caller's transaction, to append these bodies; returns their publication numbers.

        `parties`: those that are to have them, none for all. What is for some goes into a lane that others do not see.
        """
        rendered = list(map(entry.render_body, bodies))
        return self.queue_rendered(tx, agreement, rendered, lane_class=lane_class, kind=kind, parties=parties)

    def queue_rendered(
        self,
        tx: Tx,
        agreement: str,
        rendered: Sequence[bytes],
        *,
        lane_class: LaneClass,
        kind: EntryKind,
        parties: Collection[str] = (),
    ) -> range:
        """The same, for bodies as they stand on the wire."""
        if not rendered:
            return range(0)
        longest = max(rendered, key=len)
        if len(longest) > BODY_MAX:
            # No lane could carry it: refused, in the words of the wire, while the caller can still be told.
            entry.new_header(kind=kind, index=1, version=1, at_ms=0, salt=bytes(SALT_SIZE), body=longest)
        first = tx.positions(len(rendered))
        numbers = range(first, first + len(rendered))
        standing = self._agreements.standings(tx).get(agreement)
        aim = aim_of(standing, parties) if standing is not None else ""
        tip = self._open_for(tx, agreement, lane_class, aim) if len(rendered) <= BATCH else None
        if tip is None:
            now = self._clock()
            rows.queue_outgoing(
                tx,
                (
                    rows.Outgoing(number, agreement, lane_class, kind, raw, now, aim)
                    for number, raw in zip(numbers, rendered, strict=True)
                ),
            )
        else:
            self._insert(tx, tip, numbers, [kind] * len(rendered), rendered)
        tx.after_commit(self.waiting.set)
        return numbers

    def find_aims(self, publications: Sequence[int]) -> dict[int, tuple[str, ...]]:
        """Publication number -> the parties it was meant for, () for all there were; those not known are missing."""
        with self._store.read() as reader:
            aims = rows.list_waiting_aims(reader, publications)
            lanes: dict[int, str] = {}
            for number, (lane_id, _) in rows.list_places(reader, publications).items():
                if lane_id not in lanes:
                    lane = rows.find_lane(reader, lane_id=lane_id)
                    if lane is None:
                        continue
                    lanes[lane_id] = lane.aim
                aims[number] = lanes[lane_id]
        return {number: tuple(aim.split()) for number, aim in aims.items()}

    def recovered_aim(self, genesis: Genesis) -> str:
        """What a lane of ours that this database has lost was meant for, by its genesis; "" for all parties."""
        try:
            version = self._agreements.get_version(genesis.agreement, genesis.version_sha256)
        except KoupreyError:
            return ""
        standing = self._agreements.standings().get(genesis.agreement)
        left = set(standing.left) if standing is not None else set()
        meant, everybody = set(genesis.audience), set(version.party_ids)
        return "" if meant in (everybody, everybody - left) else " ".join(sorted(meant))

    def _open_for(self, tx: Tx, agreement: str, lane_class: LaneClass, aim: str = "") -> rows.Tip | None:
        """The tip of the lane that these bodies can enter in the caller's transaction, if nothing waits before them.

        Appending is for everybody: the database puts it in order. Opening an epoch and signing are for the holder of
        the lock, and what was never signed can always wait again.
        """
        standing = self._agreements.standings(tx).get(agreement)
        if (
            standing is None
            or not may_append(standing, self._clock())
            or rows.has_outgoing(tx, agreement, lane_class, aim)
        ):
            return None
        tip = rows.find_tip(tx, agreement, lane_class, aim)
        if tip is None or reason_to_leave(tip, standing) is not None:
            return None
        return tip if tip.size - tip.signed_size < TAIL_MAX else None

    def count_waiting(self) -> dict[str, int]:
        """Agreement -> how many bodies wait to be appended."""
        with self._store.read() as reader:
            return rows.count_outgoing(reader)

    def append_batch(self, tx: Tx, lane: rows.Lane) -> int:
        """Turn queued bodies into entries, up to BATCH of them; durable with the caller's transaction, then signed.

        0 when nothing waits, or when the lane was closed or grew since it was read.
        """
        tip = rows.find_tip(tx, lane.agreement, lane.lane_class, lane.aim)
        if tip is None or tip.id != lane.id or tip.state != rows.OPEN:
            return 0
        waiting = rows.list_outgoing(tx, lane.agreement, lane.lane_class, BATCH, BATCH_BYTES, aim=lane.aim)
        if not waiting:
            return 0
        numbers, _, _, kinds, bodies, _, _ = zip(*waiting, strict=True)
        self._insert(tx, tip, numbers, kinds, bodies)
        first, last = waiting[0].publication, waiting[-1].publication
        rows.delete_outgoing(tx, lane.agreement, lane.lane_class, first, last, lane.aim)
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
