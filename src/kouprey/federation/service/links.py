"""Links: fetch what peers have for us, bring them papers and receipts, and let no dead peer delay another."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait

from kouprey.federation import store as rows
from kouprey.federation.model import LaneState
from kouprey.federation.service.admit import Admission
from kouprey.federation.service.calls import Caller, counted
from kouprey.federation.service.dialogue import Came, Dialogue
from kouprey.federation.service.evidence import Evidence
from kouprey.federation.service.fetching import FileFetcher
from kouprey.federation.service.filekeeping import FileKeeping
from kouprey.federation.service.follow import Follower
from kouprey.federation.service.history import Exchange, History
from kouprey.federation.service.mending import Mending
from kouprey.federation.service.papers import Papers
from kouprey.federation.service.recovery import Recovery
from kouprey.federation.service.requests import Requests
from kouprey.federation.wire import link
from kouprey.kernel.net.fetch import Way, read_url
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import KoupreyError, Refused, Unknown
from kouprey.kernel.words.time import Clock, wall_clock
from kouprey.people.service import People, fetch_card

_log = logging.getLogger(__name__)

LONGEST_WAIT = 60.0
"""Seconds between attempts to reach a peer that does not answer."""
BARRIER_SECONDS = 10.0
BREATH_SECONDS = 0.5
"""Between two exchanges, and between two hints, with one peer: a burst on one side may not flood the other."""


class Links:
    """The links of this node: one peer, one address, one worker each."""

    def __init__(
        self,
        store: Store,
        people: People,
        admission: Admission,
        requests: Requests,
        recovery: Recovery,
        evidence: Evidence,
        papers: Papers,
        keyring: Keyring,
        *,
        interval: float = 15.0,
        way: Way = Way(),
        clock: Clock = wall_clock,
    ) -> None:
        self._store = store
        self._people = people
        self._interval = interval
        self._clock = clock
        self.history = History(store, clock)
        self._caller = Caller(people, keyring, clock, way)
        follower = Follower(store, people, admission, evidence, self._caller)
        mending = Mending(store, admission, clock)
        self._dialogue = Dialogue(
            store, people, self._caller, follower, requests, recovery, evidence, papers, mending, clock
        )
        self._stopping = threading.Event()
        self._wake: dict[str, threading.Event] = {}
        self._failing: set[str] = set()
        self._workers: dict[str, threading.Thread] = {}
        self._hints = threading.Lock()
        self._hinting: dict[str, bool] = {}

    def attach(self, files: FileKeeping) -> None:
        """Fetch the parts of files too, at the end of an exchange."""
        self._dialogue.fetcher = FileFetcher(self._store, self._caller, files)

    # administration

    def add(self, party: str, url: str, *, allow_private: bool = False, by: str) -> rows.Link:
        """Reach `party` at `url` from now on."""
        if self._people.get_party(party).home:
            raise Refused("That is this node itself.", "A link leads to another party.", code="own-party")
        origin = _origin(url)

        def work(tx: Tx) -> None:
            rows.save_link(tx, party, origin, allow_private)
            audit.append(tx, at=self._clock(), actor=by, action="link.add", subject=party, detail={"url": origin})

        self._store.write(work)
        self.wake(party)
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
        """Raises Unknown when there is none."""
        with self._store.read() as reader:
            found = rows.find_link(reader, party)
        if found is None:
            raise Unknown(
                f"There is no link to {party[:80]!r}.",
                remedy="`kouprey link add PARTY URL` makes one.",
                code="unknown-link",
            )
        return found

    def test(self, party: str) -> Sequence[LaneState]:
        """Call a peer once now and say what it has for us; raises what goes wrong."""
        return self._lanes(self.get_link(party))

    def fetch_card(self, url: str, *, allow_private: bool) -> bytes:
        """The card of whoever answers at an address: what it says is for a person to compare."""
        return fetch_card(url, self._caller.fetcher(allow_private=allow_private))

    # one exchange with one peer

    def sync(self, party: str) -> int:
        """Bring papers and receipts, fetch what is new; the number of entries that came. Notes how it went.

        One lane or paper that is refused does not hold up the others; the first refusal is raised when they are done.
        """
        peer = self.get_link(party)
        came = Came()
        failure: KoupreyError | None = None
        begun = self._clock()
        with counted() as tally:
            try:
                self._dialogue.run(peer, lambda: self._lanes(peer), came)
                failure = came.refusals[0] if came.refusals else None
            except KoupreyError as error:
                failure = error
        self.history.note(party, Exchange(begun, self._clock(), came.entries, tally, failure), self._interval)
        if failure is not None:
            raise failure
        return came.entries

    def _lanes(self, peer: rows.Link) -> Sequence[LaneState]:
        lanes = link.read_lanes(self._caller.call(peer, "GET", "/link/v1/lanes").body).lanes
        return [lane for lane in lanes if lane.author == peer.party]

    def ask_back(self, party: str) -> None:
        """A peer has shown that it holds more of ours than we know: ask it at the next exchange, at once."""
        self._dialogue.asked_back.discard(party)
        self.wake(party)

    # hints

    def hint(self, agreement: str) -> None:
        """Tell the peers of an agreement, as far as they can be reached, that there is something to fetch.

        At most one hint to a peer is under way; what is appended meanwhile is told in one more.
        """
        with self._store.read() as reader:
            lanes = rows.list_lanes(reader, mine=True, agreement=agreement)
            peers = rows.list_links(reader)
        audience = {party for lane in lanes for party in lane.audience}
        for peer in peers:
            if peer.party in audience and not peer.paused and not peer.failures:
                with self._hints:
                    under_way = peer.party in self._hinting
                    self._hinting[peer.party] = under_way
                if not under_way:
                    threading.Thread(target=self._hint_peer, args=(peer,), daemon=True).start()

    def _hint_peer(self, peer: rows.Link) -> None:
        while True:
            try:
                with self._store.read() as reader:
                    lanes = [lane for lane in rows.list_lanes(reader, mine=True) if peer.party in lane.audience]
                hinted = tuple(link.HintedLane(lane.origin, lane.signed_size) for lane in lanes if lane.signed_size)
                self._caller.call(peer, "POST", "/link/v1/hint", link.render_json(link.Hint(lanes=hinted)))
            except Exception as error:
                # A hint is a courtesy: the peer pulls without it, and the node may be going down.
                _log.info("Hint to %s not delivered: %s", peer.party, error)
            stopping = self._stopping.wait(BREATH_SECONDS)
            with self._hints:
                if stopping or not self._hinting[peer.party]:
                    del self._hinting[peer.party]
                    return
                self._hinting[peer.party] = False

    # the start-up barrier

    def held_by_peers(self, lane: rows.Lane) -> list[bytes]:
        """Our newest checkpoint of a lane as each peer holds it; peers that do not answer in time are left out."""
        peers = [peer for peer in self.list_links() if peer.party in lane.audience and not peer.paused]
        if not peers:
            return []
        pool = ThreadPoolExecutor(max_workers=len(peers))
        asked = [pool.submit(self._held_by, peer, lane.tag) for peer in peers]
        done, _ = wait(asked, timeout=BARRIER_SECONDS)
        pool.shutdown(wait=False, cancel_futures=True)
        return [future.result() for future in done if future.exception() is None and future.result()]

    def _held_by(self, peer: rows.Link, tag: str) -> bytes:
        try:
            return self._caller.call(peer, "GET", f"/link/v1/{tag}/checkpoint", deadline=BARRIER_SECONDS).body
        except KoupreyError:
            return b""

    # workers

    def pace(self, interval: float) -> None:
        """From its next turn on each link waits so many seconds between two exchanges."""
        self._interval = interval

    def start(self) -> None:
        """Serve every link by a worker of its own until `stop`; new links are picked up as they are added."""
        supervisor = threading.Thread(target=self._supervise, name="links", daemon=True)
        self._workers[""] = supervisor
        supervisor.start()

    def stop(self) -> None:
        """Let the workers end; one that waits for a slow peer is left behind after a few seconds."""
        self._stopping.set()
        self.wake()
        for worker in list(self._workers.values()):
            worker.join(timeout=2.0)
        self._caller.close()

    def wake(self, party: str = "") -> None:
        """Exchange with a party, or with all, at once."""
        for name, event in list(self._wake.items()):
            if not party or name == party:
                event.set()

    def heard(self, party: str) -> None:
        """A signed call of the party proves that it lives and trusts us: what failed is tried again without waiting."""
        if party in self._failing:
            self.wake(party)

    def _supervise(self) -> None:
        addresses: dict[str, tuple[str, bool, bool]] = {}
        while not self._stopping.is_set():
            try:
                for peer in self.list_links():
                    address = (peer.url, peer.allow_private, peer.paused)
                    if addresses.setdefault(peer.party, address) != address:
                        # Changed by a command beside this server, often because the old address did not answer.
                        addresses[peer.party] = address
                        self.wake(peer.party)
                    if peer.party not in self._workers:
                        self._wake[peer.party] = threading.Event()
                        worker = threading.Thread(target=self._work, args=(peer.party,), name=peer.party, daemon=True)
                        self._workers[peer.party] = worker
                        worker.start()
            except KoupreyError as error:
                _log.warning("Links cannot be read: %s", error)
            self._stopping.wait(1.0)

    def _work(self, party: str) -> None:
        event = self._wake[party]
        failures = 0
        while not self._stopping.is_set():
            patience = 0.0
            event.clear()
            try:
                if not self.get_link(party).paused:
                    self.sync(party)
                failures = 0
                self._failing.discard(party)
            except KoupreyError as error:
                failures += 1
                self._failing.add(party)
                asked = error.detail.get("retry_after")
                patience = min(float(asked), LONGEST_WAIT) if isinstance(asked, int) else 0.0
                _log.info("Link to %s: %s", party, error)
            except Exception:
                if self._stopping.is_set():
                    return
                failures += 1
                self._failing.add(party)
                _log.exception("Link to %s failed unexpectedly.", party)
            self._stopping.wait(max(BREATH_SECONDS, patience))
            event.wait(self._pause_after(failures))

    def _pause_after(self, failures: int) -> float:
        """The interval, or after failures a wait that doubles, with jitter so that peers do not knock in step."""
        if not failures:
            return self._interval
        longest = min(LONGEST_WAIT, 0.5 * 2.0 ** min(failures, 10))
        return random.uniform(longest / 2, longest)


def _origin(url: str) -> str:
    """The origin of a node's address in the one form both sides sign: lower case, no default port, no path."""
    place = read_url(url)
    if place.target != "/":
        raise Refused(
            "That is not an address of a node.", "It has a path.", "Write https://host[:port].", code="bad-url"
        )
    host = place.host.lower() if ":" not in place.host else f"[{place.host}]"
    default = 443 if place.scheme == "https" else 80
    return f"{place.scheme}://{host}" + ("" if place.port == default else f":{place.port}")
