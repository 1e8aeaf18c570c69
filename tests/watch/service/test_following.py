"""A file is followed through rotation; killed at any moment, the follower loses nothing and takes nothing twice."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.words.errors import Unknown
from kouprey.watch.model import Format
from kouprey.watch.service import Watch
from watch.lines import dns


def names(watch: Watch) -> list[str]:
    return [event.values[0][1] for event in watch.kept(0)]


@pytest.fixture
def file(watch: Watch, tmp_path: Path) -> Path:
    watch.add_source(watch.operator(), "zeek", Format.ZEEK, by="test")
    return tmp_path / "dns.log"


def add(file: Path, *asked: str) -> None:
    with file.open("ab") as opened:
        opened.write(dns(*asked))


def follow(watch: Watch, file: Path) -> int:
    taken = 0
    while True:
        step = watch.follow(watch.operator(), "zeek", file)
        taken += step.taken
        if not step.more:
            return taken


def test_it_goes_on_where_it_was(watch: Watch, file: Path) -> None:
    with pytest.raises(Unknown):
        follow(watch, file)
    add(file, "a.example")
    with file.open("ab") as opened:
        opened.write(dns("b.example")[:-10])
    assert follow(watch, file) == 1 and follow(watch, file) == 0, "half a line waits"
    with file.open("ab") as opened:
        opened.write(dns("b.example")[-10:])
    assert follow(watch, file) == 1 and len(names(watch)) == 2


@pytest.mark.parametrize("way", ["renamed", "renamed, nothing new", "copied and cut", "gone"])
def test_rotation(watch: Watch, file: Path, way: str) -> None:
    add(file, "a.example")
    assert follow(watch, file) == 1
    if way == "renamed":
        # What was written between the last look and the rotation is read from the old file.
        add(file, "b.example")
        file.rename(file.with_name("dns.log.1"))
        add(file, "c.example")
        assert follow(watch, file) == 2 and names(watch) == ["a.example", "b.example", "c.example"]
    elif way == "renamed, nothing new":
        file.rename(file.with_name("dns.log.1"))
        assert follow(watch, file) == 0
        add(file, "c.example")
        assert follow(watch, file) == 1 and names(watch) == ["a.example", "c.example"]
    elif way == "copied and cut":
        file.write_bytes(b"")
        add(file, "c.example")
        assert follow(watch, file) == 1 and names(watch) == ["a.example", "c.example"]
    else:
        other = file.with_name("other")
        add(other, "c.example")
        other.replace(file)
        assert file.stat().st_size
        step = watch.follow(watch.operator(), "zeek", file)
        assert step.lost and step.taken == 1 and names(watch) == ["a.example", "c.example"]
    assert follow(watch, file) == 0


@pytest.mark.parametrize("made", [True, False])
def test_what_is_written_on_a_rotated_file_is_taken(watch: Watch, file: Path, made: bool) -> None:
    """A sensor writes on the old file until somebody tells it to turn; half a line at that moment is no line."""
    add(file, "a.example")
    assert follow(watch, file) == 1
    old = file.with_name("dns.log.1")
    half = dns("b.example")
    with file.open("ab") as opened:
        opened.write(half[:-10])
    file.rename(old)
    if made:
        file.touch()
    assert follow(watch, file) == 0
    with old.open("ab") as opened:
        opened.write(half[-10:])
    add(old, "c.example")
    assert follow(watch, file) == 2
    add(file, "d.example")
    assert follow(watch, file) == 1
    assert names(watch) == ["a.example", "b.example", "c.example", "d.example"]


def test_a_lost_file_is_told_of_once(watch: Watch, file: Path) -> None:
    add(file, "a.example")
    follow(watch, file)
    empty = file.with_name("other")
    empty.touch()
    empty.replace(file)
    assert watch.follow(watch.operator(), "zeek", file).lost
    assert not watch.follow(watch.operator(), "zeek", file).lost


def test_killed_again_and_again_it_loses_and_doubles_nothing(programs: Any, watch: Watch, file: Path) -> None:
    asked = [f"n{n}.example" for n in range(3_000)]
    words = ["--data", str(programs.node.data), "watch", "follow", "zeek", str(file)]
    command = [sys.executable, "-c", _SLOW, *words[2:], *words[:2]]
    for part in range(3):
        add(file, *asked[part * 1_000 : (part + 1) * 1_000])
        if part == 1:
            file.rename(file.with_name("dns.log.1"))
            file.touch()
        child = subprocess.Popen(command)
        before, until = len(names(watch)), time.monotonic() + 60
        while len(names(watch)) == before and time.monotonic() < until and child.poll() is None:
            time.sleep(0.05)
        child.send_signal(signal.SIGKILL)
        child.wait()
    follow(watch, file)
    found = names(watch)
    assert found == asked, (len(found), len(set(found)))


_SLOW = """
import sys
from kouprey.watch.service import following
following.STEP = 4_096  # so that there are many steps to be killed in
from kouprey.kernel.cli.frame import run
from kouprey.node.main import kouprey, open_for
sys.exit(run(kouprey(), sys.argv[1:], opener=open_for))
"""
