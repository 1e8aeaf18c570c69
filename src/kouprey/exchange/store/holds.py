"""Holds: what must not be erased."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from kouprey.exchange.model.keeping import Hold
from kouprey.exchange.model.searching import Search
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.time import Instant

_COLUMNS = "id, kind, what, because, placed_by, placed_at, search"


def insert(tx: Tx, made: Hold) -> None:
    """Place a hold."""
    search = msgspec.json.encode(made.search).decode()
    tx.execute(
        f"INSERT INTO hold ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (made.id, made.kind, made.what, made.because, made.by, made.at, search),
    )


def list_in_force(reader: Reader, kind: str = "") -> list[Hold]:
    """Oldest first; of one kind, if given."""
    rows = reader.all(f"SELECT {_COLUMNS} FROM hold WHERE lifted_at = 0 ORDER BY placed_at, id")
    return [_hold(row) for row in rows if kind in ("", row[1])]


def find_for(reader: Reader, stix_id: str, version: int) -> Hold | None:
    """A hold in force on this object, or on a collection that this version is in."""
    row = reader.one(
        f"SELECT {_COLUMNS} FROM hold WHERE lifted_at = 0 AND (kind = 'object' AND what = ?"
        " OR kind = 'collection' AND what IN (SELECT collection_id FROM membership WHERE version_id = ?))"
        " ORDER BY placed_at, id LIMIT 1",
        (stix_id, version),
    )
    return None if row is None else _hold(row)


def list_named(reader: Reader, stix_ids: Sequence[str], observables: Sequence[int], *, limit: int) -> list[str]:
    """Ids of objects that are held here: those of `stix_ids`, and those that name one of `observables`."""
    found: list[str] = []
    for column, values, sql in (
        ("object.stix_id", stix_ids, "SELECT DISTINCT object.stix_id FROM object WHERE"),
        (
            "occurrence.observable_id",
            observables,
            "SELECT DISTINCT object.stix_id FROM occurrence JOIN version ON version.id = occurrence.version_id"
            " JOIN object ON object.id = version.object_id WHERE",
        ),
    ):
        if values:
            where, params = any_of(reader, column, values)
            found += [row[0] for row in reader.all(f"{sql} {where} ORDER BY 1 LIMIT ?", (*params, limit))]
    return list(dict.fromkeys(found))[:limit]


def lift(tx: Tx, hold: str, by: str, at: Instant) -> bool:
    """End a hold; False when there is none in force."""
    return tx.execute("UPDATE hold SET lifted_by = ?, lifted_at = ? WHERE id = ? AND lifted_at = 0", (by, at, hold)) > 0


def _hold(row: Row) -> Hold:
    return Hold(
        id=row[0],
        kind=row[1],
        what=row[2],
        because=row[3],
        by=row[4],
        at=row[5],
        search=msgspec.json.decode(row[6], type=Search),
    )
