"""Readiness on both engines, with counts that a test sets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.proof import Proof
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People
from kouprey.readiness.service import Readiness
from migrated import lay

PARTS = [KERNEL, *((name, f"kouprey.{name}.migrations") for name in ("people", "readiness"))]


class Office:
    """A party without partners; `done` is what it has done, by name."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.folder, self.now = store, folder, 10**15
        ring = keyring.create(folder / "keys")
        people = People(store, ring)
        people.found("cert.example", "CERT", identity="identity--00000000-0000-4000-8000-000000000001")
        self.done: dict[str, Proof] = {}
        self.readiness = Readiness(
            store,
            people,
            ring,
            folder / "frameworks",
            lambda: {name: (lambda _, name=name: self.done[name]) for name in self.done},  # type: ignore[misc]  # bound at once
            lambda: self.now,
        )

    @staticmethod
    def reader(*roles: str, clearance: TLP = TLP.RED, **more: Any) -> Reader:
        return Reader(party="cert.example", clearance=clearance, roles=roles, local=True, name="Dara", **more)


@pytest.fixture(params=["sqlite", "postgres"])
def office(request: Any, tmp_path: Path, fresh_postgres: Callable[..., str]) -> Iterator[Office]:
    store = (
        open_sqlite(lay(tmp_path / "a.db", PARTS))
        if request.param == "sqlite"
        else open_postgres(fresh_postgres(PARTS))
    )
    yield Office(store, tmp_path)
    store.close()
