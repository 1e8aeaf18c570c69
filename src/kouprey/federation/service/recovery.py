"""Self-recovery: after a restore a node takes back what it had signed and lost, from the partners who hold it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import (
    GENESIS_MEDIA_TYPE,
    BodyFrame,
    BodyState,
    EntryHeader,
    EntryKind,
    HeadersAnswer,
    LaneState,
    ReasonCode,
    Receipt,
)
from kouprey.federation.service.admit import Admission
from kouprey.federation.service.apply import Delivery, Receiver
from kouprey.federation.service.epochs import new_row
from kouprey.federation.service.evidence import proven_mark
from kouprey.federation.service.follow import Follower
from kouprey.federation.service.frontiers import frontier_at
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.wire import entry
from kouprey.kernel.seal.checkpoint import Checkpoint
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.storage import audit, meta
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Damaged, KoupreyError, Refused, Unreachable
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)


class Recovery:
    """Takes entries of our own lanes back; nothing is believed but what our own key has signed."""

    def __init__(
        self,
        store: Store,
        people: People,
        lanes: Lanes,
        admission: Admission,
        regained: Mapping[str, Receiver],
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._lanes = lanes
        self._admission = admission
        self._regained = regained
        self._clock = clock

    def recover(self, peer: rows.Link, follower: Follower, held: Sequence[LaneState]) -> int:
        """Fetch what a peer holds of our lanes beyond what we know, oldest lane first; how many entries came back.

        One lane that fails does not hold up the others; the first failure is raised when they are done.
        """
        count = 0
        failures: list[KoupreyError] = []
        for state in held:
            try:
                if state.author == self._people.home_id and not self._parted(peer, follower, state):
                    count += self._lane(peer, follower, state)
                    self._stopped(peer, state)
            except Unreachable:
                raise
            except KoupreyError as error:
                if error.code == ReasonCode.REVOKED:
                    # No fault of the peer, which freezes it as soon as it has our statement: the exchange goes on.
                    _log.warning("What %s holds of lane %s is not taken back: %s", peer.party, state.tag, error.why)
                else:
                    failures.append(error)
        if failures:
            raise failures[0]
        return count

    def _parted(self, peer: rows.Link, follower: Follower, state: LaneState) -> bool:
        """Whether a peer holds another history of a lane of ours, signed by us: we went on after an older copy.

        Then what we signed since is published anew, for nobody who holds the other history will take it there.
        """
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=state.origin)
        shared = 0 if lane is None or not lane.mine else min(lane.signed_size, state.size)
        if lane is None or not shared or self._same(lane, follower.fetch(peer, state.tag, shared), shared):
            return False
        low, high = 0, shared
        while high - low > 1:
            middle = (low + high) // 2
            if self._same(lane, follower.fetch(peer, state.tag, middle), middle):
                low = middle
            else:
                high = middle
        why = f"{peer.party} holds another history of it, signed by us, from entry {low} on"
        if self._lanes.publish_anew(lane.id, low, why):
            _log.warning("Lane %s goes on in a new epoch: %s.", lane.tag, why)
        page = follower.fetch(peer, state.tag, low)
        self._same(lane, page, low)
        if not page.headers:
            raise Damaged("A page of a lane of ours is not what was signed.", code=ReasonCode.BAD_RANGE)
        # Whoever holds this history, and however its pages are cut: what was taken of it once is not taken again.
        mark = f"other-history-{lane.tag}-{low}-{leaf_hash(page.headers[0].to_bytes()).hex()}"
        with self._store.read() as reader:
            start = int(meta.get(reader, mark) or low)
        while start < state.size:
            start = self._take_other(peer, follower, lane, mark, start)
        return True

    def _stopped(self, peer: rows.Link, state: LaneState) -> None:
        """What a peer never takes of a lane of ours goes out anew, where two histories of it were proven to us.

        It holds our history up to where it stopped. Without that proof its word alone would make us say all again.
        """
        with self._store.read() as reader:
            lane = rows.find_lane(reader, origin=state.origin)
            proven = meta.get(reader, proven_mark(state.tag, peer.party)) is not None
        if state.frozen and proven and lane is not None and lane.mine and lane.signed_size > state.size:
            why = f"{peer.party} takes nothing more of it: two histories of it were signed"
            self._lanes.publish_anew(lane.id, state.size, why)

    def _take_other(self, peer: rows.Link, follower: Follower, lane: rows.Lane, mark: str, start: int) -> int:
        """Take back a page of the other history, which holds what we signed before and lost; where the next begins.

        It cannot become part of our own, so it is published anew, too: not everybody may have had it.
        """
        page = follower.fetch(peer, lane.tag, start)
        checkpoint = self._opened(page, lane.origin)
        frontier = rules.verify_range(
            Frontier.from_bytes(start, b"".join(page.frontier)),
            page.headers,
            checkpoint,
            agreement_version=lane.agreement_version,
            proof=page.proof,
        )
        if not page.headers or frontier.size != checkpoint.size:
            raise Refused("The range must end at a signed checkpoint.", code=ReasonCode.BAD_RANGE)
        frames = _frames(page.headers, follower.bodies(peer, lane.tag, page.headers))

        def work(tx: Tx) -> None:
            gone = self._regain(tx, lane, page.headers, frames)
            rendered = [
                frame.body
                for header, frame in zip(page.headers, frames, strict=True)
                if header.kind is EntryKind.OBJECT and frame.state is BodyState.PRESENT and header.index not in gone
            ]
            parties = lane.aim.split()
            self._lanes.queue_rendered(
                tx, lane.agreement, rendered, lane_class=lane.lane_class, kind=EntryKind.OBJECT, parties=parties
            )
            meta.put(tx, mark, b"%d" % checkpoint.size)
            detail = {"from": start, "to": checkpoint.size, "queued_again": len(rendered), "by": peer.party}
            audit.append(
                tx, at=self._clock(), actor="node", action="lane.publish-anew", subject=lane.origin, detail=detail
            )

        self._store.write(work)
        return checkpoint.size

    def _opened(self, page: HeadersAnswer, origin: str) -> Checkpoint:
        """A checkpoint that we have signed; Refused (`revoked-key`) where a thief of a key of ours may have."""
        return self._admission.keys.open(page.checkpoint, origin, self._people.home_id)

    def _same(self, lane: rows.Lane, page: HeadersAnswer, size: int) -> bool:
        """Whether a page follows the same first `size` entries as ours; Damaged unless our key has signed it."""
        checkpoint = self._opened(page, lane.origin)
        theirs = Frontier.from_bytes(size, b"".join(page.frontier))
        signed = theirs.copy()
        signed.extend(leaf_hash(header.to_bytes()) for header in page.headers)
        if page.start != size or signed.size != checkpoint.size or signed.root() != checkpoint.root:
            raise Damaged("A page of a lane of ours is not what was signed.", code=ReasonCode.BAD_ROOT)
        with self._store.read() as reader:
            return frontier_at(reader, lane.id, size).hashes == theirs.hashes

    def take_receipts(self, receipts: Sequence[Receipt], party: str) -> None:
        """Receipts that came meanwhile and were lost with the rest; one for what we do not know says nothing new."""
        for receipt in receipts:
            with self._store.read() as reader:
                lane = rows.find_lane(reader, origin=receipt.note.partition("\n")[0])
                known = lane is not None and any(
                    each.party == party and each.size >= _size_of(receipt)
                    for each in rows.list_receipts(reader, lane.id)
                )
            if lane is None or known or _size_of(receipt) > lane.signed_size:
                continue
            try:
                self._admission.take_receipt(lane, receipt, party)
            except KoupreyError as error:
                _log.info("A receipt of %s was not taken: %s", party, error)

    def _lane(self, peer: rows.Link, follower: Follower, state: LaneState) -> int:
        count, ended = 0, False
        while True:
            with self._store.read() as reader:
                lane = rows.find_lane(reader, origin=state.origin)
            known = 0 if lane is None else lane.signed_size
            if (lane is not None and not lane.mine) or state.size <= known:
                return count
            page = follower.fetch(peer, state.tag, known)
            if not page.headers:
                return count
            checkpoint = self._opened(page, state.origin)
            if lane is not None and lane.state == rows.OPEN:
                if ended:
                    return count
                ended = True
                # Proven by our own signature: more was signed than this database knows. The epoch ends first.
                self._lanes.discovered_rollback(
                    state.origin, f"{peer.party} holds {checkpoint.size} entries signed by us, the database {known}"
                )
                continue
            bodies = follower.bodies(peer, state.tag, page.headers)
            if lane is None:
                lane = self._read_genesis(state.origin, page.headers, bodies)
            count += self._adopt(lane, page.headers, page.checkpoint, checkpoint, bodies, page.proof, peer.party)

    def _read_genesis(self, origin: str, headers: Sequence[EntryHeader], bodies: Mapping[int, BodyFrame]) -> rows.Lane:
        """The row of a lane of ours that this database has never known."""
        frame = bodies.get(0)
        if headers[0].kind is not EntryKind.GENESIS or frame is None or frame.state is not BodyState.PRESENT:
            raise Damaged("A lane does not begin with its genesis.", code=ReasonCode.BAD_GENESIS)
        rules.verify_body(headers[0], frame.salt, frame.body)
        body = entry.read_body(frame.body, EntryKind.GENESIS, owner="", agreement="")
        genesis = entry.read_genesis(body.content)
        if body.media_type != GENESIS_MEDIA_TYPE or rules.lane_origin(body.content) != origin:
            raise Damaged("The genesis belongs to another lane.", code=ReasonCode.WRONG_ORIGIN)
        if genesis.author != self._people.home_id:
            raise Refused("This lane is not ours.", code=ReasonCode.WRONG_AUTHOR)
        lane = new_row(genesis, body.content, mine=True, now=self._clock())
        told = "It was taken back from a partner after a restore."
        return replace(lane, state=rows.CLOSED, note=told, aim=self._lanes.recovered_aim(genesis))

    def _adopt(
        self,
        lane: rows.Lane,
        headers: Sequence[EntryHeader],
        note: bytes,
        checkpoint: Checkpoint,
        bodies: Mapping[int, BodyFrame],
        proof: Sequence[bytes],
        party: str,
    ) -> int:
        """Store a verified range as entries of ours that were signed and lost; 0 when the lane changed meanwhile."""
        frontier = rules.verify_range(
            Frontier.from_bytes(lane.signed_size, lane.frontier),
            headers,
            checkpoint,
            agreement_version=lane.agreement_version,
            proof=proof,
        )
        if frontier.size != checkpoint.size:
            raise Refused("The range must end at a signed checkpoint.", code=ReasonCode.BAD_RANGE)
        frames = _frames(headers, bodies)

        def work(tx: Tx) -> int:
            now = self._clock()
            current = rows.find_lane(tx, origin=lane.origin)
            if (current is None) != (lane.id == 0) or (current is not None and current != lane):
                return 0
            lane_id = lane.id or self._open(tx, lane)
            numbered = [header for header in headers if header.kind is not EntryKind.GENESIS]
            first = tx.positions(len(numbered)) if numbered else 0
            numbers = iter(range(first, first + len(numbered)))
            rows.insert_entries(
                tx,
                lane_id,
                [
                    rows.StoredEntry(
                        header.index,
                        header.to_bytes(),
                        frame.salt,
                        frame.body,
                        int(frame.state),
                        0 if header.kind is EntryKind.GENESIS else next(numbers),
                        now,
                    )
                    for header, frame in zip(headers, frames, strict=True)
                ],
            )
            rows.set_tail(tx, lane_id, checkpoint.size, 0)
            kept = rows.StoredCheckpoint(checkpoint.size, checkpoint.root, note, frontier.to_bytes(), now)
            rows.save_checkpoint(tx, lane_id, kept)
            self._erase_again(tx, lane, headers, frames)
            for index in self._regain(tx, lane, headers, frames):
                rows.erase_entry(tx, lane_id, index)
            detail = {"from": lane.signed_size, "to": checkpoint.size, "by": party}
            audit.append(tx, at=now, actor="node", action="lane.recover", subject=lane.origin, detail=detail)
            return len(headers)

        return self._store.write(work)

    def _open(self, tx: Tx, lane: rows.Lane) -> int:
        """Keep a lane nobody here knew; whatever of ours is open beside it goes on in an epoch that follows it."""
        tip = rows.find_last_lane(tx, lane.agreement, lane.lane_class, lane.aim)
        if tip is not None and tip.state == rows.OPEN:
            self._lanes.end_epoch(tx, tip, "a partner holds a later epoch of ours that was lost")
        return rows.insert_lane(tx, lane)

    def _erase_again(
        self, tx: Tx, lane: rows.Lane, headers: Sequence[EntryHeader], frames: Sequence[BodyFrame]
    ) -> None:
        """What we had called erased is erased in this older database too."""
        for header, frame in zip(headers, frames, strict=True):
            if header.kind is not EntryKind.ERASE or frame.state is not BodyState.PRESENT:
                continue
            try:
                origin, targets = entry.read_erase(frame.body, header.index, lane.origin)
            except KoupreyError:
                continue
            meant = rows.find_lane(tx, origin=origin)
            if meant is not None and meant.mine:
                for first, beyond in targets:
                    for index in range(first, min(beyond, meant.size)):
                        rows.erase_entry(tx, meant.id, index)

    def _regain(self, tx: Tx, lane: rows.Lane, headers: Sequence[EntryHeader], frames: Sequence[BodyFrame]) -> set[int]:
        """Hand what we had published to whoever knows it: it was lost there too. Which entries had been erased."""
        gone: set[int] = set()
        waiting: dict[str, list[Delivery]] = {}
        for header, frame in zip(headers, frames, strict=True):
            if header.kind is not EntryKind.OBJECT or header.sealed or frame.state is not BodyState.PRESENT:
                continue
            try:
                body = entry.read_body(frame.body, header.kind, owner=lane.author, agreement=lane.agreement)
            except KoupreyError:
                continue
            if body.label is not None and body.media_type in self._regained:
                waiting.setdefault(body.media_type, []).append(
                    Delivery(
                        lane.origin,
                        header.index,
                        lane.author,
                        lane.agreement,
                        body.label,
                        body.content,
                        header.at_ms * 1000,
                    )
                )
        for media_type, deliveries in waiting.items():
            for delivery, error in zip(deliveries, self._regained[media_type](tx, deliveries), strict=True):
                if error is not None and error.code == "erased":
                    gone.add(delivery.index)
                elif error is not None:
                    _log.warning("Entry %d of lane %s was not taken back: %s", delivery.index, lane.tag, error)
        return gone


def _frames(headers: Sequence[EntryHeader], bodies: Mapping[int, BodyFrame]) -> list[BodyFrame]:
    """The bodies of these headers, verified; what did not come counts as withheld."""
    frames = [bodies.get(header.index, BodyFrame(header.index, BodyState.WITHHELD)) for header in headers]
    for header, frame in zip(headers, frames, strict=True):
        if frame.state is BodyState.PRESENT:
            rules.verify_body(header, frame.salt, frame.body)
    return frames


def _size_of(receipt: Receipt) -> int:
    number = receipt.note.split("\n", 2)[1:2]
    return int(number[0]) if number and number[0].isascii() and number[0].isdigit() and len(number[0]) < 10 else 0
