"""What an administrator may know of the node as it runs: versions, sizes, keys, the last backup, and licences."""

from __future__ import annotations

import functools
import platform
import re
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kouprey import __version__
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.storage import audit
from kouprey.kernel.storage.audit import AuditEntry
from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import Instant
from kouprey.node.health import health
from kouprey.people.service import People

if TYPE_CHECKING:
    from kouprey.node.assemble import Node

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Facts(NamedTuple):
    """The node as it stands; sizes in bytes, `backup` the newest line of the audit about one, `trouble` "" when well.

    `root_key`: whether the root key lies on this machine. `since`: when this process opened the node.
    """

    version: str
    python: str
    engine: str
    size: int
    guard_size: int
    free: int
    data: Path
    words: tuple[str, ...]
    root_key: bool
    backup: AuditEntry | None
    signing: bool
    trouble: str
    since: Instant


class Licence(NamedTuple):
    """A package that is part of this program."""

    name: str
    version: str
    licence: str


def look(node: Node) -> Facts:
    """The facts, as of now."""
    people = node.services.get(People)
    with node.store.read() as reader:
        engine, size = _engine(reader), _size(node, reader)
        backups = audit.list_audit(reader, limit=1, action="node.backup")
    try:
        trouble, signing = "", bool(health(node)["signing"])
    except KoupreyError as error:
        trouble, signing = str(error), False
    guard = node.data / "guard.db"
    return Facts(
        version=__version__,
        python=platform.python_version(),
        engine=engine,
        size=size,
        guard_size=guard.stat().st_size if guard.exists() else 0,
        free=shutil.disk_usage(node.data).free,
        data=node.data,
        words=people.fingerprint(people.home_id),
        root_key=node.services.get(Keyring).root is not None,
        backup=backups[0] if backups else None,
        signing=signing,
        trouble=trouble,
        since=node.since,
    )


def _engine(reader: Reader) -> str:
    if reader.dialect == "sqlite":
        return f"SQLite {reader.value('SELECT sqlite_version()')}"
    return f"PostgreSQL {str(reader.value('SHOW server_version')).split(' ')[0]}"


def _size(node: Node, reader: Reader) -> int:
    if reader.dialect == "postgres":
        return int(reader.value("SELECT pg_database_size(current_database())"))
    return sum(path.stat().st_size for path in node.data.glob("kouprey.db*"))


@functools.cache
def licences() -> tuple[Licence, ...]:
    """Kouprey, and every package it needs to run, by name."""
    seen: dict[str, Licence] = {}
    waiting = ["kouprey"]
    while waiting:
        name = waiting.pop()
        key = name.lower().replace("_", "-")
        if key in seen:
            continue
        try:
            held = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            continue
        seen[key] = Licence(held.metadata["Name"], held.version, _licence(held))
        waiting += _needs(held)
    return tuple(sorted(seen.values(), key=lambda each: each.name.lower()))


def _needs(held: metadata.Distribution) -> Iterator[str]:
    for line in held.requires or ():
        # What is only for extras is not part of the program.
        if "extra ==" not in line and (match := _NAME.match(line)):
            yield match[0]


def _licence(held: metadata.Distribution) -> str:
    told = held.metadata
    expression = (told.get_all("License-Expression") or [""])[0]
    named = [each.rpartition(" :: ")[2] for each in told.get_all("Classifier") or () if each.startswith("License ::")]
    text = (told.get_all("License") or [""])[0].strip().splitlines()
    return expression or ", ".join(named) or (text[0][:80] if text else "") or _heading(held)


def _heading(held: metadata.Distribution) -> str:
    """The first line of the licence's own text, for a package whose facts name none."""
    for name in held.metadata.get_all("License-File") or ():
        text = held.read_text(f"licenses/{name}") or held.read_text(name) or ""
        if text.strip():
            return text.strip().splitlines()[0][:80]
    return ""
