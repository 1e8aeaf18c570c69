"""Doors of the REST interface: typed, told as problem+json, done once under a key, and read in pages."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import hmac
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.responses import PlainTextResponse, Response

from inprocess import AppClient
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.web.api import Asked, Paged, api, next_page, place_of
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.once import Once
from kouprey.kernel.web.openapi import document
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.site import Site
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Forbidden, Refused
from kouprey.kernel.words.time import SECOND

HERE = "http://cert.example"
BEARER = {"Authorization": "Bearer dara"}
LOCAL = {"dara", "sok"}


class Said(Asked, frozen=True, kw_only=True):
    value: str
    times: int = 1


class Kept(msgspec.Struct):
    number: int
    value: str


class Listed(msgspec.Struct):
    rows: list[int]
    next: str = ""


class Below(Paged, frozen=True, kw_only=True):
    below: int = 7


class Notebook:
    """What the endpoints of these tests keep."""

    def __init__(self) -> None:
        self.kept: list[str] = []
        self.fail: Exception | None = None

    def add(self, request: Request, said: Said) -> Kept:
        if self.fail is not None:
            raise self.fail
        self.kept.append(said.value)
        return Kept(len(self.kept), said.value)

    def clear(self, request: Request) -> None:
        self.kept.clear()

    def list(self, request: Request, asked: Below) -> Listed:
        begin = place_of(request, asked, int) or 0
        rows = [*range(begin, asked.below)][: asked.limit]
        on = rows[-1] + 1 if rows and rows[-1] + 1 < asked.below else 0
        return Listed(rows, next_page(request, asked, on) if on else "")

    def upload(self, request: Request, said: Said) -> Kept:
        return Kept(len(request.content), said.value)


async def waits(request: Request) -> Response:
    await asyncio.sleep(0)
    return PlainTextResponse(request.who.name)


def authenticate(request: Request) -> Identity | None:
    name = request.site.sessions.read(request)
    csrf = request.site.sessions.csrf(name) if name else ""
    name = name or request.headers.get("authorization", "").removeprefix("Bearer ")
    if not name:
        return None
    party = "cert.example" if name in LOCAL else "operator.example"
    reader = Reader(party=party, local=name in LOCAL, name=name)
    return Identity(name="Somebody", reader=reader, roles=("analyst",), csrf=csrf)


def doors(notebook: Notebook) -> list[Any]:
    told: dict[str, Any] = {"group": "Things", "roles": ("analyst",)}
    return [
        api("GET", "/things", notebook.list, takes=Below, gives=Listed, summary="List.", own=False, **told),
        api(
            "POST",
            "/things",
            notebook.add,
            takes=Said,
            gives=Kept,
            status=201,
            form=True,
            fails={"no-room": 409},
            does=("POST /things",),
            summary="Add.",
            cap=1000,
            **told,
        ),
        api("POST", "/again", notebook.add, takes=Said, gives=Kept, summary="Add.", repeatable=True, **told),
        api("POST", "/secrets", notebook.add, takes=Said, gives=Kept, summary="Add.", secret=True, **told),
        api("DELETE", "/things", notebook.clear, summary="Clear.", **told),
        api("POST", "/files", notebook.upload, takes=Said, gives=Kept, brings=("text/csv",), summary="Upload.", **told),
        api("GET", "/waits", waits, media=("text/plain",), summary="Wait.", seconds=None, **told),
    ]


class Clock:
    now = 10**15

    def __call__(self) -> int:
        return self.now


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        opened: Store = open_sqlite(tmp_path / "kouprey.db")
    else:
        fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres")
        opened = open_postgres(fresh())
    migrate(opened, [KERNEL])
    yield opened
    opened.close()


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def make(notebook: Notebook, once: Once | None = None) -> AppClient:
    site = Site(
        node_id="ab12",
        party="cert.example",
        party_name="Example CERT",
        version="0.0.0",
        origins=(HERE,),
        sign=lambda data: hmac.new(b"test", data, hashlib.sha256).digest(),
        authenticate=authenticate,
        once=once,
    )
    app = build_app(site, doors(notebook))
    return AppClient(app, base_url=HERE, follow_redirects=False, raise_server_exceptions=False)


@pytest.fixture
def client(notebook: Notebook, store: Store, clock: Clock) -> AppClient:
    return make(notebook, Once(store, clock))


def key(name: str = "k1") -> dict[str, str]:
    return {**BEARER, "Idempotency-Key": name}


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), told
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["title"] and told["detail"] and told["remedy"] and told["request"] == answer.headers["x-request-id"]
    return dict(told)


def test_what_is_sent_is_typed_and_so_is_the_answer(notebook: Notebook) -> None:
    client = make(notebook)
    answer = client.post("/api/v1/things", json={"value": "a"}, headers=BEARER)
    assert answer.status_code == 201 and answer.json() == {"number": 1, "value": "a"}
    assert client.post("/api/v1/things", data={"value": "b"}, headers=BEARER).json()["number"] == 2
    told = problem(client.post("/api/v1/things", json={"value": "a", "x": 1}, headers=BEARER), 400, "bad-field")
    assert told["field"] == "x"
    assert client.delete("/api/v1/things", headers=BEARER).status_code == 204 and not notebook.kept
    csv = {**BEARER, "Content-Type": "text/csv"}
    assert client.post("/api/v1/files?value=v", content=b"a,b", headers=csv).json() == {"number": 3, "value": "v"}
    assert client.get("/api/v1/waits", headers=BEARER).text == "Somebody"


def test_every_failure_is_a_problem_with_a_code(notebook: Notebook) -> None:
    client = make(notebook)
    problem(client.get("/api/v1/nothing"), 404, "no-such-path")
    assert problem(client.put("/api/v1/things"), 405, "method-not-allowed")
    assert client.put("/api/v1/things").headers["allow"] == "DELETE, GET, HEAD, POST"
    problem(client.get("/api/v1/things"), 401, "unidentified")
    problem(client.post("/api/v1/things", json={"value": "a" * 2000}, headers=BEARER), 413, "too-large")
    problem(client.post("/api/v1/things", content=b"a", headers=BEARER), 415, "unsupported-media-type")
    assert problem(client.post("/api/v1/files?value=v", json={}, headers=BEARER), 415, "unsupported-media-type")[
        "accepts"
    ] == ["text/csv"]
    notebook.fail = Refused("No.", "No room.", "Make some.", code="no-room", detail={"because": ["clause 4"]})
    told = problem(client.post("/api/v1/things", json={"value": "a"}, headers=BEARER), 409, "no-room")
    assert told["because"] == ["clause 4"]
    notebook.fail = ZeroDivisionError("secret of the trace")
    answer = client.post("/api/v1/things", json={"value": "a"}, headers=BEARER)
    problem(answer, 500, "bug")
    assert "secret" not in answer.text


def test_a_partner_reads_only_where_the_door_says_so(notebook: Notebook) -> None:
    client, partner = make(notebook), {"Authorization": "Bearer neighbour"}
    assert client.get("/api/v1/things", headers=partner).status_code == 200
    problem(client.post("/api/v1/things", json={"value": "a"}, headers=partner), 403, "own-party-only")
    assert not notebook.kept


def test_a_session_reads_as_it_is_and_writes_with_the_token_of_forms(notebook: Notebook) -> None:
    client = make(notebook)
    client.cookies.set("kouprey-ab12", "dara")
    csrf = client.app.site.sessions.csrf("dara")  # type: ignore[attr-defined]  # the frame
    assert client.get("/api/v1/things").status_code == 200
    own = {"Origin": HERE}
    for headers in ({}, own, {"X-CSRF-Token": csrf}, {"X-CSRF-Token": csrf, "Origin": "http://evil.example"}):
        for sent in ({"json": {"value": "a"}}, {"data": {"value": "a"}}):
            assert client.post("/api/v1/things", headers=headers, **sent).status_code == 403
    assert not notebook.kept
    assert client.post("/api/v1/things", json={"value": "a"}, headers={**own, "X-CSRF-Token": csrf}).status_code == 201


def test_pages_hold_for_the_same_reader_and_question(notebook: Notebook) -> None:
    client = make(notebook)

    def ask(name: str = "dara", **query: Any) -> Any:
        return client.get("/api/v1/things", params=query, headers={"Authorization": f"Bearer {name}"})

    rows: list[int] = []
    page = ask(limit=3).json()
    first = page["next"]
    while True:
        rows += page["rows"]
        if not page["next"]:
            break
        page = ask(limit=2, cursor=page["next"]).json()
    assert rows == list(range(7))
    problem(ask("sok", cursor=first), 400, "bad-cursor")
    problem(ask(cursor=first, below=9), 400, "bad-cursor")
    problem(ask(cursor=first[:-4]), 400, "bad-cursor")
    problem(ask(limit=1001), 400, "bad-field")


def test_an_answer_that_is_held_is_not_sent_again(notebook: Notebook) -> None:
    client = make(notebook)
    answer = client.get("/api/v1/things", headers=BEARER)
    again = client.get("/api/v1/things", headers={**BEARER, "If-None-Match": answer.headers["etag"]})
    assert (answer.status_code, again.status_code, again.content) == (200, 304, b"")
    assert client.get("/api/v1/things?below=3", headers={**BEARER, "If-None-Match": answer.headers["etag"]}).content


def test_a_deed_under_a_key_is_done_once(client: AppClient, notebook: Notebook, clock: Clock) -> None:
    sent = {"json": {"value": "a"}}
    first = client.post("/api/v1/things", headers=key(), **sent)
    again = client.post("/api/v1/things", headers=key(), **sent)
    assert notebook.kept == ["a"]
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["idempotency-replayed"] == "true" and again.headers["content-type"] == "application/json"
    problem(client.post("/api/v1/things", json={"value": "b"}, headers=key()), 422, "key-reused")
    problem(client.post("/api/v1/again", headers=key(), **sent), 422, "key-reused")
    other = {"Authorization": "Bearer sok", "Idempotency-Key": "k1"}
    assert client.post("/api/v1/things", headers=other, **sent).json()["number"] == 2
    clock.now += 24 * 3600 * SECOND
    assert client.post("/api/v1/things", headers=key(), **sent).json()["number"] == 3
    problem(client.post("/api/v1/things", headers=key("a" * 201), **sent), 400, "bad-key")
    assert client.delete("/api/v1/things", headers=key("k2")).status_code == 204
    assert client.delete("/api/v1/things", headers=key("k2")).status_code == 204


def test_what_was_refused_may_be_tried_again_under_its_key(client: AppClient, notebook: Notebook) -> None:
    notebook.fail = Forbidden("No.", "Not now.", "Wait.", code="not-now")
    problem(client.post("/api/v1/things", json={"value": "a"}, headers=key()), 403, "not-now")
    notebook.fail = None
    assert client.post("/api/v1/things", json={"value": "a"}, headers=key()).status_code == 201


def test_after_a_crash_what_is_harmless_is_repeated_and_the_rest_is_not(
    client: AppClient, notebook: Notebook, clock: Clock
) -> None:
    """A bug after the deed stands for the machine that stopped before the answer was kept."""
    sent = {"json": {"value": "a"}}
    notebook.fail = ZeroDivisionError()
    for path in ("things", "again"):
        problem(client.post(f"/api/v1/{path}", headers=key(path), **sent), 500, "bug")
        problem(client.post(f"/api/v1/{path}", headers=key(path), **sent), 409, "in-progress")
    notebook.fail = None
    clock.now += 61 * SECOND
    problem(client.post("/api/v1/things", headers=key("things"), **sent), 409, "unknown-outcome")
    assert client.post("/api/v1/again", headers=key("again"), **sent).status_code == 200
    assert notebook.kept == ["a"]


def test_a_secret_is_not_kept(client: AppClient, notebook: Notebook, store: Store) -> None:
    sent = {"json": {"value": "hush-hush"}}
    assert client.post("/api/v1/secrets", headers=key(), **sent).status_code == 200
    problem(client.post("/api/v1/secrets", headers=key(), **sent), 409, "answer-not-kept")
    assert notebook.kept == ["hush-hush"]
    with store.read() as reader:
        assert reader.all("SELECT body FROM kept_answer") == [(None,)]


def test_a_door_that_would_pass_over_what_it_does_not_know_cannot_be_made() -> None:
    class Loose(msgspec.Struct):
        value: str

    with pytest.raises(TypeError, match="Loose"):
        api("POST", "/x", lambda request, asked: None, takes=Loose, summary="", group="", roles=())


def test_the_document_says_what_the_doors_do(notebook: Notebook) -> None:
    told = document(doors(notebook), server=HERE)
    add, listed = told["paths"]["/api/v1/things"]["post"], told["paths"]["/api/v1/things"]["get"]
    said = {"schema": {"$ref": "#/components/schemas/Said"}}
    assert add["requestBody"]["content"] == {"application/json": said, "application/x-www-form-urlencoded": said}
    assert add["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith("/Kept")
    assert "no-room" in add["responses"]["409"]["description"]
    assert {each["name"] for each in listed["parameters"]} == {"below", "limit", "cursor"}
    assert [each["name"] for each in add["parameters"]] == ["Idempotency-Key"]
    assert told["components"]["schemas"]["Said"]["additionalProperties"] is False
    assert all(dataclasses.is_dataclass(door) for door in doors(notebook))
