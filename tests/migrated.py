"""Databases that are migrated once and then copied: migrating anew costs more than what most tests ask of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from kouprey.kernel.storage.migrate import migrate
from kouprey.kernel.storage.sqlite import open_sqlite

Migrations = Sequence[tuple[str, str]]
"""Pairs of a capability's name and the package of its files, as `migrate` takes them."""

_FOLDER = tempfile.TemporaryDirectory(prefix="kouprey-migrated-")
_files: dict[tuple[tuple[str, str], ...], Path] = {}


def lay(path: Path, migrations: Migrations) -> Path:
    """Put an SQLite database there to which these have been applied, unless there is one; `migrate` finds it done."""
    key = tuple(migrations)
    if key not in _files:
        made = Path(_FOLDER.name) / f"{len(_files)}.db"
        store = open_sqlite(made)
        migrate(store, migrations)
        store.close()
        _files[key] = made
    if not path.exists():
        shutil.copy(_files[key], path)
    return path


def lay_node(folder: Path) -> Path:
    """Put both databases of a node there that is to be founded: what is left of founding is its keys and its card."""
    # Only here: most tests need not load every capability.
    from kouprey.node.assemble import GUARD, list_migrations

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lay(folder / "kouprey.db", list_migrations())
    lay(folder / "guard.db", [GUARD])
    return folder
