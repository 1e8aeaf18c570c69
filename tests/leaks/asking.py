"""Asking a node in this process: no socket, every answer with its log lines and with the work it took."""

from __future__ import annotations

import asyncio
import base64
import logging
import re
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import quote, unquote, urlencode

from starlette.datastructures import ImmutableMultiDict

from kouprey.kernel.web.request import Request
from leaks.unpacking import texts_of
from leaks.world import ORIGIN, Asker, World, signed

_PACKED = re.compile(r'"body":"([A-Za-z0-9+/=]+)"')
_HOST = ORIGIN.partition("//")[2]
_CHANGING = re.compile(rb"bundle--[0-9a-f-]{36}|data-relative>[^<]*<")
"""A bundle has no name, so it gets a new one each time; and how long ago something was is told by the wall clock."""


@dataclass(frozen=True)
class Probe:
    """One request: `path` of a door with its placeholders filled, and which door that is."""

    door: str
    path: str
    method: str = "GET"
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    media: str = ""

    @property
    def target(self) -> str:
        """The address."""
        return self.path + (f"?{urlencode(self.query)}" if self.query else "")

    @property
    def said(self) -> str:
        """Everything the asker says, which an answer may repeat."""
        return " ".join([self.path, *(v for _, v in (*self.query, *self.form)), self.body.decode("latin-1")])


@dataclass
class Answer:
    """What came: `work` is each statement with how many rows it gave; `asked` the parameters that were looked at."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    logged: str = ""
    work: list[tuple[str, int]] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    @property
    def packed(self) -> str:
        """What stands in papers and archives that were sent; "" when there are none."""
        return texts_of(self.body)

    @property
    def everything(self) -> str:
        """All of it in one text, for a canary to be found in.

        What is in base64, in a paper, in an archive or spelt for an address is read too.
        """
        text = self.body.decode("utf-8", "replace")
        inner = (
            [_unpacked(each) for each in _PACKED.findall(text)]
            if "ndjson" in dict(self.headers).get("content-type", "")
            else []
        )
        return unquote("\n".join([*(f"{name}: {value}" for name, value in self.headers), text, *inner, self.packed]))

    @property
    def lasting(self) -> tuple[object, ...]:
        """What is the same when the same is asked again: without numbers of requests and what is random on purpose."""
        told = dict(self.headers)
        number = told.pop("x-request-id", "-").encode()
        told.pop("set-cookie", "")
        told.pop("content-length", "")
        return self.status, tuple(sorted(told.items())), _CHANGING.sub(b"*", self.body.replace(number, b"*"))


def _unpacked(text: str) -> str:
    return base64.b64decode(text).decode("latin-1")


_NOW: ContextVar[Answer | None] = ContextVar("answer", default=None)
"""The answer that is being made in this context; threads that work for it have it too."""


class _Counted:
    """A snapshot that writes down what it is asked."""

    def __init__(self, reader: Any, answer: Answer) -> None:
        self._reader, self._answer, self.dialect = reader, answer, reader.dialect

    def all(self, sql: str, params: Any = ()) -> Any:
        rows = self._reader.all(sql, params)
        self._answer.work.append((sql, len(rows)))
        return rows

    def one(self, sql: str, params: Any = ()) -> Any:
        row = self._reader.one(sql, params)
        self._answer.work.append((sql, row is not None))
        return row

    def value(self, sql: str, params: Any = ()) -> Any:
        found = self._reader.value(sql, params)
        self._answer.work.append((sql, found is not None))
        return found


class _Listening(logging.Handler):
    """Every log line with its extras and traceback, whatever its level."""

    def __init__(self, always: Answer | None = None) -> None:
        super().__init__()
        self._always = always

    def emit(self, record: logging.LogRecord) -> None:
        answer = self._always or _NOW.get()
        if answer is not None:
            text = "".join(traceback.format_exception(*record.exc_info)) if record.exc_info else ""
            answer.logged += f"{record.getMessage()} {record.__dict__} {text}\n"


@contextmanager
def listened() -> Iterator[None]:
    """Hear every log line and every parameter that is looked at while requests are answered."""
    plain = {name: getattr(ImmutableMultiDict, name) for name in ("get", "__iter__", "getlist", "__getitem__")}

    def note(name: str) -> None:
        answer = _NOW.get()
        if answer is not None:
            answer.asked.add(name)

    def noting(method: str) -> Any:
        def noted(self: Any, key: Any = "*", *more: Any) -> Any:
            note(key)
            return plain[method](self, key, *more) if method != "__iter__" else plain[method](self)

        return noted

    field_of = Request.field

    def field_noted(self: Request, name: str, **more: Any) -> str:
        note(name)
        return field_of(self, name, **more)

    handler, log = _Listening(), logging.getLogger("kouprey")
    level, onward = log.level, log.propagate
    patches = [mock.patch.object(ImmutableMultiDict, name, noting(name)) for name in plain]
    patches.append(mock.patch.object(Request, "field", field_noted))
    for patch in patches:
        patch.start()
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.setLevel(level)
        log.propagate = onward
        for patch in patches:
            patch.stop()


@contextmanager
def overheard() -> Iterator[Answer]:
    """What is logged meanwhile, beside all requests."""
    heard, log = Answer(), logging.getLogger("kouprey")
    handler, level = _Listening(heard), log.level
    log.addHandler(handler)
    log.setLevel(logging.DEBUG)
    try:
        yield heard
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


class Asking:
    """A client of one world; one request after the other."""

    def __init__(self, world: World, loop: asyncio.AbstractEventLoop) -> None:
        self.world = world
        self._loop = loop
        store = world.node.store
        plain = store.read

        @contextmanager
        def read() -> Iterator[Any]:
            with plain() as reader:
                answer = _NOW.get()
                yield reader if answer is None else _Counted(reader, answer)

        store.read = read  # type: ignore[method-assign]  # of this one store

    def ask(self, asker: Asker, probe: Probe) -> Answer:
        """The answer to a request of somebody."""
        answer = Answer()
        self._loop.run_until_complete(self._ask(asker, probe, answer))
        return answer

    async def _ask(self, asker: Asker, probe: Probe, answer: Answer) -> None:
        body, media = probe.body, probe.media
        if probe.form:
            fields = [*probe.form, *([("csrf", asker.csrf)] if asker.csrf else [])]
            body, media = urlencode(fields).encode(), "application/x-www-form-urlencoded"
        headers = {"host": _HOST, "origin": ORIGIN, "accept": "*/*", "content-length": str(len(body))}
        if probe.path.startswith("/taxii2"):
            headers["accept"] = "application/taxii+json;version=2.1"
        if media:
            headers["content-type"] = media
        target = quote(probe.path, safe="/%:") + (f"?{urlencode(probe.query)}" if probe.query else "")
        headers |= signed(asker, probe.method, target, body, self.world.clock.now)
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": probe.method,
            "scheme": "http",
            "path": probe.path,
            "raw_path": quote(probe.path, safe="/%:").encode(),
            "query_string": target.partition("?")[2].encode(),
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 5000),
            "server": ("127.0.0.1", 8420),
        }
        sent = False

        async def receive() -> Mapping[str, Any]:
            nonlocal sent
            if sent:
                await asyncio.sleep(60)
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = [
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in message["headers"]
                ]
            else:
                answer.body += message.get("body", b"")

        _NOW.set(answer)
        try:
            await self.world.web(scope, receive, send)
        finally:
            _NOW.set(None)
