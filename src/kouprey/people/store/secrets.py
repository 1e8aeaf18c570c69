"""SQL of what people sign in with, of their sessions, and of wrong attempts."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Authenticator, Person, Session, Way


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


def find_authenticator(reader: Reader, person: str) -> Authenticator | None:
    """Confirmed or not."""
    row = reader.one("SELECT sealed, last_counter, confirmed_at FROM authenticator WHERE person = ?", (person,))
    return None if row is None else Authenticator(sealed=row[0], last_counter=row[1], confirmed=row[2] > 0)


def save_authenticator(tx: Tx, person: str, sealed: bytes) -> None:
    """Keep a new one, not confirmed yet."""
    tx.execute(
        "INSERT INTO authenticator (person, sealed, last_counter, confirmed_at) VALUES (?, ?, 0, 0)"
        " ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed, last_counter = 0, confirmed_at = 0",
        (person, sealed),
    )


def confirm_authenticator(tx: Tx, person: str, counter: int, now: Instant) -> None:
    tx.execute("UPDATE authenticator SET last_counter = ?, confirmed_at = ? WHERE person = ?", (counter, now, person))


def use_counter(tx: Tx, person: str, counter: int) -> bool:
    """Whether no code of this period or a later one was used before."""
    return (
        tx.execute(
            "UPDATE authenticator SET last_counter = ? WHERE person = ? AND last_counter < ?",
            (counter, person, counter),
        )
        == 1
    )


def forget_codes(tx: Tx, person: str) -> None:
    tx.execute("DELETE FROM authenticator WHERE person = ?", (person,))
    tx.execute("DELETE FROM recovery_code WHERE person = ?", (person,))


def save_recovery_codes(tx: Tx, person: str, hashes: list[bytes]) -> None:
    """These and no others."""
    tx.execute("DELETE FROM recovery_code WHERE person = ?", (person,))
    tx.many("INSERT INTO recovery_code (secret_hash, person) VALUES (?, ?)", [(each, person) for each in hashes])


def use_recovery_code(tx: Tx, person: str, secret_hash: bytes) -> bool:
    """Whether it was one of theirs; it is none any more."""
    return tx.execute("DELETE FROM recovery_code WHERE person = ? AND secret_hash = ?", (person, secret_hash)) == 1


def count_recovery_codes(reader: Reader, person: str) -> int:
    return int(reader.value("SELECT count(*) FROM recovery_code WHERE person = ?", (person,)))
