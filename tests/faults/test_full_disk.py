"""The disk is full from any one write on: what was not taken is refused, and all goes on once there is room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from federation.conftest import Actor, World
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import KoupreyError, Unreachable


class FullDisk:
    """A store that has room for some writes; both stores of a node are on one disk."""

    room = 1 << 60

    def __init__(self, store: Store) -> None:
        self._store = store

    def write(self, work: Callable[[Tx], Any]) -> Any:
        FullDisk.room -= 1
        if FullDisk.room < 0:
            raise Unreachable("The database cannot be written.", "The disk is full.", code="database")
        return self._store.write(work)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


@pytest.fixture(params=["sqlite", "postgres"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    fresh = request.getfixturevalue("fresh_postgres") if request.param == "postgres" else None
    made = World(tmp_path, fresh)
    yield made
    made.close()


def tried(deed: Callable[[], Any]) -> bool:
    try:
        deed()
    except KoupreyError:
        return False
    return True


@pytest.mark.parametrize("every", [3, pytest.param(1, marks=pytest.mark.long)])
def test_full_from_any_write_on(world: World, every: int) -> None:
    plain = Actor._store
    with mock.patch.object(Actor, "_store", lambda self, *how: FullDisk(plain(self, *how))):
        a, b, agreement = world.pair()
    acknowledged: list[bytes] = []
    room, refused = 0, 0
    while True:
        FullDisk.room = room
        names = [b"%d-%d" % (room, each) for each in range(3)]
        if tried(lambda names=names: a.queue(agreement, names)):  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
            acknowledged += names
        done = [tried(a.lanes.append_waiting), tried(lambda: b.sync(a)), tried(lambda: a.sync(b)), tried(a.settle)]
        # Who may not write anything down is still told what is there.
        assert a.own_lanes() is not None and b.got is not None
        assert not a.lanes.halted and not b.lanes.halted
        full = FullDisk.room < 0
        refused += not all(done)
        FullDisk.room = 1 << 60
        if not full:
            break
        room += every
    for _ in range(2):
        a.lanes.append_waiting()
        b.sync(a)
        a.sync(b)
    assert refused and len(b.got) == len(set(b.got))
    assert set(acknowledged) <= set(b.got), "something acknowledged was lost"
    assert len(a.own_lanes()) == 1, "a full disk is no rollback: one epoch"
    assert not b.federation.ledger.list_quarantined() and a.own_lanes()[0].state == "open"
    print(f"full at {room // every} places: {len(acknowledged)} acknowledged, 0 lost")
