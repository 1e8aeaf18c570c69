"""Fixtures every test may use: a throw-away PostgreSQL with empty databases, and whole nodes behind their pages."""

from __future__ import annotations

import base64
import json
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.testclient import TestClient

from kouprey.agreements.service import Agreements
from kouprey.federation.service import Federation, Lanes
from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.keys import hmac_sha256
from kouprey.kernel.seal.passwords import Cost, Hasher
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.site import Site
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.service import People

_NUMBERS = count(1)
# Not flushed: what survives a crash is the promise of PostgreSQL, and these tests kill only its clients.
_OPTIONS = ["-c", "fsync=off", "-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "max_connections=200"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the acceptance sizes too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="acceptance size: run with --long"))


def _binaries() -> Path | None:
    """Debian keeps the server's programs out of PATH, one folder per version: the newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _identity() -> dict[str, object]:
    """PostgreSQL refuses to run as root; then it runs as somebody who may do nothing else here."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    pytest.skip("no unprivileged user to run PostgreSQL as")


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The connection string of a server of our own, as its superuser, on a Unix socket, flushing to disk."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's server is not installed in /usr/lib/postgresql")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    identity = _identity()
    # Not below pytest's folder: that is closed to other users, and a socket's path may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="kouprey-pg-", dir="/tmp"))
    try:
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        command = [binaries / "initdb", "-D", folder / "data", "-U", "kouprey", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*command, "--locale=C"], check=True, capture_output=True, cwd=folder, **identity)
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-k", folder, *_OPTIONS],
                stdout=log,
                stderr=log,
                cwd=folder,
                **identity,
            )
        try:
            dsn = f"host={folder} user=kouprey dbname=postgres"
            _await(dsn, server, folder / "log")
            yield dsn
        finally:
            # SIGINT is PostgreSQL's "fast shutdown": it does not wait for clients that were left open.
            server.send_signal(2)
            server.wait(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await(dsn: str, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    until = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(dsn).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")
            time.sleep(0.05)


@pytest.fixture(scope="session")
def _databases() -> list[str]:
    """Names of databases that are empty again and can be used by the next test."""
    return []


@pytest.fixture
def fresh_postgres(postgres_dsn: str, _databases: list[str]) -> Iterator[Callable[[], str]]:
    """A factory: each call gives an empty database and returns its connection string.

    Databases are emptied and used again, because making one copies a thousand files.
    """
    import psycopg

    taken: list[str] = []

    def dsn_of(name: str) -> str:
        return postgres_dsn.replace("dbname=postgres", f"dbname={name}")

    def fresh() -> str:
        if _databases:
            name = _databases.pop()
        else:
            name = f"test_{next(_NUMBERS)}"
            with psycopg.connect(postgres_dsn, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        taken.append(name)
        return dsn_of(name)

    yield fresh
    for name in taken:
        with psycopg.connect(dsn_of(name), autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        _databases.append(name)


LOWER = ("people", "agreements", "federation", "audit")
"""The capabilities a face is made of: what any two nodes need before anything is exchanged."""


class Visitor:
    """A browser with a person signed in (or nobody), which sends forms as our pages do."""

    def __init__(self, client: TestClient, csrf: str, origin: str) -> None:
        self.client = client
        self.csrf = csrf
        self.origin = origin

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, data: Mapping[str, object] | None = None, **more: Any) -> httpx.Response:
        headers = {"Origin": self.origin, **more.pop("headers", {})}
        return self.client.post(path, data={"csrf": self.csrf, **(data or {})}, headers=headers, **more)


class Face:
    """One node without its exchange: services on a SQLite file, and its pages behind the ASGI application."""

    def __init__(self, folder: Path, party: str, name: str, receivers: Mapping[str, Any] | None = None) -> None:
        self.origin = f"http://{party}"
        self.ring = keyring.create(folder / "keys")
        self.store = open_sqlite(folder / "kouprey.db")
        self.guard = open_sqlite(folder / "guard.db")
        plates = [import_module(f"kouprey.{word}.capability").CAPABILITY for word in LOWER]
        migrate(self.store, [KERNEL, *((plate.name, plate.migrations) for plate in plates if plate.migrations)])
        migrate(self.guard, [KERNEL, ("guard", "kouprey.federation.migrations.guard")])
        self.services = Services()
        self.people = People(self.store, self.ring, hasher=Hasher(Cost(memory=8, rounds=1, lanes=1)))
        self.people.found(party, name, urls=(self.origin,), identity=f"identity--{count_uuid()}")
        self.agreements = Agreements(self.store, self.people, self.ring)
        lock = FileLock(folder / "lanes.lock")
        self.lanes = Lanes(self.store, self.guard, self.people, self.agreements, self.ring, lock)
        self.federation = Federation(
            self.store, self.people, self.agreements, self.ring, self.lanes, dict(receivers or {})
        )
        for service in (self.ring, self.people, self.agreements, self.lanes, self.federation):
            self.services.put(service)
        for plate in plates:
            if plate.name == "audit":
                self.services.put(import_module("kouprey.audit.service").Audit(self.store))
        self.plates = plates

    def app(self) -> Any:
        """The application with the pages of these capabilities."""
        self.site = Site(
            node_id="ab12",
            party=self.people.home_id,
            party_name=self.people.home().name,
            version="0.0.0",
            origins=(self.origin,),
            sign=lambda data: hmac_sha256(self.ring.cookie, data),
            authenticate=self._authenticate,
            templates=tuple(plate.templates for plate in self.plates if plate.templates),
        )
        doors = []
        for plate in self.plates:
            for target in plate.routes:
                module, _, attribute = target.partition(":")
                if module.endswith(".pages"):
                    doors += getattr(import_module(module), attribute)(self.services)
        return build_app(self.site, doors)

    def _authenticate(self, request: Request) -> Identity | None:
        secret = request.site.sessions.read(request)
        session = self.people.find_session(secret) if secret else None
        if session is None:
            return None
        person = session.person
        return Identity(
            name=person.name,
            reader=self.people.reader_of(person),
            roles=tuple(str(role) for role in person.roles),
            csrf=request.site.sessions.csrf(secret),
            unproven=self.people.lacks_proof(session),
        )

    def visitor(self, *roles: Role, name: str = "", clearance: TLP = TLP.RED) -> Visitor:
        """Somebody with these roles, signed in; nobody in particular without roles."""
        client = TestClient(self.app(), base_url=self.origin, follow_redirects=False)
        if not roles:
            return Visitor(client, "", self.origin)
        person = self.people.save_person(name or f"Somebody {next(_NUMBERS)}", tuple(roles), clearance, by="test")
        cookie, _ = self.people.sign_in(self.people.make_sign_in_link(person, by="test"))
        client.cookies.set("kouprey-ab12", cookie)
        return Visitor(client, self.site.sessions.csrf(cookie), self.origin)

    def settle(self) -> None:
        """Deliver facts and append what waits, as a running node does all the time."""
        listeners = []
        for word in ("agreements", "federation"):
            listeners += import_module(f"kouprey.{word}.service").listeners(self.services)
        outbox.deliver(self.store, listeners)
        if self.lanes.ready or self.lanes.start():
            self.lanes.append_waiting()

    def close(self) -> None:
        self.lanes.release()
        self.store.close()
        self.guard.close()


def count_uuid() -> str:
    return f"00000000-0000-4000-8000-{next(_NUMBERS):012d}"


@pytest.fixture
def make_face(tmp_path: Path) -> Iterator[Callable[..., Face]]:
    """A factory of nodes that know each other's cards as soon as there are two."""
    made: list[Face] = []

    def make(party: str, name: str, **more: Any) -> Face:
        (tmp_path / party).mkdir()
        face = Face(tmp_path / party, party, name, **more)
        for other in made:
            other.people.trust(face.people.home().note, by="test")
            face.people.trust(other.people.home().note, by="test")
        made.append(face)
        return face

    yield make
    for face in made:
        face.close()


class SoftwareAuthenticator:
    """What a phone does with a passkey, without the phone: one P-256 key, attestation "none"."""

    def __init__(self, host: str, origin: str) -> None:
        self.host, self.origin, self.uses, self.flags = host, origin, 0, 0x05  # present and verified
        self.id = os.urandom(32)
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: str) -> str:
        """The answer to being asked for a new passkey."""
        point = self._key.public_key().public_numbers()
        public = cbor({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")})
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + public
        attestation = cbor({"fmt": "none", "attStmt": {}, "authData": self._data(self.flags | 0x40) + attested})
        said = self._said("webauthn.create", options)
        return self._answer({"clientDataJSON": b64(said), "attestationObject": b64(attestation)})

    def prove(self, options: str) -> str:
        """The answer to being asked to sign in."""
        self.uses += 1
        said, data = self._said("webauthn.get", options), self._data(self.flags)
        signature = self._key.sign(data + sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": b64(said), "authenticatorData": b64(data), "signature": b64(signature)})

    def _data(self, flags: int) -> bytes:
        return sha256(self.host.encode()).digest() + bytes([flags]) + self.uses.to_bytes(4, "big")

    def _said(self, kind: str, options: str) -> bytes:
        challenge = json.loads(options)["challenge"]
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        return json.dumps({"id": b64(self.id), "rawId": b64(self.id), "type": "public-key", "response": response})


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def cbor(value: Any) -> bytes:
    """As much of RFC 8949 as an authenticator writes."""
    if isinstance(value, int):
        return _cbor_head(0, value) if value >= 0 else _cbor_head(1, -1 - value)
    if isinstance(value, bytes):
        return _cbor_head(2, len(value)) + value
    if isinstance(value, str):
        return _cbor_head(3, len(value.encode())) + value.encode()
    return _cbor_head(5, len(value)) + b"".join(cbor(key) + cbor(each) for key, each in value.items())


def _cbor_head(kind: int, size: int) -> bytes:
    if size < 24:
        return bytes([kind << 5 | size])
    return bytes([kind << 5 | 24, size]) if size < 256 else bytes([kind << 5 | 25]) + size.to_bytes(2, "big")


@pytest.fixture
def make_authenticator() -> type[SoftwareAuthenticator]:
    """A factory of passkeys: (host, origin)."""
    return SoftwareAuthenticator


class Programs:
    """Two whole nodes, and programs that talk to the REST interface of the first."""

    home, partner = "cert.example", "operator.example"
    origin = "http://127.0.0.1:8420"

    def __init__(self, folder: Path) -> None:
        assemble, founding = import_module("kouprey.node.assemble"), import_module("kouprey.node.founding")
        self.nodes = {}
        for party in (self.home, self.partner):
            settings = {"listen": "127.0.0.1:8420", "url": "", "database": "", "guard_database": ""}
            identity = f"identity--{count_uuid()}"
            founding.found(folder / party, party=party, name=party, settings=settings, identity=identity, person="dara")
            self.nodes[party] = assemble.open_node(folder / party)
        self.node = self.nodes[self.home]
        self.people = self.node.services.get(People)
        self.app = import_module("kouprey.node.web").build_web(self.node)

    def card(self, party: str) -> bytes:
        """The card of a party, as it is signed."""
        return bytes(self.nodes[party].services.get(People).home().note)

    def client(self, role: Role = Role.ADMINISTRATOR, clearance: TLP = TLP.RED, party: str = "") -> TestClient:
        """A program with a token."""
        secret = self.people.create_token(party or self.home, role, clearance, by="test")[1]
        headers = {"Authorization": f"Bearer {secret}"}
        return TestClient(self.app, base_url=f"{self.origin}/api/v1", headers=headers, follow_redirects=False)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    made = Programs(tmp_path / "programs")
    yield made
    for node in made.nodes.values():
        node.close()
