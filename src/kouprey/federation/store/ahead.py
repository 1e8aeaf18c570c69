"""SQL of what parcels brought too early, and of how far those we made have carried our lanes."""

from __future__ import annotations

from dataclasses import dataclass

from kouprey.federation.model import IndexRange
from kouprey.kernel.storage.engine import Reader, Row, Tx
from kouprey.kernel.words.time import Instant

_AHEAD = "origin, first, beyond, author, via, checkpoint, headers, frames, ended, at"


@dataclass(frozen=True, slots=True)
class Ahead:
    """Entries [first, beyond) of a lane, verified by themselves and waiting for what lies below them."""

    origin: str
    first: int
    beyond: int
    author: str
    via: str
    checkpoint: bytes
    headers: bytes
    frames: bytes
    ended: bool
    at: Instant


def keep_ahead(tx: Tx, ahead: Ahead) -> None:
    """Keep a stretch; one that is kept already changes nothing."""
    tx.execute(
        f"INSERT INTO lane_ahead ({_AHEAD}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (origin, first, beyond) DO NOTHING",
        (
            ahead.origin,
            ahead.first,
            ahead.beyond,
            ahead.author,
            ahead.via,
            ahead.checkpoint,
            ahead.headers,
            ahead.frames,
            int(ahead.ended),
            ahead.at,
        ),
    )


def drop_ahead(tx: Tx, origin: str, first: int, beyond: int) -> None:
    """Forget a stretch: it has been taken in, or was found to be wrong."""
    tx.execute("DELETE FROM lane_ahead WHERE origin = ? AND first = ? AND beyond = ?", (origin, first, beyond))


def find_next_ahead(reader: Reader, past: str = "") -> Ahead | None:
    """A stretch that follows what is held of its lane, or lies within it; the lowest of its lane.

    `past`: of lanes whose origins come after this one.
    """
    return _ahead(
        reader.one(
            f"SELECT {_AHEAD} FROM lane_ahead WHERE origin > ? AND first <= (SELECT size FROM lane WHERE lane.origin ="
            " lane_ahead.origin) ORDER BY origin, first, beyond LIMIT 1",
            (past,),
        )
    )


def list_ahead(reader: Reader, author: str) -> dict[str, list[IndexRange]]:
    """Origin -> the stretches of lanes of an author that wait, lowest first."""
    found: dict[str, list[IndexRange]] = {}
    for origin, first, beyond in reader.all(
        "SELECT origin, first, beyond FROM lane_ahead WHERE author = ? ORDER BY at, origin, first", (author,)
    ):
        found.setdefault(str(origin), []).append(IndexRange(int(first), int(beyond)))
    return found


def sum_ahead(reader: Reader, author: str) -> int:
    """Bytes that wait of an author."""
    return int(
        reader.value(
            "SELECT coalesce(sum(length(headers) + length(frames)), 0) FROM lane_ahead WHERE author = ?", (author,)
        )
    )


def note_carried(tx: Tx, party: str, lane_id: int, size: int) -> None:
    """Parcels have carried a lane to a party up to `size`; less than before changes nothing."""
    tx.execute(
        "INSERT INTO parcel_carried (party, lane_id, size) VALUES (?, ?, ?)"
        " ON CONFLICT (party, lane_id) DO UPDATE SET size = excluded.size WHERE parcel_carried.size < excluded.size",
        (party, lane_id, size),
    )


def list_carried(reader: Reader, party: str) -> dict[int, int]:
    """Lane -> how far parcels have carried it to a party."""
    rows = reader.all("SELECT lane_id, size FROM parcel_carried WHERE party = ?", (party,))
    return {int(lane): int(size) for lane, size in rows}


def _ahead(row: Row | None) -> Ahead | None:
    if row is None:
        return None
    return Ahead(
        origin=str(row[0]),
        first=int(row[1]),
        beyond=int(row[2]),
        author=str(row[3]),
        via=str(row[4]),
        checkpoint=row[5],
        headers=row[6],
        frames=row[7],
        ended=bool(row[8]),
        at=int(row[9]),
    )
