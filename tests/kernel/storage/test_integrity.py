"""What a database says of its own health."""

from __future__ import annotations

from pathlib import Path

import apsw

from kouprey.kernel.storage.integrity import check_sqlite, last_position, list_damaged_labels, list_failing
from kouprey.kernel.storage.labels import insert_label_set, insert_profile, intern_label
from kouprey.kernel.storage.migrate import KERNEL, list_missing, migrate
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP


def test_pages_and_references(tmp_path: Path) -> None:
    database = apsw.Connection(str(tmp_path / "a"))
    database.execute("CREATE TABLE one (id INTEGER PRIMARY KEY); CREATE TABLE two (one BIGINT REFERENCES one (id))")
    assert check_sqlite(tmp_path / "a") == []
    database.execute("INSERT INTO two VALUES (7)")
    database.close()
    assert check_sqlite(tmp_path / "a") == ["row 1 of two refers to nothing in one"]
    (tmp_path / "b").write_bytes(b"no database at all" * 100)
    assert check_sqlite(tmp_path / "b")


def test_labels_by_their_hashes(tmp_path: Path) -> None:
    store = open_sqlite(tmp_path / "a")
    migrate(store, [KERNEL])
    assert list_missing(store, [KERNEL]) == []
    store.write(lambda tx: intern_label(tx, Label(owner="one.example", tlp=TLP.RED)))
    store.write(lambda tx: insert_label_set(tx, [1]))
    store.write(lambda tx: insert_profile(tx, Reader(party="one.example", clearance=TLP.RED)))
    with store.read() as reader:
        assert list(list_damaged_labels(reader)) == []
        assert list_failing(reader) == [] and last_position(reader) == 0
    for spoil, name in (
        ("UPDATE label SET tlp = 0", "label 1"),
        ("UPDATE label SET tlp = 77", "label 1"),
        ("UPDATE label SET purposes = 'x'", "label 1"),
        ("UPDATE label_set SET members = '1,9'", "label set 1"),
        ("UPDATE profile SET reader = 'x'", "profile 1"),
    ):
        store.write(lambda tx, spoil=spoil: tx.execute(spoil))  # type: ignore[misc]  # a lambda with defaults
        with store.read() as reader:
            assert name in list(list_damaged_labels(reader)), spoil
    store.close()
