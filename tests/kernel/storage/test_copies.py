"""Copies of databases of both engines, and what is said when they cannot be made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kouprey.kernel.storage import copies
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.errors import Damaged, Refused, Unknown, Unreachable


def test_a_copy_of_sqlite_is_whole_and_private(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "a")
    store.write(lambda tx: tx.script("CREATE TABLE thing (n BIGINT); INSERT INTO thing VALUES (7)"))
    seen: list[tuple[int, int]] = []
    copies.copy_sqlite(tmp_path / "a", tmp_path / "b", lambda done, total: seen.append((done, total)))
    store.close()
    assert seen[-1][0] == seen[-1][1] > 0
    assert (tmp_path / "b").stat().st_mode & 0o777 == 0o600
    again = open_sqlite(tmp_path / "b")
    with again.read() as reader:
        assert reader.value("SELECT n FROM thing") == 7
    again.close()
    for target in (tmp_path / "b", tmp_path / "missing" / "c"):
        with pytest.raises(Unreachable):
            copies.copy_sqlite(tmp_path / "a", target)


def test_a_dump_of_postgresql_fills_an_empty_database_only(tmp_path: Path, fresh_postgres: Callable[[], str]) -> None:
    first, second = fresh_postgres(), fresh_postgres()
    store = open_postgres(first)
    store.write(lambda tx: tx.script("CREATE TABLE thing (n BIGINT, b BYTEA); INSERT INTO thing VALUES (7, '\\x00ff')"))
    store.close()
    copies.dump_postgres(first, tmp_path / "dump")
    copies.load_postgres(second, tmp_path / "dump")
    store = open_postgres(second)
    with store.read() as reader:
        assert reader.one("SELECT n, b FROM thing") == (7, b"\x00\xff")
    store.close()
    with pytest.raises(Refused) as refused:
        copies.load_postgres(second, tmp_path / "dump")
    assert refused.value.code == "not-empty"
    (tmp_path / "noise").write_bytes(b"noise")
    with pytest.raises(Damaged):
        copies.load_postgres(fresh_postgres(), tmp_path / "noise")
    with pytest.raises(Unreachable):
        copies.dump_postgres(first + "_of_nobody", tmp_path / "other")


def test_a_missing_program_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    monkeypatch.setattr(copies.Path, "glob", lambda self, pattern: iter(()))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unknown, match="pg_dump") as refused:
        copies.dump_postgres("dbname=x", tmp_path / "dump")
    assert refused.value.code == "no-program"
