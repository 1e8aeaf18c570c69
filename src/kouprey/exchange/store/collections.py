"""Collections, and the moving of memberships to new positions."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.exchange.model import Collection
from kouprey.kernel.storage.engine import Reader, Row, Tx, any_of
from kouprey.kernel.words.time import Instant

_COLLECTION = "id, name, title, description, strict, agreement, created_at, readers, writable, archived_at"


def insert_collection(tx: Tx, made: Collection) -> None:
    tx.execute(
        f"INSERT INTO collection ({_COLLECTION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            made.id,
            made.name,
            made.title,
            made.description,
            int(made.strict),
            made.agreement,
            made.created_at,
            *_care(made),
        ),
    )


def change_collection(tx: Tx, made: Collection) -> None:
    """Keep what may change of a collection: never its id, its name and its agreement."""
    tx.execute(
        "UPDATE collection SET title = ?, description = ?, strict = ?, readers = ?, writable = ?, archived_at = ?"
        " WHERE id = ?",
        (made.title, made.description, int(made.strict), *_care(made), made.id),
    )


def find_collection(reader: Reader, name_or_id: str) -> Collection | None:
    row = reader.one(f"SELECT {_COLLECTION} FROM collection WHERE id = ? OR name = ?", (name_or_id, name_or_id))
    return None if row is None else _collection(row)


def find_collection_of(reader: Reader, agreement: str) -> Collection | None:
    """The collection of what comes under an agreement."""
    row = reader.one(f"SELECT {_COLLECTION} FROM collection WHERE agreement = ?", (agreement,))
    return None if row is None else _collection(row)


def list_collections(reader: Reader) -> list[Collection]:
    """By name."""
    return [_collection(row) for row in reader.all(f"SELECT {_COLLECTION} FROM collection ORDER BY name")]


def _care(made: Collection) -> tuple[str, int, Instant]:
    return " ".join(made.readers), int(made.writable), made.archived_at


def _collection(row: Row) -> Collection:
    return Collection(
        id=row[0],
        name=row[1],
        title=row[2],
        description=row[3],
        strict=bool(row[4]),
        agreement=row[5],
        created_at=row[6],
        readers=tuple(row[7].split()),
        writable=bool(row[8]),
        archived_at=row[9],
    )


def list_to_move(reader: Reader, label_sets: Sequence[int], below: Instant, limit: int) -> list[int]:
    """Up to `limit` versions, oldest position first, that are below a position and carry one of these label sets.

    Among several bodies the one a reader is given hangs on its own assertions, so these count too.
    """
    found: set[tuple[Instant, int]] = set()
    for label_set in label_sets:
        found.update(
            (row[0], row[1])
            for row in reader.all(
                "SELECT position, id FROM version WHERE label_set_id = ? AND position < ? ORDER BY position LIMIT ?",
                (label_set, below, limit),
            )
        )
    where, params = any_of(reader, "assertion.label_set_id", label_sets)
    carrying, sets = any_of(reader, "label_set_member.alone_id", label_sets)
    found.update(
        (row[0], row[1])
        for row in reader.all(
            "SELECT version.position, version.id FROM version WHERE version.bodies > 1 AND version.position < ?"
            f" AND version.label_set_id IN (SELECT label_set_id FROM label_set_member WHERE {carrying})"
            f" AND EXISTS (SELECT 1 FROM assertion WHERE assertion.version_id = version.id AND {where})"
            " ORDER BY version.position LIMIT ?",
            (below, *sets, *params, limit),
        )
    )
    return [version for _, version in sorted(found)[:limit]]


def move(tx: Tx, versions: Sequence[int]) -> None:
    """Give versions and all their memberships new positions, in the order given."""
    first = tx.positions(len(versions))
    rows = [(first + place, version) for place, version in enumerate(versions)]
    tx.many("UPDATE version SET position = ? WHERE id = ?", rows)
    tx.many("UPDATE membership SET position = ? WHERE version_id = ?", rows)
