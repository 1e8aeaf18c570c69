"""Shields on PostgreSQL as on SQLite."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.tlp import TLP
from kouprey.protect import store as rows
from kouprey.protect.model import Allowance, Limits, Outlet, Part, Query, Release, Shield, State, Trial
from migrated import lay

PARTS = [KERNEL, ("protect", "kouprey.protect.migrations")]
SHIELD = Shield(
    name="edge",
    title="The border",
    query=Query(parts=(Part.NAMES,), sources=("a.example",), confidence=7, tlp=TLP.GREEN),
    limits=Limits(growth=5),
    made_at=1,
    made_by="x",
)
RELEASE = Release(
    shield="edge",
    serial=10,
    state=State.CURRENT,
    made_at=1,
    until=2,
    digest="d",
    tlp=TLP.GREEN,
    names=1,
    addresses=2,
    added=3,
    gone=0,
    left={"never": 4},
    trial=Trial(since=0, until=1, hours=(1, 2), values=(("a", 1),)),
    checks=(),
    files=(),
)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: Any, tmp_path: Path, fresh_postgres: Callable[..., str]) -> Iterator[Store]:
    made = (
        open_sqlite(lay(tmp_path / "a.db", PARTS))
        if request.param == "sqlite"
        else open_postgres(fresh_postgres(PARTS))
    )
    yield made
    made.close()


def test_shields_and_releases(store: Store) -> None:
    assert store.write(lambda tx: rows.add_shield(tx, SHIELD))
    assert not store.write(lambda tx: rows.add_shield(tx, SHIELD))
    store.write(lambda tx: rows.note_checked(tx, "edge", 9, 8, 7))
    with store.read() as reader:
        checked = replace(SHIELD, position=9, due=8, checked_at=7)
        assert rows.find_shield(reader, "edge") == checked and rows.list_shields(reader) == [checked]
        assert rows.find_shield(reader, "none") is None and rows.last_serial(reader, "edge") == 0
    changed = replace(checked, retired=True, held=3, title="x", query=Query(), limits=Limits(), due=0)
    store.write(lambda tx: rows.change_shield(tx, changed))
    with store.read() as reader:
        assert rows.find_shield(reader, "edge") == changed
    waiting = replace(RELEASE, serial=11, state=State.WAITING)
    for each in (RELEASE, waiting, replace(RELEASE, state=State.PAST)):
        store.write(lambda tx, each=each: rows.save_release(tx, each))  # type: ignore[misc]  # at once
    with store.read() as reader:
        assert rows.find_release(reader, "edge", 10) == replace(RELEASE, state=State.PAST)
        assert rows.find_in_state(reader, "edge", State.CURRENT) is None
        assert rows.find_in_state(reader, "edge", State.WAITING) == waiting
        assert [each.serial for each in rows.list_releases(reader, "edge")] == [11, 10]
        assert rows.last_serial(reader, "edge") == 11
    store.write(lambda tx: rows.drop_release(tx, "edge", 11))
    store.write(rows.make_due)
    with store.read() as reader:
        assert rows.find_release(reader, "edge", 11) is None


def test_one_release_is_in_force(store: Store) -> None:
    store.write(lambda tx: rows.save_release(tx, RELEASE))
    with pytest.raises(Exception, match=r"(?i)unique"):
        store.write(lambda tx: rows.save_release(tx, replace(RELEASE, serial=11)))


def test_numbers_allowances_and_outlets(store: Store) -> None:
    store.write(lambda tx: rows.add_numbers(tx, ["b", "a"]))
    store.write(lambda tx: rows.add_numbers(tx, ["c", "a"]))
    with store.read() as reader:
        assert rows.get_numbers(reader, ["a", "b", "c", "d"]) == {"b": 0, "a": 1, "c": 2}
    decided = Allowance(text="gov.example", reason="state", at=1, by="x")
    for each in (replace(decided, insists=True, alone=True), decided):
        store.write(lambda tx, each=each: rows.save_allowance(tx, each))  # type: ignore[misc]  # at once
    with store.read() as reader:
        assert rows.list_allowances(reader) == [decided]
    assert store.write(lambda tx: rows.drop_allowance(tx, "gov.example"))
    assert not store.write(lambda tx: rows.drop_allowance(tx, "gov.example"))
    outlet = Outlet(id="out_1", shield="edge", title="a", made_at=1, made_by="x")
    store.write(lambda tx: rows.add_outlet(tx, outlet, b"\x00" * 32))
    store.write(lambda tx: rows.note_use(tx, "out_1", 5))
    with store.read() as reader:
        assert rows.find_outlet(reader, b"\x00" * 32) == replace(outlet, used_at=5)
        assert rows.find_outlet(reader, b"\x01" * 32) is None
    assert not store.write(lambda tx: rows.end_outlet(tx, "other", "out_1"))
    assert store.write(lambda tx: rows.end_outlet(tx, "edge", "out_1"))
    with store.read() as reader:
        assert rows.find_outlet(reader, b"\x00" * 32) is None
        assert rows.list_outlets(reader, "edge") == [replace(outlet, used_at=5, ended=True)]
