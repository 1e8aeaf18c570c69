"""Answers kept under the name a client gave its request, so that sending it again does nothing twice."""

from __future__ import annotations

from dataclasses import dataclass

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.time import SECOND, Instant

KEPT: Instant = 24 * 3600 * SECOND
"""How long an answer is kept."""


@dataclass(frozen=True)
class Claimed:
    """A request of this name came before: with these bytes (`digest`), and answered thus.

    `status` is 0 while there is no answer; `held_until` is then when whoever works on it must have ended. `body` is
    None for an answer that is not to be kept.
    """

    digest: bytes
    held_until: Instant
    status: int
    media_type: str
    body: bytes | None


def claim(tx: Tx, reader: str, name: str, digest: bytes, *, now: Instant, until: Instant) -> Claimed | None:
    """Take the name for a request that is done until `until`; what came before under it, else None.

    Answers older than a day are forgotten first.
    """
    tx.execute("DELETE FROM kept_answer WHERE begun_at <= ?", (now - KEPT,))
    taken = tx.execute(
        "INSERT INTO kept_answer (reader, name, digest, begun_at, held_until) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (reader, name) DO NOTHING",
        (reader, name, digest, now, until),
    )
    if taken:
        return None
    row = tx.one(
        "SELECT digest, held_until, status, media_type, body FROM kept_answer WHERE reader = ? AND name = ?",
        (reader, name),
    )
    return Claimed(*row) if row is not None else None


def take_over(tx: Tx, reader: str, name: str, *, now: Instant, until: Instant) -> bool:
    """Take a name whose work has ended without an answer; False when somebody else was quicker."""
    changed = tx.execute(
        "UPDATE kept_answer SET held_until = ? WHERE reader = ? AND name = ? AND status = 0 AND held_until <= ?",
        (until, reader, name, now),
    )
    return changed == 1


def keep(tx: Tx, reader: str, name: str, *, status: int, media_type: str, body: bytes | None) -> None:
    """Keep what was answered."""
    tx.execute(
        "UPDATE kept_answer SET status = ?, media_type = ?, body = ? WHERE reader = ? AND name = ?",
        (status, media_type, body, reader, name),
    )


def release(tx: Tx, reader: str, name: str) -> None:
    """Nothing was done under this name: it may be used again."""
    tx.execute("DELETE FROM kept_answer WHERE reader = ? AND name = ? AND status = 0", (reader, name))
