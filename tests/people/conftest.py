"""People of fictional parties, on either engine, under a clock the test moves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kouprey.kernel.seal import keyring
from kouprey.kernel.seal.passwords import Cost, Hasher
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.time import SECOND, Instant, parse_instant
from kouprey.people.service import People


class Clock:
    """A clock that goes on by a microsecond with each look, and further when told."""

    def __init__(self) -> None:
        self.now: Instant = parse_instant("2026-12-01T00:00:00Z")

    def __call__(self) -> Instant:
        self.now += 1
        return self.now

    def pass_seconds(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


CHEAP = Hasher(Cost(memory=8, rounds=1, lanes=1))
"""Passwords that cost next to nothing: what they cost is a parameter, and tests are many."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["sqlite", "postgres"])
def make_store(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Callable[[], Store]]:
    """Empty stores, migrated."""
    opened: list[Store] = []

    def make() -> Store:
        if request.param == "sqlite":
            store: Store = open_sqlite(tmp_path / f"{len(opened)}.db", clock=clock)
        else:
            fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres")
            store = open_postgres(fresh(), clock=clock)
        opened.append(store)
        migrate(store, [KERNEL, ("people", "kouprey.people.migrations")], clock=clock)
        return store

    yield make
    for store in opened:
        store.close()


@pytest.fixture
def store(make_store: Callable[[], Store]) -> Store:
    return make_store()


@pytest.fixture
def ring(tmp_path: Path) -> keyring.Keyring:
    return keyring.create(tmp_path / "keys")


@pytest.fixture
def people(store: Store, ring: keyring.Keyring, clock: Clock) -> People:
    """Of a node that speaks for cert.example."""
    made = People(store, ring, clock, CHEAP)
    made.found("cert.example", "Example CERT", identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10")
    return made


@pytest.fixture
def other(make_store: Callable[[], Store], tmp_path: Path, clock: Clock) -> People:
    """Of another node, which speaks for operator.example."""
    made = People(make_store(), keyring.create(tmp_path / "other"), clock, CHEAP)
    made.found(
        "operator.example",
        "Example Operator",
        urls=("https://node.operator.example",),
        identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a11",
    )
    return made
