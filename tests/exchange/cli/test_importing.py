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
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import apsw
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


def found(folder: Path) -> Path:
    call("init", folder, "--party", "ministry.example", "--name", "Ministry", "--json")
    (folder / "keys" / "root.key").unlink()
    return folder


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


def killed(args: Sequence[object], node: Path, dice: random.Random) -> tuple[str, str]:
    """Run a command and kill it at random, mostly while it takes in; its answer ("" if killed before) and remarks."""
    child = subprocess.Popen(
        [*KOUPREY, *map(str, args)], env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    before, further = reached(node), dice.random() < 0.9
    while further and child.poll() is None and reached(node) == before:
        time.sleep(0.005)
    time.sleep(dice.random() * 0.1)
    child.kill()
    out, said = child.communicate()
    return out, said


def reached(node: Path) -> int:
    """Where the bookmark lies."""
    database = apsw.Connection(str(node / "kouprey.db"))
    try:
        return sum(row[0] for row in database.execute("SELECT offset_after FROM bookmark"))
    except apsw.Error:
        return -1
    finally:
        database.close()


@pytest.mark.parametrize(
    ("kills", "count", "packed"),
    [(3, 8_000, True), pytest.param(200, 300_000, False, marks=pytest.mark.long)],
)
def test_killed_imports_come_to_what_an_uninterrupted_one_does(
    tmp_path: Path, kills: int, count: int, packed: bool
) -> None:
    twin, node = found(tmp_path / "twin"), found(tmp_path / "node")
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


def held(node: Path) -> dict[str, Any]:
    """Counts of everything that the import writes, and the tally."""
    database = apsw.Connection(str(node / "kouprey.db"))
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
    )
    counts: dict[str, Any] = {
        table: next(iter(database.execute(f"SELECT count(*) FROM {table}")))[0] for table in (*tables, "term")
    }
    counts["tally"] = sorted(database.execute("SELECT type, sum(n) FROM tally GROUP BY type"))
    counts["audit"] = next(iter(database.execute("SELECT count(*) FROM audit WHERE action = 'exchange.import'")))[0]
    return counts


def test_standard_input_says_that_it_cannot_go_on(tmp_path: Path) -> None:
    node = found(tmp_path / "node")
    answer, _ = call("import", "-", "--data", node, "--json", given=b"\n".join(objects(50)[1:40]))
    assert (answer["new"], answer["refused"]) == (39, 0)
    _, said = call("import", "-", "--data", node, given=b"nonsense", code=7)
    assert "cannot go on" in said
    assert (node / "stdin.refusals.ndjson").read_bytes()
