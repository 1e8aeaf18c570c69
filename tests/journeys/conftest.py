"""Actors for journeys: three real nodes on loopback, each with a folder of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kouprey.node.actors import Actor
from kouprey.node.fiction import CAST

if TYPE_CHECKING:
    from journeys.desks import Desks

FAST = {"KOUPREY_LINK_INTERVAL": "1"}


def free_ports(count: int) -> list[int]:
    """Ports nobody listens on now; another process could take one before we do, which a test would then say."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    return ports


@pytest.fixture
def loopback_actors(tmp_path: Path) -> Callable[..., dict[str, Actor]]:
    """A factory of the story's three actors; `database` gives a DSN for each store, "" for SQLite."""

    def made(database: Callable[[], str] = str) -> dict[str, Actor]:
        ports = free_ports(len(CAST))
        return {
            cast.key: Actor(
                cast=cast,
                folder=tmp_path / cast.key,
                address=f"127.0.0.1:{port}",
                url=f"http://{cast.key}.localhost:{port}",
                database=database(),
                guard=database(),
                environment=FAST,
            )
            for cast, port in zip(CAST, ports, strict=True)
        }

    return made


@pytest.fixture(scope="module")
def desks(request: pytest.FixtureRequest) -> Iterator[Desks]:
    """Seats for people of a module's nodes, each with a browser of their own."""
    from browser.stage import CHROMIUM, open_chromium
    from journeys.desks import Desks

    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    pytest.importorskip("playwright.sync_api")
    pictures = request.config.getoption("--pictures")
    with open_chromium() as browser:
        made = Desks(browser, pictures)
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
        yield made
        made.close()
