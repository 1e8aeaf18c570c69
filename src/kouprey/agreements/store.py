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


def list_suspended(reader: Reader) -> dict[str, tuple[str, ...]]:
    """Agreement -> the parties that have suspended or left it."""
    found: dict[str, tuple[str, ...]] = {}
    for agreement, party in reader.all(
        "SELECT agreement, party FROM agreement_notice WHERE act <> 'resume' ORDER BY agreement, party"
    ):
        found[agreement] = (*found.get(agreement, ()), party)
    return found


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
