"""One process holds the lock; a dead one holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from kouprey.kernel.storage.lock import FileLock

HOLDER = """
import sys, time
from pathlib import Path
from kouprey.kernel.storage.lock import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.try_take(), flush=True)
time.sleep(60)
"""


def test_one_of_two_holds_it(tmp_path: Path) -> None:
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert one.try_take()
    assert one.try_take()
    assert one.held
    assert not other.try_take()
    assert not other.held
    one.release()
    one.release()
    assert not one.held
    assert other.try_take()
    other.release()


def test_many_share_it_and_one_has_it_alone(tmp_path: Path) -> None:
    one, other, alone = (FileLock(tmp_path / "lock") for _ in range(3))
    assert one.try_take(shared=True) and other.try_take(shared=True)
    assert not alone.try_take()
    one.release()
    assert not alone.try_take()
    other.release()
    assert alone.try_take() and not one.try_take(shared=True)
    alone.release()


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    lock.try_take()
    assert (tmp_path / "lock").stat().st_mode & 0o077 == 0
    lock.release()


def test_a_killed_process_lets_go(tmp_path: Path) -> None:
    source = str(Path(__file__).parents[3] / "src")
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path / "lock")],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": source},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"True\n"
        lock = FileLock(tmp_path / "lock")
        assert not lock.try_take()
        holder.send_signal(signal.SIGKILL)
        holder.wait(10)
        assert lock.try_take()
        lock.release()


def test_a_refused_attempt_leaves_no_file_open(tmp_path: Path) -> None:
    one, other = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    one.try_take()
    descriptors = Path("/proc/self/fd")
    if not descriptors.exists():
        pytest.skip("open files are counted in /proc")
    before = len(list(descriptors.iterdir()))
    for _ in range(20):
        assert not other.try_take()
    assert len(list(descriptors.iterdir())) == before
    one.release()
