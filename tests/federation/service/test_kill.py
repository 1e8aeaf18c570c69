"""Killed with -9 at random while it appends and signs: nothing acknowledged is lost, and one history is signed."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from kouprey.federation import store as rows
from kouprey.federation.service.frontiers import frontier_at

APPENDER = Path(__file__).with_name("appender.py")


def run_and_kill(node: Any, agreement: str, mark: str, seconds: float) -> list[list[str]]:
    """What the process said before it was killed, `seconds` after it first said something."""
    child = subprocess.Popen(
        [sys.executable, APPENDER, node.folder, agreement, mark, f"{node.dsn}|{node.guard_dsn}"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdout is not None
    lines = [child.stdout.readline()]
    reader = threading.Thread(target=lambda: lines.extend(child.stdout or ()))
    reader.start()
    time.sleep(seconds)
    died = child.poll()
    child.kill()
    child.wait()
    reader.join()
    assert died is None, child.stderr.read() if child.stderr else ""
    # The last line may be cut in the middle; a line that is whole was said.
    return [line.split() for line in lines if line.endswith("\n")]


@pytest.mark.parametrize("kills", [20, pytest.param(1000, marks=pytest.mark.long)])
def test_killed_at_random(each_world: Any, kills: int) -> None:
    a, b, agreement = each_world.pair()
    a.close()
    dice = random.Random(kills)
    acknowledged: list[str] = []
    signed: dict[tuple[str, int], str] = {}
    for number in range(kills):
        for word, *rest in run_and_kill(a, agreement, f"run{number}", dice.random() * 0.15):
            if word == "ack":
                acknowledged += rest
            else:
                origin, size, root = rest
                assert signed.setdefault((origin, int(size)), root) == root, "two histories were signed"
        if number % 7 == 0:
            # A peer comes by between two lives and remembers what it was shown.
            a.open()
            a.lanes.append_waiting()
            b.sync(a)
            a.close()
    a.open()
    a.lanes.append_waiting()
    b.sync(a)
    got = [content.decode() for content in b.got]
    assert len(got) == len(set(got)), "something was given twice"
    assert set(acknowledged) <= set(got), "something acknowledged was lost"
    assert len(acknowledged) >= 7 * kills and signed
    with a.store.read() as reader:
        for (origin, size), root in signed.items():
            lane = rows.find_lane(reader, origin=origin)
            assert lane is not None and frontier_at(reader, lane.id, size).root().hex() == root
    assert not [lane for lane in b.federation.ledger.list_lanes() if lane.state == "frozen"]
    print(
        f"{kills} kills, {len(acknowledged)} acknowledged, {len(signed)} checkpoints seen, {len(a.own_lanes())} lanes"
    )
