"""A small pool of connections for readers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

from kouprey.kernel.words.errors import Unreachable

C = TypeVar("C")

_PATIENCE = 30.0
"""Seconds a thread waits for a connection before it is told that there is none."""


def closed() -> Unreachable:
    """The error of every use after `close`."""
    return Unreachable("The store is closed.", "The node is stopping.", "Try again when it is back.", code="closed")


class Pool(Generic[C]):
    """Lends connections, most recently used first; opens them when needed and keeps at most `size`.

    A thread that already holds one gets the next beyond the cap: were it to wait, threads could wait for each other
    for ever.
    """

    def __init__(self, open_one: Callable[[], C], close_one: Callable[[C], None], size: int) -> None:
        self._open_one = open_one
        self._close_one = close_one
        self._size = size
        self._slots = threading.BoundedSemaphore(size)
        self._idle: list[C] = []
        self._lock = threading.Lock()
        self._held = threading.local()
        self._closed = False

    @contextmanager
    def lend(self, is_sound: Callable[[C], bool] = lambda _: True) -> Iterator[C]:
        """A connection for the `with`; one that is not sound afterwards is closed, not lent again."""
        depth: int = getattr(self._held, "depth", 0)
        if depth == 0 and not self._slots.acquire(timeout=_PATIENCE):
            raise Unreachable(
                "The database is busy.",
                f"All {self._size} connections for reading have been in use for {_PATIENCE:.0f} seconds.",
                "Try again; if it stays so, look for requests that do not end.",
                code="busy",
            )
        self._held.depth = depth + 1
        try:
            connection = self._take()
            try:
                yield connection
            finally:
                self._give(connection, is_sound(connection))
        finally:
            self._held.depth = depth
            if depth == 0:
                self._slots.release()

    def _take(self) -> C:
        with self._lock:
            if self._closed:
                raise closed()
            if self._idle:
                return self._idle.pop()
        return self._open_one()

    def _give(self, connection: C, sound: bool) -> None:
        with self._lock:
            if sound and not self._closed and len(self._idle) < self._size:
                self._idle.append(connection)
                return
        self._close_one(connection)

    def close(self) -> None:
        """Close what is idle now, and what is lent when it comes back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for connection in idle:
            self._close_one(connection)
