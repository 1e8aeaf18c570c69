"""The disk is full: what fails says so, nothing is half stored, reads go on, and all goes on once there is room."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from kouprey.exchange.service import Exchange
from kouprey.node.actors import Actor, wait_until
from kouprey.node.story import Story

Actors = Callable[..., dict[str, Actor]]
SMALL = 14 << 20


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[int], None]]:
    """A disk of its own at `folder`; the function changes its size. Skips where we may not mount."""
    folder.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield lambda size: subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True) and None
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def things(count: int) -> list[dict[str, Any]]:
    return [
        {
            "type": "tool",
            "spec_version": "2.1",
            "id": f"tool--{UUID(int=n + 1, version=4)}",
            "created": "2026-10-31T05:00:00.000Z",
            "modified": "2026-10-31T05:00:00.000Z",
            "name": f"tool {n}",
            "description": f"{n} " * 400,
            "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"],
        }
        for n in range(count)
    ]


@pytest.mark.long
def test_an_import_that_fills_the_disk_goes_on_when_there_is_room(loopback_actors: Actors, tmp_path: Path) -> None:
    ministry = loopback_actors()["ministry"]
    file = tmp_path / "big.ndjson"
    file.write_bytes(b"\n".join(json.dumps(each).encode() for each in things(6_000)))
    with small_disk(ministry.folder) as resize:
        ministry.command(
            "init", str(ministry.folder), "--party", ministry.party, "--name", "M", "--listen", ministry.address
        )
        try:
            ministry.start()
            # A reader whose profile is new has to be written down before anything is shown to him.
            assert counted(ministry) == 0
            failed = kouprey("import", file, "--data", ministry.folder)
            assert failed.returncode == 8, failed.stderr
            assert "cannot be written" in failed.stderr and "Free disk space" in failed.stderr
            assert ministry.health().get("signing"), "the server answers"
            before = counted(ministry)
            looked_up = kouprey("lookup", "198.51.100.7", "--data", ministry.folder)
            assert looked_up.returncode == 4, looked_up.stderr
            resize(400 << 20)
            ended = kouprey("import", file, "--data", ministry.folder)
            assert ended.returncode == 0, ended.stderr
            assert f"({before:,} objects durable)" in ended.stderr and before > 0
            assert "6000 new versions, 0 repeats" in ended.stdout
            assert counted(ministry) == 6_000 and ministry.command("doctor")["bad"] == 0
        finally:
            ministry.stop()


@pytest.mark.long
def test_a_node_that_pulls_goes_on_by_itself_when_there_is_room(loopback_actors: Actors, tmp_path: Path) -> None:
    story = Story(loopback_actors())
    operator, ministry = story.operator, story.ministry
    file = tmp_path / "big.ndjson"
    file.write_bytes(b"\n".join(json.dumps(each).encode() for each in things(4_000)))
    with small_disk(ministry.folder) as resize:
        try:
            for chapter in story.chapters[:3]:
                story.play(chapter)
            story.neighbour.stop()
            assert counted(ministry) == 0
            operator.command("import", str(file))
            operator.command("publish", "--agreement", story.agreement, "--type", "tool")
            # Not even that the link failed can be written down.
            wait_until("the disk is full", lambda: shutil.disk_usage(ministry.folder).free < 1 << 20)
            assert ministry.health(), "the server answers"
            held = counted(ministry)
            assert held < 4_000
            resize(400 << 20)
            wait_until("all has come", lambda: counted(ministry) == 4_000)
            wait_until("all is confirmed", lambda: not story.waiting(operator, ministry.party))
        finally:
            story.stop()
        assert ministry.command("doctor")["bad"] == 0


def counted(actor: Actor) -> int:
    with actor.services() as services:
        exchange = services.get(Exchange)
        return exchange.counts(exchange.operator()).by_type.get("tool", 0)


def kouprey(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kouprey", *map(str, args)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=False,
        text=True,
    )
