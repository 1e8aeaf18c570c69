"""Small named values of the node, kept in the database."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx


def get(reader: Reader, key: str) -> bytes | None:
    """The value of `key`, or None."""
    value: bytes | None = reader.value("SELECT value FROM meta WHERE key = ?", (key,))
    return value


def put(tx: Tx, key: str, value: bytes) -> None:
    """Set `key` to `value`, replacing what was there."""
    tx.execute(
        "INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def delete(tx: Tx, key: str) -> None:
    """Forget `key`."""
    tx.execute("DELETE FROM meta WHERE key = ?", (key,))
