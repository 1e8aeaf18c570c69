"""SQL of root statements."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


def insert_root_statement(tx: Tx, party: str, before: str, note: bytes, now: Instant) -> None:
    """Keep one; `before` is the root key that is followed."""
    tx.execute(
        "INSERT INTO root_statement (party, root_before, note, at) VALUES (?, ?, ?, ?)", (party, before, note, now)
    )


def list_root_statements(reader: Reader, party: str) -> list[bytes]:
    """All of a party, in the order in which they were kept."""
    rows = reader.all("SELECT note FROM root_statement WHERE party = ? ORDER BY at, root_before", (party,))
    return [bytes(row[0]) for row in rows]
