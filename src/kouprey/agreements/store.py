"""All SQL of agreements."""

from __future__ import annotations

import msgspec

from kouprey.agreements.model import Document, Version
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
    rows = reader.all(f"SELECT {_VERSION} FROM agreement_version {where} ORDER BY agreement, number, at", params)
    return [_version(row) for row in rows]


def delete_draft(tx: Tx, note_sha256: bytes) -> None:
    """Forget a version nobody has signed."""
    tx.execute("DELETE FROM agreement_version WHERE note_sha256 = ? AND signers = ''", (note_sha256,))


def find_suspension(reader: Reader, agreement: str, party: str) -> tuple[int, bool] | None:
    """(serial, suspended) of the newest note of a party."""
    row = reader.one(
        "SELECT serial, suspended FROM agreement_suspension WHERE agreement = ? AND party = ?", (agreement, party)
    )
    return None if row is None else (int(row[0]), bool(row[1]))


def save_suspension(
    tx: Tx, agreement: str, party: str, serial: int, suspended: bool, note: bytes, now: Instant
) -> None:
    tx.execute(
        "INSERT INTO agreement_suspension (agreement, party, serial, suspended, note, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (agreement, party) DO UPDATE SET serial = excluded.serial, suspended = excluded.suspended,"
        " note = excluded.note, at = excluded.at",
        (agreement, party, serial, int(suspended), note, now),
    )


def list_suspended(reader: Reader) -> dict[str, tuple[str, ...]]:
    """Agreement -> the parties that have it suspended."""
    found: dict[str, tuple[str, ...]] = {}
    for agreement, party in reader.all(
        "SELECT agreement, party FROM agreement_suspension WHERE suspended = 1 ORDER BY agreement, party"
    ):
        found[str(agreement)] = (*found.get(str(agreement), ()), str(party))
    return found


def list_suspension_notes(reader: Reader, agreement: str) -> list[bytes]:
    rows = reader.all("SELECT note FROM agreement_suspension WHERE agreement = ? ORDER BY party", (agreement,))
    return [bytes(row[0]) for row in rows]


def _version(row: Row) -> Version:
    document = bytes(row[3])
    return Version(
        agreement=str(row[0]),
        number=int(row[1]),
        previous=bytes(row[2]),
        document_bytes=document,
        document=msgspec.json.decode(document, type=Document),
        note=bytes(row[4]),
        note_sha256=bytes(row[5]),
        in_force_from=int(row[6]),
        signers=tuple(str(row[7]).split()),
        proposed_by=str(row[8]),
        at=int(row[9]),
    )
