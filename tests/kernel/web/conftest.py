"""A small site with every kind of door, for the tests of the frame."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response

from inprocess import AppClient
from kouprey.kernel.web.app import build_app, health_door
from kouprey.kernel.web.door import machine, page
from kouprey.kernel.web.errors import json_answer
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.site import NavItem, Site
from kouprey.kernel.web.traffic import Traffic
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unreachable

HERE = "http://cert.example"
PEOPLE = {"dara": ("analyst",), "sok": ("analyst", "administrator")}


def sign(data: bytes) -> bytes:
    return hmac.new(b"test", data, hashlib.sha256).digest()


def authenticate(request: Request) -> Identity | None:
    secret = request.site.sessions.read(request)
    if secret in PEOPLE:
        reader, csrf = Reader(party="cert.example", local=True), request.site.sessions.csrf(secret)
        return Identity(name=secret, reader=reader, roles=PEOPLE[secret], csrf=csrf)
    if request.headers.get("authorization") == "Bearer token":
        return Identity(name="token", reader=Reader(party="cert.example"), roles=("collector",))
    if request.headers.get("authorization") == "Bearer bound":
        return Identity(name="bound", reader=Reader(party="cert.example"), scope=("feed",))
    return None


def echo(request: Request) -> Response:
    return PlainTextResponse(request.field("text") or request.content)


def upload(request: Request) -> Response:
    return PlainTextResponse(f"{request.who.name} {len(request.content)}")


def damaged(request: Request) -> Response:
    raise Damaged("It is <b>broken</b>.", "100% of it.", "Mend it.", code="fell", detail={"height": 3})


def typed(request: Request) -> Response:
    raise Damaged("It is broken.", "", "Run `kouprey doctor`.", code="typed")


def crash(request: Request) -> Response:
    raise ZeroDivisionError("secret of the trace")


def slow(request: Request) -> Response:
    time.sleep(0.5)
    return PlainTextResponse("late")


async def awaited(request: Request) -> Response:
    await asyncio.sleep(0)
    return PlainTextResponse(request.who.name)


async def streamed(request: Request) -> Response:
    size = 0
    async for part in request.stream():
        size += len(part)
    return PlainTextResponse(str(size))


def save(request: Request) -> Response:
    return request.redirect("/echoed", f"Saved {request.field('text')}.")


def home(request: Request) -> Response:
    return request.render("error.html", error=KoupreyError("What"), heading="Heading")


def taxii_error(error: KoupreyError, request: Request) -> Response:
    return json_answer({"title": error.what, "error_code": error.code}, error.http_status)


def check() -> dict[str, object]:
    return {"version": "1"}


def down() -> dict[str, object]:
    raise Unreachable("The store is closed.", "It is being restored.", "Wait.", code="store-closed")


DOORS = [
    health_door(check),
    machine("/down", lambda request: json_answer(down()), open=True),
    page("/", home, open=True),
    page("/echoed", home),
    page("/form", echo, "POST", cap=2000),
    page("/small-form", echo, "POST", fields=2, part=10),
    page("/save", save, "POST"),
    page("/open-form", echo, "POST", open=True),
    page("/administration", home, roles=("administrator",)),
    page("/damaged", damaged, open=True),
    page("/crash", crash, open=True),
    page("/typed", typed, open=True),
    page("/awaited", awaited),
    machine("/api/v1/upload", upload, "POST", cap=1000),
    machine("/api/v1/damaged", damaged, open=True),
    machine("/api/v1/crash", crash, open=True),
    machine("/api/v1/typed", typed, open=True),
    machine("/api/v1/slow", slow, open=True, seconds=0.1),
    machine("/api/v1/streamed", streamed, "POST", stream=True, cap=1000),
    machine("/link/v1/echo", echo, "POST", open=True),
    machine("/taxii2/damaged", damaged, open=True, show=taxii_error),
    machine("/taxii2/scoped", upload, scoped=True, show=taxii_error),
    machine("/api/v1/unscoped", upload),
]
NAV = (
    NavItem("/", "Overview", "overview"),
    NavItem("/echoed", "Echo", "ledger"),
    NavItem("/administration", "Settings", "settings", roles=("administrator",), section="Administration"),
)

MakeClient = Callable[..., AppClient]


@pytest.fixture(scope="session")
def make_client() -> MakeClient:
    def make(person: str = "", origin: str = HERE, traffic: Traffic | None = None) -> AppClient:
        site = Site(
            node_id="ab12",
            party="cert.example",
            party_name="Example CERT",
            version="0.0.0",
            origins=(origin,),
            sign=sign,
            authenticate=authenticate,
            nav=NAV,
        )
        client = AppClient(build_app(site, DOORS, traffic=traffic), base_url=origin, follow_redirects=False)
        if person:
            client.cookies.set("kouprey-ab12", person)
        return client

    return make


@pytest.fixture
def client(make_client: MakeClient) -> AppClient:
    return make_client()


@pytest.fixture(autouse=True)
def _loops_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """`asyncio.run` in a thread: another loop may run in this one, of whoever drives a browser in this process."""
    run = asyncio.run

    def apart(main: Any, **how: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(run, main, **how).result()

    monkeypatch.setattr(asyncio, "run", apart)
