"""Grants, releases, holds, what was given, and the ledger, as they were written down."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.time import Instant
from kouprey.proceedings.model import Checkpoint, Given, Grant, Hold, Line, Purpose, Release

_GRANT = "item, key, box, made_by, at, person, party, name, ended_at"
_RELEASE = "id, dossier, item, person, key, at, purpose, basis, ground, due, filed_at, filed_by"
_HOLD = "id, dossier, item, made_by, at, why, scope, review, lifted_at, lifted_by, lifted_why"
_LINE = "dossier, position, act, item, person, at, raw, leaf"
_GIVEN = "dossier, item, party, agreement, size, at, received_at"


def put_grant(tx: Tx, grant: Grant) -> None:
    """A key of an item; one that was ended may be given anew."""
    tx.execute(
        f"INSERT INTO dossier_grant ({_GRANT}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (item, key) DO UPDATE SET"
        " box = excluded.box, made_by = excluded.made_by, at = excluded.at, person = excluded.person,"
        " party = excluded.party, name = excluded.name, ended_at = excluded.ended_at",
        (
            grant.item,
            grant.key,
            grant.box,
            grant.by,
            grant.at,
            grant.person,
            grant.party,
            grant.name,
            grant.ended_at,
        ),
    )


def list_grants(reader: Reader, items: Collection[str]) -> list[Grant]:
    """Those of items, the first one first."""
    where, params = any_of(reader, "item", items)
    rows = reader.all(f"SELECT {_GRANT} FROM dossier_grant WHERE {where} ORDER BY at, key", params)
    return [_grant(row) for row in rows]


def add_release(tx: Tx, release: Release) -> None:
    tx.execute(
        f"INSERT INTO dossier_release ({_RELEASE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            release.id,
            release.dossier,
            release.item,
            release.person,
            release.key,
            release.at,
            str(release.purpose),
            release.basis,
            release.ground,
            release.due,
            release.filed_at,
            release.filed_by,
        ),
    )


def file_basis(tx: Tx, release: str, basis: str, at: Instant, by: str) -> bool:
    """The basis of an emergency; False where there is one already."""
    sql = "UPDATE dossier_release SET basis = ?, filed_at = ?, filed_by = ? WHERE id = ? AND basis = ''"
    return tx.execute(sql, (basis, at, by, release)) > 0


def list_releases(reader: Reader, dossier: str) -> list[Release]:
    """Those of a dossier, the first one first."""
    rows = reader.all(f"SELECT {_RELEASE} FROM dossier_release WHERE dossier = ? ORDER BY at, id", (dossier,))
    return [_release(row) for row in rows]


def list_lacking(reader: Reader) -> list[Release]:
    """Every release without a basis: for the job that reminds, and shown to nobody as such."""
    rows = reader.all(f"SELECT {_RELEASE} FROM dossier_release WHERE basis = '' ORDER BY at, id")
    return [_release(row) for row in rows]


def add_hold(tx: Tx, hold: Hold) -> None:
    tx.execute(
        f"INSERT INTO dossier_hold ({_HOLD}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            hold.id,
            hold.dossier,
            hold.item,
            hold.by,
            hold.at,
            hold.why,
            hold.scope,
            hold.review,
            hold.lifted_at,
            hold.lifted_by,
            hold.lifted_why,
        ),
    )


def lift_hold(tx: Tx, dossier: str, hold: str, at: Instant, by: str, why: str) -> bool:
    """End a hold; False where none of this id is in force."""
    sql = (
        "UPDATE dossier_hold SET lifted_at = ?, lifted_by = ?, lifted_why = ?"
        " WHERE id = ? AND dossier = ? AND lifted_at = 0"
    )
    return tx.execute(sql, (at, by, why, hold, dossier)) > 0


def list_holds(reader: Reader, dossier: str, *, covering: str = "") -> list[Hold]:
    """Those of a dossier, the first one first; or only those in force that cover an item."""
    where = "AND lifted_at = 0 AND item IN ('', ?)" if covering else ""
    params = (dossier, covering) if covering else (dossier,)
    rows = reader.all(f"SELECT {_HOLD} FROM dossier_hold WHERE dossier = ? {where} ORDER BY at, id", params)
    return [_hold(row) for row in rows]


# the ledger


def add_line(tx: Tx, line: Line) -> None:
    tx.execute(
        f"INSERT INTO dossier_custody ({_LINE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (line.dossier, line.position, line.act, line.item, line.by, line.at, line.raw, line.leaf),
    )


def count_lines(reader: Reader, dossier: str) -> int:
    """The position of the next event."""
    return int(reader.value("SELECT max(position) + 1 FROM dossier_custody WHERE dossier = ?", (dossier,)) or 0)


def list_lines(reader: Reader, dossier: str) -> list[Line]:
    """All of a ledger, in its order."""
    rows = reader.all(f"SELECT {_LINE} FROM dossier_custody WHERE dossier = ? ORDER BY position", (dossier,))
    return [
        Line(
            dossier=row[0],
            position=int(row[1]),
            act=row[2],
            item=row[3],
            by=row[4],
            at=int(row[5]),
            raw=_bytes(row[6]),
            leaf=_bytes(row[7]),
        )
        for row in rows
    ]


def has_line(reader: Reader, dossier: str, act: str, since: Instant) -> bool:
    """Whether such an event is that young."""
    sql = "SELECT 1 FROM dossier_custody WHERE dossier = ? AND act = ? AND at >= ?"
    return reader.one(sql, (dossier, act, since)) is not None


def put_checkpoint(tx: Tx, made: Checkpoint) -> None:
    """A signed checkpoint; signed anew by another key it says the same, so who has witnessed it stays."""
    tx.execute(
        "INSERT INTO dossier_checkpoint (dossier, size, note, witness, line) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (dossier, size) DO UPDATE SET note = excluded.note",
        (made.dossier, made.size, made.note, made.witness, made.line),
    )


def set_witness(tx: Tx, dossier: str, size: int, witness: str, line: bytes) -> bool:
    """A partner has cosigned a checkpoint; the first who did stays."""
    sql = "UPDATE dossier_checkpoint SET witness = ?, line = ? WHERE dossier = ? AND size = ? AND witness = ''"
    return tx.execute(sql, (witness, line, dossier, size)) > 0


def find_checkpoint(reader: Reader, dossier: str, size: int) -> Checkpoint | None:
    row = reader.one(
        "SELECT dossier, size, note, witness, line FROM dossier_checkpoint WHERE dossier = ? AND size = ?",
        (dossier, size),
    )
    return None if row is None else _checkpoint(row)


def list_checkpoints(reader: Reader, dossier: str) -> list[Checkpoint]:
    """All of a ledger, the smallest first."""
    rows = reader.all(
        "SELECT dossier, size, note, witness, line FROM dossier_checkpoint WHERE dossier = ? ORDER BY size", (dossier,)
    )
    return [_checkpoint(row) for row in rows]


# across a border


def put_given(tx: Tx, given: Given) -> None:
    """What a partner was given; given again it is written over."""
    tx.execute(
        f"INSERT INTO dossier_given ({_GIVEN}) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (item, party) DO UPDATE SET"
        " agreement = excluded.agreement, size = excluded.size, at = excluded.at",
        (given.dossier, given.item, given.party, given.agreement, given.size, given.at, given.received_at),
    )


def set_received(tx: Tx, item: str, party: str, at: Instant) -> bool:
    """They have taken it into custody; False where it was not given to them, or they said so already."""
    sql = "UPDATE dossier_given SET received_at = ? WHERE item = ? AND party = ? AND received_at = 0"
    return tx.execute(sql, (at, item, party)) > 0


def list_given(reader: Reader, dossier: str) -> list[Given]:
    """What was given of a dossier, the first one first."""
    rows = reader.all(f"SELECT {_GIVEN} FROM dossier_given WHERE dossier = ? ORDER BY at, party", (dossier,))
    return [
        Given(
            dossier=row[0],
            item=row[1],
            party=row[2],
            agreement=row[3],
            size=int(row[4]),
            at=int(row[5]),
            received_at=int(row[6]),
        )
        for row in rows
    ]


def put_seen(tx: Tx, dossier: str, size: int, note: bytes) -> None:
    """The newest checkpoint of a partner's ledger."""
    tx.execute(
        "INSERT INTO dossier_seen (dossier, size, note) VALUES (?, ?, ?)"
        " ON CONFLICT (dossier) DO UPDATE SET size = excluded.size, note = excluded.note",
        (dossier, size, note),
    )


def find_seen(reader: Reader, dossier: str) -> tuple[int, bytes] | None:
    """Its size, and the note as it was signed."""
    row = reader.one("SELECT size, note FROM dossier_seen WHERE dossier = ?", (dossier,))
    return None if row is None else (int(row[0]), bytes(row[1]))


def _bytes(value: bytes | str) -> bytes:
    """What SQLite has as text was put there by another hand; it is looked at all the same."""
    return value.encode() if isinstance(value, str) else bytes(value)


def _grant(row: Row) -> Grant:
    return Grant(
        item=row[0],
        key=row[1],
        box=bytes(row[2]),
        by=row[3],
        at=int(row[4]),
        person=row[5],
        party=row[6],
        name=row[7],
        ended_at=int(row[8]),
    )


def _release(row: Row) -> Release:
    return Release(
        id=row[0],
        dossier=row[1],
        item=row[2],
        person=row[3],
        key=row[4],
        at=int(row[5]),
        purpose=Purpose(row[6]),
        basis=row[7],
        ground=row[8],
        due=int(row[9]),
        filed_at=int(row[10]),
        filed_by=row[11],
    )


def _hold(row: Row) -> Hold:
    return Hold(
        id=row[0],
        dossier=row[1],
        item=row[2],
        by=row[3],
        at=int(row[4]),
        why=row[5],
        scope=row[6],
        review=int(row[7]),
        lifted_at=int(row[8]),
        lifted_by=row[9],
        lifted_why=row[10],
    )


def _checkpoint(row: Row) -> Checkpoint:
    return Checkpoint(dossier=row[0], size=int(row[1]), note=_bytes(row[2]), witness=row[3], line=_bytes(row[4]))
