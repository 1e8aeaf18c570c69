"""The serve gate: what a peer may fetch of our lanes, asked again at every request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from kouprey.agreements.model import Standing, State
from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import (
    EPOCH_MAX,
    LABELLED,
    SALT_SIZE,
    BodyFrame,
    BodyState,
    EntryKind,
    HeadersAnswer,
    IndexRange,
    LaneState,
    ReasonCode,
    Receipt,
)
from kouprey.federation.service.frontiers import frontier_at
from kouprey.federation.service.history import went
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.wire import entry, link
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused, Unknown, Unreachable
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Clock, wall_clock

PAGE = 1000
"""Entries served in one headers answer, when there is a signed checkpoint to end it."""
PAGE_BYTES = 16 << 20
"""Bytes of the bodies below one page: a peer holds them all until it has verified the page."""
_READ_BYTES = 4 << 20
_FRAME = 13 + SALT_SIZE


def _state(lane: rows.Lane) -> LaneState:
    return LaneState(
        tag=lane.tag,
        origin=lane.origin,
        agreement=lane.agreement,
        version=lane.agreement_version,
        author=lane.author,
        lane_class=lane.lane_class,
        size=lane.signed_size,
        closed=lane.state != rows.OPEN,
        frozen=lane.state == rows.FROZEN,
    )


class Serving:
    """Answers peers about the lanes of this node."""

    def __init__(
        self, store: Store, agreements: Agreements, lanes: Lanes, home: Callable[[], str], clock: Clock = wall_clock
    ) -> None:
        self._asked_home = home
        self._store = store
        self._agreements = agreements
        self._lanes = lanes
        self._clock = clock

    @property
    def _home(self) -> str:
        return self._asked_home()

    def lanes_for(self, party: str) -> tuple[LaneState, ...]:
        """Our lanes that `party` may follow now."""
        with self._store.read() as reader:
            lanes = rows.list_lanes(reader, mine=True)
            standings = self._agreements.standings(reader)
        return tuple(
            _state(lane)
            for lane in lanes
            if party in lane.audience and lane.signed_size and not self._barred(lane, party, standings)
        )

    def held_of(self, party: str) -> link.HeldAnswer:
        """What we hold of the lanes `party` wrote, in their order, and our receipts: its own, for after a restore."""
        home = self._home
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, mine=False, author=party) if lane.signed_size]
            receipts = [
                msgspec.json.decode(held.receipt, type=Receipt)
                for lane in lanes
                for held in rows.list_receipts(reader, lane.id)
                if held.party == home
            ]
        return link.HeldAnswer(lanes=tuple(map(_state, lanes)), receipts=tuple(receipts))

    def require_ready(self) -> None:
        """Raise `busy` until the start-up barrier is passed: peers must not see what may be older than theirs."""
        if not self._lanes.ready:
            raise Unreachable(
                "The node is proving the continuity of its lanes.",
                "It has just started.",
                "Ask again in a few seconds.",
                code=ReasonCode.BUSY,
            )

    def _barred(self, lane: rows.Lane, party: str, standings: Mapping[str, Standing]) -> str:
        """Why the relationship does not allow serving this lane to the party now, or ""."""
        standing = standings.get(lane.agreement)
        if standing is None or party not in standing.parties:
            return f"{party} is not a party of the agreement any more."
        if by := standing.suspended_between(party):
            return f"“{standing.title}” is suspended by {', '.join(by)} (clause 10, Suspension)."
        state = standing.state(self._clock())
        if state in (State.IN_FORCE, State.SUSPENDED):
            return ""
        return f"“{standing.title}” is {state} (clause 9, Duration)."

    def lane_for(self, party: str, tag: str) -> rows.Lane:
        """A lane of ours by tag that `party` is in the audience of, whether or not it is served now."""
        with self._store.read() as reader:
            lane = rows.find_lane(reader, tag=tag)
        if lane is None or not lane.mine or party not in lane.audience:
            raise Unknown("There is no such lane.", code=ReasonCode.UNKNOWN_LANE)
        return lane

    def _served(self, party: str, tag: str, *, headers_only: bool = False) -> rows.Lane:
        """A lane of ours past the serve gate; a stranger learns nothing but that there is no such lane.

        Of a lane that the party wrote itself whatever we hold: nobody else's relationship is concerned.
        """
        with self._store.read() as reader:
            theirs = rows.find_lane(reader, tag=tag)
        if theirs is not None and not theirs.mine and theirs.author == party:
            return theirs
        # Headers alone, of what both of us read: whoever compares them finds an author who tells us different things.
        both = theirs is not None and headers_only and party in theirs.audience
        lane = theirs if both and theirs is not None else self.lane_for(party, tag)
        if barred := self._barred(lane, party, self._agreements.standings()):
            raise Forbidden("This lane is not served now.", barred, code=ReasonCode.SUSPENDED)
        self.require_ready()
        return lane

    def checkpoint(self, party: str, tag: str) -> bytes:
        """The newest signed checkpoint of a lane of ours, or the newest we hold of a lane that `party` wrote.

        The latter is answered before our own start-up barrier is passed: two nodes that start at once need it.
        """
        with self._store.read() as reader:
            lane = rows.find_lane(reader, tag=tag)
            kept = rows.find_checkpoint(reader, lane.id, lane.signed_size) if lane is not None else None
        if lane is None or lane.author != party:
            self._served(party, tag)
        if kept is None:
            raise Unknown("Nothing of this lane is signed yet.", code=ReasonCode.UNKNOWN_LANE)
        return kept.note

    def headers(self, party: str, tag: str, start: int, end: int = EPOCH_MAX) -> HeadersAnswer:
        """Headers from `start` to the signed checkpoint that best fits PAGE, PAGE_BYTES of bodies, and `end`.

        The page ends at a checkpoint, so that no further proof is needed; it can therefore be longer than asked.
        """
        lane = self._served(party, tag, headers_only=True)
        if not 0 <= start <= lane.signed_size or end <= start:
            raise Refused(
                "The range lies beyond the lane.",
                f"It begins at {start}; {lane.signed_size} entries are signed.",
                code=ReasonCode.BAD_RANGE,
                detail={"size": lane.signed_size},
            )
        with self._store.read() as reader:
            if start == lane.signed_size:
                kept = rows.find_checkpoint(reader, lane.id, start)
            else:
                most = rows.end_within(reader, lane.id, start, min(start + PAGE, end, lane.signed_size), PAGE_BYTES)
                kept = rows.find_checkpoint_within(reader, lane.id, start, most)
            if kept is None:
                raise Unknown("Nothing of this lane is signed yet.", code=ReasonCode.UNKNOWN_LANE)
            raw = rows.list_headers(reader, lane.id, start, kept.size)
            frontier = frontier_at(reader, lane.id, start).hashes
        return HeadersAnswer(
            start=start, checkpoint=kept.note, frontier=frontier, proof=(), headers=tuple(map(entry.read_header, raw))
        )

    def bodies(self, party: str, tag: str, ranges: Sequence[IndexRange]) -> list[BodyFrame]:
        """Bodies with their salts, up to the size of one answer; what the policy of today forbids is withheld."""
        lane = self._served(party, tag)
        if any(part.end > lane.signed_size for part in ranges):
            raise Refused("The range lies beyond the lane.", code=ReasonCode.BAD_RANGE)
        frames: list[BodyFrame] = []
        size = 0
        for part in ranges:
            for frame in self.frames(lane, party, part.start, part.end):
                size += len(frame.body) + _FRAME
                if frames and size > link.BODIES_ANSWER_BYTES:
                    return self._log(lane, party, frames)
                frames.append(frame)
        return self._log(lane, party, frames)

    def manifest(self, party: str, tag: str, index: int) -> rows.Lane:
        """The lane of ours whose entry `index` is the manifest of a file that may leave for `party` now; else raises.

        Whoever may not have the manifest learns nothing of the file: its parts pass the same gates as itself.
        """
        lane = self.lane_for(party, tag)
        self._served(party, tag)
        with self._store.read() as reader:
            held = rows.list_entries(reader, lane.id, index, index + 1) if index < lane.signed_size else []
        if (
            not held
            or held[0].state != rows.HELD
            or entry.read_header(held[0].header).kind is not EntryKind.BLOB_MANIFEST
            or not self._may_leave(lane, party, held[0], {})
        ):
            raise Unknown("There is no such file.", code=ReasonCode.BAD_REQUEST)
        return lane

    def log_chunks(self, lane: rows.Lane, party: str, index: int, sizes: Sequence[int]) -> None:
        """Parts of a file leave the node: written down before they do."""
        detail = {"entry": index, "parts": len(sizes)}

        def work(tx: Tx) -> None:
            now = self._clock()
            audit.append(tx, at=now, actor=party, action="lane.serve-file", subject=lane.origin, detail=detail)
            went(tx, party, now, 0, sum(sizes))

        self._store.write(work)

    def frames(self, lane: rows.Lane, party: str, start: int, end: int) -> Iterator[BodyFrame]:
        """The bodies [start, end) as they may leave for `party`, read a few MiB at a time."""
        allowed: dict[Label, bool] = {}
        while start < end:
            with self._store.read() as reader:
                upto = rows.end_within(reader, lane.id, start, min(start + PAGE, end), _READ_BYTES)
                held = rows.list_entries(reader, lane.id, start, upto)
            for each in held:
                yield self._frame(lane, party, each, allowed)
            start = upto

    def _log(self, lane: rows.Lane, party: str, frames: list[BodyFrame]) -> list[BodyFrame]:
        """What leaves the node is written down before it leaves."""
        present = sum(frame.state is BodyState.PRESENT for frame in frames)
        detail = {"from": frames[0].index, "to": frames[-1].index + 1, "bodies": present} if frames else {}

        def work(tx: Tx) -> None:
            now = self._clock()
            audit.append(tx, at=now, actor=party, action="lane.serve", subject=lane.origin, detail=detail)
            went(tx, party, now, present, sum(len(frame.body) + _FRAME for frame in frames))

        self._store.write(work)
        return frames

    def _frame(self, lane: rows.Lane, party: str, held: rows.StoredEntry, allowed: dict[Label, bool]) -> BodyFrame:
        if held.state != rows.HELD:
            return BodyFrame(held.index, BodyState(held.state) if lane.author == party else BodyState.ERASED)
        if lane.author == party:
            return BodyFrame(held.index, BodyState.PRESENT, held.salt, held.body)
        if not self._may_leave(lane, party, held, allowed):
            return BodyFrame(held.index, BodyState.WITHHELD)
        return BodyFrame(held.index, BodyState.PRESENT, held.salt, held.body)

    def _may_leave(self, lane: rows.Lane, party: str, held: rows.StoredEntry, known: dict[Label, bool]) -> bool:
        """Whether the policy of today still lets this body go to the party; the publish gate has let it in once."""
        kind = entry.read_header(held.header).kind
        if kind not in LABELLED:
            return True
        try:
            body = entry.read_body(held.body, kind, owner=lane.author, agreement="")
        except KoupreyError:
            return False
        if body.label is None:
            return False
        if body.label not in known:
            reader = self._agreements.party_reader(party, exercise=body.label.exercise)
            known[body.label] = self._agreements.decide(
                [body.label], reader, under=lane.agreement, released=True
            ).allowed
        return known[body.label]
