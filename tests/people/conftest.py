"""People of fictional parties, on either engine, under a clock the test moves."""

from __future__ import annotations

import hmac
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.passwords import Cost, Hasher
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.time import SECOND, Instant, parse_instant
from kouprey.people.service import People
from migrated import lay


class Clock:
    """A clock that goes on by a microsecond with each look, and further when told."""

    def __init__(self) -> None:
        self.now: Instant = parse_instant("2026-12-01T00:00:00Z")

    def __call__(self) -> Instant:
        self.now += 1
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


CHEAP = Hasher(Cost(memory=8, rounds=1, lanes=1))
"""Passwords that cost next to nothing: what they cost is a parameter, and tests are many."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


MIGRATIONS = [KERNEL, ("people", "kouprey.people.migrations")]


@pytest.fixture(params=["sqlite", "postgres"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Store]]:
    """Empty stores, migrated."""
    opened: list[Store] = []

    def make() -> Store:
        if request.param == "sqlite":
            store: Store = open_sqlite(lay(tmp_path / f"{len(opened)}.db", MIGRATIONS), clock=clock)
        else:
            store = open_postgres(request.getfixturevalue("fresh_postgres")(MIGRATIONS), clock=clock)
        opened.append(store)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    return make_store()


@pytest.fixture
def ring(tmp_path: Path) -> keyring.Keyring:
    return keyring.create(tmp_path / "keys")


@pytest.fixture
def people(store: Store, ring: keyring.Keyring, clock: Clock) -> People:
    """Of a node that speaks for cert.example."""
    made = People(store, ring, clock, CHEAP)
    made.found("cert.example", "Example CERT", identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10")
    return made


@pytest.fixture
def other(make_store: Callable[[], Store], tmp_path: Path, clock: Clock) -> People:
    """Of another node, which speaks for operator.example."""
    made = People(make_store(), keyring.create(tmp_path / "other"), clock, CHEAP)
    made.found(
        "operator.example",
        "Example Operator",
        urls=("https://node.operator.example",),
        identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a11",
    )
    return made


Change = Callable[[dict[str, Any]], object]


class SmallProvider:
    """A small OpenID provider over HTTP, which can be told to lie as a provider or attacker might.

    `person` is whoever signs in there; `claims`, `header` and `metadata` change what it says.
    """

    def __init__(self, clock: Callable[[], int] | None = None) -> None:
        self.now = (lambda: clock() // 1_000_000) if clock is not None else lambda: int(time.time())
        self.client, self.secret = "kouprey", "the secret of the client"
        self.person: dict[str, Any] = {"sub": "a1b2", "name": "Dara Sok"}
        self.claims: Change = lambda claims: None
        self.header: Change = lambda header: None
        self.metadata: Change = lambda metadata: None
        self.answer: Change = lambda answer: None
        self.calls: list[str] = []
        self.key: Any = None
        self.signing: Any = None
        self.issuer = ""
        self._codes: dict[str, dict[str, str]] = {}
        self.rotate("first")
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.calls.append(urlsplit(self.path).path)
                if self.path.startswith("/authorize"):
                    self.send_response(302)
                    asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
                    self.send_header("Location", f"{asked['redirect_uri']}?{provider.consent(asked)}")
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                    return
                known = {"/.well-known/openid-configuration": provider.discovery, "/keys": provider.jwks}
                make = known.get(urlsplit(self.path).path)
                self.reply(200 if make else 404, make() if make else {})

            def do_POST(self) -> None:
                provider.calls.append(self.path)
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self.reply(*provider.redeem(form, self.headers.get("authorization", "")))

            def reply(self, status: int, value: object) -> None:
                raw = json.dumps(value).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def rotate(self, name: str, kind: str = "EC") -> None:
        """Sign with a new key from now on, and show only that one."""
        make = {"EC": lambda: ECKey.generate_key("P-256"), "RSA": lambda: RSAKey.generate_key(2048)}[kind]
        self.key = self.signing = make()
        self.kid, self.alg = name, {"EC": "ES256", "RSA": "RS256"}[kind]

    def discovery(self) -> dict[str, Any]:
        said = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "end_session_endpoint": f"{self.issuer}/leave",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
        }
        self.metadata(said)
        return said

    def jwks(self) -> dict[str, Any]:
        public = {**self.key.as_dict(private=False), "kid": self.kid, "use": "sig"}
        return {"keys": [{"kty": "unheard of", "kid": "x"}, public]}

    def consent(self, asked: dict[str, str]) -> str:
        """The person signed in there: the query the browser comes back with."""
        code = secrets.token_urlsafe(16)
        self._codes[code] = asked
        return urlencode({"code": code, "state": asked["state"], "iss": self.issuer})

    def come_back(self, address: str) -> str:
        """As a browser that was sent to `address` does."""
        return self.consent({name: values[0] for name, values in parse_qs(urlsplit(address).query).items()})

    def redeem(self, form: dict[str, str], authorization: str) -> tuple[int, object]:
        asked = self._codes.pop(form.get("code", ""), None)
        shown = unpadded(sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != shown or asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        if not authorization.startswith("Basic "):
            return 401, {"error": "invalid_client"}
        access = secrets.token_urlsafe(16)
        half = unpadded(sha256(access.encode()).digest()[:16])
        claims = {
            "iss": self.issuer,
            "aud": self.client,
            "exp": self.now() + 300,
            "iat": self.now(),
            "nonce": asked["nonce"],
            "at_hash": half,
            **self.person,
        }
        header = {"alg": self.alg, "kid": self.kid}
        self.claims(claims)
        self.header(header)
        if header["alg"] in ("none", "HS256"):
            # No library makes these any more, so by hand: unsigned, or with the public key as a shared secret.
            signed = ".".join(unpadded(json.dumps(each).encode()) for each in (header, claims))
            mark = hmac.digest(self.key.as_pem(private=False), signed.encode(), "sha256")
            token = f"{signed}.{unpadded(mark) if header['alg'] == 'HS256' else ''}"
        else:
            token = jwt.encode(header, claims, self.signing, algorithms=[header["alg"]])
        answer = {"access_token": access, "token_type": "Bearer", "id_token": token}
        self.answer(answer)
        return 200, answer


def unpadded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


@pytest.fixture
def provider(clock: Clock) -> Iterator[SmallProvider]:
    """An OpenID provider on this machine, with the clock of the test."""
    made = SmallProvider(clock)
    yield made
    made.close()
