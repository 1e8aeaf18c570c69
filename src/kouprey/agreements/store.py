"""All SQL of agreements."""

from __future__ import annotations

import msgspec

from kouprey.agreements.model import Comment, Document, Narrowing, Version
from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant

_VERSION = "agreement, number, previous, document, note, note_sha256, in_force_from, signers, proposed_by, at"


def save_version(tx: Tx, version: Version) -> None:
    """Store a version, or the same version with more signatures."""
    tx.execute(
        f"INSERT INTO agreement_version ({_VERSION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (note_sha256) DO UPDATE SET note = excluded.note, signers = excluded.signers",
        (
            version.agreement,
            version.number,
            version.previous,
            version.document_bytes,
            version.note,
            version.note_sha256,
            version.in_force_from,
            " ".join(version.signers),
            version.proposed_by,
            version.at,
        ),
    )


def find_version(reader: Reader, note_sha256: bytes) -> Version | None:
    row = reader.one(f"SELECT {_VERSION} FROM agreement_version WHERE note_sha256 = ?", (note_sha256,))
    return None if row is None else _version(row)


def list_versions(reader: Reader, agreement: str = "") -> list[Version]:
    """By agreement, then number, oldest first; of one agreement, or of all."""
    where, params = ("WHERE agreement = ?", (agreement,)) if agreement else ("", ())
    rows = reader.all(
        f"SELECT {_VERSION} FROM agreement_version {where} ORDER BY agreement, number, at, note_sha256", params
    )
    return [_version(row) for row in rows]


def delete_draft(tx: Tx, note_sha256: bytes) -> bool:
    """Forget a version nobody has signed; False when there is no such draft."""
    return tx.execute("DELETE FROM agreement_version WHERE note_sha256 = ? AND signers = ''", (note_sha256,)) == 1


def find_notice(reader: Reader, agreement: str, party: str) -> tuple[int, str] | None:
    """(serial, act) of the newest notice of a party."""
    row = reader.one("SELECT serial, act FROM agreement_notice WHERE agreement = ? AND party = ?", (agreement, party))
    return None if row is None else (row[0], row[1])


def save_notice(tx: Tx, agreement: str, party: str, serial: int, act: str, note: bytes, now: Instant) -> None:
    tx.execute(
        "INSERT INTO agreement_notice (agreement, party, serial, act, note, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (agreement, party) DO UPDATE SET serial = excluded.serial, act = excluded.act,"
        " note = excluded.note, at = excluded.at",
        (agreement, party, serial, act, note, now),
    )


def list_suspended(reader: Reader, *, left: bool = False) -> dict[str, tuple[str, ...]]:
    """Agreement -> the parties that have suspended or left it, or with `left` only the latter."""
    found: dict[str, tuple[str, ...]] = {}
    acts = "act = 'leave'" if left else "act <> 'resume'"
    for agreement, party in reader.all(
        f"SELECT agreement, party FROM agreement_notice WHERE {acts} ORDER BY agreement, party"
    ):
        found[agreement] = (*found.get(agreement, ()), party)
    return found


def save_narrowing(tx: Tx, said: Narrowing, note: bytes, now: Instant) -> None:
    """Store what a party has tightened, in the place of what it had before."""
    tx.execute(
        "INSERT INTO agreement_narrowing (agreement, party, version, serial, note, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (agreement, party) DO UPDATE SET version = excluded.version, serial = excluded.serial,"
        " note = excluded.note, at = excluded.at",
        (said.agreement, said.party, said.version, said.serial, note, now),
    )


def list_narrowings(reader: Reader, agreement: str = "") -> list[bytes]:
    """The newest narrowing of each party as signed; of one agreement, or of all."""
    where, params = ("WHERE agreement = ?", (agreement,)) if agreement else ("", ())
    rows = reader.all(f"SELECT note FROM agreement_narrowing {where} ORDER BY agreement, party", params)
    return [row[0] for row in rows]


def save_comment(tx: Tx, said: Comment, note: bytes, sha256: bytes, now: Instant) -> bool:
    """Keep a comment; False when it is there already."""
    return (
        tx.execute(
            "INSERT INTO agreement_comment (sha256, agreement, version, party, note, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (sha256) DO NOTHING",
            (sha256, said.agreement, said.version, said.party, note, now),
        )
        == 1
    )


def count_comments(reader: Reader, agreement: str, party: str) -> int:
    """How many comments of a party are kept."""
    return int(
        reader.value("SELECT count(*) FROM agreement_comment WHERE agreement = ? AND party = ?", (agreement, party))
    )


def list_comments(reader: Reader, agreement: str) -> list[tuple[bytes, Instant]]:
    """Every comment as signed, and when it was first here, oldest first."""
    rows = reader.all("SELECT note, at FROM agreement_comment WHERE agreement = ? ORDER BY at, sha256", (agreement,))
    return [(row[0], row[1]) for row in rows]


def find_prepared(reader: Reader, version: bytes) -> tuple[str, Instant] | None:
    """Who prepared a version for signing, and when."""
    row = reader.one("SELECT by_whom, at FROM agreement_prepared WHERE version = ?", (version,))
    return None if row is None else (row[0], row[1])


def save_prepared(tx: Tx, version: bytes, by: str, now: Instant) -> None:
    """The first who prepares a version is kept."""
    tx.execute(
        "INSERT INTO agreement_prepared (version, by_whom, at) VALUES (?, ?, ?) ON CONFLICT (version) DO NOTHING",
        (version, by, now),
    )


def delete_prepared(tx: Tx, version: bytes) -> None:
    """Forget that a version was prepared."""
    tx.execute("DELETE FROM agreement_prepared WHERE version = ?", (version,))


def list_notices(reader: Reader, agreement: str) -> list[bytes]:
    """The newest notice of each party, as signed."""
    rows = reader.all("SELECT note FROM agreement_notice WHERE agreement = ? ORDER BY party", (agreement,))
    return [row[0] for row in rows]


def _version(row: Row) -> Version:
    agreement, number, previous, document, note, note_sha256, in_force_from, signers, proposed_by, at = row
    return Version(
        agreement=agreement,
        number=number,
        previous=previous,
        document_bytes=document,
        document=msgspec.json.decode(document, type=Document),
        note=note,
        note_sha256=note_sha256,
        in_force_from=in_force_from,
        signers=tuple(signers.split()),
        proposed_by=proposed_by,
        at=at,
    )
