"""A node that hosts two constituents, on both engines, with a clock that stands where it is put, and a mail relay."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest
from aiosmtpd.controller import Controller

from inprocess import AppClient
from kouprey.constituents.model import Constituent, Rhythm
from kouprey.constituents.pages.letters import Clerk
from kouprey.constituents.service import Constituents
from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.service import Exchange, read_object
from kouprey.kernel.net.mail import Relay
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import outbox
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import DAY, SECOND, parse_instant
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import GUARD, Node, list_migrations, open_node
from kouprey.node.founding import found
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.people.service import People
from migrated import lay_node

SPACE = UUID("9b9b9b9b-9b9b-4b9b-8b9b-9b9b9b9b9b9b")
BEGIN = parse_instant("2026-11-20T06:00:00Z")
BANK, NEWS = "bank.example", "news.example"
HERE = "http://127.0.0.1:8420"


def id_of(kind: str, name: str) -> str:
    return f"{kind}--{uuid5(SPACE, name)}"


def made(kind: str, name: str, **more: Any) -> dict[str, Any]:
    at = "2026-11-19T09:00:00.000Z"
    head = {"type": kind, "spec_version": "2.1", "id": id_of(kind, name), "created": at, "modified": at, "name": name}
    return head | more


def indicator(name: str, pattern: str, **more: Any) -> dict[str, Any]:
    return made("indicator", name, pattern=pattern, pattern_type="stix", valid_from="2026-11-19T09:00:00Z", **more)


class Box:
    """What the relay took; `answer` is said instead of taking it."""

    def __init__(self) -> None:
        self.came: list[Any] = []
        self.answer = ""

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answer:
            return self.answer
        self.came.append(envelope)
        return "250 OK"


class Visitor:
    """A browser with somebody signed in, which sends forms as our pages do."""

    def __init__(self, client: AppClient, csrf: str) -> None:
        self.client, self.csrf = client, csrf

    def get(self, path: str) -> Any:
        return self.client.get(path)

    def post(self, path: str, **fields: Any) -> Any:
        files = fields.pop("files", None)
        return self.client.post(path, data={"csrf": self.csrf, **fields}, files=files, headers={"Origin": HERE})


class Host:
    """The node, its constituents, and their people."""

    bank, news = BANK, NEWS
    id_of, indicator, made = staticmethod(id_of), staticmethod(indicator), staticmethod(made)

    def __init__(self, folder: Path, settings: dict[str, object]) -> None:
        self.now = BEGIN
        given = {"listen": "127.0.0.1:8420", "url": HERE, **settings}
        found(
            lay_node(folder),
            party="cert.example",
            name="CERT",
            settings=given,
            identity=id_of("identity", "c"),
            person="Dara",
        )
        self.folder = folder
        self.open()
        self.all.add(Constituent(id=BANK, name="Example Bank", clearance=TLP.AMBER, content=TLP.GREEN), by="test")
        self.all.add(Constituent(id=NEWS, name="Example Newspaper", language="km"), by="test")
        self.all.set_networks(BANK, ["203.0.113.0/24", "bank.example", "AS64500", "@mail.example"], by="test")
        self.all.set_networks(NEWS, ["198.51.100.0/24", "2001:db8::/32"], by="test")

    def open(self) -> None:
        """Open the node (again, as after it was killed)."""
        self.node: Node = open_node(self.folder, clock=lambda: self.now)
        self.all: Constituents = self.node.services.get(Constituents)
        self.exchange: Exchange = self.node.services.get(Exchange)
        self.people: People = self.node.services.get(People)
        self.clerk = Clerk(self.node.services.get(Keyring), HERE)

    def keep(self, *values: dict[str, Any], **label: Any) -> None:
        """Take objects in under a label of our own, a second later than the last."""
        self.now += SECOND
        given = Label(owner=label.pop("owner", "cert.example"), tlp=label.pop("tlp", TLP.GREEN), **label)
        if given == Label(owner="cert.example", tlp=given.tlp):
            stream = BytesIO(json.dumps({"type": "bundle", "id": id_of("bundle", "b"), "objects": values}).encode())
            self.exchange.import_stream(stream, name="test.json", tlp=given.tlp, by="operator")
        else:
            into = [self.exchange.ensure_defaults().id]
            said = Source(kind=SourceKind.FILE, party=given.owner, name="test.json")
            arrivals = [read_object(json.dumps(value).encode()) for value in values]
            self.node.store.write(
                lambda tx: self.exchange.receive(tx, arrivals, source=said, label_of=lambda *_: given, into=into)
            )
        outbox.deliver(self.node.store, self.node.listeners(), clock=lambda: self.now)

    def eyes(self, constituent: str = BANK) -> Any:
        return self.all.reader_of(self.all.get_constituent(constituent))

    def inside(self, constituent: str = BANK, **more: Any) -> list[str]:
        """Titles of what concerns them, the latest first."""
        return [hit.title for hit in self.all.inside(self.eyes(constituent), **more).hits]

    def change(self, constituent: str = BANK, **more: Any) -> Constituent:
        return self.all.change(msgspec.structs.replace(self.all.get_constituent(constituent), **more), by="test")

    def relay(self, port: int) -> None:
        """Send by a relay on this port."""
        relay = Relay(host="127.0.0.1", port=port, security="none", sender="kouprey@cert.example", timeout=5)
        self.all._relay = lambda: relay

    def daily(self) -> None:
        """The bank is written to every day at midnight; its first day has passed."""
        self.change(rhythm=Rhythm.DAILY)
        self.all.add_contact(BANK, "Sok Dara", "security@bank.example", by="test")

    def post(self) -> int:
        return self.all.post(self.clerk.write)

    def day(self) -> None:
        self.now += DAY

    def visitor(self, constituent: str = "", *roles: Role, clearance: TLP = TLP.RED) -> Visitor:
        """Somebody of a constituent, or of ours with these roles, signed in."""
        web = build_web(self.node)
        if constituent:
            _, secret = self.all.invite(constituent, f"Somebody of {constituent}", by="test")
        else:
            person = self.people.save_person(f"Our {roles[0]} {clearance.word}", roles, clearance, by="test")
            secret = self.people.make_sign_in_link(person, by="test")
        cookie, _ = self.people.sign_in(secret)
        client = AppClient(web, base_url=HERE, follow_redirects=False)
        client.cookies.set(web.site.sessions.cookie, cookie)
        return Visitor(client, web.site.sessions.csrf(cookie))

    def program(self, secret: str) -> AppClient:
        headers = {"Authorization": f"Bearer {secret}"}
        return AppClient(build_web(self.node), base_url=HERE, headers=headers, follow_redirects=False)


def opened(request: pytest.FixtureRequest, tmp_path: Path, engine: str) -> Iterator[Host]:
    settings: dict[str, object] = {"database": "", "guard_database": ""}
    if engine == "postgres":
        fresh: Callable[..., str] = request.getfixturevalue("fresh_postgres")
        settings = {"database": fresh(list_migrations()), "guard_database": fresh([GUARD])}
    host = Host(tmp_path / "node", settings)
    yield host
    host.node.close()


@pytest.fixture(params=["sqlite", "postgres"])
def host(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """On both engines."""
    yield from opened(request, tmp_path, request.param)


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Host]:
    """On SQLite, for what has nothing to do with the store."""
    yield from opened(request, tmp_path, "sqlite")


@pytest.fixture
def box() -> Iterator[tuple[Box, int]]:
    """A mail relay on a real socket, and its port."""
    kept = Box()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(kept, hostname="127.0.0.1", port=port)
    controller.start()
    yield kept, port
    controller.stop()
