"""SQL that looks at lanes as wholes, for examination."""

from __future__ import annotations

from kouprey.federation.model import EPOCH_MAX
from kouprey.federation.store.entries import HANDED_OVER, HELD, list_absent, place_of
from kouprey.federation.store.lanes import StoredCheckpoint
from kouprey.kernel.storage.engine import Reader, Tx


def list_checkpoints(reader: Reader, lane_id: int) -> list[StoredCheckpoint]:
    """Every checkpoint of a lane, smallest first."""
    rows = reader.all(
        "SELECT size, root, note, frontier, at FROM lane_checkpoint WHERE lane_id = ? ORDER BY size", (lane_id,)
    )
    return [StoredCheckpoint(int(row[0]), row[1], row[2], row[3], int(row[4])) for row in rows]


def withhold(tx: Tx, lane_id: int, index: int) -> None:
    """Forget a body of another party's lane, so that it is asked for again; it has been handed to its receiver."""
    tx.execute(
        "UPDATE lane_entry SET salt = ?, body = ?, state = ? WHERE place = ? AND state = ?",
        (b"", b"", HANDED_OVER, place_of(lane_id, index), HELD),
    )


def list_handed_over(reader: Reader, lane_id: int) -> set[int]:
    """Entries whose bodies were handed to their receivers before they had to be fetched again."""
    return set(list_absent(reader, lane_id, EPOCH_MAX, (HANDED_OVER,)))


def count_held_back(reader: Reader) -> int:
    """Entries in quarantine."""
    return int(reader.value("SELECT count(*) FROM quarantine WHERE resolved_at IS NULL"))
