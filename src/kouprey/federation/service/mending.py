"""Mending: what is damaged in a lane is asked for again, from whoever holds it, and verified before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from kouprey.federation import rules
from kouprey.federation import store as rows
from kouprey.federation.model import BodyState, EntryHeader, HeadersAnswer, ReasonCode
from kouprey.federation.service.admit import Admission
from kouprey.federation.service.follow import Follower
from kouprey.federation.store import checks as looks
from kouprey.federation.wire import entry
from kouprey.kernel.seal.checkpoint import open_checkpoint
from kouprey.kernel.seal.tree import Frontier, leaf_hash
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Reader, Store, Tx
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.kernel.words.time import Clock


class Mending:
    """Sees to the lanes that the examination has marked, whenever a peer is spoken to that holds them too."""

    def __init__(self, store: Store, admission: Admission, clock: Clock) -> None:
        self._store = store
        self._admission = admission
        self._clock = clock

    def mend(self, peer: rows.Link, follower: Follower) -> None:
        """Fetch anew what is damaged of the lanes this peer has written, and of ours that it reads.

        Where what the peer shows is signed and not the history that we hold, nothing is changed: that is no damage.
        """
        with self._store.read() as reader:
            lanes = [rows.find_lane(reader, lane_id=lane_id) for lane_id in looks.list_marked(reader)]
        for lane in lanes:
            if lane is None or not (lane.author == peer.party or (lane.mine and peer.party in lane.audience)):
                continue
            if self._headers(peer, follower, lane) and (not lane.mine or self._bodies(peer, follower, lane)):
                self._store.write(lambda tx, lane=lane: self._mended(tx, lane, peer.party))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

    def _mended(self, tx: Tx, lane: rows.Lane, party: str) -> None:
        looks.unmark(tx, lane.id)
        now = self._clock()
        audit.append(tx, at=now, actor="node", action="lane.mend", subject=lane.origin, detail={"by": party})

    def _headers(self, peer: rows.Link, follower: Follower, lane: rows.Lane) -> bool:
        """Walk the whole lane with what the peer holds of it; False where it holds less, or something else."""
        frontier = Frontier()
        while frontier.size < lane.signed_size:
            try:
                page = follower.fetch(peer, lane.tag, frontier.size)
            except Refused as error:
                if error.code == ReasonCode.BAD_RANGE:
                    return False  # It holds less than we do.
                raise
            checkpoint = self._admission.keys.open(page.checkpoint, lane.origin, lane.author)
            if not page.headers:
                return False
            after = rules.verify_range(
                frontier, page.headers, checkpoint, agreement_version=lane.agreement_version, proof=page.proof
            )
            if after.size != checkpoint.size:
                raise Refused("The range must end at a signed checkpoint.", code=ReasonCode.BAD_RANGE)
            keys, end = self._admission.author_keys(lane.author), checkpoint.size
            mend = partial(_mend_page, lane=lane, frontier=frontier, page=page, end=end, keys=keys)
            if not self._store.write(mend):
                return False
            frontier = after
        return True

    def _bodies(self, peer: rows.Link, follower: Follower, lane: rows.Lane) -> bool:
        """Bodies of ours that were set aside, as the peer has received them; False while some are missing."""
        with self._store.read() as reader:
            headers = self._set_aside(reader, lane)
        frames = follower.bodies(peer, lane.tag, headers) if headers else {}
        came = [(header, frames[header.index]) for header in headers if header.index in frames]
        came = [(header, frame) for header, frame in came if frame.state is BodyState.PRESENT]
        for header, frame in came:
            rules.verify_body(header, frame.salt, frame.body)

        def work(tx: Tx) -> None:
            for _, frame in came:
                rows.fill_entry(tx, lane.id, frame.index, frame.salt, frame.body)

        self._store.write(work)
        return len(came) == len(headers)

    def _set_aside(self, reader: Reader, lane: rows.Lane) -> Sequence[EntryHeader]:
        indices = sorted(looks.list_handed_over(reader, lane.id))
        return [
            entry.read_header(header)
            for index in indices
            for header in rows.list_headers(reader, lane.id, index, index + 1)
        ]


def _mend_page(
    tx: Tx, lane: rows.Lane, frontier: Frontier, page: HeadersAnswer, end: int, keys: Sequence[bytes]
) -> bool:
    """Put what is signed of a verified page in place of what is stored; False where we hold another history."""
    start = frontier.size
    kept = {each.size: each for each in looks.list_checkpoints(tx, lane.id) if start < each.size <= end}
    good = _roots(lane, kept, keys)
    ranges: dict[int, Frontier] = {}
    walked, sure = frontier.copy(), start
    for header in page.headers:
        walked.append(leaf_hash(header.to_bytes()))
        if walked.size in kept:
            ranges[walked.size] = walked.copy()
        if walked.size in good:
            if good[walked.size] != walked.root():
                return False
            sure = walked.size
    held = {each.index: each for each in rows.list_entries(tx, lane.id, start, end)}
    for header in page.headers:
        each = held.get(header.index)
        if header.index >= sure and (each is None or bytes(each.header) != header.to_bytes()):
            # Nothing that we hold and its author has signed says which of the two is true.
            return False
        _put(tx, lane, header, each)
    for size, before in kept.items():
        root = ranges[size].root()
        if size not in good and size != end:
            looks.drop_checkpoint(tx, lane.id, size)
            continue
        note = before.note if size in good else page.checkpoint
        looks.replace_checkpoint(
            tx, lane.id, rows.StoredCheckpoint(size, root, note, ranges[size].to_bytes(), before.at)
        )
        if size == lane.signed_size:
            looks.replace_frontier(tx, lane.id, ranges[size].to_bytes())
    return True


def _roots(lane: rows.Lane, kept: Mapping[int, rows.StoredCheckpoint], keys: Sequence[bytes]) -> dict[int, bytes]:
    """Size -> root of the stored checkpoints whose signatures hold."""
    found = {}
    for size, each in kept.items():
        try:
            opened = open_checkpoint(each.note, lane.origin, keys)
        except KoupreyError:
            continue
        if opened.size == size:
            found[size] = opened.root
    return found


def _put(tx: Tx, lane: rows.Lane, header: EntryHeader, held: rows.StoredEntry | None) -> None:
    """The header that was signed in its place, and its body set aside where it is not of that header."""
    if held is None:
        looks.insert_lost(tx, lane.id, header.index, header.to_bytes())
        return
    if bytes(held.header) != header.to_bytes():
        looks.replace_header(tx, lane.id, header.index, header.to_bytes())
    if held.state == rows.HELD:
        try:
            rules.verify_body(header, held.salt, held.body)
        except KoupreyError:
            looks.set_aside(tx, lane.id, header.index)
