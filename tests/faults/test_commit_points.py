"""A real process is killed with -9 at each of its commit points, on both engines: what it acknowledged is there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from federation.conftest import World
from kouprey.federation import store as rows
from kouprey.federation.service.frontiers import frontier_at

DYING = Path(__file__).with_name("dying.py")
TESTS = Path(__file__).parents[1]


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    engine = request.param
    fresh: Callable[[], str] | None = request.getfixturevalue("fresh_postgres") if engine == "postgres" else None
    made = World(tmp_path, fresh)
    yield made
    made.close()


def live(node: Any, agreement: str, mark: str, fatal: int) -> tuple[int, list[list[str]]]:
    """Run the process until it dies at that point, or ends; its code, and what it said."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", DYING, node.folder, node.party, agreement, mark, str(fatal),
         f"{node.dsn}|{node.guard_dsn}"],
        capture_output=True, text=True, check=False, timeout=120, env={**os.environ, "PYTHONPATH": str(TESTS)},
    )  # fmt: skip
    assert done.returncode in (0, -signal.SIGKILL), done.stderr[-2000:]
    return done.returncode, [line.split() for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("world", "every"),
    [
        ("sqlite", 5),
        ("postgres", 9),
        pytest.param("sqlite", 1, marks=pytest.mark.long),
        pytest.param("postgres", 1, marks=pytest.mark.long),
    ],
    indirect=["world"],
)
def test_killed_at_each_commit_point(world: World, every: int) -> None:
    a, b, agreement = world.pair()
    acknowledged: list[str] = []
    signed: dict[tuple[str, int], str] = {}
    deaths, fatal, code = 0, 1, 1
    while code:
        # Something new of B's waits in each life, so that the taking in has its commit points too.
        b.publish(agreement, [f"of-b-{fatal}".encode()])
        out = BytesIO()
        b.federation.parcels.make(a.party, out, by="test")
        (a.folder / "parcel").write_bytes(out.getvalue())
        a.close()
        code, said = live(a, agreement, f"life{fatal}", fatal)
        deaths += bool(code)
        for word, *rest in said:
            if word == "ack":
                acknowledged += rest
            elif word == "signed":
                origin, size, root = rest
                assert signed.setdefault((origin, int(size)), root) == root, "two histories were signed"
        a.open()
        fatal += every
        b.sync(a)
    finish(a, b, agreement, acknowledged, signed)
    print(f"{deaths} deaths at commit points, {len(acknowledged)} acknowledged, {len(signed)} checkpoints, 0 lost")
    assert deaths >= 20 // every


def finish(a: Any, b: Any, agreement: str, acknowledged: list[str], signed: dict[tuple[str, int], str]) -> None:
    """Both come to rest; everything acknowledged arrived once, and every signature stands for what is stored."""
    for _ in range(2):
        a.lanes.append_waiting()
        b.sync(a)
        a.sync(b)
    got = [content.decode() for content in b.got]
    assert len(got) == len(set(got)), "something was given twice"
    assert set(acknowledged) <= set(got), "something acknowledged was lost"
    of_b = [content.decode() for content in a.got]
    assert len(of_b) == len(set(of_b)) and sum(name.startswith("of-b-") for name in of_b) == len(of_b) > 0
    with b.store.read() as reader:
        assert reader.value("SELECT count(*) FROM quarantine") == 0
        assert reader.value("SELECT count(*) FROM lane WHERE state = 'frozen'") == 0
    with a.store.read() as reader:
        # One that was opened and never signed is left, for a guard that does not know it may have been lost.
        epochs = reader.value("SELECT count(*) FROM lane WHERE mine = 1 AND signed_size > 0")
        assert epochs == 1, "a crash is no rollback: one epoch"
        for (origin, size), root in signed.items():
            lane = rows.find_lane(reader, origin=origin)
            assert lane is not None and frontier_at(reader, lane.id, size).root().hex() == root
