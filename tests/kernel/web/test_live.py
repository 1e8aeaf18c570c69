"""Live parts: a tab hears a topic when its own reader's view of it changed, and nothing else ever."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.live import Live
from kouprey.kernel.web.request import Request
from kouprey.kernel.web.streams import MOST_OF_ONE
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import TooMany
from kouprey.kernel.words.tlp import TLP

LOW = Reader(party="cert.example", clearance=TLP.GREEN, local=True, name="dara")
HIGH = Reader(party="cert.example", clearance=TLP.RED, local=True, name="sok")


class Node:
    """A store that counts what is written, and what each level may see of it."""

    def __init__(self) -> None:
        self.written = 0
        self.held = {LOW.clearance: 0, HIGH.clearance: 0}
        self.asked = 0
        self.people: dict[str, Identity | None] = {
            reader.name: Identity(name=reader.name, reader=reader) for reader in (LOW, HIGH)
        }
        self.live = Live(lambda: self.written, {"intelligence": self.pulse, "quiet": lambda _: 1}, look=0.01, beat=0.3)

    def pulse(self, reader: Reader) -> object:
        self.asked += 1
        return self.held[reader.clearance]

    def write(self, *seen_by: Reader) -> None:
        for reader in seen_by:
            self.held[reader.clearance] += 1
        self.written += 1

    async def open(self, site: Any, reader: Reader) -> AsyncIterator[bytes]:
        request = Request({"type": "http", "method": "GET", "path": "/live", "headers": [], "kouprey.site": site})
        request.identity = self.people[reader.name]
        request.scope["person"] = reader.name
        response = await self.live.open(request)
        pieces = response.body_iterator  # type: ignore[attr-defined]  # a streaming response
        assert await anext(pieces) == b"retry: 3000\n\n"
        return pieces


class FakeSite:
    """What a stream asks of the site."""

    def __init__(self, node: Node) -> None:
        self.stopping = threading.Event()
        self.authenticate: Callable[[Request], Identity | None] = lambda request: node.people[request.scope["person"]]


async def heard(pieces: AsyncIterator[bytes], seconds: float = 0.12) -> list[bytes]:
    """What comes within a time, without what only says that the stream lives."""
    found: list[bytes] = []
    with contextlib.suppress(TimeoutError, StopAsyncIteration):
        async with asyncio.timeout(seconds):
            while True:
                piece = await anext(pieces)
                if piece != b": beat\n\n":
                    found.append(piece)
    return found


CHANGE = b"event: change\ndata: intelligence\n\n"


def run(story: Callable[[Node, Any], Any]) -> None:
    node = Node()

    async def told() -> None:
        await story(node, FakeSite(node))

    asyncio.run(told())


def test_what_a_reader_may_not_see_is_not_hinted_at() -> None:
    async def story(node: Node, site: Any) -> None:
        low, high = await node.open(site, LOW), await node.open(site, HIGH)
        node.write(HIGH)
        assert await asyncio.gather(anext(high)) == [CHANGE]
        node.write(LOW, HIGH)
        # The first thing the other hears is what is new to it.
        assert await anext(low) == await anext(high) == CHANGE
        for pieces in (low, high):
            await pieces.aclose()  # type: ignore[attr-defined]  # a generator

    run(story)


def test_nothing_is_looked_at_while_nobody_writes() -> None:
    async def story(node: Node, site: Any) -> None:
        tabs = [await node.open(site, HIGH) for _ in range(3)]
        await asyncio.sleep(0.05)
        before = node.asked
        await asyncio.sleep(0.1)
        assert node.asked == before
        node.write(HIGH)
        assert [await anext(tab) for tab in tabs] == [CHANGE] * 3
        # Three tabs of one reader cost one look.
        assert node.asked == before + 1
        for tab in tabs:
            await tab.aclose()  # type: ignore[attr-defined]  # a generator

    run(story)


def test_what_changes_without_a_write_is_noticed_at_the_beat() -> None:
    async def story(node: Node, site: Any) -> None:
        low = await node.open(site, LOW)
        await asyncio.sleep(0.05)
        node.held[LOW.clearance] += 1
        while await anext(low) != CHANGE:
            pass
        await low.aclose()  # type: ignore[attr-defined]  # a generator

    run(story)


@pytest.mark.parametrize("become", [None, Identity(name="dara", reader=LOW, unproven=True)])
def test_a_session_that_ends_ends_its_streams(become: Identity | None) -> None:
    async def story(node: Node, site: Any) -> None:
        low = await node.open(site, LOW)
        node.people["dara"] = become
        node.write(LOW)
        left = [piece async for piece in low]
        assert left[-1].startswith(b"event: end\n") and CHANGE not in left

    run(story)


def test_streams_end_when_the_node_stops() -> None:
    async def story(node: Node, site: Any) -> None:
        low = await node.open(site, LOW)
        site.stopping.set()
        async with asyncio.timeout(5):
            assert [piece async for piece in low if piece != b": beat\n\n"] == []

    run(story)


def test_one_reader_has_so_many_streams_and_no_more() -> None:
    async def story(node: Node, site: Any) -> None:
        held = [await node.open(site, LOW) for _ in range(MOST_OF_ONE)]
        with pytest.raises(TooMany) as caught:
            await node.open(site, LOW)
        assert caught.value.code == "too-many-streams"
        other = await node.open(site, HIGH)
        await held[0].aclose()  # type: ignore[attr-defined]  # a generator
        again = await node.open(site, LOW)
        for tab in (*held[1:], other, again):
            await tab.aclose()  # type: ignore[attr-defined]  # a generator

    run(story)


def test_a_look_that_fails_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    async def story(node: Node, site: Any) -> None:
        low = await node.open(site, LOW)
        held, node.held = node.held, {}
        node.written += 1
        await asyncio.sleep(0.05)
        held[LOW.clearance] += 1
        node.held = held
        assert await anext(low) == CHANGE
        await low.aclose()  # type: ignore[attr-defined]  # a generator

    run(story)
    assert "Looking for changes failed" in caplog.text
