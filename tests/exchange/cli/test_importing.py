"""`kouprey import` as a process, killed with -9 again and again: it ends with what an uninterrupted run comes to."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
import psycopg
import pytest

KOUPREY = [sys.executable, "-m", "kouprey"]
ENVIRONMENT = {key: value for key, value in os.environ.items() if not key.startswith("KOUPREY_")} | {
    "PYTHONPATH": os.pathsep.join(sys.path)
}
DURABLE = re.compile(r"going on at (\d+) % \(([\d,]+) objects durable\)")


def call(*args: object, code: int = 0, given: bytes = b"") -> tuple[Any, str]:
    """The JSON answer of a command, and what it remarks when asked as a person."""
    ended = subprocess.run(
        [*KOUPREY, *map(str, args)], env=ENVIRONMENT, input=given, capture_output=True, check=False, timeout=600
    )
    assert ended.returncode == code, ended.stderr.decode()
    out = ended.stdout.decode()
    return json.loads(out) if out.startswith(("{", "[")) else out, ended.stderr.decode()


@dataclass(frozen=True)
class Node:
    """A founded node; `dsn` is "" on SQLite."""

    folder: Path
    dsn: str

    def __str__(self) -> str:
        return str(self.folder)

    def rows(self, sql: str) -> list[Any]:
        """What its database says, whether somebody writes to it or not."""
        if self.dsn:
            with psycopg.connect(self.dsn) as server:
                return list(server.execute(sql.encode()))
        database = apsw.Connection(str(self.folder / "kouprey.db"))
        try:
            database.set_busy_timeout(5_000)
            return list(database.execute(sql))
        finally:
            database.close()

    def reached(self) -> int:
        """Where the bookmark lies."""
        return int(self.rows("SELECT coalesce(sum(offset_after), 0) FROM bookmark")[0][0])


def found(folder: Path, database: Callable[[], str] = str) -> Node:
    dsn, guard = database(), database()
    engine = ("--database", dsn, "--guard-database", guard) if dsn else ()
    call("init", folder, "--party", "ministry.example", "--name", "Ministry", *engine, "--json")
    (folder / "keys" / "root.key").unlink()
    return Node(folder, dsn)


def objects(count: int) -> list[bytes]:
    """New versions, repeats, conflicts, observables, findings and refusals at the door and in the store."""
    lines = []
    for n in range(count):
        value = {
            "type": "indicator",
            "id": f"indicator--{UUID(int=n % (count - count // 10), version=4)}",
            "created": "2026-11-22T09:00:00.000Z",
            "modified": "2026-11-22T09:00:00.000Z",
            "name": f"number {n if n % 7 else 0}",
            "pattern": f"[ipv4-addr:value = '198.51.100.{n % 250}']",
            "description": "word " * (n % 40),
        }
        if n % 50 == 0:
            del value["modified" if n % 100 else "id"]
        lines.append(json.dumps(value).encode() if n % 97 else b"nonsense %d" % n)
    return lines


def killed(args: Sequence[object], node: Node, dice: random.Random) -> tuple[str, str]:
    """Run a command and kill it at random, mostly while it takes in; its answer ("" if killed before) and remarks."""
    child = subprocess.Popen(
        [*KOUPREY, *map(str, args)], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    before, further = node.reached(), dice.random() < 0.9
    while further and child.poll() is None and node.reached() == before:
        time.sleep(0.005)
    time.sleep(dice.random() * 0.1)
    child.kill()
    out, said = child.communicate()
    return out, said


@pytest.fixture
def database(request: pytest.FixtureRequest, engine: str) -> Callable[[], str]:
    """Gives the DSN of an empty database, "" on SQLite."""
    fresh: Callable[[], str] = request.getfixturevalue("fresh_postgres") if engine == "postgres" else str
    return fresh


@pytest.mark.parametrize(
    ("kills", "count", "packed"),
    [(2, 4_000, True), pytest.param(200, 450_000, False, marks=pytest.mark.long)],
)
def test_killed_imports_come_to_what_an_uninterrupted_one_does(
    tmp_path: Path, database: Callable[[], str], kills: int, count: int, packed: bool
) -> None:
    twin, node = found(tmp_path / "twin", database), found(tmp_path / "node", database)
    data = b"\n".join(objects(count))
    file = tmp_path / ("big.ndjson.gz" if packed else "big.ndjson")
    file.write_bytes(gzip.compress(data, 1) if packed else data)
    notes = tmp_path / f"{file.name}.refusals.ndjson"
    whole, _ = call("import", file, "--data", twin, "--json", code=7)
    refused = notes.read_bytes()
    notes.unlink()
    command = ("import", file, "--data", node)
    dice = random.Random(kills)
    durable = [0]
    lives, told = 0, ""
    while lives < kills:
        told, said = killed(command, node, dice)
        lives += 1
        if told or "taken in to its end" in said:
            break
        if found_in := DURABLE.search(said):
            durable.append(int(found_in[2].replace(",", "")))
    assert durable == sorted(durable), "something acknowledged was lost"
    assert len(set(durable)) > kills // 10, "it was not killed in the middle"
    if told:
        wanted = "{total} objects: {new} new versions, {repeats} repeats, {conflicts} conflicts, {variants} variants"
        assert wanted.format(**whole) in told
    else:
        answer, _ = call(*command, "--json", code=7)
        assert {**answer, "seconds": 0, "per_second": 0} == {**whole, "seconds": 0, "per_second": 0}
    assert notes.read_bytes() == refused and len(refused.splitlines()) == whole["refused"]
    for each in refused.splitlines():
        one = json.loads(each)
        assert 0 <= one["offset"] < len(data) and one["line"] and one["what"] and one["why"] and one["remedy"]
    assert held(node) == held(twin)
    health, _ = call("doctor", "--data", node, "--json")
    assert health["bad"] == 0, health
    again, said = call(*command, "--json", code=7)
    assert again["repeats"] == whole["total"] - whole["refused"] and "going on" not in said
    print(f"{lives} kills, {len(set(durable))} different places gone on from, {whole['total']} objects, 0 lost")


def held(node: Node) -> dict[str, Any]:
    """Counts of everything that the import writes, and the tally."""
    tables = (
        "object",
        "version",
        "body",
        "assertion",
        "membership",
        "finding",
        "occurrence",
        "observable",
        "reference",
        "term",
    )
    counts: dict[str, Any] = {table: node.rows(f"SELECT count(*) FROM {table}")[0][0] for table in tables}
    counts["tally"] = sorted((type_, int(n)) for type_, n in node.rows("SELECT type, sum(n) FROM tally GROUP BY type"))
    counts["audit"] = node.rows("SELECT count(*) FROM audit WHERE action = 'exchange.import'")[0][0]
    return counts


def test_standard_input_says_that_it_cannot_go_on(tmp_path: Path) -> None:
    node = found(tmp_path / "node")
    answer, _ = call("import", "-", "--data", node, "--json", given=b"\n".join(objects(50)[1:40]))
    assert (answer["new"], answer["refused"]) == (39, 0)
    _, said = call("import", "-", "--data", node, given=b"nonsense", code=7)
    assert "cannot go on" in said
    assert (node.folder / "stdin.refusals.ndjson").read_bytes()
