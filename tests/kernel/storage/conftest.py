"""The store under test, once on SQLite and once on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.time import Clock, wall_clock

Reopen = Callable[..., Store]


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is: the path of a file, or a connection string."""
    if request.param == "sqlite":
        return str(tmp_path / "kouprey.db")
    fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres")
    return fresh()


@pytest.fixture
def reopen(place: str) -> Iterator[Reopen]:
    """Open the same database (once more), as another process would."""
    opened: list[Store] = []

    def open_it(clock: Clock = wall_clock) -> Store:
        store = open_sqlite(Path(place), clock=clock) if place.startswith("/") else open_postgres(place, clock=clock)
        opened.append(store)
        return store

    yield open_it
    for store in opened:
        store.close()


@pytest.fixture
def empty_store(reopen: Reopen) -> Store:
    return reopen()


@pytest.fixture
def store(empty_store: Store) -> Store:
    migrate(empty_store, [KERNEL])
    return empty_store


@pytest.fixture
def things(store: Store) -> Store:
    blob = {"sqlite": "BLOB", "postgres": "BYTEA"}[store.dialect]
    store.write(
        lambda tx: tx.script(f"CREATE TABLE thing (id BIGINT PRIMARY KEY, word TEXT, body {blob}, rank BIGINT)")
    )
    return store
