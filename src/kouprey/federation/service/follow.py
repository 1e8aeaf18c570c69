"""Following a peer's lanes: fetch pages of headers and their bodies, in bounded memory and at the pace of the line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from time import monotonic

from kouprey.federation import store as rows
from kouprey.federation.model import (
    BODY_MAX,
    SALT_SIZE,
    BodyFrame,
    EntryHeader,
    HeadersAnswer,
    IndexRange,
    LaneState,
    ReasonCode,
)
from kouprey.federation.service.admit import Admission, Offer
from kouprey.federation.service.calls import Caller
from kouprey.federation.wire import link
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable
from kouprey.people.service import People

PAGE_BYTES = 64 << 20
"""Bytes of the bodies below one page of headers, all of which are held until the page is verified."""
ASK_FIRST, ASK_LEAST, ASK_MOST = 1 << 20, 64 << 10, link.BODIES_ANSWER_BYTES
"""Bytes of bodies asked for at once: first, on a line that hardly carries anything, and on a good one."""
QUICK_SECONDS, LONGEST_SECONDS = 3.0, 60.0
_FRAME = 13 + SALT_SIZE
_WITHHELD_AT_ONCE = 500


class Follower:
    """Brings replicas of a peer's lanes up to what the peer has signed."""

    def __init__(self, store: Store, people: People, admission: Admission, caller: Caller) -> None:
        self._store = store
        self._people = people
        self._admission = admission
        self._caller = caller
        self._ask: dict[str, int] = {}

    def follow(self, peer: rows.Link, offered: LaneState) -> int:
        """Fetch a lane page by page until we hold what the peer has signed; the number of entries that came."""
        count = 0
        if self._admission.suspended(offered.agreement, offered.author):
            return 0
        while True:
            with self._store.read() as reader:
                lane = rows.find_lane(reader, origin=offered.origin)
            held = 0 if lane is None else lane.size
            if lane is not None and (lane.mine or lane.state == rows.FROZEN):
                return count
            if lane is not None and held >= offered.size:
                if held > offered.size and lane.state == rows.OPEN:
                    # Its author knows less than we hold: it was rolled back. Our receipt will tell it so.
                    self._doubt(lane)
                return count + self._fill(peer, lane)
            came = self._page(peer, lane, offered, held)
            if not came:
                return count
            count += came

    def _page(self, peer: rows.Link, lane: rows.Lane | None, offered: LaneState, held: int) -> int:
        page = self._headers(peer, offered.tag, held)
        if page.start != held or sum(header.length for header in page.headers) > PAGE_BYTES:
            raise Refused(
                f"{peer.party} offers a page that is not what was asked for, or too large.", code=ReasonCode.TOO_LARGE
            )
        if not page.headers:
            return 0
        offer = Offer(
            origin=offered.origin,
            start=held,
            checkpoint=page.checkpoint,
            headers=page.headers,
            proof=page.proof,
            bodies=self._bodies(peer, offered.tag, page.headers),
        )
        try:
            return self._admission.admit(offer, via=f"link {peer.party}").stored
        except KoupreyError as error:
            if error.code == ReasonCode.BAD_ROOT and lane is not None:
                # Either the answer is wrong, or its author was rolled back and grew again: our receipt will tell.
                self._doubt(lane)
            raise

    def _doubt(self, lane: rows.Lane) -> None:
        self._store.write(lambda tx: rows.receipt_in_doubt(tx, lane.id, self._people.home_id))

    def _headers(self, peer: rows.Link, tag: str, start: int) -> HeadersAnswer:
        answer = self._caller.call(peer, "GET", f"/link/v1/{tag}/headers?from={start}")
        return link.read_headers_answer(answer.body)

    def _bodies(self, peer: rows.Link, tag: str, headers: Sequence[EntryHeader]) -> dict[int, BodyFrame]:
        """Bodies of these headers, a few at a time: as many as the line has lately carried in a few seconds."""
        bodies: dict[int, BodyFrame] = {}
        while len(bodies) < len(headers):
            rest = headers[len(bodies) :]
            most = self._ask.get(peer.party, ASK_FIRST)
            end, size = 0, 0
            while end < len(rest) and (not end or size + rest[end].length + _FRAME <= most):
                size += rest[end].length + _FRAME
                end += 1
            for frame in self._ask_bodies(peer, tag, _ranges([header.index for header in rest[:end]]), most):
                bodies[frame.index] = frame
        return bodies

    def _ask_bodies(self, peer: rows.Link, tag: str, asked: tuple[IndexRange, ...], most: int) -> Sequence[BodyFrame]:
        request = link.render_json(link.BodiesRequest(ranges=asked))
        begun = monotonic()
        try:
            answer = self._caller.call(
                peer,
                "POST",
                f"/link/v1/{tag}/bodies",
                request,
                cap=link.BODIES_ANSWER_BYTES + BODY_MAX + _FRAME,
                deadline=LONGEST_SECONDS,
            )
        except Unreachable as error:
            if error.code == "timeout":
                self._ask[peer.party] = max(ASK_LEAST, most // 4)
            raise
        if monotonic() - begun < QUICK_SECONDS:
            self._ask[peer.party] = min(ASK_MOST, most * 2)
        return list(link.read_bodies(answer.body, asked))

    def _fill(self, peer: rows.Link, lane: rows.Lane) -> int:
        """Ask once more for what was withheld: it may have been allowed since."""
        with self._store.read() as reader:
            missing = rows.list_withheld(reader, lane.id, _WITHHELD_AT_ONCE)
        if not missing:
            return 0
        most = self._ask.get(peer.party, ASK_FIRST)
        frames = self._ask_bodies(peer, lane.tag, _ranges(missing), most)
        return self._admission.fill(lane.origin, frames, via=f"link {peer.party}")


def _ranges(indices: Sequence[int]) -> tuple[IndexRange, ...]:
    """Sorted indices as ranges."""
    cuts = [0, *(at for at, (a, b) in enumerate(pairwise(indices), 1) if b != a + 1), len(indices)]
    return tuple(IndexRange(indices[a], indices[b - 1] + 1) for a, b in pairwise(cuts))
