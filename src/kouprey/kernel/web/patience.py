"""A connection that must say in time what it wants, in not too many words and not in two ways, and take its answer."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 * 1024
"""Of the request line and all header fields; browsers and our own links stay below a tenth of it."""
HEAD_SECONDS = 10.0
"""From the opening of a connection, or the first byte of a further request, to the end of the head."""
DRAIN_SECONDS = 60.0
"""Within these a client takes DRAIN_BYTES of the answer that waits for it, again and again."""
DRAIN_BYTES = 16 * 1024
"""Slow links are common where a node is needed most: some 300 bytes a second are enough."""
WAITING = 4_000
"""Connections on which nothing has been asked yet; beyond them the one that has waited longest is closed."""


class Patient(HttpToolsProtocol):
    """uvicorn's protocol without what lets idle connections, endless heads and stalled readers pile up.

    uvicorn ends a connection that rests between two requests, and no other. What its parser lets pass and a proxy may
    understand otherwise is refused too: no host or several (RFC 9112 section 3.2), and a coding of the transfer that
    is not undone here (section 6.1).
    """

    waiting: ClassVar[dict[Patient, None]] = {}
    head_bytes: ClassVar[int] = HEAD_BYTES
    head_seconds: ClassVar[float] = HEAD_SECONDS
    drain_seconds: ClassVar[float] = DRAIN_SECONDS
    most_waiting: ClassVar[int] = WAITING

    _timer: asyncio.TimerHandle | None = None
    _drain: asyncio.TimerHandle | None = None
    _in_head = False
    _asked = False
    _arrived = 0
    _fields = 0
    _hosts = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        super().connection_made(transport)
        self._wait()
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        self._stop_drain()
        self.waiting.pop(self, None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head:
            self._count(len(data))
        if not self._asked and self._timer is None:
            # uvicorn has just stopped its own clock, at whatever byte.
            self._start_timer()

    def on_message_begin(self) -> None:
        self._in_head, self._arrived, self._fields, self._hosts = True, 0, 0, 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        # Also the fields behind a chunked body, for which there is no other bound.
        self._fields += len(name) + len(value)
        if self._fields > self.head_bytes:
            raise ValueError("too many header fields")
        if self._in_head:
            known = name.lower()
            self._hosts += known == b"host"
            if known == b"transfer-encoding" and value.strip().lower() != b"chunked":
                raise ValueError("a transfer coding that is not undone here")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._hosts > 1 or (self._hosts == 0 and self.parser.get_http_version() == "1.1"):
            raise ValueError("not one host")
        self._in_head, self._asked = False, True
        self._stop_timer()
        self.waiting.pop(self, None)
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        self._asked = bool(self.pipeline)
        super().on_response_complete()
        if not self._asked and not self.transport.is_closing():
            self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._drain is None:
            self._watch_drain()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_drain()

    def _wait(self) -> None:
        self.waiting[self] = None
        if len(self.waiting) > self.most_waiting:
            oldest = next(iter(self.waiting))
            self.waiting.pop(oldest)
            oldest.transport.abort()

    def _count(self, size: int) -> None:
        # A head that comes in pieces is counted by them, since its parser says nothing before a field is whole.
        self._arrived += size
        if self._arrived > self.head_bytes:
            self.send_400_response("The head of the request is too large.")

    def _start_timer(self) -> None:
        self._timer = self.loop.call_later(self.head_seconds, self._give_up)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _watch_drain(self) -> None:
        held = self.transport.get_write_buffer_size()
        self._drain = self.loop.call_later(self.drain_seconds, self._look_at_drain, held)

    def _look_at_drain(self, before: int) -> None:
        # The whole of an answer may lie in the buffer, so what counts is that it becomes less.
        if self.transport.get_write_buffer_size() > before - DRAIN_BYTES:
            self.transport.abort()
        else:
            self._watch_drain()

    def _stop_drain(self) -> None:
        if self._drain is not None:
            self._drain.cancel()
            self._drain = None

    def _give_up(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self.transport.abort()


def patient(**limits: Any) -> type[Patient]:
    """The protocol for one server, which counts its own waiting connections; `limits` replace the constants above."""
    return type("Patient", (Patient,), {"waiting": {}, **limits})
