"""SQL of key statements."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


def insert_statement(tx: Tx, party: str, serial: int, note: bytes, now: Instant) -> bool:
    """Keep one; False when one of this serial is held."""
    return (
        tx.execute(
            "INSERT INTO key_statement (party, serial, note, at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (party, serial) DO NOTHING",
            (party, serial, note, now),
        )
        == 1
    )


def replace_statement(tx: Tx, party: str, serial: int, note: bytes) -> None:
    """The same statement under another signature."""
    tx.execute("UPDATE key_statement SET note = ? WHERE party = ? AND serial = ?", (note, party, serial))


def list_statements(reader: Reader, party: str) -> list[bytes]:
    """All of a party, the oldest first."""
    rows = reader.all("SELECT note FROM key_statement WHERE party = ? ORDER BY serial", (party,))
    return [bytes(row[0]) for row in rows]


def drop_statement(tx: Tx, party: str, serial: int) -> None:
    """Forget one, so that it is taken when it comes again."""
    tx.execute("DELETE FROM key_statement WHERE party = ? AND serial = ?", (party, serial))


def list_cards_of(reader: Reader, party: str) -> list[tuple[str, bytes]]:
    """(statement, note) of every card of a party that was kept."""
    rows = reader.all("SELECT statement, note FROM party_card WHERE party = ?", (party,))
    return [(str(row[0]), bytes(row[1])) for row in rows]
