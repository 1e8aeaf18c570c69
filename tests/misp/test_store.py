"""Originals are kept once and found by event; each source has its own memory. On both engines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.tlp import TLP
from kouprey.misp import store as rows
from kouprey.misp.model import Original


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    opened: Store
    if request.param == "postgres":
        from kouprey.kernel.storage.postgres import open_postgres

        fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres")
        opened = open_postgres(fresh())
    else:
        opened = open_sqlite(tmp_path / "kouprey.db")
    migrate(opened, [KERNEL, ("misp", "kouprey.misp.migrations")])
    yield opened
    opened.close()


def keep(store: Store, source: str, changed: int, raw: bytes) -> Original:
    original = Original("u", changed, raw, TLP.GREEN)
    store.write(lambda tx: rows.save(tx, rows.Road(source, "c"), original, sha256(raw).digest(), 7))
    return original


def test_an_original_is_kept_once_whoever_brings_it(store: Store) -> None:
    first = keep(store, "a", 1, b"one")
    keep(store, "b", 1, b"one")
    second = keep(store, "a", 2, b"two")
    with store.read() as reader:
        assert rows.find_newest(reader, "u") == second and rows.find_newest(reader, "v") is None
        assert rows.find_original(reader, "u", sha256(b"one").digest()) == first
        assert rows.find_original(reader, "u", sha256(b"three").digest()) is None
        assert rows.list_earlier(reader, "u", 2, 9) == [first] and rows.list_earlier(reader, "u", 3, 1) == [second]
        assert reader.value("SELECT count(*) FROM misp_event") == 2


def test_each_source_remembers_what_it_brought_last(store: Store) -> None:
    keep(store, "a", 1, b"one")
    keep(store, "a", 2, b"two")
    keep(store, "b", 1, b"one")
    with store.read() as reader:
        assert rows.list_taken(reader, rows.Road("a", "c"), ["u", "v"]) == {"u": (2, sha256(b"two").digest())}
        assert rows.list_taken(reader, rows.Road("b", "c"), ["u"]) == {"u": (1, sha256(b"one").digest())}
        assert not rows.list_taken(reader, rows.Road("c", "c"), ["u"])
        assert not rows.list_taken(reader, rows.Road("a", "d"), ["u"])
        assert not rows.list_taken(reader, rows.Road("a", "c"), [])


def test_all_originals_can_be_examined(store: Store) -> None:
    keep(store, "a", 1, b"one")
    store.write(lambda tx: tx.execute("UPDATE misp_event SET sha256 = bytes"))
    keep(store, "a", 2, b"two")
    assert list(rows.each_damaged(store)) == ["u"]
