"""Answers that do not end by themselves (Server-Sent Events): how many there may be, and how they rest."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from starlette.responses import StreamingResponse

from kouprey.kernel.web.identity import Identity
from kouprey.kernel.words.errors import TooMany

MOST_OF_ONE, MOST = 8, 200
"""Streams of one reader, and of all, at the same time."""

_STEP = 0.25


class Streams:
    """The open streams of one kind in this process."""

    def __init__(self, most_of_one: int = MOST_OF_ONE, most: int = MOST) -> None:
        self._most_of_one, self._most = most_of_one, most
        self._lock = threading.Lock()
        self._open: Counter[tuple[str, str]] = Counter()

    def check(self, who: Identity) -> None:
        """Raises TooMany (`too-many-streams`) when one more would be too much."""
        with self._lock:
            full = self._open.total() >= self._most or self._open[_reader(who)] >= self._most_of_one
        if full:
            raise TooMany(
                "There are too many streams.",
                f"One reader may have {self._most_of_one} at the same time, and all together {self._most}.",
                "Close one, or come back later.",
                code="too-many-streams",
            )

    @contextmanager
    def counted(self, who: Identity) -> Iterator[None]:
        """While one is open."""
        key = _reader(who)
        with self._lock:
            self._open[key] += 1
        try:
            yield
        finally:
            with self._lock:
                self._open[key] -= 1

    def total(self) -> int:
        """How many are open."""
        with self._lock:
            return self._open.total()


async def rest(stopping: threading.Event, seconds: float) -> None:
    """In short steps: a thread that waited for the event would be one of the few that answer everybody."""
    left = seconds
    while left > 0 and not stopping.is_set():
        await asyncio.sleep(min(left, _STEP))
        left -= _STEP


def events(pieces: AsyncIterator[bytes]) -> StreamingResponse:
    """The answer that carries them; no proxy may hold them back."""
    return StreamingResponse(pieces, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _reader(who: Identity) -> tuple[str, str]:
    return who.reader.party, who.reader.name
