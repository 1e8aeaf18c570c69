"""Processes that share out the tests run each of them once: what nobody takes would never fail."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import sharing

MODULE = """
import os
from pathlib import Path
import pytest

@pytest.mark.parametrize("number", range(3))
def test_it(number):
    with Path("{log}").open("a") as log:
        log.write(f"{name} {{number}} {{os.getpid()}}\\n")
"""
NAMES = ("first", "middle", "last")


def share(folder: Path, begin: str) -> subprocess.Popen[bytes]:
    """One process more on the tests of the folder."""
    words = [
        "-q",
        "-p",
        "sharing",
        "-c",
        os.devnull,
        "--rootdir",
        folder,
        "--shared",
        folder / "taken",
        "--begin",
        begin,
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(sharing.__file__).parent)}
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", *map(str, words), "--leave", "test_last.py", str(folder)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def test_each_test_runs_once_in_the_process_that_took_its_module(tmp_path: Path) -> None:
    log = tmp_path / "log"
    (tmp_path / "taken").mkdir()
    for name in NAMES:
        (tmp_path / f"test_{name}.py").write_text(MODULE.format(log=log, name=name), "utf-8")
    processes = [share(tmp_path, begin) for begin in ("test_last.py", "test_first.py")]
    for process in processes:
        out, _ = process.communicate()
        assert process.returncode == 0, out.decode()
    ran = [line.split() for line in log.read_text("utf-8").splitlines()]
    assert Counter((name, number) for name, number, _ in ran) == Counter(
        (name, str(number)) for name in NAMES for number in range(3)
    )
    assert all(len({pid for name, _, pid in ran if name == each}) == 1 for each in NAMES)


def test_one_process_alone_takes_everything_and_its_own_first(tmp_path: Path) -> None:
    log = tmp_path / "log"
    (tmp_path / "taken").mkdir()
    for name in NAMES:
        (tmp_path / f"test_{name}.py").write_text(MODULE.format(log=log, name=name), "utf-8")
    assert share(tmp_path, "test_middle.py").wait() == 0
    ran = [line.split()[0] for line in log.read_text("utf-8").splitlines()]
    assert list(dict.fromkeys(ran)) == ["middle", "first", "last"]
