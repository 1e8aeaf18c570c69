"""What was acknowledged is still there after the process was killed at any moment."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from kouprey.kernel.storage.engine import Store

_WRITER = """
import sys, threading
from pathlib import Path
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite

place, start = sys.argv[1], int(sys.argv[2])
store = open_sqlite(Path(place)) if place.startswith("/") else open_postgres(place)

def run(lane):
    number = start * 1_000_000 + lane
    while True:
        def work(tx):
            tx.execute("INSERT INTO pair (id, half) VALUES (?, 1)", (number,))
            tx.execute("INSERT INTO pair (id, half) VALUES (?, 2)", (number,))
        store.write(work)
        sys.stdout.write(f"{number}\\n")
        sys.stdout.flush()
        number += 10

for lane in range(4):
    threading.Thread(target=run, args=(lane,)).start()
"""


def _killed_run(place: str, start: int, after: float) -> list[int]:
    """Write until killed `after` seconds from the first acknowledgement; every number that was acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITER, place, str(start)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    first = process.stdout.readline()
    time.sleep(after)
    process.kill()
    rest, errors = process.communicate()
    assert first, errors
    # The kill may cut the last line short: without its end it was not acknowledged.
    return [int(line) for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.long)])
def test_kill_9_loses_nothing_acknowledged(store: Store, place: str, reopen: Callable[..., Store], kills: int) -> None:
    if store.dialect == "postgres":
        kills = kills // 3  # there the server keeps the data and only its client dies
    store.write(
        lambda tx: tx.script("CREATE TABLE pair (id BIGINT NOT NULL, half BIGINT NOT NULL, PRIMARY KEY (id, half))")
    )
    store.close()
    chance = random.Random(kills)
    acknowledged: set[int] = set()
    for kill in range(kills):
        acknowledged.update(_killed_run(place, kill, chance.uniform(0, 0.15)))
        again = reopen()
        with again.read() as reader:
            halves: dict[int, int] = {row[0]: row[1] for row in reader.all("SELECT id, count(*) FROM pair GROUP BY id")}
            if again.dialect == "sqlite":
                assert reader.value("PRAGMA integrity_check") == "ok"
        again.close()
        assert acknowledged - halves.keys() == set()
        assert set(halves.values()) == {2}
    assert len(acknowledged) >= kills
