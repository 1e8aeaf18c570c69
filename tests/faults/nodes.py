"""Simulated nodes: the real services on real databases; clock, network, disk and randomness are the simulator's."""

from __future__ import annotations

import logging
import random
import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from starlette.routing import compile_path

from federation.conftest import GUARD, MIGRATIONS, STIX
from kouprey.agreements.service import Agreements
from kouprey.federation import api
from kouprey.federation import store as rows
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Delivery, Federation, Lanes, erase_bodies, listeners
from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.storage import meta, outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError, Refused, TooLarge, Unreachable
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from migrated import lay

CANARY = re.compile(rb"CANARY-[0-9a-f]+-\d+z")
_WAITING = "SELECT publication, body FROM lane_outgoing"
START = 1_790_000_000 * SECOND


class Crash(BaseException):
    """A node died in the middle of something; no code of the product may catch it."""

    def __init__(self, node: Node) -> None:
        super().__init__(node.party)
        self.node = node


def erasure(canary: str) -> str:
    """A line of the list of what was erased; it does not hold what it erases."""
    return sha256(canary.encode()).hexdigest()


class Disk:
    """A store whose node can die at every commit point: just before a commit, or just after it."""

    def __init__(self, store: Store, node: Node) -> None:
        self._store = store
        self._node = node

    def write(self, work: Callable[[Tx], Any]) -> Any:
        self._node.commit_point()
        result = self._store.write(work)
        self._node.commit_point()
        return result

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Node:
    """One party. `send(node, url, ...)` is the network as this node sees it; `told` hears what is applied here."""

    def __init__(self, party: str, folder: Path, now: Callable[[], int], send: Any, told: Any = None) -> None:
        self.party = party
        self.folder = folder
        self.origin = f"http://{party}:8420"
        self.skew = 0
        self.fuse: int | None = None
        self.alive = False
        self._now = now
        self._send = send
        self._told = told

    def clock(self) -> int:
        return self._now() + self.skew

    def commit_point(self) -> None:
        if self.fuse is not None:
            self.fuse -= 1
            if self.fuse <= 0:
                raise Crash(self)

    # life and death

    def open(self, *, start: bool = True) -> Node:
        self.fuse = None
        self.store = Disk(open_sqlite(lay(self.folder / "kouprey.db", MIGRATIONS), clock=self.clock), self)
        self.guard = Disk(open_sqlite(lay(self.folder / "guard.db", GUARD), clock=self.clock), self)
        folder = self.folder / "keys"
        self.ring = keyring.load(folder) if folder.exists() else keyring.create(folder)
        store: Any = self.store
        guard: Any = self.guard
        self.people = People(store, self.ring, self.clock)
        self.agreements = Agreements(store, self.people, self.ring, self.clock)
        lock = FileLock(self.folder / "lanes.lock")
        self.lanes = Lanes(store, guard, self.people, self.agreements, self.ring, lock, self.clock)
        self.federation = Federation(
            store,
            self.people,
            self.agreements,
            self.ring,
            self.lanes,
            {STIX: self.receive},
            regained={STIX: self.regain},
            clock=self.clock,
        )
        self.federation.links._caller._fetchers = dict.fromkeys((True, False), self)  # type: ignore[arg-type]  # a stand-in
        # Hints come from threads of their own; pulling needs none.
        self.lanes.appended.clear()
        services = Services()
        services.put(self.federation)
        self.listeners = listeners(services)
        self.doors = [(door, compile_path(door.path)[0]) for door in api.routes(services)]
        self.alive = True
        if start:
            self.replay_erasures()
            self.lanes.start(self._held_by_peers)
        return self

    def _held_by_peers(self, lane: rows.Lane) -> Sequence[bytes]:
        """As `Links.held_by_peers`, one peer after the other."""
        links = self.federation.links
        peers = [peer for peer in links.list_links() if peer.party in lane.audience and not peer.paused]
        return [note for peer in peers if (note := links._held_by(peer, lane.tag))]

    def close(self) -> None:
        if self.alive:
            self.alive = False
            self.fuse = None
            self.lanes.release()
            self.store.close()
            self.guard.close()

    def copy(self, to: Path) -> Path:
        """The whole folder as it is, guard and all; the node must be closed."""
        assert not self.alive
        return Path(shutil.copytree(self.folder, to, ignore=shutil.ignore_patterns("lanes.lock")))

    def put_back(self, copy: Path, *, guard: str) -> None:
        """Restore a copy. `guard`: "kept" as it is now, "lost", or "old" from the copy: a whole machine rolled back."""
        assert not self.alive
        for name in ("kouprey.db", "guard.db"):
            if name == "guard.db" and guard == "kept":
                continue
            for file in self.folder.glob(f"{name}*"):
                file.unlink()
            if name == "kouprey.db" or guard == "old":
                shutil.copy(copy / name, self.folder / name)

    # the network, both ends

    def request(self, method: str, url: str, headers: Any = None, body: bytes = b"", **_: Any) -> Answer:
        """As a fetcher: ask another node."""
        answer: Answer = self._send(self, method, url, dict(headers or {}), body)
        return answer

    def answer(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """As a server: what is asked of this node, past the real doors."""
        path, _, query = url.removeprefix(self.origin).partition("?")
        for door, pattern in self.doors:
            match = pattern.match(path)
            if match and method in door.methods:
                request = _request(method, path, query, headers, match.groupdict(), self.origin)
                request.content = body
                try:
                    if len(body) > door.cap:
                        raise TooLarge("The body is too large.", code="too-large")
                    response: Any = door.endpoint(request)
                except KoupreyError as error:
                    assert door.show is not None
                    response = door.show(error, request)
                return Answer(response.status_code, dict(response.headers), bytes(response.body), url)
        return Answer(404, {}, b"", url)

    # what its people do

    def publish(self, agreement: str, contents: Sequence[bytes], tlp: TLP, lane_class: LaneClass) -> range:
        """Acknowledge bodies: they are durable when this returns."""
        label = Label(owner=self.party, tlp=tlp)
        bodies = [EntryBody(media_type=STIX, label=label, content=content) for content in contents]
        numbers: range = self.store.write(lambda tx: self.lanes.queue(tx, agreement, bodies, lane_class=lane_class))
        return numbers

    def work(self) -> None:
        """What a running node does all the time beside its links."""
        outbox.deliver(self.store, self.listeners, clock=self.clock)  # type: ignore[arg-type]  # a Disk is a store
        self.lanes.append_waiting()

    def erase(self, canary: str) -> None:
        """Erase what was published: first in the list that no backup holds, then in the lanes."""
        self.lanes.erasures.remember(erasure(canary), 0)
        self.replay_erasures()

    def _gone(self, body: bytes) -> bool:
        erased = {record for _, record in self.lanes.erasures.list_since(0)}
        return any(erasure(name.decode()) in erased for name in CANARY.findall(body))

    def replay_erasures(self) -> None:
        """Carry out what the list knows, again and again: it is harmless."""

        def work(tx: Tx) -> None:
            # A restore gives things other numbers: what is meant is found by what it says.
            waiting = [int(number) for number, body in tx.all(_WAITING) if self._gone(body)]
            ours = [each for lane in rows.list_lanes(tx, mine=True) for each in self.entries(lane, tx)]
            held = [each.publication for each in ours if self._gone(each.body)]
            if waiting or held:
                erase_bodies(tx, self.lanes, [*waiting, *held], ())

        self.store.write(work)

    def make_parcel(self, party: str) -> bytes:
        out = BytesIO()
        self.federation.parcels.make(party, out, by="courier")
        return out.getvalue()

    def read_parcel(self, data: bytes) -> Any:
        return self.federation.parcels.read(BytesIO(data), by="courier")

    def receive(self, tx: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
        """Applies each entry once, or the run has failed; what is the same object again changes nothing more."""
        for each in deliveries:
            once = f"once-{each.origin}-{each.index}"
            again = meta.get(tx, once) is not None
            meta.put(tx, once, b"")
            name = CANARY.findall(each.content)
            key = f"got-{name[0].decode()}" if name else f"got-{each.origin}-{each.index}"
            times = int(meta.get(tx, key) or b"0") + 1
            meta.put(tx, key, b"%d" % times)
            if self._told is not None:
                self._told(self, tx, each, again)
        return [None] * len(deliveries)

    def regain(self, _: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
        """What was ours and lost comes back, unless it was erased: the list of that is in no backup."""
        return [Refused("It was erased.", code="erased") if self._gone(each.content) else None for each in deliveries]

    def got(self) -> dict[str, int]:
        """Canary -> how often it was handed over here."""
        with self.store.read() as reader:
            found = reader.all("SELECT key, value FROM meta WHERE key LIKE 'got-%'")
        return {str(key)[4:]: int(value) for key, value in found}

    def ours(self) -> set[str]:
        """Canaries of what this node has published, in its lanes or on their way into them."""
        with self.store.read() as reader:
            bodies = [bytes(body) for _, body in reader.all(_WAITING)]
            bodies += [each.body for lane in rows.list_lanes(reader, mine=True) for each in self.entries(lane, reader)]
        return {name.decode() for body in bodies for name in CANARY.findall(body)}

    def lanes_held(self, *, mine: bool | None = None) -> list[rows.Lane]:
        with self.store.read() as reader:
            return [lane for lane in rows.list_lanes(reader) if mine is None or lane.mine is mine]

    def entries(self, lane: rows.Lane, tx: Tx | None = None) -> list[rows.StoredEntry]:
        with nullcontext(tx) if tx is not None else self.store.read() as reader:
            return rows.list_entries(reader, lane.id, 0, lane.size)

    def receipt_key(self) -> VerifyKey:
        return VerifyKey.parse(self.people.home().card.receipt)


def _request(
    method: str, path: str, query: str, headers: dict[str, str], params: dict[str, str], origin: str
) -> Request:
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [
            (b"host", origin.removeprefix("http://").encode()),
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()),
        ],
        "path_params": params,
        "kouprey.site": SimpleNamespace(origins=(origin,)),
    }
    return Request(scope)


@contextmanager
def seeded(dice: random.Random) -> Iterator[None]:
    """Salts, epochs, nonces and keys come from `dice`: one seed, one run."""
    with ExitStack() as stack:
        stack.enter_context(mock.patch.object(secrets, "token_bytes", lambda count=32: dice.randbytes(count)))
        stack.enter_context(mock.patch.object(secrets, "token_hex", lambda count=32: dice.randbytes(count).hex()))
        yield


@contextmanager
def silent() -> Iterator[None]:
    """Faults make nodes warn, thousands of times."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


__all__ = ["CANARY", "START", "Answer", "Crash", "Disk", "Node", "Unreachable", "seeded", "silent"]
