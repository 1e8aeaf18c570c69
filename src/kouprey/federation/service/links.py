"""Links: fetch what peers have for us, bring them papers and receipts, and let no dead peer delay another."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from urllib.parse import urlsplit

from kouprey.federation import store as rows
from kouprey.federation.model import BodyFrame, HeadersAnswer, IndexRange, LaneState, ReasonCode
from kouprey.federation.service.admit import Admission, Offer
from kouprey.federation.wire import link
from kouprey.kernel.net.fetch import Answer, Fetcher
from kouprey.kernel.seal import httpsig
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import KoupreyError, Refused, Unknown, Unreachable
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People

_log = logging.getLogger(__name__)

LONGEST_WAIT = 60.0
"""Seconds between attempts to reach a peer that does not answer."""
BARRIER_SECONDS = 10.0


class Links:
    """The links of this node: one peer, one address, one worker each."""

    def __init__(
        self,
        store: Store,
        people: People,
        admission: Admission,
        keyring: Keyring,
        *,
        interval: float = 15.0,
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._admission = admission
        self._keyring = keyring
        self._interval = interval
        self._clock = clock
        self._fetchers = {False: Fetcher(), True: Fetcher(allow_private=True)}
        self._wake: dict[str, threading.Event] = {}
        self._stopping = threading.Event()
        self._workers: dict[str, threading.Thread] = {}

    # administration

    def add(self, party: str, url: str, *, allow_private: bool = False, by: str) -> rows.Link:
        """Reach `party` at `url` from now on."""
        self._people.get_party(party)
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise Refused("That is not an address of a node.", url[:200], "Write https://host[:port].", code="bad-url")
        origin = f"{parts.scheme}://{parts.netloc}"

        def work(tx: Tx) -> None:
            rows.save_link(tx, party, origin, allow_private)
            audit.append(tx, at=self._clock(), actor=by, action="link.add", subject=party, detail={"url": origin})

        self._store.write(work)
        return self.get_link(party)

    def pause(self, party: str, *, paused: bool, by: str) -> rows.Link:
        """Stop calling a peer and answering its pulls, or go on; nothing is lost meanwhile."""
        self.get_link(party)

        def work(tx: Tx) -> None:
            rows.pause_link(tx, party, paused)
            action = "link.pause" if paused else "link.resume"
            audit.append(tx, at=self._clock(), actor=by, action=action, subject=party, detail={})

        self._store.write(work)
        self.wake(party)
        return self.get_link(party)

    def list_links(self) -> list[rows.Link]:
        """Every link with how it went last."""
        with self._store.read() as reader:
            return rows.list_links(reader)

    def get_link(self, party: str) -> rows.Link:
        for found in self.list_links():
            if found.party == party:
                return found
        raise Unknown(
            f"There is no link to {party[:80]!r}.",
            remedy="`kouprey link add PARTY URL` makes one.",
            code="unknown-link",
        )

    def test(self, party: str) -> Sequence[LaneState]:
        """Call a peer once now and say what it has for us; raises what goes wrong."""
        return self._lanes(self.get_link(party))

    # one exchange with one peer

    def sync(self, party: str) -> int:
        """Bring papers and receipts, fetch what is new; the number of entries that came. Notes how it went."""
        peer = self.get_link(party)
        try:
            self._bring_papers(peer)
            self._bring_receipts(peer)
            count = sum(self._follow(peer, lane) for lane in self._lanes(peer))
            self._bring_receipts(peer)
        except KoupreyError as error:
            self._note(party, str(error))
            raise
        self._note(party, "")
        return count

    def _note(self, party: str, error: str) -> None:
        self._store.write(lambda tx: rows.note_link(tx, party, self._clock(), error))

    def _lanes(self, peer: rows.Link) -> Sequence[LaneState]:
        return link.read_lanes(self._call(peer, "GET", "/link/v1/lanes").body).lanes

    def _follow(self, peer: rows.Link, offered: LaneState) -> int:
        """Fetch a lane of the peer page by page until we hold what it has signed."""
        if offered.author != peer.party:
            return 0
        count = 0
        while True:
            with self._store.read() as reader:
                lane = rows.find_lane(reader, origin=offered.origin)
            held = 0 if lane is None else lane.size
            # A lane smaller than our replica is an epoch its author has left after a restore: nothing to fetch there.
            if held >= offered.size or (lane is not None and lane.state == rows.FROZEN):
                return count
            page = self._headers(peer, offered.tag, held)
            if not page.headers:
                return count
            offer = Offer(
                origin=offered.origin,
                start=held,
                checkpoint=page.checkpoint,
                headers=page.headers,
                proof=page.proof,
                bodies=self._bodies(peer, offered.tag, held, held + len(page.headers)),
            )
            count += self._admission.admit(offer, via=f"link {peer.party}").stored

    def _headers(self, peer: rows.Link, tag: str, start: int) -> HeadersAnswer:
        return link.read_headers_answer(self._call(peer, "GET", f"/link/v1/{tag}/headers?from={start}").body)

    def _bodies(self, peer: rows.Link, tag: str, start: int, end: int) -> dict[int, BodyFrame]:
        bodies: dict[int, BodyFrame] = {}
        while start < end:
            asked = (IndexRange(start, end),)
            request = link.render_json(link.BodiesRequest(ranges=asked))
            answer = self._call(peer, "POST", f"/link/v1/{tag}/bodies", request)
            for frame in link.read_bodies(answer.body, asked):
                bodies[frame.index] = frame
                start = frame.index + 1
        return bodies

    def _bring_papers(self, peer: rows.Link) -> None:
        with self._store.read() as reader:
            waiting = rows.list_papers(reader, peer.party)
        for paper_id, papers in waiting:
            self._call(peer, "POST", "/link/v1/notes", papers, link.PAPERS_MEDIA_TYPE)
            self._store.write(
                lambda tx, paper_id=paper_id: rows.papers_delivered(tx, paper_id, peer.party, self._clock())  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            )

    def _bring_receipts(self, peer: rows.Link) -> None:
        home = self._people.home_id
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, mine=False) if lane.author == peer.party]
            ours = [
                (lane, receipt)
                for lane in lanes
                for receipt in rows.list_receipts(reader, lane.id)
                if receipt.party == home and receipt.delivered_size < receipt.size
            ]
        for lane, receipt in ours:
            try:
                self._call(peer, "POST", f"/link/v1/{lane.tag}/receipt", receipt.receipt, link.RECEIPT_MEDIA_TYPE)
            except Refused as error:
                # The author does not know its own checkpoint: it was rolled back, and has now been told so.
                if error.code != ReasonCode.MISMATCH:
                    raise
            self._store.write(
                lambda tx, lane=lane, receipt=receipt: rows.receipt_delivered(tx, lane.id, home, receipt.size)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            )

    def hint(self, agreement: str) -> None:
        """Tell the peers of an agreement, as far as they can be reached, that there is something to fetch."""
        with self._store.read() as reader:
            lanes = [lane for lane in rows.list_lanes(reader, mine=True, agreement=agreement) if lane.signed_size]
        body = link.render_json(
            link.Hint(lanes=tuple(link.HintedLane(lane.origin, lane.signed_size) for lane in lanes))
        )
        audience = {party for lane in lanes for party in lane.audience}
        for peer in self.list_links():
            if peer.party in audience and not peer.paused and not peer.failures:
                threading.Thread(target=self._hint_one, args=(peer, body), daemon=True).start()

    def _hint_one(self, peer: rows.Link, body: bytes) -> None:
        try:
            self._call(peer, "POST", "/link/v1/hint", body)
        except KoupreyError as error:
            _log.info("Hint to %s not delivered: %s", peer.party, error)

    def held_by_peers(self, lane: rows.Lane) -> list[bytes]:
        """Our newest checkpoint of a lane as each peer holds it; peers that do not answer in time are left out."""
        peers = [peer for peer in self.list_links() if peer.party in lane.audience and not peer.paused]
        if not peers:
            return []
        pool = ThreadPoolExecutor(max_workers=len(peers))
        asked = [pool.submit(self._held_by, peer, lane.tag) for peer in peers]
        done, _ = wait(asked, timeout=BARRIER_SECONDS)
        pool.shutdown(wait=False, cancel_futures=True)
        return [note for future in done if (note := future.result())]

    def _held_by(self, peer: rows.Link, tag: str) -> bytes:
        try:
            return self._call(peer, "GET", f"/link/v1/{tag}/checkpoint").body
        except KoupreyError:
            return b""

    def _call(
        self, peer: rows.Link, method: str, path: str, body: bytes = b"", media_type: str = "application/json"
    ) -> Answer:
        url = peer.url + path
        headers = httpsig.sign_request(
            method,
            url,
            {"content-type": media_type} if body else {},
            body,
            f"{self._people.home_id}/node",
            self._keyring.node,
            self._clock(),
        )
        answer = self._fetchers[peer.allow_private].request(method, url, headers=headers, body=body)
        if answer.status < 300:
            return answer
        raise _refusal(peer.party, answer)

    # workers

    def start(self) -> None:
        """Serve every link by a worker of its own until `stop`; new links are picked up as they are added."""
        threading.Thread(target=self._supervise, name="links", daemon=True).start()

    def stop(self) -> None:
        """Let the workers end."""
        self._stopping.set()
        for event in self._wake.values():
            event.set()

    def wake(self, party: str = "") -> None:
        """Exchange with a party, or with all, at once."""
        for name, event in list(self._wake.items()):
            if not party or name == party:
                event.set()

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            for peer in self.list_links():
                if peer.party not in self._workers:
                    self._wake[peer.party] = threading.Event()
                    worker = threading.Thread(target=self._work, args=(peer.party,), name=peer.party, daemon=True)
                    self._workers[peer.party] = worker
                    worker.start()
            self._stopping.wait(1.0)

    def _work(self, party: str) -> None:
        event = self._wake[party]
        failures = 0
        while not self._stopping.is_set():
            event.clear()
            try:
                if not self.get_link(party).paused:
                    self.sync(party)
                failures = 0
            except KoupreyError as error:
                failures += 1
                _log.info("Link to %s: %s", party, error)
            except Exception:
                failures += 1
                _log.exception("Link to %s failed unexpectedly.", party)
            event.wait(self._pause_after(failures))

    def _pause_after(self, failures: int) -> float:
        """The interval, or after failures a wait that doubles, with jitter so that peers do not knock in step."""
        if not failures:
            return self._interval
        longest = min(LONGEST_WAIT, 0.5 * 2.0 ** min(failures, 10))
        return random.uniform(longest / 2, longest)


def _refusal(party: str, answer: Answer) -> KoupreyError:
    """What a peer's problem document says, as one of our failures."""
    problem = link.read_problem(answer.body)
    kind: Callable[..., KoupreyError] = Refused if 400 <= answer.status < 500 else Unreachable
    return kind(
        f"{party} answered: {problem.title or answer.status}.",
        problem.detail,
        code=problem.code or ReasonCode.BAD_REQUEST,
        detail={"status": answer.status, "size": problem.size},
    )
