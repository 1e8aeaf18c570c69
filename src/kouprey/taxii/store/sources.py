"""Sources we pull from over TAXII, how far we are in each, and what its walks came to."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.taxii.model.pulling import Place, Pull, Rejected, Remote

_REMOTE = (
    "id, name, url, collection, sealed, tlp, into_id, types, since, overlap, every, allow_private, paused, made_by,"
    " made_at"
)
_PLACE = "turn, after, next, latest, reached, failures, due_at"
_PULL = "id, source_id, began_at, ended_at, pages, objects, new, repeats, conflicts, refused, trouble"
KEPT_REFUSALS = 1_000
KEPT_PULLS = 1_000


def insert(tx: Tx, made: Remote, place: Place) -> None:
    holes = ", ".join("?" * 22)
    tx.execute(
        f"INSERT INTO taxii_source ({_REMOTE}, {_PLACE}) VALUES ({holes})",
        (*_values(made), *msgspec.structs.astuple(place)),
    )


def change(tx: Tx, made: Remote) -> None:
    """Everything a person chooses; where the walk stands stays."""
    names = _REMOTE.split(", ")[1:]
    tx.execute(
        f"UPDATE taxii_source SET {', '.join(f'{name.strip()} = ?' for name in names)} WHERE id = ?",
        (*_values(made)[1:], made.id),
    )


def remove(tx: Tx, source: str) -> None:
    for table in ("taxii_refusal", "taxii_pull"):
        tx.execute(f"DELETE FROM {table} WHERE source_id = ?", (source,))
    tx.execute("DELETE FROM taxii_source WHERE id = ?", (source,))


def list_all(reader: Reader) -> list[Remote]:
    return [_remote(row) for row in reader.all(f"SELECT {_REMOTE} FROM taxii_source ORDER BY name, id")]


def find(reader: Reader, name_or_id: str) -> Remote | None:
    row = reader.one(
        f"SELECT {_REMOTE} FROM taxii_source WHERE id = ? OR name = ? ORDER BY id LIMIT 1", (name_or_id, name_or_id)
    )
    return None if row is None else _remote(row)


def find_at(reader: Reader, url: str, collection: str) -> Remote | None:
    row = reader.one(f"SELECT {_REMOTE} FROM taxii_source WHERE url = ? AND collection = ?", (url, collection))
    return None if row is None else _remote(row)


def get_place(reader: Reader, source: str) -> Place | None:
    """None when the source was removed."""
    row = reader.one(f"SELECT {_PLACE} FROM taxii_source WHERE id = ?", (source,))
    return None if row is None else Place(**dict(zip(_PLACE.split(", "), row, strict=True)))


def set_place(tx: Tx, source: str, place: Place) -> None:
    names = _PLACE.split(", ")
    tx.execute(
        f"UPDATE taxii_source SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
        (*msgspec.structs.astuple(place), source),
    )


def set_paused(tx: Tx, source: str, paused: bool) -> None:
    tx.execute("UPDATE taxii_source SET paused = ? WHERE id = ?", (int(paused), source))


def list_due(reader: Reader, now: Instant) -> list[Remote]:
    """Those that the running node is to pull now, the longest due first."""
    rows = reader.all(
        f"SELECT {_REMOTE} FROM taxii_source WHERE due_at > 0 AND paused = 0 AND due_at <= ? ORDER BY due_at, id",
        (now,),
    )
    return [_remote(row) for row in rows]


def begin_pull(tx: Tx, source: str, at: Instant) -> Pull:
    """A new walk; one that never ended is told to have been interrupted."""
    tx.execute(
        "UPDATE taxii_pull SET ended_at = ?, trouble = 'It was interrupted; the next one went on where it was.'"
        " WHERE source_id = ? AND ended_at = 0",
        (at, source),
    )
    number = tx.value(
        "INSERT INTO taxii_pull (source_id, began_at, ended_at, pages, objects, new, repeats, conflicts, refused,"
        " trouble) VALUES (?, ?, 0, 0, 0, 0, 0, 0, 0, '') RETURNING id",
        (source, at),
    )
    tx.execute("DELETE FROM taxii_pull WHERE source_id = ? AND id <= ?", (source, int(number) - KEPT_PULLS))
    return Pull(id=int(number), source=source, began_at=at)


def save_pull(tx: Tx, pull: Pull) -> None:
    tx.execute(
        "UPDATE taxii_pull SET ended_at = ?, pages = ?, objects = ?, new = ?, repeats = ?, conflicts = ?, refused = ?,"
        " trouble = ? WHERE id = ?",
        (
            pull.ended_at,
            pull.pages,
            pull.objects,
            pull.new,
            pull.repeats,
            pull.conflicts,
            pull.refused,
            pull.trouble,
            pull.id,
        ),
    )


def drop_pull(tx: Tx, pull: Pull) -> None:
    """A walk that found nothing new leaves no trace but when it was."""
    tx.execute("DELETE FROM taxii_pull WHERE id = ?", (pull.id,))


def list_pulls(reader: Reader, source: str, limit: int) -> list[Pull]:
    """The newest first."""
    rows = reader.all(f"SELECT {_PULL} FROM taxii_pull WHERE source_id = ? ORDER BY id DESC LIMIT ?", (source, limit))
    return [
        Pull(
            id=row[0],
            source=row[1],
            began_at=row[2],
            ended_at=row[3],
            pages=row[4],
            objects=row[5],
            new=row[6],
            repeats=row[7],
            conflicts=row[8],
            refused=row[9],
            trouble=row[10],
        )
        for row in rows
    ]


def add_refusals(tx: Tx, source: str, at: Instant, refused: Iterable[tuple[str, str]]) -> None:
    rows = [(source, at, thing[:300], why[:1_000]) for thing, why in refused]
    if not rows:
        return
    tx.many("INSERT INTO taxii_refusal (source_id, at, object, why) VALUES (?, ?, ?, ?)", rows)
    tx.execute(
        "DELETE FROM taxii_refusal WHERE source_id = ? AND id <= (SELECT id FROM taxii_refusal WHERE source_id = ?"
        " ORDER BY id DESC LIMIT 1 OFFSET ?)",
        (source, source, KEPT_REFUSALS),
    )


def list_refusals(reader: Reader, source: str, limit: int) -> list[Rejected]:
    """The newest first."""
    rows = reader.all(
        "SELECT at, object, why FROM taxii_refusal WHERE source_id = ? ORDER BY id DESC LIMIT ?", (source, limit)
    )
    return [Rejected(at=row[0], object=row[1], why=row[2]) for row in rows]


def _values(made: Remote) -> tuple[object, ...]:
    return (
        made.id,
        made.name,
        made.url,
        made.collection,
        made.sealed,
        int(made.tlp),
        made.into,
        " ".join(made.types),
        made.since,
        made.overlap,
        made.every,
        int(made.allow_private),
        int(made.paused),
        made.made_by,
        made.made_at,
    )


def _remote(row: Row) -> Remote:
    return Remote(
        id=row[0],
        name=row[1],
        url=row[2],
        collection=row[3],
        sealed=bytes(row[4]),
        tlp=TLP(int(row[5])),
        into=row[6],
        types=tuple(row[7].split()),
        since=row[8],
        overlap=row[9],
        every=row[10],
        allow_private=bool(row[11]),
        paused=bool(row[12]),
        made_by=row[13],
        made_at=row[14],
    )
