"""SQL of who is who at a sign-in provider."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


def find_linked(reader: Reader, issuer: str, subject: str) -> str:
    """The id of the person the provider calls so, "" for nobody."""
    row = reader.one("SELECT person FROM person_identity WHERE issuer = ? AND subject = ?", (issuer, subject))
    return "" if row is None else str(row[0])


def is_linked(reader: Reader, issuer: str, person: str) -> bool:
    row = reader.one("SELECT 1 FROM person_identity WHERE issuer = ? AND person = ?", (issuer, person))
    return row is not None


def link(tx: Tx, issuer: str, subject: str, person: str, now: Instant) -> bool:
    """Whether neither of the two was linked before."""
    return (
        tx.execute(
            "INSERT INTO person_identity (issuer, subject, person, linked_at) VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO NOTHING",
            (issuer, subject, person, now),
        )
        == 1
    )


def unlink(tx: Tx, issuer: str, person: str) -> int:
    return tx.execute("DELETE FROM person_identity WHERE issuer = ? AND person = ?", (issuer, person))
