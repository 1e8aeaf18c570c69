"""`kouprey pull` as a process, killed with -9 again and again: nothing of the other server is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest

from kouprey.node.founding import found

KOUPREY = [sys.executable, "-m", "kouprey"]
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("KOUPREY_")} | {
    "PYTHONPATH": os.pathsep.join(sys.path)
}
IDENTITY = "identity--6f1e0a5e-8a41-4c57-9d4e-3b7f6f6a2f10"


def number(folder: Path, database: str, sql: str) -> int:
    """What the database of a node says, whether somebody writes to it or not."""
    if database:
        with psycopg.connect(database) as server:
            return int(server.execute(sql.encode()).fetchall()[0][0])
    held = apsw.Connection(str(folder / "kouprey.db"))
    try:
        held.set_busy_timeout(5_000)
        return int(next(iter(held.execute(sql)))[0])
    finally:
        held.close()


@pytest.mark.parametrize(("kills", "each"), [(3, 120), pytest.param(200, 120, marks=pytest.mark.long)])
def test_line_90_killed_while_it_pulls(
    tmp_path: Path,
    databases: tuple[str, str],
    upstream: Any,
    collection: str,
    things: Callable[[int, int], list[Any]],
    kills: int,
    each: int,
) -> None:
    folder = tmp_path / "node"
    settings = {"database": databases[0], "guard_database": databases[1]}
    found(folder, party="cert.example", name="CERT", settings=settings, identity=IDENTITY, person="dara")
    upstream.page_max = 20
    command = [*KOUPREY, "pull", "--taxii", upstream.url, "--collection", collection, "--allow-private"]
    command += ["--tlp", "green", "--overlap", "0", "--data", str(folder), "--json"]
    dice, midway, filed = random.Random(kills), 0, 0
    held = "SELECT count(*) FROM version"
    for _ in range(kills):
        upstream.file(*things(filed, filed + each))
        filed += each
        before = number(folder, databases[0], held)
        child = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while child.poll() is None and number(folder, databases[0], held) == before:
            time.sleep(0.002)
        time.sleep(dice.random() * 0.05)
        child.kill()
        child.wait()
        now = number(folder, databases[0], held)
        midway += before < now < filed
        assert now >= before
    ended = subprocess.run(command, env=ENVIRONMENT, capture_output=True, check=True, timeout=600)
    assert json.loads(ended.stdout)["trouble"] == ""
    for table in ("object", "version", "body", "assertion"):
        assert number(folder, databases[0], f"SELECT count(*) FROM {table}") == filed, table
    assert midway > kills // 4, "it was not killed while it pulled"
    print(f"{kills} kills, {midway} of them in the middle of a walk, {filed} objects, 0 lost, 0 doubled")
