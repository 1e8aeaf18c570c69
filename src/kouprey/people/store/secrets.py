"""SQL of what people sign in with, of their sessions, and of wrong attempts."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Person, Session, Way


def find_password(reader: Reader, person: str) -> str:
    """The hash, "" for somebody without a password."""
    return reader.value("SELECT hash FROM password WHERE person = ?", (person,)) or ""


def save_password(tx: Tx, person: str, hashed: str, now: Instant) -> None:
    tx.execute(
        "INSERT INTO password (person, hash, changed_at) VALUES (?, ?, ?)"
        " ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
        (person, hashed, now),
    )


def forget_password(tx: Tx, person: str) -> int:
    return tx.execute("DELETE FROM password WHERE person = ?", (person,))


def list_sessions(reader: Reader, person: Person, now: Instant) -> list[Session]:
    """Running ones, newest first."""
    rows = reader.all(
        "SELECT secret_hash, expires, created_at, way, agent FROM session WHERE person = ? AND expires > ?"
        " ORDER BY created_at DESC, secret_hash",
        (person.id, now),
    )
    return [
        Session(key=key, person=person, expires=expires, created=created, way=Way(way), agent=agent)
        for key, expires, created, way, agent in rows
    ]


def end_other_sessions(tx: Tx, person: str, kept: bytes) -> int:
    """End all sessions of somebody but one; b"" keeps none."""
    return tx.execute("DELETE FROM session WHERE person = ? AND secret_hash <> ?", (person, kept))


def find_failures(reader: Reader, subject: bytes) -> tuple[int, Instant]:
    """How many wrong attempts lately, and when the last was."""
    row = reader.one("SELECT failures, last_at FROM sign_in_failure WHERE subject = ?", (subject,))
    return (0, 0) if row is None else (row[0], row[1])


def save_failures(tx: Tx, subject: bytes, failures: int, last: Instant) -> None:
    tx.execute(
        "INSERT INTO sign_in_failure (subject, failures, last_at) VALUES (?, ?, ?)"
        " ON CONFLICT (subject) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at",
        (subject, failures, last),
    )


def forget_failures(tx: Tx, before: Instant) -> None:
    tx.execute("DELETE FROM sign_in_failure WHERE last_at < ?", (before,))
