"""SQL of the guard, a database of its own that no backup holds: what was signed last, and who may sign next."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.kernel.storage.engine import Reader, Tx


def find_guard(reader: Reader, origin: str) -> tuple[int, bytes, str] | None:
    """(size, root, holder) of what was last signed for a lane."""
    row = reader.one("SELECT size, root, holder FROM guard WHERE origin = ?", (origin,))
    return None if row is None else (int(row[0]), row[1], str(row[2]))


def list_guarded(reader: Reader) -> list[str]:
    """The origins of all lanes that were ever signed."""
    return [str(row[0]) for row in reader.all("SELECT origin FROM guard")]


def forget_guard(tx: Tx, origins: Sequence[str]) -> None:
    """Forget what was signed for these lanes."""
    tx.many("DELETE FROM guard WHERE origin = ?", [(origin,) for origin in origins])


def begin_guard(tx: Tx, origin: str, size: int, root: bytes, holder: str) -> bool:
    """First record of a new lane; False when there is one."""
    return (
        tx.execute(
            "INSERT INTO guard (origin, size, root, holder) VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO NOTHING",
            (origin, size, root, holder),
        )
        == 1
    )


def claim_guard(tx: Tx, origin: str, size: int, root: bytes, holder: str) -> bool:
    """From now on `holder` alone may sign for this lane; False when somebody has signed since (size, root) was read."""
    changed = tx.execute(
        "UPDATE guard SET holder = ? WHERE origin = ? AND size = ? AND root = ?", (holder, origin, size, root)
    )
    return changed == 1


def advance_guard(tx: Tx, origin: str, old_size: int, old_root: bytes, size: int, root: bytes, holder: str) -> bool:
    """Compare and swap; False when somebody else has signed or claimed since, who must then be the only one."""
    changed = tx.execute(
        "UPDATE guard SET size = ?, root = ? WHERE origin = ? AND size = ? AND root = ? AND holder = ?",
        (size, root, origin, old_size, old_root, holder),
    )
    return changed == 1
