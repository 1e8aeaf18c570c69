"""Live parts of pages: one stream for each tab says that something changed, and the tab fetches its parts again.

It says no more than a word, the topic, and says it only when what *this reader* may see of the topic is different: a
hint that came whatever the marking would tell that something happened, and when. So each topic has a pulse, a value
made from what the reader may see, and the pulses are compared. What changes by the clock alone (an embargo that ends)
is noticed at the next beat.

While nobody writes it costs one question to the database a second for all tabs together, however many there are.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from time import monotonic

import anyio.to_thread
from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.streams import Streams, events, rest
from kouprey.kernel.words.decision import Reader

PATH = "/live"
LOOK = 1.0
"""Seconds between looks whether anything was written."""
BEAT = 20.0
"""Seconds after which a silent stream says that it lives, and who reads it is asked anew."""

Pulses = Mapping[str, Callable[[Reader], object]]
"""Topic -> a value that is another one when what the reader may see of it changed."""

_log = logging.getLogger(__name__)


class _Tab:
    """One stream: what its reader saw last, and what is still to be said."""

    def __init__(self, request: Request, seen: dict[str, object]) -> None:
        self.request = request
        self.seen = seen
        self.topics: set[str] = set()
        self.over = False
        self.woken = asyncio.Event()


class Live:
    """All live streams of this process. `changes`: differs after any write, of whatever process (`Store.changes`)."""

    def __init__(
        self, changes: Callable[[], object], pulses: Pulses, *, look: float = LOOK, beat: float = BEAT
    ) -> None:
        self._changes = changes
        self._pulses = pulses
        self._look, self._beat = look, beat
        self._streams = Streams()
        self._tabs: set[_Tab] = set()
        self._watch: asyncio.Task[None] | None = None

    def door(self, roles: tuple[str, ...]) -> Door:
        """`/live`, for whoever reads."""
        return page(PATH, self.open, roles=roles, seconds=None, name="live")

    async def open(self, request: Request) -> Response:
        """A stream of `change` events, their data the topics; `end` when it makes no sense to come back."""
        self._streams.check(request.who)
        tab = _Tab(request, await anyio.to_thread.run_sync(self._seen, request.reader))
        return events(self._events(tab, request.site.stopping))

    async def _events(self, tab: _Tab, stopping: threading.Event) -> AsyncIterator[bytes]:
        with self._streams.counted(tab.request.who):
            self._tabs.add(tab)
            try:
                self._begin(stopping)
                yield b"retry: 3000\n\n"
                while not stopping.is_set() and not tab.over:
                    try:
                        await asyncio.wait_for(tab.woken.wait(), self._beat)
                    except TimeoutError:
                        yield b": beat\n\n"
                        continue
                    tab.woken.clear()
                    topics, tab.topics = tab.topics, set()
                    if topics:
                        yield b"event: change\ndata: %s\n\n" % " ".join(sorted(topics)).encode()
                if tab.over:
                    yield b"event: end\ndata: unidentified\n\n"
            finally:
                self._tabs.discard(tab)

    def _begin(self, stopping: threading.Event) -> None:
        """One watch for all tabs, as long as there are any."""
        loop = asyncio.get_running_loop()
        if self._watch is None or self._watch.done() or self._watch.get_loop() is not loop:
            self._watch = loop.create_task(self._watching(stopping))

    async def _watching(self, stopping: threading.Event) -> None:
        state: object = None
        looked = 0.0
        while self._tabs and not stopping.is_set():
            try:
                now = await anyio.to_thread.run_sync(self._changes)
                if now != state or monotonic() - looked > self._beat:
                    # As of before: what is written while the pulses are taken is looked at once more.
                    await anyio.to_thread.run_sync(self._take_pulses, list(self._tabs))
                    state, looked = now, monotonic()
            except Exception:
                _log.exception("Looking for changes failed; it is tried again.")
            for tab in self._tabs:
                if tab.topics or tab.over:
                    tab.woken.set()
            await rest(stopping, self._look)
        for tab in self._tabs:
            tab.woken.set()

    def _take_pulses(self, tabs: list[_Tab]) -> None:
        """Note in every tab what its reader finds changed; several tabs of one reader cost as much as one."""
        taken: dict[Reader, dict[str, object]] = {}
        for tab in tabs:
            request = tab.request
            identity = request.site.authenticate(request)
            door = request.door
            gone = identity is None or identity.unproven or not identity.reader.local
            if identity is None or gone or (door is not None and not set(door.roles) & set(identity.roles)):
                tab.over = True
                continue
            if identity.reader not in taken:
                taken[identity.reader] = self._seen(identity.reader)
            seen = taken[identity.reader]
            tab.topics |= {topic for topic, value in seen.items() if tab.seen.get(topic) != value}
            tab.seen = seen

    def _seen(self, reader: Reader) -> dict[str, object]:
        return {topic: pulse(reader) for topic, pulse in self._pulses.items()}
