"""SQL that looks at lanes as wholes, for examination."""

from __future__ import annotations

from kouprey.federation.store.entries import HELD, WITHHELD
from kouprey.federation.store.lanes import StoredCheckpoint
from kouprey.kernel.storage.engine import Reader, Tx

HANDED_OVER = -1
"""What stands for the publication number in a replica's entry that is fetched again; those of replicas are else 0."""


def list_checkpoints(reader: Reader, lane_id: int) -> list[StoredCheckpoint]:
    """Every checkpoint of a lane, smallest first."""
    rows = reader.all(
        "SELECT size, root, note, frontier, at FROM lane_checkpoint WHERE lane_id = ? ORDER BY size", (lane_id,)
    )
    return [StoredCheckpoint(int(row[0]), row[1], row[2], row[3], int(row[4])) for row in rows]


def withhold(tx: Tx, lane_id: int, index: int) -> None:
    """Forget a body of another party's lane, so that it is asked for again; it has been handed to its receiver."""
    tx.execute(
        "UPDATE lane_entry SET salt = ?, body = ?, state = ?, publication = ?"
        " WHERE lane_id = ? AND entry_index = ? AND state = ?",
        (b"", b"", WITHHELD, HANDED_OVER, lane_id, index, HELD),
    )


def list_handed_over(reader: Reader, lane_id: int) -> set[int]:
    """Entries whose bodies were handed to their receivers before they had to be fetched again."""
    rows = reader.all(
        "SELECT entry_index FROM lane_entry WHERE lane_id = ? AND state <> 0 AND publication = ?",
        (lane_id, HANDED_OVER),
    )
    return {int(row[0]) for row in rows}


def count_held_back(reader: Reader) -> int:
    """Entries in quarantine."""
    return int(reader.value("SELECT count(*) FROM quarantine WHERE resolved_at IS NULL"))
