"""One exchange with one peer: papers, what we lost, receipts, its lanes, what both read of others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic

from kouprey.federation import store as rows
from kouprey.federation.model import ERASURE_RECEIPT_MEDIA_TYPE, LaneClass, LaneState, Paper, ReasonCode
from kouprey.federation.service.calls import Caller
from kouprey.federation.service.evidence import Evidence
from kouprey.federation.service.fetching import FileFetcher
from kouprey.federation.service.follow import Follower
from kouprey.federation.service.mending import Mending
from kouprey.federation.service.papers import Papers
from kouprey.federation.service.recovery import Recovery
from kouprey.federation.service.requests import Requests
from kouprey.federation.wire import link
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.words.errors import KoupreyError, Refused, Unreachable
from kouprey.kernel.words.time import Clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""While a backlog is fetched, how often to look for what must not wait for the end of it."""
_PAPERS_AT_ONCE = 10_000
"""Far more than any two parties have; what an endless list would fill."""


@dataclass
class Came:
    """What an exchange has brought so far: entries, and what was refused, by either side."""

    entries: int = 0
    refusals: list[KoupreyError] = field(default_factory=list)


class Dialogue:
    """What is said to a peer, and in which order. One lane or paper that is refused does not hold up the others."""

    def __init__(
        self,
        store: Store,
        people: People,
        caller: Caller,
        follower: Follower,
        requests: Requests,
        recovery: Recovery,
        evidence: Evidence,
        papers: Papers,
        mending: Mending,
        clock: Clock,
    ) -> None:
        self._store = store
        self._people = people
        self._caller = caller
        self._follower = follower
        self._requests = requests
        self._recovery = recovery
        self._evidence = evidence
        self._papers = papers
        self._mending = mending
        self._clock = clock
        self.asked_back: set[str] = set()
        self.fetcher: FileFetcher | None = None

    def run(self, peer: rows.Link, lanes: Callable[[], Sequence[LaneState]], came: Came) -> None:
        """The whole exchange. Papers, receipts and priority lanes go first, and again while a backlog is on its way."""
        self._bring_papers(peer, came.refusals)
        self._take_back(peer, came.refusals)
        self._mend(peer, came.refusals)
        self._bring_receipts(peer, came.refusals)
        offered = lanes()
        self._follow(peer, filter(_is_urgent, offered), came)
        looked = monotonic()

        def urgent() -> None:
            nonlocal looked
            if monotonic() - looked < LOOK_SECONDS:
                return
            now = Came()
            self._bring_papers(peer, now.refusals)
            self._bring_receipts(peer, now.refusals)
            self._follow(peer, filter(_is_urgent, lanes()), now)
            came.entries += now.entries
            # The same refusal at every look says nothing new.
            came.refusals.extend(now.refusals[: 0 if came.refusals else 1])
            looked = monotonic()

        self._follow(peer, (lane for lane in offered if not _is_urgent(lane)), came, urgent)
        if self.fetcher is not None:
            # After the entries: what is said comes before what is attached to it.
            self.fetcher.fetch(peer, urgent, came.refusals)
        self._compare(peer, came.refusals)
        self._requests.carry_out()
        self._bring_receipts(peer, came.refusals)
        self._bring_erasure_receipts(peer, came.refusals)

    def _follow(
        self,
        peer: rows.Link,
        lanes: Iterable[LaneState],
        came: Came,
        between: Callable[[], object] = lambda: None,
    ) -> None:
        for lane in lanes:
            try:
                for entries in self._follower.follow(peer, lane, between):
                    came.entries += entries
            except Unreachable:
                raise
            except KoupreyError as error:
                came.refusals.append(error)

    def _bring_papers(self, peer: rows.Link, refusals: list[KoupreyError]) -> None:
        """In order; one that is refused is brought again next time, for what it needs may be on its way."""
        with self._store.read() as reader:
            waiting = rows.list_papers(reader, peer.party)
        for paper_id, papers in waiting:
            try:
                self._caller.call(peer, "POST", "/link/v1/notes", papers, link.PAPERS_MEDIA_TYPE)
            except Refused as error:
                refusals.append(error)
            else:
                self._delivered(paper_id, peer.party)

    def _delivered(self, paper_id: int, party: str) -> None:
        self._store.write(lambda tx: rows.papers_delivered(tx, paper_id, party, self._clock()))

    def _take_back(self, peer: rows.Link, refusals: list[KoupreyError]) -> None:
        """Once after each start, and whenever a peer knows more of us than we do: take back what we signed and lost."""
        if peer.party in self.asked_back:
            return
        try:
            self._learn_again(peer)
            held = link.read_held(self._caller.call(peer, "GET", "/link/v1/held").body)
            self._recovery.recover(peer, self._follower, held.lanes)
            self._recovery.take_receipts(held.receipts, peer.party)
        except Refused as error:
            # A partner of an older version does not know the question.
            if error.detail.get("status") not in (404, 405):
                refusals.append(error)
                return
        except Unreachable:
            raise
        except KoupreyError as error:
            # Asked again at the next exchange: what was spoilt on the way may come whole then.
            refusals.append(error)
            return
        self.asked_back.add(peer.party)

    def _mend(self, peer: rows.Link, refusals: list[KoupreyError]) -> None:
        """Before its lanes are followed: what goes on from a damaged end would not fit."""
        try:
            self._mending.mend(peer, self._follower)
        except Unreachable:
            raise
        except KoupreyError as error:
            refusals.append(error)

    def _learn_again(self, peer: rows.Link) -> None:
        """Papers are brought once; a database that was restored may not hold them any more, nor our own notices."""
        papers: list[Paper] = []
        while len(papers) < _PAPERS_AT_ONCE:
            asked = f"/link/v1/papers?from={len(papers)}"
            try:
                answer = self._caller.call(peer, "GET", asked, cap=link.PAPERS_BYTES + 2 * link.PAPER_MAX)
            except Refused as error:
                # A partner of an older version does not know the question.
                if error.detail.get("status") not in (404, 405):
                    raise
                return
            page = link.read_papers(answer.body)
            if not page:
                break
            papers += page
        _, problems = self._papers.take(papers, by=peer.party)
        for problem in problems:
            _log.info("A paper of %s was not taken: %s", peer.party, problem)

    def _compare(self, peer: rows.Link, refusals: list[KoupreyError]) -> None:
        """Compare what both of us read of others, and show the peer what is proven against one of them."""
        try:
            if self._evidence.shares(peer.party):
                heads = link.read_heads(self._caller.call(peer, "GET", "/link/v1/heads").body)
                for note in heads.heads:
                    self._evidence.compare(
                        note.encode(), lambda tag, start: self._follower.fetch(peer, tag, start), peer.party
                    )
            for tag, evidence in self._evidence.untold(peer.party):
                try:
                    self._caller.call(peer, "POST", f"/link/v1/{tag}/evidence", evidence)
                except Refused as error:
                    # Who does not know the lane, or not the keys of its author yet, is told again later.
                    _log.info("Evidence was not taken by %s: %s", peer.party, error)
                else:
                    self._evidence.told(peer.party, tag)
        except Unreachable:
            raise
        except Refused as error:
            # A partner of an older version does not know the question.
            if error.detail.get("status") not in (404, 405):
                refusals.append(error)
        except KoupreyError as error:
            refusals.append(error)

    def _bring_receipts(self, peer: rows.Link, refusals: list[KoupreyError]) -> None:
        home = self._people.home_id
        with self._store.read() as reader:
            ours = [
                (lane, receipt)
                for lane in rows.list_lanes(reader, mine=False, author=peer.party)
                for receipt in rows.list_receipts(reader, lane.id)
                if receipt.party == home and receipt.delivered_size < receipt.size
            ]
        for lane, receipt in ours:
            try:
                self._caller.call(
                    peer, "POST", f"/link/v1/{lane.tag}/receipt", receipt.receipt, link.RECEIPT_MEDIA_TYPE
                )
            except Refused as error:
                # An author that does not know its own checkpoint or lane was rolled back, and has now been told so.
                if error.code not in (ReasonCode.MISMATCH, ReasonCode.UNKNOWN_LANE):
                    refusals.append(error)
                    continue
            self._confirmed(lane.id, home, receipt.size)

    def _bring_erasure_receipts(self, peer: rows.Link, refusals: list[KoupreyError]) -> None:
        """Tell an author what of his we have erased, and what we must keep."""
        home = self._people.home_id
        with self._store.read() as reader:
            ours = [
                receipt
                for lane in rows.list_lanes(reader, mine=False, author=peer.party)
                for receipt in rows.list_erasure_receipts(reader, lane.id)
                if receipt.party == home and not receipt.delivered
            ]
        for receipt in ours:
            papers = link.render_papers([Paper(ERASURE_RECEIPT_MEDIA_TYPE, receipt.note)])
            try:
                self._caller.call(peer, "POST", "/link/v1/notes", papers, link.PAPERS_MEDIA_TYPE)
            except Refused as error:
                refusals.append(error)
            else:
                self._store.write(lambda tx, receipt=receipt: rows.erasure_receipt_delivered(tx, receipt))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

    def _confirmed(self, lane_id: int, party: str, size: int) -> None:
        self._store.write(lambda tx: rows.receipt_delivered(tx, lane_id, party, size))


def _is_urgent(lane: LaneState) -> bool:
    return lane.lane_class is LaneClass.PRIORITY
