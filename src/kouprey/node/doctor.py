"""The doctor: examines a node from its files up to its capabilities, and looks only, unless told to mend."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.integrity import check_sqlite, last_position, list_failing
from kouprey.kernel.storage.migrate import KERNEL, list_missing
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.finding import Check, Finding
from kouprey.kernel.words.time import SECOND, format_second, wall_clock
from kouprey.node.assemble import Node, load, open_node, open_store
from kouprey.node.capabilities import CAPABILITIES
from kouprey.node.settings import FILE, Settings, read_settings

LEAST_DISK = 200 << 20
"""Bytes below which a node may stop writing at any time."""
ROOMY_DISK = 2 << 30
AHEAD = 60 * SECOND


def examine(data: Path, *, repair: bool) -> Iterator[tuple[str, list[Finding]]]:
    """Each check by name with what it found, as it ends. What stands on something broken is not examined.

    Raises Unknown when there is no node in `data`.
    """
    settings = read_settings(data)
    for name, look in _below(data, settings):
        found = list(_told(lambda look=look: look(repair)))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        yield name, found
        if name in ("keys", "database", "migrations") and any(each.level == "bad" for each in found):
            return
    if _pending(data, settings):
        return
    node = open_node(data)
    try:
        for check in _above(node):
            yield check.name, list(_told(lambda check=check: check.call(repair)))  # type: ignore[misc]  # as above
    finally:
        node.close()


def look_at(node: Node) -> Iterator[tuple[str, list[Finding]]]:
    """The same of a node that runs, without what only a stopped one can be asked, and mending nothing."""
    for name, look in (
        ("files", lambda: _files(node.data, False)),
        ("disk", lambda: _disk(node.data)),
        ("keys", lambda: _keys(node.data)),
        ("database", lambda: _database(node.data, node.settings)),
    ):
        yield name, list(_told(look))
    for check in _above(node):
        yield check.name, list(_told(lambda check=check: check.call(False)))  # type: ignore[misc]  # as above


def _below(data: Path, settings: Settings) -> list[tuple[str, Callable[[bool], Iterable[Finding]]]]:
    """What can be examined before the node is opened, in the order in which things rest on each other."""
    return [
        ("files", lambda repair: _files(data, repair)),
        ("disk", lambda _: _disk(data)),
        ("keys", lambda _: _keys(data)),
        ("database", lambda _: _database(data, settings)),
        ("migrations", lambda _: _migrations(data, settings)),
    ]


def _above(node: Node) -> Iterator[Check]:
    yield Check("clock", lambda _: _clock(node))
    yield Check("listeners", lambda _: _listeners(node))
    named = [plate.checks for plate in CAPABILITIES if plate.checks]
    yield from chain.from_iterable(load(name)(node.services) for name in named)


def _told(look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """A check that fails is itself a finding."""
    try:
        yield from look()
    except KoupreyError as error:
        yield _bad(error.what, error.why, error.remedy)
    except Exception as error:
        yield _bad("A check could not be ended.", f"{type(error).__name__}: {error}", "Restore a backup if it remains.")


def _files(data: Path, repair: bool) -> Iterator[Finding]:
    wanted = [(data, 0o700), (data / "keys", 0o700), (data / FILE, 0o600)]
    wanted += [(path, 0o600) for path in sorted([*(data / "keys").glob("*.key"), *data.glob("*.db*")])]
    for path, mode in wanted:
        if not path.exists():
            continue
        held = stat.S_IMODE(path.stat().st_mode)
        if held & ~mode:
            if repair:
                path.chmod(held & mode)
            yield Finding(
                level="mended" if repair else "bad",
                what=f"{path} is open to other users of this machine ({held:04o}).",
                why="It holds keys, settings or what others entrusted to this node.",
                remedy=f"It is {held & mode:04o} now." if repair else f"chmod {held & mode:o} {path}",
            )
    for path in sorted(data.glob(".backup-*")):
        if repair:
            shutil.rmtree(path, ignore_errors=True)
        yield Finding(
            level="mended" if repair else "warn",
            what=f"{path} is left of a backup that was interrupted.",
            why="It takes space, and is an open copy of the database.",
            remedy="It was removed." if repair else "Remove it when no backup is running.",
        )


def _disk(data: Path) -> Iterator[Finding]:
    free = shutil.disk_usage(data).free
    if free < ROOMY_DISK:
        yield Finding(
            level="bad" if free < LEAST_DISK else "warn",
            what=f"{free >> 20} MiB are free for {data}.",
            why="When the disk is full nothing can be received, signed or published.",
            remedy="Free space, or move the node to a larger disk.",
        )


def _keys(data: Path) -> Iterator[Finding]:
    if keyring.load(data / "keys").root is not None:
        yield Finding(
            level="warn",
            what="The root key lies on this machine.",
            why="Whoever takes the machine can sign in the name of the party.",
            remedy="Keep root.key offline with two officers between ceremonies.",
        )


def _database(data: Path, settings: Settings) -> Iterator[Finding]:
    if settings.database:
        return
    if not (data / "kouprey.db").exists():
        yield _bad("The database is missing.", f"{data / 'kouprey.db'} does not exist.", "Restore a backup.")
        return
    for name in ("kouprey.db", "guard.db"):
        for text in check_sqlite(data / name) if (data / name).exists() else ():
            remedy = "Stop the node and restore a backup."
            if name == "guard.db":
                remedy = "Stop the node and remove the guard: the node then opens a new epoch."
            yield _bad(f"{name} is damaged.", text, remedy)


def _pending(data: Path, settings: Settings) -> list[str]:
    store = open_store(settings.database, data / "kouprey.db", wall_clock)
    try:
        return list_missing(store, [KERNEL, *((c.name, c.migrations) for c in CAPABILITIES if c.migrations)])
    finally:
        store.close()


def _migrations(data: Path, settings: Settings) -> Iterator[Finding]:
    for name in _pending(data, settings):
        yield Finding(
            level="warn",
            what=f"The migration {name} has not been applied.",
            why="The database is older than the program; what stands in it is not examined before.",
            remedy="Run `kouprey upgrade FILE --recipient AGE`: it backs the node up first.",
        )


def _clock(node: Node) -> Iterator[Finding]:
    now = node.clock()
    with node.store.read() as reader:
        last = last_position(reader)
    if last > now + AHEAD:
        yield _bad(
            f"The clock says {format_second(now)}, the last position was given at {format_second(last)}.",
            "The clock went back, or was ahead before: deadlines and embargoes are judged by it.",
            "Set the clock from a time server. Positions go on rising in any case.",
        )


def _listeners(node: Node) -> Iterator[Finding]:
    with node.store.read() as reader:
        failing = list_failing(reader)
    for each in failing:
        yield _bad(
            f"{each.listener} has failed {each.failures} times on fact {each.position}.",
            each.error,
            "It is tried again by itself; if it remains, report it with this text.",
        )


def _bad(what: str, why: str, remedy: str) -> Finding:
    return Finding(level="bad", what=what, why=why, remedy=remedy)
