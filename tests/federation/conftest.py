"""Nodes of fictional parties in one process: real stores and services, wired by a transport that can be cut."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from inprocess import AppClient
from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.federation import api
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Delivery, Federation, Lanes, Receiver, Spool, listeners
from kouprey.kernel.net.fetch import Answer
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage import meta, outbox
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.site import Site
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import KoupreyError, Unreachable
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from migrated import Migrations, lay

STIX = "application/stix+json;version=2.1"
IDENTITY = "identity--00000000-0000-4000-8000-00000000000"
MIGRATIONS = [
    KERNEL,
    *((name, f"kouprey.{name}.migrations") for name in ("people", "agreements", "federation")),
]
GUARD = [KERNEL, ("guard", "kouprey.federation.migrations.guard")]


@dataclass
class Actor:
    """One node; `close` and `open` are a restart, `folder` holds everything it has."""

    party: str
    folder: Path
    dsn: str = ""
    guard_dsn: str = ""
    wire: Wire | None = None
    open_now: bool = False
    lanes: Lanes = field(init=False)
    federation: Federation = field(init=False)

    @property
    def origin(self) -> str:
        return f"http://{self.party}:8420"

    def open(self, *, start: bool = True, ask_peers: bool = False) -> Actor:
        self.store = self._store(self.dsn, "kouprey.db", MIGRATIONS)
        self.guard = self._store(self.guard_dsn, "guard.db", GUARD)
        folder = self.folder / "keys"
        self.ring = keyring.load(folder) if folder.exists() else keyring.create(folder)
        self.people = People(self.store, self.ring)
        self.agreements = Agreements(self.store, self.people, self.ring)
        lock = FileLock(self.folder / "lanes.lock")
        self.lanes = Lanes(self.store, self.guard, self.people, self.agreements, self.ring, lock)
        given = (self.store, self.people, self.agreements, self.ring, self.lanes)
        self.federation = Federation(*given, self.receivers(), regained=self.regains())
        self.federation.links._caller._fetchers = dict.fromkeys((True, False), self.wire)  # type: ignore[arg-type]  # a stand-in
        # Hints would come from threads of their own, at any time; the test over the network wants them back.
        self.hint = self.lanes.appended.pop()
        self.services = Services()
        self.services.put(self.federation)
        self.services.put(Spool(self.folder / "spool", self.federation.parcels))
        site = Site(
            node_id="test",
            party=self.party,
            party_name=self.party,
            version="0",
            origins=(self.origin,),
            sign=lambda data: sha256(data).digest(),
        )
        self.app = build_app(site, api.routes(self.services))
        self.open_now = True
        if start:
            self.lanes.start(self.federation.links.held_by_peers if ask_peers else None)
        return self

    def receivers(self) -> dict[str, Receiver]:
        """Who takes the bodies of which media type."""
        return {STIX: self.receive}

    def regains(self) -> dict[str, Receiver]:
        """Who takes back what was given and lost."""
        return {}

    def _store(self, dsn: str, name: str, migrations: Migrations) -> Store:
        store = open_postgres(dsn) if dsn else open_sqlite(lay(self.folder / name, migrations))
        # What was opened before, or copied, is migrated already.
        migrate(store, migrations)
        return store

    def close(self) -> None:
        if self.open_now:
            self.open_now = False
            self.lanes.release()
            self.store.close()
            self.guard.close()

    def copy(self, to: Path, *, guard: bool) -> Path:
        """The data directory as a backup or a clone would have it (SQLite, closed or not)."""
        left_out = () if guard else ("guard.db", "guard.db-wal", "guard.db-shm")
        return Path(shutil.copytree(self.folder, to, ignore=shutil.ignore_patterns("lanes.lock", *left_out)))

    def receive(self, tx: Tx, deliveries: Sequence[Delivery]) -> list[KoupreyError | None]:
        for each in deliveries:
            if each.content == b"crash":
                raise ZeroDivisionError("a receiver with a bug")
            once = f"once-{each.origin}-{each.index}"
            assert meta.get(tx, once) is None, "an entry was applied twice"
            meta.put(tx, once, b"")
            meta.put(tx, f"got-{tx.positions(1):020d}", each.content)
        return [None] * len(deliveries)

    @property
    def got(self) -> list[bytes]:
        """Everything that was applied here, in order."""
        with self.store.read() as reader:
            return [row[0] for row in reader.all("SELECT value FROM meta WHERE key LIKE 'got-%' ORDER BY key")]

    def queue(
        self,
        agreement: str,
        contents: Sequence[bytes],
        *,
        tlp: TLP = TLP.GREEN,
        lane_class: LaneClass = LaneClass.BULK,
        kind: str = "intelligence",
        media_type: str = STIX,
    ) -> range:
        label = Label(owner=self.party, tlp=tlp, kind=kind)
        bodies = [EntryBody(media_type=media_type, label=label, content=content) for content in contents]
        return self.store.write(lambda tx: self.lanes.queue(tx, agreement, bodies, lane_class=lane_class))

    def publish(self, agreement: str, contents: Sequence[bytes], **how: Any) -> range:
        numbers = self.queue(agreement, contents, **how)
        self.lanes.append_waiting()
        return numbers

    def settle(self) -> None:
        outbox.deliver(self.store, listeners(self.services))

    def link(self, other: Actor) -> None:
        self.federation.links.add(other.party, other.origin, allow_private=True, by="test")

    def sync(self, other: Actor) -> int:
        return self.federation.links.sync(other.party)

    def own_lanes(self) -> list[Any]:
        return [lane for lane in self.federation.ledger.list_lanes() if lane.mine]


class Wire:
    """The transport between actors, in place of the network: by address, synchronous, and cut where wanted."""

    def __init__(self) -> None:
        self.nodes: dict[str, Actor] = {}
        self.down: set[str] = set()
        self.calls: list[tuple[str, str]] = []
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.twist: Callable[[str, Answer], Answer] = lambda url, answer: answer

    def request(
        self,
        method: str,
        url: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        cap: int | None = None,
        deadline: float | None = None,
    ) -> Answer:
        origin = "/".join(url.split("/")[:3])
        node = self.nodes.get(origin)
        self.calls.append((method, url))
        if node is None or not node.open_now or origin in self.down:
            raise Unreachable(f"{origin} could not be reached.", code="timeout")
        self.requests.append((method, url, dict(headers or {}), body))
        answer = self.send(method, url, dict(headers or {}), body)
        if cap is not None and len(answer.body) > cap:
            raise Unreachable(f"{origin} answers too much.", code="too-large")
        return self.twist(url, answer)

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        """Exactly this request, as a stranger could send it too."""
        node = self.nodes["/".join(url.split("/")[:3])]
        client = AppClient(node.app, base_url=node.origin)
        answer = client.request(method, url, headers=headers, content=body)
        return Answer(answer.status_code, dict(answer.headers), answer.content, url)

    def close(self) -> None:
        """As a fetcher."""


@dataclass
class World:
    """Actors who trust each other, and the agreements between them."""

    folder: Path
    fresh: Callable[..., str] | None
    wire: Wire = field(default_factory=Wire)
    actors: list[Actor] = field(default_factory=list)
    kind: type[Actor] = Actor

    def actor(self, party: str, *, folder: Path | None = None) -> Actor:
        place = folder or self.folder / party
        place.mkdir(exist_ok=True)
        dsn, guard_dsn = (self.fresh(MIGRATIONS), self.fresh(GUARD)) if self.fresh else ("", "")
        made = self.kind(party, place, dsn, guard_dsn, self.wire)
        made.open(start=False)
        if folder is None:
            made.people.found(party, party.title(), identity=f"{IDENTITY}{len(self.actors)}")
        made.lanes.start()
        self.actors.append(made)
        self.wire.nodes[made.origin] = made
        return made

    def clone(self, folder: Path, party: str) -> Actor:
        """A node opened on a copy of a data directory, in place of the one that had its address."""
        made = Actor(party, folder, wire=self.wire)
        self.actors.append(made)
        self.wire.nodes[made.origin] = made
        return made

    def acquaint(self, *actors: Actor) -> None:
        for a, b in combinations(actors, 2):
            a.people.trust(b.people.home().note, by="test")
            b.people.trust(a.people.home().note, by="test")
            a.link(b)
            b.link(a)

    def agree(self, *actors: Actor, terms: Terms | None = None, title: str = "An agreement") -> str:
        """An agreement signed by all, carried by hand."""
        first = actors[0]
        parties = [actor.party for actor in actors]
        version = first.agreements.draft(title, parties, terms or Terms(), starts=wall_clock() - 10**7, by="test")
        signed = first.agreements.sign(version.agreement, by="test")
        for other in actors[1:]:
            other.agreements.receive_note(signed.note, signed.document_bytes, by="test")
            signed = other.agreements.sign(version.agreement, by="test")
        for other in actors[:-1]:
            other.agreements.receive_note(signed.note, signed.document_bytes, by="test")
        return version.agreement

    def pair(self, terms: Terms | None = None) -> tuple[Actor, Actor, str]:
        a, b = self.actor("ministry.example"), self.actor("operator.example")
        self.acquaint(a, b)
        return a, b, self.agree(a, b, terms=terms)

    def close(self) -> None:
        for actor in self.actors:
            actor.close()


def _world(folder: Path, fresh: Callable[..., str] | None) -> Iterator[World]:
    made = World(folder, fresh)
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Nodes on SQLite."""
    yield from _world(tmp_path, None)


@pytest.fixture(params=["sqlite", "postgres"])
def each_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """Nodes on each engine."""
    fresh = request.getfixturevalue("fresh_postgres") if request.param == "postgres" else None
    yield from _world(tmp_path, fresh)
