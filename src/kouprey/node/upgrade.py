"""Upgrades: the database of an older version is saved, then brought forward, while nobody serves it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kouprey import __version__
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import list_missing
from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.time import wall_clock
from kouprey.node.assemble import SERVING, bring_forward, list_migrations, open_guard, open_store
from kouprey.node.backup import BackupReport, Progress, make_backup
from kouprey.node.settings import Settings, read_settings


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What an upgrade would do. `database_size` is 0 for PostgreSQL; `free` are the bytes beside the data."""

    version: str
    steps: tuple[str, ...]
    served: bool
    database_size: int
    free: int


class UpgradeReport(msgspec.Struct, frozen=True, kw_only=True):
    """An upgrade that was made; without `steps` there was nothing to do and no backup was needed."""

    version: str
    steps: tuple[str, ...]
    backup: BackupReport | None
    seconds: float


def plan_upgrade(data: Path) -> Plan:
    """Look, and change nothing. Refused ("newer") when the database belongs to a newer version than this."""
    settings = read_settings(data)
    steps = _list_steps(data, settings)
    lock = FileLock(data / SERVING)
    served = not lock.try_take()
    lock.release()
    return Plan(
        version=__version__,
        steps=tuple(steps),
        served=served,
        database_size=0 if settings.database else (data / "kouprey.db").stat().st_size,
        free=shutil.disk_usage(data).free,
    )


def upgrade(data: Path, file: Path, recipients: Sequence[str], *, on_progress: Progress | None = None) -> UpgradeReport:
    """Back the node in `data` up into the new `file`, then apply what is missing.

    Nothing is applied when the backup fails. Each migration is applied as a whole or not at all, so an upgrade that
    was interrupted goes on when it is called again. Refused while a server runs on this data directory.
    """
    begun = time.monotonic()
    settings = read_settings(data)
    with _alone(data):
        backup, steps = None, _list_steps(data, settings)
        if steps:
            backup = make_backup(data, file, recipients, on_progress=on_progress)
            bring_forward(data, settings)
            open_guard(settings.guard_database, data / "guard.db", wall_clock).close()
            store = open_store(settings.database, data / "kouprey.db", wall_clock)
            try:
                now, detail = wall_clock(), {"version": __version__, "steps": steps}
                store.write(
                    lambda tx: audit.append(
                        tx, at=now, actor="operator", action="node.upgrade", subject="", detail=detail
                    )
                )
            finally:
                store.close()
    return UpgradeReport(
        version=__version__, steps=tuple(steps), backup=backup, seconds=round(time.monotonic() - begun, 3)
    )


def _list_steps(data: Path, settings: Settings) -> list[str]:
    if not settings.database and not (data / "kouprey.db").exists():
        raise Unknown("There is no database here.", f"{data / 'kouprey.db'} does not exist.", code="no-node")
    store = open_store(settings.database, data / "kouprey.db", wall_clock)
    try:
        return list_missing(store, list_migrations())
    finally:
        store.close()


@contextmanager
def serving(data: Path) -> Iterator[None]:
    """A server runs on this data: beside others, and never beside an upgrade (Refused)."""
    lock = FileLock(data / SERVING)
    if not lock.try_take(shared=True):
        raise Refused(
            "The node is being upgraded.", remedy="Start it when `kouprey upgrade` has ended.", code="upgrading"
        )
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    lock = FileLock(data / SERVING)
    if not lock.try_take():
        raise Refused(
            "The node is running.",
            "A server of the old version would work on a database that it does not know.",
            "Stop it first: `systemctl stop kouprey`, on every machine that serves this node.",
            code="node-running",
        )
    try:
        yield
    finally:
        lock.release()
