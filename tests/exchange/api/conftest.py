"""A whole node on either engine, and programs that talk to its REST interface."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pytest

from inprocess import AppClient
from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.kernel.storage import outbox
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node.assemble import GUARD, Node, list_migrations, open_node
from kouprey.node.founding import found
from kouprey.node.web import build_web
from kouprey.people.model import Role
from kouprey.people.service import People

SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
HOME, PARTNER = "cert.example", "operator.example"
ORIGIN = "http://127.0.0.1:8420"

Object = dict[str, Any]


class Desk:
    """A node with its whole web face, and what programs send to it."""

    origin = ORIGIN
    partner_id = PARTNER

    def __init__(self, node: Node, partner: Node) -> None:
        self.node, self.partner = node, partner
        self.people = node.services.get(People)
        self.exchange = node.services.get(Exchange)
        self.agreements = node.services.get(Agreements)
        self.app = build_web(node)

    @staticmethod
    def indicator(number: int, *, value: str = "", version: int = 0, **more: Any) -> Object:
        """An indicator that is always the same for the same arguments."""
        named = value or f"198.51.100.{number}"
        return {
            "type": "indicator",
            "spec_version": "2.1",
            "id": f"indicator--{uuid5(SPACE, str(number))}",
            "created": "2026-01-01T00:00:00.000Z",
            "modified": f"2026-01-01T00:{version:02}:00.000Z",
            "name": f"thing {number} ខ្មែរ",
            "pattern": f"[ipv4-addr:value = '{named}']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00Z",
            **more,
        }

    def keep(self, *things: Object, tlp: TLP = TLP.CLEAR) -> None:
        """Import objects."""
        stream = BytesIO(json.dumps({"type": "bundle", "id": "bundle--1", "objects": things}).encode())
        report = self.exchange.import_stream(stream, name="test", tlp=tlp, by="operator")
        assert report.refused == 0

    def secret(self, role: Role = Role.ADMINISTRATOR, clearance: TLP = TLP.RED, **more: Any) -> str:
        """The secret of a new token."""
        return self.people.create_token(more.pop("party", HOME), role, clearance, by="operator", **more)[1]

    def client(self, role: Role = Role.ADMINISTRATOR, clearance: TLP = TLP.RED, **more: Any) -> AppClient:
        """A program with a token."""
        headers = {"Authorization": f"Bearer {self.secret(role, clearance, **more)}"}
        return AppClient(self.app, base_url=f"{ORIGIN}/api/v1", headers=headers, follow_redirects=False)

    def agree(self) -> str:
        """An agreement with the partner, signed by both and in force; its id."""
        drafted = self.agreements.draft("Test", [PARTNER], Terms(tlp_ceiling="green"), starts=wall_clock(), by="op")
        signed = self.agreements.sign(drafted.agreement, by="op")
        theirs = self.partner.services.get(Agreements)
        theirs.receive_note(signed.note, signed.document_bytes, by=HOME)
        both = theirs.sign(drafted.agreement, by="op")
        return self.agreements.receive_note(both.note, both.document_bytes, by=PARTNER)

    def settle(self) -> None:
        """Deliver facts until there are none: what a decision widened is moved."""
        while outbox.deliver(self.node.store, self.node.listeners()):
            pass

    @contextmanager
    def served(self) -> Iterator[str]:
        """Serve on a free port; the origin. Stopped in order at the end."""
        import socket
        import time

        import uvicorn

        with socket.create_server(("127.0.0.1", 0)) as listener:
            origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
            self.node.settings = type(self.node.settings)(
                **{name: getattr(self.node.settings, name) for name in self.node.settings.__struct_fields__}
                | {"url": origin}
            )
            app = build_web(self.node)
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            try:
                while not server.started:
                    time.sleep(0.01)
                yield origin
            finally:
                app.site.stopping.set()
                server.should_exit = True
                thread.join(timeout=20)


@pytest.fixture(scope="session")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two founded nodes that nobody changes."""
    folder = tmp_path_factory.mktemp("api")
    for party in (HOME, PARTNER):
        identity = f"identity--{uuid5(SPACE, party)}"
        settings = {"listen": "127.0.0.1:8420", "url": "", "database": "", "guard_database": ""}
        found(folder / party, party=party, name=party, settings=settings, identity=identity, person="dara")
    return folder


def opened(folder: Path, founded: Path, databases: tuple[str, str] = ("", "")) -> Iterator[Desk]:
    import shutil

    nodes = []
    for party in (HOME, PARTNER):
        if party == HOME and databases[0]:
            identity = f"identity--{uuid5(SPACE, party)}"
            settings = {"listen": "127.0.0.1:8420", "database": databases[0], "guard_database": databases[1]}
            found(folder / party, party=party, name=party, settings=settings, identity=identity, person="dara")
        else:
            shutil.copytree(founded / party, folder / party)
        nodes.append(open_node(folder / party))
    ours, theirs = (node.services.get(People) for node in nodes)
    ours.trust(theirs.home().note, by="operator")
    theirs.trust(ours.home().note, by="operator")
    yield Desk(*nodes)
    for node in nodes:
        node.close()


@pytest.fixture
def desk(tmp_path: Path, founded: Path) -> Iterator[Desk]:
    yield from opened(tmp_path, founded)


@pytest.fixture(params=["sqlite", "postgres"])
def either(request: pytest.FixtureRequest, tmp_path: Path, founded: Path) -> Iterator[Desk]:
    """The same on both engines."""
    databases = ("", "")
    if request.param == "postgres":
        fresh: Callable[..., str] = request.getfixturevalue("fresh_postgres")
        databases = fresh(list_migrations()), fresh([GUARD])
    yield from opened(tmp_path, founded, databases)
