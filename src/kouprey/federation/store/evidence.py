"""SQL of fork evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


class StoredEvidence(NamedTuple):
    """A proof against the author of a lane; `found_by` is the party that found it, ourselves or who told us."""

    origin: str
    author: str
    evidence: bytes
    found_by: str
    at: Instant


def insert_evidence(tx: Tx, found: StoredEvidence) -> bool:
    """Keep it; False when the lane's author is convicted already."""
    return (
        tx.execute(
            "INSERT INTO fork_evidence (origin, author, evidence, found_by, at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT (origin) DO NOTHING",
            tuple(found),
        )
        == 1
    )


def list_evidence(reader: Reader, *, author: str = "", origin: str = "") -> list[StoredEvidence]:
    """The oldest first."""
    rows = reader.all(
        "SELECT origin, author, evidence, found_by, at FROM fork_evidence"
        " WHERE (? = '' OR author = ?) AND (? = '' OR origin = ?) ORDER BY at, origin",
        (author, author, origin, origin),
    )
    return [StoredEvidence(row[0], row[1], bytes(row[2]), row[3], row[4]) for row in rows]


def note_told(tx: Tx, origin: str, party: str, now: Instant) -> None:
    """A party has been shown it."""
    tx.execute(
        "INSERT INTO fork_told (origin, party, at) VALUES (?, ?, ?) ON CONFLICT (origin, party) DO NOTHING",
        (origin, party, now),
    )


def forget_told(tx: Tx, origins: Iterable[str], party: str) -> None:
    """A party may not know of them any more."""
    for origin in origins:
        tx.execute("DELETE FROM fork_told WHERE origin = ? AND party = ?", (origin, party))


def list_told(reader: Reader, party: str) -> set[str]:
    """The lanes of whose evidence a party knows."""
    return {row[0] for row in reader.all("SELECT origin FROM fork_told WHERE party = ?", (party,))}
