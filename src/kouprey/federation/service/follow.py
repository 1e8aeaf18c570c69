"""Following a peer's lanes: fetch pages of headers and their bodies, in bounded memory and at the pace of the line."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, wait
from contextvars import copy_context
from functools import partial
from time import monotonic
from typing import TypeVar

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
from kouprey.federation.rules import ranges_of
from kouprey.federation.service.admit import Admission, Offer
from kouprey.federation.service.calls import Caller
from kouprey.federation.service.evidence import Evidence
from kouprey.federation.wire import link
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable
from kouprey.people.service import People

T = TypeVar("T")

PAGE_BYTES = 64 << 20
"""Bytes of the bodies below one page of headers, all of which are held until the page is verified."""
ASK_FIRST, ASK_LEAST, ASK_MOST = 16 << 10, 8 << 10, link.BODIES_ANSWER_BYTES
"""Bytes of bodies asked for at once: first, on a line that hardly carries anything, and on a good one."""
AIM_SECONDS, LONGEST_SECONDS = 2.0, 60.0
"""How long an answer should take, and may: so much is asked for, since what is urgent goes in between."""
_STEP = 4
"""How many times more may be asked for than before."""
PATIENT_SECONDS = 4.0
"""An answer that takes longer is not waited for with what is urgent: one large body may take minutes."""
_SLOWEST = 4 << 10
"""Bytes a second of a line on which one large body may take its time."""
_FRAME = 13 + SALT_SIZE
_WITHHELD_AT_ONCE = 500


class Follower:
    """Brings replicas of a peer's lanes up to what the peer has signed."""

    def __init__(self, store: Store, people: People, admission: Admission, evidence: Evidence, caller: Caller) -> None:
        self._evidence = evidence
        self._doubted: set[str] = set()
        self._ended: set[tuple[str, int]] = set()
        self._store = store
        self._people = people
        self._admission = admission
        self._caller = caller
        self._ask: dict[str, int] = {}

    def follow(
        self, peer: rows.Link, offered: LaneState, between: Callable[[], object] = lambda: None
    ) -> Iterator[int]:
        """Fetch a lane page by page until we hold what the peer has signed; of each page how many entries came.

        `between` is called whenever the line is free for something else, also in the middle of a page.
        """
        if self._admission.suspended(offered.agreement, offered.author):
            return
        while True:
            with self._store.read() as reader:
                lane = rows.find_lane(reader, origin=offered.origin)
            held = 0 if lane is None else lane.size
            if lane is not None and (lane.mine or lane.state == rows.FROZEN):
                return
            if lane is not None and held >= offered.size:
                if held > offered.size and lane.state == rows.OPEN:
                    # Its author knows less than we hold: it was rolled back. Our receipt will tell it so.
                    self._doubt(lane)
                yield self._fill(peer, lane)
                return
            if lane is not None and lane.state == rows.CLOSED and offered.closed:
                came = self._regained(peer, lane, offered)
                if not came:
                    yield self._fill(peer, lane)
            else:
                # Asked before anything is fetched that could not be kept today.
                self._admission.require_quota(offered.agreement, offered.author, offered.lane_class)
                came = self._page(peer, lane, offered, held, between)
            if not came:
                return
            yield came

    def _regained(self, peer: rows.Link, lane: rows.Lane, offered: LaneState) -> int:
        """More of an epoch that we saw end: its author was restored, and others have given back what it had lost.

        Where it is another history than ours, its author was rolled back and has said so by ending it: ours stays.
        """
        ended = (lane.origin, offered.size)
        if ended in self._ended:
            return 0
        offer = self._offer(peer, offered, lane.size, regained=True)
        if offer is None:
            return 0
        try:
            return self._admission.admit(offer, via=f"link {peer.party}").stored
        except KoupreyError as error:
            if error.code != ReasonCode.BAD_ROOT:
                raise
            self._ended.add(ended)
            return 0

    def _offer(
        self,
        peer: rows.Link,
        offered: LaneState,
        held: int,
        *,
        regained: bool = False,
        between: Callable[[], object] = lambda: None,
    ) -> Offer | None:
        page = _meanwhile(lambda: self.fetch(peer, offered.tag, held), between)
        if page.start != held or sum(header.length for header in page.headers) > PAGE_BYTES:
            raise Refused(
                f"{peer.party} offers a page that is not what was asked for, or too large.", code=ReasonCode.TOO_LARGE
            )
        if not page.headers:
            return None
        return Offer(
            origin=offered.origin,
            start=held,
            checkpoint=page.checkpoint,
            headers=page.headers,
            proof=page.proof,
            bodies=self.bodies(peer, offered.tag, page.headers, between),
            regained=regained,
        )

    def _page(
        self,
        peer: rows.Link,
        lane: rows.Lane | None,
        offered: LaneState,
        held: int,
        between: Callable[[], object],
    ) -> int:
        offer = self._offer(peer, offered, held, between=between)
        if offer is None:
            return 0
        try:
            return self._admission.admit(offer, via=f"link {peer.party}").stored
        except KoupreyError as error:
            if error.code == ReasonCode.BAD_ROOT and lane is not None:
                # Either the answer is wrong, or its author was rolled back and grew again: our receipt will tell it so,
                # and who is honest ends the epoch. Who goes on in it all the same is proven to have signed both.
                if lane.origin in self._doubted and offered.closed:
                    self._admission.end_rolled_back(lane)
                    return 0
                if lane.origin in self._doubted:
                    self._evidence.prove(
                        lane, offer.checkpoint, lambda start: self.fetch(peer, offered.tag, start), self._people.home_id
                    )
                self._doubted.add(lane.origin)
                self._doubt(lane)
            if error.code == ReasonCode.FORK and lane is not None:
                self._evidence.prove(
                    lane, offer.checkpoint, lambda start: self.fetch(peer, offered.tag, start), self._people.home_id
                )
            raise

    def _doubt(self, lane: rows.Lane) -> None:
        self._store.write(lambda tx: rows.receipt_in_doubt(tx, lane.id, self._people.home_id))

    def fetch(self, peer: rows.Link, tag: str, start: int) -> HeadersAnswer:
        """A page of headers from `start` on; nothing of it is verified."""
        answer = self._caller.call(peer, "GET", f"/link/v1/{tag}/headers?from={start}", deadline=LONGEST_SECONDS)
        return link.read_headers_answer(answer.body)

    def bodies(
        self,
        peer: rows.Link,
        tag: str,
        headers: Sequence[EntryHeader],
        between: Callable[[], object] = lambda: None,
    ) -> dict[int, BodyFrame]:
        """Bodies of these headers, a few at a time: as many as the line has lately carried in a few seconds."""
        bodies: dict[int, BodyFrame] = {}
        while len(bodies) < len(headers):
            between()
            rest = headers[len(bodies) :]
            most = self._ask.get(peer.party, ASK_FIRST)
            end, size = 0, 0
            while end < len(rest) and (not end or size + rest[end].length + _FRAME <= most):
                size += rest[end].length + _FRAME
                end += 1
            asked = ranges_of([header.index for header in rest[:end]])
            ask = partial(self._ask_bodies, peer, tag, asked, most, size if end == 1 else 0)
            for frame in _meanwhile(ask, between):
                bodies[frame.index] = frame
        return bodies

    def _ask_bodies(
        self, peer: rows.Link, tag: str, asked: tuple[IndexRange, ...], most: int, least: int = 0
    ) -> Sequence[BodyFrame]:
        """`least`: bytes that the answer has in any case, for which a poor line is given its time."""
        request = link.render_json(link.BodiesRequest(ranges=asked))
        begun = monotonic()
        try:
            answer = self._caller.call(
                peer,
                "POST",
                f"/link/v1/{tag}/bodies",
                request,
                cap=link.BODIES_ANSWER_BYTES + BODY_MAX + _FRAME,
                deadline=max(LONGEST_SECONDS, least / _SLOWEST),
            )
        except Unreachable as error:
            if error.code == "timeout":
                self._ask[peer.party] = max(ASK_LEAST, most // 4)
            raise
        # Only an answer of about the size that was allowed says how much the line carries: a small one is always quick.
        if len(answer.body) * 2 >= most:
            carried = len(answer.body) / max(monotonic() - begun, 0.001)
            self._ask[peer.party] = max(ASK_LEAST, min(int(carried * AIM_SECONDS), most * _STEP, ASK_MOST))
        return list(link.read_bodies(answer.body, asked))

    def _fill(self, peer: rows.Link, lane: rows.Lane) -> int:
        """Ask once more for what was withheld: it may have been allowed since."""
        with self._store.read() as reader:
            missing = rows.list_withheld(reader, lane.id, _WITHHELD_AT_ONCE)
        if not missing:
            return 0
        most = self._ask.get(peer.party, ASK_FIRST)
        frames = self._ask_bodies(peer, lane.tag, ranges_of(missing), most)
        return self._admission.fill(lane.origin, frames, via=f"link {peer.party}")


def _meanwhile(call: Callable[[], T], between: Callable[[], object]) -> T:
    """What `call` gives; where it takes long, `between` is called beside it, again and again."""
    coming: Future[T] = Future()

    def run() -> None:
        try:
            coming.set_result(call())
        except BaseException as error:
            coming.set_exception(error)

    threading.Thread(target=copy_context().run, args=(run,), name="answer", daemon=True).start()
    while not wait([coming], PATIENT_SECONDS).done:
        try:
            between()
        except Unreachable:
            # The line may be full of the very answer that is waited for; if it is dead, that will end by its deadline.
            continue
    return coming.result()
