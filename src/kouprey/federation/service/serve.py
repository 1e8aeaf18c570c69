"""The serve gate: what a peer may fetch of our lanes, asked again at every request."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.agreements.model import State
from kouprey.agreements.service import Agreements
from kouprey.federation import store as rows
from kouprey.federation.model import (
    HEADER_SIZE,
    LABELLED,
    BodyFrame,
    BodyState,
    HeadersAnswer,
    IndexRange,
    LaneState,
    ReasonCode,
)
from kouprey.federation.service.lanes import Lanes
from kouprey.federation.wire import entry, link
from kouprey.kernel.seal.tree import Frontier
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import Forbidden, KoupreyError, Refused, Unknown, Unreachable
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import Clock, wall_clock

PAGE = 1000
"""Entries served in one headers answer, rounded to the next signed checkpoint."""


class Serving:
    """Answers peers about the lanes of this node."""

    def __init__(self, store: Store, agreements: Agreements, lanes: Lanes, clock: Clock = wall_clock) -> None:
        self._store = store
        self._agreements = agreements
        self._lanes = lanes
        self._clock = clock

    def lanes_for(self, party: str) -> tuple[LaneState, ...]:
        """Our lanes that `party` may follow now."""
        with self._store.read() as reader:
            lanes = rows.list_lanes(reader, mine=True)
        return tuple(
            LaneState(
                tag=lane.tag,
                origin=lane.origin,
                agreement=lane.agreement,
                version=lane.agreement_version,
                author=lane.author,
                lane_class=lane.lane_class,
                size=lane.signed_size,
                closed=lane.state != rows.OPEN,
            )
            for lane in lanes
            if party in lane.audience and lane.signed_size and not self._barred(lane, party)
        )

    def require_ready(self) -> None:
        """Raise `busy` until the start-up barrier is passed: peers must not see what may be older than theirs."""
        if not self._lanes.ready:
            raise Unreachable(
                "The node is proving the continuity of its lanes.",
                "It has just started.",
                "Ask again in a few seconds.",
                code=ReasonCode.BUSY,
            )

    def _barred(self, lane: rows.Lane, party: str) -> str:
        """Why the relationship does not allow serving this lane to the party now, or ""."""
        standing = self._agreements.standings().get(lane.agreement)
        if standing is None or party not in standing.parties:
            return "no-agreement"
        if standing.suspended_between(party):
            return "suspended"
        running = standing.state(self._clock()) in (State.IN_FORCE, State.SUSPENDED)
        return "" if running else "not-in-force"

    def _lane_for(self, party: str, tag: str) -> rows.Lane:
        """A lane of ours by tag, past the serve gate; a stranger learns nothing but that there is no such lane."""
        with self._store.read() as reader:
            lane = rows.find_lane(reader, tag=tag)
        if lane is None or not lane.mine or party not in lane.audience:
            raise Unknown("There is no such lane.", code=ReasonCode.UNKNOWN_LANE)
        barred = self._barred(lane, party)
        if barred:
            raise Forbidden("This lane is not served now.", f"The agreement is {barred}.", code=ReasonCode.SUSPENDED)
        return lane

    def checkpoint(self, party: str, tag: str) -> bytes:
        """The newest signed checkpoint of a lane of ours, or the newest we hold of a lane that `party` wrote."""
        with self._store.read() as reader:
            lane = rows.find_lane(reader, tag=tag)
            kept = rows.find_checkpoint(reader, lane.id, lane.signed_size) if lane is not None else None
        if lane is not None and kept is not None and lane.author == party:
            return kept.note
        self._lane_for(party, tag)
        if kept is None:
            raise Unknown("Nothing of this lane is signed yet.", code=ReasonCode.UNKNOWN_LANE)
        return kept.note

    def headers(self, party: str, tag: str, start: int) -> HeadersAnswer:
        """Headers from `start` to a signed checkpoint about PAGE further on, so that no further proof is needed."""
        lane = self._lane_for(party, tag)
        with self._store.read() as reader:
            if start > lane.signed_size or start < 0:
                raise Refused(
                    "The range lies beyond the lane.",
                    f"It begins at {start}; {lane.signed_size} entries are signed.",
                    code=ReasonCode.BAD_RANGE,
                    detail={"size": lane.signed_size},
                )
            kept = rows.find_checkpoint_within(reader, lane.id, start, start + PAGE)
            if kept is None:
                kept = rows.find_checkpoint(reader, lane.id, lane.signed_size)
            if kept is None:
                raise Unknown("Nothing of this lane is signed yet.", code=ReasonCode.UNKNOWN_LANE)
            raw = rows.list_headers(reader, lane.id, start, kept.size)
            frontier = rows.get_frontier(reader, lane.id, start)
        hashes = Frontier.from_bytes(start, frontier).hashes if frontier else ()
        return HeadersAnswer(
            start=start,
            checkpoint=kept.note,
            frontier=hashes,
            proof=(),
            headers=tuple(entry.read_header(header) for header in raw if len(header) == HEADER_SIZE),
        )

    def bodies(self, party: str, tag: str, ranges: Sequence[IndexRange]) -> list[BodyFrame]:
        """Bodies with their salts, up to the size of one answer; what the policy of today forbids is withheld."""
        lane = self._lane_for(party, tag)
        frames: list[BodyFrame] = []
        size = 0
        allowed: dict[Label, bool] = {}
        for part in ranges:
            if part.end > lane.signed_size:
                raise Refused("The range lies beyond the lane.", code=ReasonCode.BAD_RANGE)
            for start in range(part.start, part.end, PAGE):
                with self._store.read() as reader:
                    held = rows.list_entries(reader, lane.id, start, min(start + PAGE, part.end))
                for each in held:
                    frame = self._frame(lane, party, each, allowed)
                    size += len(frame.body) + 29
                    if frames and size > link.BODIES_ANSWER_BYTES:
                        return self._log(lane, party, frames)
                    frames.append(frame)
        return self._log(lane, party, frames)

    def _log(self, lane: rows.Lane, party: str, frames: list[BodyFrame]) -> list[BodyFrame]:
        """What leaves the node is written down before it leaves."""
        detail = {"from": frames[0].index, "to": frames[-1].index + 1, "bodies": len(frames)} if frames else {}

        def work(tx: Tx) -> None:
            audit.append(tx, at=self._clock(), actor=party, action="lane.serve", subject=lane.origin, detail=detail)

        self._store.write(work)
        return frames

    def _frame(self, lane: rows.Lane, party: str, held: rows.StoredEntry, allowed: dict[Label, bool]) -> BodyFrame:
        if held.state != rows.HELD:
            return BodyFrame(held.index, BodyState.ERASED)
        if not self.may_leave(lane, party, held, allowed):
            return BodyFrame(held.index, BodyState.WITHHELD)
        return BodyFrame(held.index, BodyState.PRESENT, held.salt, held.body)

    def may_leave(self, lane: rows.Lane, party: str, held: rows.StoredEntry, known: dict[Label, bool]) -> bool:
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
            known[body.label] = self._agreements.decide([body.label], reader, under=lane.agreement).allowed
        return known[body.label]
