"""How tests use the machine: what they write goes into memory, and several processes share out their files.

Each process has the whole list, begins with its own part of it, and goes on with what no other has taken yet; the files
of one test module stay together and in their order, so that no share depends on another or on how long things take.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

_MEMORY, _PREFIX = Path("/dev/shm"), "kouprey-tests-"
_ROOM = 4 << 30
"""Bytes that must be free in memory for tests to write there."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shared", metavar="FOLDER", help="run only modules that no process with this folder has taken")
    parser.addoption("--begin", metavar="PATH", default="", help="of these take first what lies below this path")
    parser.addoption("--leave", metavar="PATH", action="append", default=[], help="and last what lies below this path")


def pytest_configure(config: pytest.Config) -> None:
    """Whatever tests write goes into memory where there is room, theirs and that of the programs they start.

    They kill processes, never the machine, so that what a disk adds to them is waiting.
    """
    # Programs that are started again and again need not compile our modules each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # And when one dies of its native parts, its log says where.
    os.environ["PYTHONFAULTHANDLER"] = "1"
    if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
        _clear()
        folder = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_MEMORY)
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        # Others pass through it: PostgreSQL does not run as root.
        Path(folder).chmod(0o711)
        config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_collection_finish() -> None:
    """What is loaded by now stays until the end: nobody need look through it for what could be thrown away."""
    gc.collect()
    gc.freeze()


def _clear() -> None:
    """Take away what processes that were killed have left in memory."""
    for left in _MEMORY.glob(f"{_PREFIX}*-*"):
        number = left.name.removeprefix(_PREFIX).partition("-")[0]
        if number.isdecimal() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(left, ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """As pytest's own loop, over what this process takes; without `--shared` pytest's own."""
    if session.config.option.shared is None or session.config.option.collectonly or session.testsfailed:
        return None
    taken = _take(session)
    item = next(taken, None)
    while item is not None:
        following = next(taken, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _take(session: pytest.Session) -> Iterator[pytest.Item]:
    """The tests of one module after the other, as long as there is one that nobody has taken."""
    option, root = session.config.option, session.config.rootpath
    parts = [
        (str(path.relative_to(root)), list(items)) for path, items in groupby(session.items, lambda item: item.path)
    ]

    def when(part: tuple[str, list[pytest.Item]]) -> int:
        if option.begin and part[0].startswith(option.begin):
            return 0
        return 2 if part[0].startswith(tuple(option.leave)) else 1

    for number, (name, items) in sorted(enumerate(parts), key=lambda numbered: when(numbered[1])):
        try:
            # Nobody else can make the same file.
            (Path(option.shared) / f"{number}-{name.replace('/', '-')}").touch(exist_ok=False)
        except FileExistsError:
            continue
        yield from items
