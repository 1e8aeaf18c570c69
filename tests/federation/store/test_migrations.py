"""What an older version stored is read by this one."""

from __future__ import annotations

import shutil
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from kouprey.federation import store as rows
from kouprey.federation.store import checks
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite


@pytest.fixture(params=["sqlite", "postgres"])
def older(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store as the first two migrations made it."""
    # A name of its own: a package that was imported is not looked for again.
    package = tmp_path / f"older_federation_{request.param}"
    package.mkdir()
    (package / "__init__.py").write_text("")
    for file in files("kouprey.federation.migrations").iterdir():
        if file.name[:4] in ("0001", "0002"):
            shutil.copy(str(file), package / file.name)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    opened: Store
    if request.param == "sqlite":
        opened = open_sqlite(tmp_path / "kouprey.db")
    else:
        opened = open_postgres(request.getfixturevalue("fresh_postgres")())
    migrate(opened, [KERNEL, ("federation", package.name)])
    request.addfinalizer(opened.close)
    return opened


def test_entries_of_an_older_version_stay_what_they_were(older: Store) -> None:
    old = [
        (2, 0, b"g" * 64, b"s" * 16, b"genesis", rows.HELD, 0, 5),
        (2, 1, b"h" * 64, b"s" * 16, b"ours", rows.HELD, 70, 6),
        (2, 2, b"i" * 64, b"s" * 16, b"too", rows.HELD, 80, 6),
        (3, 0, b"j" * 64, b"", b"", rows.WITHHELD, 0, 7),
        (3, 1, b"k" * 64, b"", b"", rows.WITHHELD, -1, 7),
        (3, 2, b"l" * 64, b"", b"", rows.ERASED, 0, 7),
    ]

    def work(tx: Tx) -> None:
        tx.many(
            "INSERT INTO lane_entry (lane_id, entry_index, header, salt, body, state, publication, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            old,
        )
        for lane, size, signed in ((2, 3, 2), (3, 3, 3)):
            tx.execute(
                "INSERT INTO lane (id, origin, tag, agreement, agreement_version, version_sha256, author, audience,"
                " class, genesis, mine, size, frontier, signed_size, state, note, opened_at)"
                " VALUES (?, ?, ?, 'a', 1, '', 'm', 'm', 'bulk', ?, 1, ?, ?, ?, 'open', '', 1)",
                (lane, f"o{lane}", f"t{lane}", b"{}", size, b"whole", signed),
            )
            tx.execute(
                "INSERT INTO lane_checkpoint (lane_id, size, root, note, frontier, at) VALUES (?, ?, ?, ?, ?, 1)",
                (lane, signed, b"", b"", b"signed"),
            )

    older.write(work)
    migrate(older, [KERNEL, ("federation", "kouprey.federation.migrations")])
    with older.read() as reader:
        for lane in (2, 3):
            kept = [
                (lane, e.index, e.header, e.salt, e.body, e.state, e.publication, e.at)
                for e in rows.list_entries(reader, lane, 0, 9)
            ]
            assert kept == [(*row[:6], max(row[6], 0), row[7]) for row in old if row[0] == lane]
        assert checks.list_handed_over(reader, 3) == {1} and rows.list_withheld(reader, 3, 9) == [0, 1]
        assert rows.list_places(reader, [70, 75, 80]) == {70: (2, 1), 80: (2, 2)}
        unsigned, signed = rows.list_lanes(reader)
        assert (unsigned.frontier, unsigned.tail) == (b"signed", rows.UNKNOWN)
        assert (signed.frontier, signed.tail) == (b"signed", 0)
