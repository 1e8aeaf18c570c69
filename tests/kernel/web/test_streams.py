"""Streams are counted for each reader and in all, and rest without holding anything up."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kouprey.kernel.web.identity import Identity
from kouprey.kernel.web.streams import Streams, rest
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import TooMany


def who(name: str) -> Identity:
    return Identity(name=name, reader=Reader(party="cert.example", name=name))


def test_so_many_of_one_reader_and_of_all() -> None:
    streams = Streams(most_of_one=2, most=3)
    with streams.counted(who("a")), streams.counted(who("a")):
        with pytest.raises(TooMany):
            streams.check(who("a"))
        streams.check(who("b"))
        with streams.counted(who("b")):
            assert streams.total() == 3
            with pytest.raises(TooMany):
                streams.check(who("c"))
        streams.check(who("c"))
    streams.check(who("a"))
    assert streams.total() == 0


def test_rest_ends_when_the_node_stops() -> None:
    stopping = threading.Event()
    stopping.set()

    async def told() -> None:
        async with asyncio.timeout(5):
            await rest(stopping, 1000)

    # In a thread of its own: another loop may run in this one, of whoever drives a browser in this process.
    with ThreadPoolExecutor() as pool:
        pool.submit(asyncio.run, told()).result()
