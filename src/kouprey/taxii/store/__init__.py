"""SQL of the TAXII door: what became of each envelope, as its client may ask for it."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


def insert_status(tx: Tx, status_id: str, client: str, at: Instant, body: bytes) -> None:
    tx.execute("INSERT INTO taxii_status (id, client, at, body) VALUES (?, ?, ?, ?)", (status_id, client, at, body))


def find_status(reader: Reader, status_id: str, client: str, since: Instant) -> bytes | None:
    """Only what this client sent itself, and not before `since`."""
    body = reader.value(
        "SELECT body FROM taxii_status WHERE id = ? AND client = ? AND at >= ?", (status_id, client, since)
    )
    return None if body is None else bytes(body)


def delete_statuses(tx: Tx, before: Instant) -> int:
    """How many were old enough."""
    return tx.execute("DELETE FROM taxii_status WHERE at < ?", (before,))
