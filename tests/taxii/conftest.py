"""A node with collections, a partner and tokens, and clients that read it through TAXII."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest
import uvicorn
from starlette.types import ASGIApp

from inprocess import AppClient
from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.model import ImportReport
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import outbox
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.site import Site
from kouprey.kernel.words.time import Clock, Instant, wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import GUARD, Node, list_migrations, open_node
from kouprey.node.founding import found
from kouprey.node.web import Authenticator
from kouprey.people.model import Role
from kouprey.people.service import People
from kouprey.taxii.api import routes
from migrated import lay_node

HOME = "cert.example"
PARTNER = "operator.example"
NAMES = {HOME: "Example CERT", PARTNER: "Operator"}
ORIGIN = "http://127.0.0.1:8420"
SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")

Object = dict[str, Any]


def thing(number: int, *, kind: str = "malware", version: int = 0, name: str = "", **more: Any) -> Object:
    """A STIX object that is always the same for the same arguments."""
    at = f"2026-01-01T00:{version:02}:00.000Z"
    body: Object = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{uuid5(SPACE, f'{kind}/{number}')}"}
    if kind not in ("file", "ipv4-addr"):
        body |= {"created": "2026-01-01T00:00:00.000Z", "modified": at, "name": name or f"thing {number} ខ្មែរ"}
    return body | more


@dataclass
class House:
    """An opened node and what tests do with it."""

    node: Node
    partner: Node
    """Another party's node."""

    def __post_init__(self) -> None:
        self.people = self.node.services.get(People)
        self.exchange = self.node.services.get(Exchange)
        self.agreements = self.node.services.get(Agreements)
        self.delivering = threading.Lock()
        self.app = self.app_at(ORIGIN)

    def app_at(self, origin: str) -> ASGIApp:
        """The TAXII doors alone, behind the frame of the node."""
        site = Site(
            node_id="ab12",
            party=HOME,
            party_name="Example CERT",
            version="0",
            origins=(origin,),
            sign=lambda data: data,
            authenticate=Authenticator(self.people),
        )
        return build_app(site, routes(self.node.services))

    @contextmanager
    def served(self, certificate: str | None = None, key: str | None = None) -> Iterator[str]:
        """Serve on a free port, delivering facts beside it; the origin."""
        listener = socket.create_server(("127.0.0.1", 0))
        origin = f"{'https' if certificate else 'http'}://127.0.0.1:{listener.getsockname()[1]}"
        files = {"ssl_certfile": certificate, "ssl_keyfile": key}
        server = uvicorn.Server(uvicorn.Config(self.app_at(origin), log_level="warning", access_log=False, **files))
        stopping = threading.Event()
        threads = [
            threading.Thread(target=server.run, kwargs={"sockets": [listener]}),
            threading.Thread(target=self._deliver, args=(stopping,)),
        ]
        for thread in threads:
            thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield origin
        finally:
            server.should_exit = True
            stopping.set()
            for thread in threads:
                thread.join(timeout=20)

    def _deliver(self, stopping: threading.Event) -> None:
        while not stopping.wait(0.02):
            self.settle()

    thing = staticmethod(thing)

    def keep(self, *things: Object | bytes, tlp: TLP = TLP.CLEAR, collection: str = "") -> ImportReport:
        """Import objects, in their order."""
        lines = [each if isinstance(each, bytes) else json.dumps(each, ensure_ascii=False).encode() for each in things]
        stream = BytesIO(b'{"type":"bundle","id":"bundle--1","objects":[' + b",".join(lines) + b"]}")
        report = self.exchange.import_stream(stream, name="test", tlp=tlp, collection=collection, by="operator")
        assert report.refused == 0
        return report

    def load(self, past: Past, collection: str, dated: Sequence[tuple[Instant, Object]]) -> None:
        """Keep objects with dates that another server gave them, into a node that has kept nothing yet.

        There is one order even so: the clock is put to each date in turn, and positions only ever rise with it. Where
        two have the same date, the second comes some microseconds later.
        """
        for date, each in sorted(dated, key=lambda pair: pair[0]):
            past.now = date
            self.keep(each, collection=collection)
            given = self.exchange.page(self.exchange.operator(), collection, versions="all", limit=10_000).rows[-1]
            assert 0 <= given.position - date < 1_000, "this node has given later positions already"
        past.now = 0

    def token(
        self, party: str = HOME, clearance: TLP = TLP.RED, collection: str = "", role: Role = Role.FEED
    ) -> tuple[str, str]:
        """(user, secret) of a new token."""
        token, secret = self.people.create_token(
            party, role, clearance, by="operator", collections=filter(None, [collection])
        )
        return token.user, secret

    def writer(self, **bound: Any) -> AppClient:
        """A client that may write."""
        return self.client(role=Role.CONTRIBUTOR, **bound)

    def client(self, token: tuple[str, str] | None = None, **bound: Any) -> AppClient:
        """A client with a token; without one, a fresh token made of `bound`."""
        user, secret = token or self.token(**bound)
        basic = b64encode(f"{user}:{secret}".encode()).decode()
        headers = {"Authorization": f"Basic {basic}", "Accept": "application/taxii+json;version=2.1"}
        return AppClient(self.app, base_url=ORIGIN, follow_redirects=False, headers=headers)

    @staticmethod
    def pages(client: AppClient, path: str, **params: str) -> list[Any]:
        """Every answer of a paged resource, by `next` beside the same parameters."""
        found = [client.get(path, params=params)]
        while found[-1].json().get("more"):
            found.append(client.get(path, params=params | {"next": found[-1].json()["next"]}))
        return found

    @staticmethod
    def post(client: AppClient, *things: Object | bytes, path: str = "main", **headers: str) -> Any:
        """Send an envelope; the answer."""
        lines = [each if isinstance(each, bytes) else json.dumps(each, ensure_ascii=False).encode() for each in things]
        body = b'{"objects":[' + b",".join(lines) + b"]}"
        sent = {"content-type": "application/taxii+json;version=2.1"} | headers
        return client.post(f"/taxii2/api/collections/{path}/objects/", content=body, headers=sent)

    def agree(self, ceiling: str = "amber") -> str:
        """An agreement with the partner, signed by both and in force; its id."""
        drafted = self.agreements.draft("Test", [PARTNER], Terms(tlp_ceiling=ceiling), starts=wall_clock(), by="op")
        signed = self.agreements.sign(drafted.agreement, by="op")
        theirs = self.partner.services.get(Agreements)
        theirs.receive_note(signed.note, signed.document_bytes, by=HOME)
        both = theirs.sign(drafted.agreement, by="op")
        return self.agreements.receive_note(both.note, both.document_bytes, by=PARTNER)

    def settle(self) -> None:
        """Deliver facts until there are none: what a decision widened is moved."""
        # One at a time: whom another is serving, this would pass over.
        with self.delivering:
            while outbox.deliver(self.node.store, self.node.listeners()):
                pass


class Past:
    """A clock that stands where it is put, and goes with the others when put to 0."""

    now: Instant = 1

    def __call__(self) -> Instant:
        return self.now or wall_clock()


Build = Callable[..., House]


@contextmanager
def opened_in(folder: Path) -> Iterator[Build]:
    """How to found a node and its partner in a folder, or to open those that are there once more."""
    opened: list[Node] = []

    def open_one(party: str, clock: Clock = wall_clock, **settings: object) -> Node:
        data = folder / party
        if not data.exists():
            identity = f"identity--{uuid5(SPACE, party)}"
            found(lay_node(data), party=party, name=NAMES[party], settings=settings, identity=identity, person="dara")
        opened.append(open_node(data, clock=clock))
        return opened[-1]

    def make(databases: Sequence[str] = ("", ""), page_max: int = 1000, clock: Clock = wall_clock) -> House:
        node = open_one(HOME, clock, database=databases[0], guard_database=databases[1], page_max=page_max)
        partner = open_one(PARTNER)
        ours, theirs = node.services.get(People), partner.services.get(People)
        if ours.find_party(PARTNER) is None:
            ours.trust(theirs.home().note, by="operator")
            theirs.trust(ours.home().note, by="operator")
        return House(node, partner)

    try:
        yield make
    finally:
        for node in opened:
            node.close()


@pytest.fixture(scope="session")
def opening() -> Callable[[Path], AbstractContextManager[Build]]:
    """For tests that share a node."""
    return opened_in


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Found a node, or open the one that is there once more."""
    with opened_in(tmp_path) as make:
        yield make


@pytest.fixture(scope="session")
def new_past() -> type[Past]:
    """For tests that share a node."""
    return Past


@pytest.fixture
def past(new_past: type[Past]) -> Past:
    return new_past()


@pytest.fixture
def house(build: Build) -> House:
    return build()


@pytest.fixture
def certificate(tmp_path: Path) -> dict[str, str]:
    """For a server at 127.0.0.1: the files of its certificate and key."""
    files = {name: str(tmp_path / f"{name}.pem") for name in ("certificate", "key")}
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    try:
        subprocess.run(
            [*command, "-keyout", files["key"], "-out", files["certificate"]], check=True, capture_output=True
        )
    except OSError:
        pytest.skip("openssl is not installed")
    return files


@pytest.fixture(params=["sqlite", "postgres"])
def databases(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Where a node keeps its data and its guard, on either engine."""
    if request.param == "sqlite":
        return "", ""
    fresh: Callable[..., str] = request.getfixturevalue("fresh_postgres")
    return fresh(list_migrations()), fresh([GUARD])


@pytest.fixture
def either(databases: tuple[str, str], build: Build) -> House:
    """On both engines, with small pages."""
    return build(databases=databases, page_max=7)
