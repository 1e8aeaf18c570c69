"""A store of federation on each engine, with one lane in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kouprey.federation import store as rows
from kouprey.federation.model import LaneClass
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from migrated import lay

MIGRATIONS = [
    KERNEL,
    ("federation", "kouprey.federation.migrations"),
    ("guard", "kouprey.federation.migrations.guard"),
]


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        opened = open_sqlite(lay(tmp_path / "kouprey.db", MIGRATIONS))
    else:
        opened = open_postgres(request.getfixturevalue("fresh_postgres")(MIGRATIONS))
    yield opened
    opened.close()


@pytest.fixture
def lane() -> rows.Lane:
    return rows.Lane(
        id=0,
        origin="kouprey/1/" + "ab" * 32,
        tag="ab" * 16,
        agreement="agr_" + "0" * 32,
        agreement_version=1,
        version_sha256="cd" * 32,
        author="ministry.example",
        audience=("ministry.example", "operator.example"),
        lane_class=LaneClass.BULK,
        genesis=b"{}",
        mine=True,
        size=0,
        frontier=b"",
        tail=0,
        signed_size=0,
        state=rows.OPEN,
        note="",
        opened_at=1,
    )
