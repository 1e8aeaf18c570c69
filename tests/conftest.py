"""Fixtures every test may use: whole nodes behind their pages, and those who visit them."""

from __future__ import annotations

import base64
import json
import os
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
from hypothesis import HealthCheck, settings

from inprocess import AppClient
from kouprey.agreements.service import Agreements
from kouprey.federation.service import Federation, Lanes, Spool
from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.keys import hmac_sha256
from kouprey.kernel.seal.passwords import Cost, Hasher
from kouprey.kernel.storage import outbox
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.site import Site
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.people.service import People
from migrated import lay, lay_node

pytest_plugins = ["sharing", "databases"]

# How quickly examples are drawn says what else a machine does, not what is tested. They are others in each run of the
# tests, so that few in a run are many in a week; with --long there are as many as Hypothesis draws by itself.
settings.register_profile("kouprey", max_examples=30, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("long", suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kouprey")

_NUMBERS = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the acceptance sizes too")
    parser.addoption("--pictures", type=Path, metavar="FOLDER", help="keep pictures of what is played by hand")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--long"):
        settings.load_profile("long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="acceptance size: run with --long"))


GUARD = (KERNEL, ("guard", "kouprey.federation.migrations.guard"))

LOWER = ("people", "agreements", "federation", "audit")
"""The capabilities a face is made of: what any two nodes need before anything is exchanged."""


class Visitor:
    """A browser with a person signed in (or nobody), which sends forms as our pages do."""

    def __init__(self, client: AppClient, csrf: str, origin: str) -> None:
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
        self.folder = folder
        self.receivers = dict(receivers or {})
        self._open(keyring.create(folder / "keys"))
        self.people.found(party, name, urls=(self.origin,), identity=f"identity--{count_uuid()}")

    def restart(self, change: Callable[[Path], object]) -> None:
        """Stop, change the folder of keys, and go on with what is there now."""
        self.close()
        change(self.folder / "keys")
        self._open(keyring.load(self.folder / "keys"))

    def _open(self, ring: keyring.Keyring) -> None:
        folder = self.folder
        self.ring = ring
        plates = [import_module(f"kouprey.{word}.capability").CAPABILITY for word in LOWER]
        migrations = [KERNEL, *((plate.name, plate.migrations) for plate in plates if plate.migrations)]
        self.store = open_sqlite(lay(folder / "kouprey.db", migrations))
        self.guard = open_sqlite(lay(folder / "guard.db", GUARD))
        self.services = Services()
        self.people = People(self.store, self.ring, hasher=Hasher(Cost(memory=8, rounds=1, lanes=1)))
        self.agreements = Agreements(self.store, self.people, self.ring)
        lock = FileLock(folder / "lanes.lock")
        self.lanes = Lanes(self.store, self.guard, self.people, self.agreements, self.ring, lock)
        self.federation = Federation(self.store, self.people, self.agreements, self.ring, self.lanes, self.receivers)
        self.spool = Spool(folder / "spool", self.federation.parcels)
        for service in (self.ring, self.people, self.agreements, self.lanes, self.federation, self.spool):
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
        client = AppClient(self.app(), base_url=self.origin, follow_redirects=False)
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
            place = lay_node(folder / party)
            founding.found(place, party=party, name=party, settings=settings, identity=identity, person="dara")
            self.nodes[party] = assemble.open_node(folder / party)
        self.node = self.nodes[self.home]
        self.people = self.node.services.get(People)
        self.app = import_module("kouprey.node.web").build_web(self.node)

    def card(self, party: str) -> bytes:
        """The card of a party, as it is signed."""
        return bytes(self.nodes[party].services.get(People).home().note)

    def client(self, role: Role = Role.ADMINISTRATOR, clearance: TLP = TLP.RED, party: str = "") -> AppClient:
        """A program with a token."""
        secret = self.people.create_token(party or self.home, role, clearance, by="test")[1]
        headers = {"Authorization": f"Bearer {secret}"}
        return AppClient(self.app, base_url=f"{self.origin}/api/v1", headers=headers, follow_redirects=False)


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    made = Programs(tmp_path / "programs")
    yield made
    for node in made.nodes.values():
        node.close()
