"""Migrations: once each, refused when changed or unknown, safe when processes start together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from itertools import count
from pathlib import Path

import pytest

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL, list_missing, migrate
from kouprey.kernel.words.errors import Refused

_NAMES = count(1)
Package = Callable[[dict[str, str]], str]

KERNEL_FILES = sorted(f"kernel/{file.name}" for file in files(KERNEL[1]).iterdir() if file.name.endswith(".sql"))


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Package]:
    """Make an importable package of migration files."""
    monkeypatch.syspath_prepend(tmp_path)
    made: list[str] = []

    def make(texts: dict[str, str]) -> str:
        name = f"migrations_under_test_{next(_NAMES)}"
        (tmp_path / name).mkdir()
        for file, text in {"__init__.py": "", **texts}.items():
            (tmp_path / name / file).write_text(text)
        made.append(name)
        return name

    yield make
    for name in made:
        sys.modules.pop(name, None)


_ONE = {"0001_herds.sql": "CREATE TABLE herd (id {{identity}}, mark {{blob}}); -- a; b\nCREATE INDEX h ON herd (mark);"}
_TWO = {
    **_ONE,
    "0002_places.sqlite.sql": "CREATE TABLE place (engine TEXT); INSERT INTO place VALUES ('sqlite');",
    "0002_places.postgres.sql": "CREATE TABLE place (engine TEXT); INSERT INTO place VALUES ('postgres');",
}


def test_each_file_is_applied_once_in_order(empty_store: Store, package: Package) -> None:
    assert migrate(empty_store, [KERNEL, ("herds", package(_ONE))]) == [
        *KERNEL_FILES,
        "herds/0001_herds.sql",
    ]
    assert migrate(empty_store, [KERNEL, ("herds", package(_ONE))]) == []
    two = package(_TWO)
    assert migrate(empty_store, [KERNEL, ("herds", two)]) == [f"herds/0002_places.{empty_store.dialect}.sql"]
    assert migrate(empty_store, [KERNEL, ("herds", two)]) == []
    with empty_store.read() as reader:
        assert reader.all("SELECT engine FROM place") == [(empty_store.dialect,)]
        assert reader.all("SELECT capability, number FROM migration ORDER BY capability, number") == [
            ("herds", 1),
            ("herds", 2),
            *(("kernel", number) for number in range(1, len(KERNEL_FILES) + 1)),
        ]


def test_identity_counts_up_and_gives_no_number_twice(empty_store: Store, package: Package) -> None:
    migrate(empty_store, [("herds", package(_ONE))])

    def add() -> int:
        return empty_store.write(lambda tx: tx.value("INSERT INTO herd (mark) VALUES (?) RETURNING id", (b"\x00",)))

    assert [add(), add()] == [1, 2]
    empty_store.write(lambda tx: tx.execute("DELETE FROM herd"))
    assert add() == 3


def test_a_failing_file_leaves_nothing_and_keeps_those_before(empty_store: Store, package: Package) -> None:
    broken = {**_ONE, "0002_broken.sql": "CREATE TABLE half (id BIGINT); INSERT INTO nowhere VALUES (1);"}
    with pytest.raises(Exception, match="nowhere"):
        migrate(empty_store, [("herds", package(broken))])
    assert migrate(
        empty_store, [("herds", package({**_ONE, "0002_mended.sql": "CREATE TABLE half (id BIGINT);"}))]
    ) == ["herds/0002_mended.sql"]


def test_a_changed_file_is_refused_before_anything_is_done(empty_store: Store, package: Package) -> None:
    migrate(empty_store, [("herds", package(_ONE))])
    changed = {**_TWO, "0001_herds.sql": _ONE["0001_herds.sql"] + " "}
    with pytest.raises(Refused) as caught:
        migrate(empty_store, [("herds", package(changed))])
    assert caught.value.code == "migration-changed"
    assert caught.value.why
    assert caught.value.remedy
    with empty_store.read() as reader:
        assert reader.value("SELECT count(*) FROM migration") == 1


def test_a_newer_database_is_refused(empty_store: Store, package: Package) -> None:
    migrate(empty_store, [("herds", package(_TWO)), ("other", package({"0001_a.sql": "CREATE TABLE a (id BIGINT);"}))])
    with pytest.raises(Refused) as caught:
        migrate(empty_store, [("herds", package(_ONE))])
    assert caught.value.code == "newer"
    assert "0002" in caught.value.why
    assert migrate(empty_store, [("herds", package(_ONE))], newer_too=True) == []
    with pytest.raises(Refused) as caught:
        list_missing(empty_store, [("herds", package(_TWO))])
    assert caught.value.code == "newer" and "other" in caught.value.why


def test_a_database_in_use_is_left_alone_when_only_fresh_ones_are_filled(empty_store: Store, package: Package) -> None:
    one, two = package(_ONE), package(_TWO)
    assert migrate(empty_store, [("herds", one)], fresh_only=True) == ["herds/0001_herds.sql"]
    assert migrate(empty_store, [("herds", one)], fresh_only=True) == []
    for later in ([("herds", two)], [("herds", one), ("other", one)]):
        with pytest.raises(Refused) as caught:
            migrate(empty_store, later, fresh_only=True)
        assert caught.value.code == "upgrade-needed" and "1 migrations" in caught.value.why
        assert len(list_missing(empty_store, later)) == 1
    assert len(migrate(empty_store, [("herds", two)])) == 1
    with pytest.raises(Refused) as caught:
        migrate(empty_store, [("other", one)], fresh_only=True)
    assert caught.value.code == "newer" and "herds" in caught.value.why


def test_processes_that_start_together_agree(reopen: Callable[..., Store], package: Package) -> None:
    two = package(_TWO)
    stores = [reopen() for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda store: migrate(store, [KERNEL, ("herds", two)]), stores))
    assert sorted(name for names in done for name in names) == sorted(
        [*KERNEL_FILES, "herds/0001_herds.sql", f"herds/0002_places.{stores[0].dialect}.sql"]
    )


@pytest.mark.parametrize(
    "texts",
    [
        {"0002_late.sql": ""},
        {"0001_a.sql": "", "0001_b.sql": ""},
        {"1_short.sql": ""},
        {"0001_a.oracle.sql": ""},
        {"0001_a.sql": "CREATE TABLE a (id {{serial}});"},
    ],
)
def test_badly_named_files_are_an_error(empty_store: Store, package: Package, texts: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="migrations_under_test"):
        migrate(empty_store, [("herds", package(texts))])
