"""SQL that looks at lanes as wholes, for examination."""

from __future__ import annotations

from kouprey.federation.store.entries import HELD, WITHHELD
from kouprey.federation.store.lanes import StoredCheckpoint
from kouprey.kernel.storage.engine import Reader, Tx


def list_checkpoints(reader: Reader, lane_id: int) -> list[StoredCheckpoint]:
    """Every checkpoint of a lane, smallest first."""
    rows = reader.all(
        "SELECT size, root, note, frontier, at FROM lane_checkpoint WHERE lane_id = ? ORDER BY size", (lane_id,)
    )
    return [StoredCheckpoint(int(row[0]), row[1], row[2], row[3], int(row[4])) for row in rows]


def list_receipts(reader: Reader, lane_id: int) -> list[tuple[str, int, bytes]]:
    """(party, size, receipt) of a lane."""
    rows = reader.all("SELECT party, size, receipt FROM lane_receipt WHERE lane_id = ? ORDER BY party", (lane_id,))
    return [(str(row[0]), int(row[1]), row[2]) for row in rows]


def withhold(tx: Tx, lane_id: int, index: int) -> None:
    """Forget a body of another party's lane, so that it is asked for again."""
    tx.execute(
        "UPDATE lane_entry SET salt = ?, body = ?, state = ? WHERE lane_id = ? AND entry_index = ? AND state = ?",
        (b"", b"", WITHHELD, lane_id, index, HELD),
    )


def count_held_back(reader: Reader) -> int:
    """Entries in quarantine."""
    return int(reader.value("SELECT count(*) FROM quarantine WHERE resolved_at IS NULL"))
