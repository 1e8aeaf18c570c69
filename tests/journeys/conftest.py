"""Actors for journeys: three real nodes on loopback, each with a folder of its own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from kouprey.node.actors import Actor
from kouprey.node.fiction import CAST

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
