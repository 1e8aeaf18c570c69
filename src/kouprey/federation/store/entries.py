"""SQL of entries: those of lanes, and the bodies that wait to become some."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kouprey.federation.model import EntryKind, LaneClass
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.words.time import Instant

HELD, ERASED, WITHHELD = 0, 1, 2
"""What `lane_entry.state` says of a body; the same numbers as BodyState."""


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One entry: its 64-byte header, and salt and body where they are held."""

    index: int
    header: bytes
    salt: bytes
    body: bytes
    state: int
    publication: int
    at: Instant


class Outgoing(NamedTuple):
    """A body waiting to be appended to a lane of ours."""

    publication: int
    agreement: str
    lane_class: LaneClass
    kind: EntryKind
    body: bytes
    at: Instant


def insert_entries(tx: Tx, lane_id: int, entries: Iterable[StoredEntry]) -> None:
    """Store entries that follow what is there."""
    insert_entry_values(
        tx, ((lane_id, e.index, e.header, e.salt, e.body, e.state, e.publication, e.at) for e in entries)
    )


def insert_entry_values(tx: Tx, values: Iterable[tuple[object, ...]]) -> None:
    """Store entries given as (lane, index, header, salt, body, state, publication, at)."""
    tx.many(
        "INSERT INTO lane_entry (lane_id, entry_index, header, salt, body, state, publication, at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    )


def list_entries(reader: Reader, lane_id: int, start: int, end: int) -> list[StoredEntry]:
    """Entries [start, end)."""
    rows = reader.all(
        "SELECT entry_index, header, salt, body, state, publication, at FROM lane_entry"
        " WHERE lane_id = ? AND entry_index >= ? AND entry_index < ? ORDER BY entry_index",
        (lane_id, start, end),
    )
    return [StoredEntry(int(r[0]), r[1], r[2], r[3], int(r[4]), int(r[5]), int(r[6])) for r in rows]


def end_within(reader: Reader, lane_id: int, start: int, end: int, most: int) -> int:
    """How far from `start` towards `end` the bodies stay below `most` bytes together; one always fits."""
    rows = reader.all(
        "SELECT entry_index, length(body) FROM lane_entry"
        " WHERE lane_id = ? AND entry_index >= ? AND entry_index < ? ORDER BY entry_index",
        (lane_id, start, end),
    )
    total = 0
    for index, length in rows:
        total += int(length)
        if total > most and index > start:
            return int(index)
    return end


def list_headers(reader: Reader, lane_id: int, start: int, end: int) -> list[bytes]:
    """Headers [start, end), without their bodies."""
    rows = reader.all(
        "SELECT header FROM lane_entry WHERE lane_id = ? AND entry_index >= ? AND entry_index < ? ORDER BY entry_index",
        (lane_id, start, end),
    )
    return [row[0] for row in rows]


def list_places(reader: Reader, publications: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Publication number -> (lane id, index), for those appended already."""
    chosen, params = any_of(reader, "publication", publications)
    rows = reader.all(
        f"SELECT publication, lane_id, entry_index FROM lane_entry WHERE publication > 0 AND {chosen}", params
    )
    return {int(publication): (int(lane_id), int(index)) for publication, lane_id, index in rows}


def count_published(reader: Reader, lane_id: int, start: int) -> int:
    """Entries from `start` on that somebody published, so without those that speak about the lane itself."""
    return int(
        reader.value(
            "SELECT count(*) FROM lane_entry WHERE lane_id = ? AND entry_index >= ? AND publication > 0",
            (lane_id, start),
        )
    )


def fill_entry(tx: Tx, lane_id: int, index: int, salt: bytes, body: bytes) -> bool:
    """Keep a body that was withheld from us before; False when it is held or erased by now."""
    return (
        tx.execute(
            "UPDATE lane_entry SET salt = ?, body = ?, state = ? WHERE lane_id = ? AND entry_index = ? AND state = ?",
            (salt, body, HELD, lane_id, index, WITHHELD),
        )
        == 1
    )


def list_withheld(reader: Reader, lane_id: int, limit: int) -> list[int]:
    """Indices whose bodies were withheld from us, in order."""
    rows = reader.all(
        "SELECT entry_index FROM lane_entry WHERE lane_id = ? AND state <> 0 AND state = ?"
        " ORDER BY entry_index LIMIT ?",
        (lane_id, WITHHELD, limit),
    )
    return [int(row[0]) for row in rows]


def delete_from(tx: Tx, lane_id: int, start: int) -> None:
    """Forget entries from `start` on; only those nobody has signed may be forgotten."""
    tx.execute("DELETE FROM lane_entry WHERE lane_id = ? AND entry_index >= ?", (lane_id, start))


def queue_outgoing(tx: Tx, waiting: Iterable[Outgoing]) -> None:
    """Durably promise to append these."""
    tx.many(
        "INSERT INTO lane_outgoing (publication, agreement, class, kind, body, at) VALUES (?, ?, ?, ?, ?, ?)",
        ((o.publication, o.agreement, str(o.lane_class), int(o.kind), o.body, o.at) for o in waiting),
    )


def list_outgoing(
    reader: Reader, agreement: str, lane_class: LaneClass, limit: int, most: int = 1 << 62
) -> list[Outgoing]:
    """What waits for one lane, oldest first: at most `limit`, and about `most` bytes but at least one."""
    where = "FROM lane_outgoing WHERE agreement = ? AND class = ?"
    key = (agreement, str(lane_class))
    total = last = 0
    for publication, length in reader.all(
        f"SELECT publication, length(body) {where} ORDER BY publication LIMIT ?", (*key, limit)
    ):
        total += int(length)
        if last and total > most:
            break
        last = int(publication)
    rows = reader.all(
        f"SELECT publication, kind, body, at {where} AND publication <= ? ORDER BY publication", (*key, last)
    )
    return [Outgoing(int(r[0]), agreement, lane_class, EntryKind(r[1]), r[2], int(r[3])) for r in rows]


def has_outgoing(reader: Reader, agreement: str, lane_class: LaneClass) -> bool:
    """True when something waits for this lane."""
    return (
        reader.value(
            "SELECT 1 FROM lane_outgoing WHERE agreement = ? AND class = ? LIMIT 1", (agreement, str(lane_class))
        )
        is not None
    )


def list_outgoing_lanes(reader: Reader) -> list[tuple[str, LaneClass]]:
    """(agreement, class) pairs for which something waits; priority before bulk."""
    rows = reader.all("SELECT DISTINCT agreement, class FROM lane_outgoing")
    return sorted(
        ((str(agreement), LaneClass(name)) for agreement, name in rows),
        key=lambda pair: (pair[1] is not LaneClass.PRIORITY, pair[0]),
    )


def count_outgoing(reader: Reader) -> dict[str, int]:
    """Agreement -> how many bodies wait to be appended."""
    return {str(a): int(n) for a, n in reader.all("SELECT agreement, count(*) FROM lane_outgoing GROUP BY agreement")}


def delete_outgoing(tx: Tx, agreement: str, lane_class: LaneClass, first: int, last: int) -> None:
    """Those from `first` to `last` are entries now, in this same transaction."""
    tx.execute(
        "DELETE FROM lane_outgoing WHERE agreement = ? AND class = ? AND publication >= ? AND publication <= ?",
        (agreement, str(lane_class), first, last),
    )
