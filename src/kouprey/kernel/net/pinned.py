"""Connections to addresses that were checked: a name is resolved once and never asked again for the same call."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

import httpcore

from kouprey.kernel.net.addresses import refusal
from kouprey.kernel.words.errors import Unreachable

Resolver = Callable[[str, int], Sequence[str]]
"""All addresses of a host name (or of a number written in any way), in the order to be tried; raises OSError."""

_PIECE = 65536


class Overdue(Exception):
    """The time of the whole request is used up."""


def resolve_by_system(host: str, port: int) -> Sequence[str]:
    """What the machine's resolver says. Decimal and octal hosts come out as the addresses they stand for."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class PinnedBackend(httpcore.NetworkBackend):
    """Resolves, checks every address and connects to those very addresses, under the deadline of the request.

    The deadline belongs to the thread, because httpcore runs a synchronous request in the thread that asks, while
    the streams it keeps are handed from request to request.
    """

    def __init__(self, resolver: Resolver, *, allow_private: bool, connect: float) -> None:
        self._resolver = resolver
        self._allow_private = allow_private
        self._connect = connect
        self._now = threading.local()
        self._plain = httpcore.SyncBackend()

    @contextmanager
    def within(self, deadline: float) -> Iterator[None]:
        """Give the calls of this thread until `deadline` (on the monotonic clock)."""
        self._now.deadline = deadline
        try:
            yield
        finally:
            self._now.deadline = None

    def remaining(self) -> float:
        """Seconds left for this thread's request; raises Overdue."""
        deadline: float | None = getattr(self._now, "deadline", None)
        left = 60.0 if deadline is None else deadline - monotonic()
        if left <= 0:
            raise Overdue
        return left

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first checked address that answers; one forbidden address refuses the whole name."""
        until = monotonic() + min(self._connect, self.remaining())
        addresses = self._resolve(host, port, until)
        for address in addresses:
            why = refusal(address, allow_private=self._allow_private)
            if why:
                raise Unreachable(why[0].upper() + why[1:] + ".", code="private-address")
        failure: Exception = httpcore.ConnectTimeout()
        for address in addresses:
            left = until - monotonic()
            if left <= 0:
                break
            try:
                stream = self._plain.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _PinnedStream(stream, self)
        raise failure

    def _resolve(self, host: str, port: int, until: float) -> Sequence[str]:
        """Ask the resolver in a thread of its own: the system's has no time limit."""
        found: list[Sequence[str]] = []
        failed: list[Exception] = []

        def ask() -> None:
            try:
                found.append(self._resolver(host, port))
            except (OSError, UnicodeError) as error:
                failed.append(error)

        thread = threading.Thread(target=ask, daemon=True, name="resolve")
        thread.start()
        thread.join(max(0.0, until - monotonic()))
        if thread.is_alive():
            raise Unreachable("Its name could not be looked up in time.", code="dns")
        if failed or not found or not found[0]:
            raise Unreachable("Its name is not known.", code="dns") from (failed[0] if failed else None)
        return found[0]


class _PinnedStream(httpcore.NetworkStream):
    """A stream on which every single wait is cut to the time the request has left."""

    def __init__(self, stream: httpcore.NetworkStream, backend: PinnedBackend) -> None:
        self._stream = stream
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._backend.remaining())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], self._backend.remaining())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._backend.remaining())
        return _PinnedStream(stream, self._backend)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
