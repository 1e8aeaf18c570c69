"""SQL of receipts that count no more: a stolen receipt key had signed them."""

from __future__ import annotations

from dataclasses import dataclass

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


@dataclass(frozen=True, slots=True)
class Disowned:
    """What was claimed for a party up to `size`, and that the party has disowned it since."""

    party: str
    size: int
    said_at: Instant
    at: Instant
    disowned_at: Instant


def disown_receipts(tx: Tx, lane_id: int, party: str, beyond: int, key: str, now: Instant) -> None:
    """What `key` (hex) has confirmed for a party above the size `beyond` counts no more.

    Of confirmations from before the key was kept nobody knows by which they are; none is above what the party says it
    had confirmed, so those above are disowned too.
    """
    of_key = "lane_id = ? AND party = ? AND size > ? AND signed_by IN (?, '')"
    which = (lane_id, party, beyond, key)
    tx.execute(
        "INSERT INTO disowned_receipt (lane_id, party, size, said_at, at, disowned_at)"
        f" SELECT lane_id, party, size, said_at, at, ? FROM lane_confirmation WHERE {of_key}"
        " ON CONFLICT (lane_id, party, size) DO NOTHING",
        (now, *which),
    )
    tx.execute(f"DELETE FROM lane_confirmation WHERE {of_key}", which)
    # The newest receipt stands and falls with the confirmation of its size: the two are written together.
    tx.execute(
        "DELETE FROM lane_receipt WHERE lane_id = ? AND party = ? AND size > ? AND NOT EXISTS (SELECT 1"
        " FROM lane_confirmation AS c WHERE c.lane_id = lane_receipt.lane_id AND c.party = lane_receipt.party"
        " AND c.size = lane_receipt.size)",
        (lane_id, party, beyond),
    )


def list_disowned(reader: Reader, lane_id: int) -> list[Disowned]:
    """What was disowned in a lane, by party and size."""
    found = reader.all(
        "SELECT party, size, said_at, at, disowned_at FROM disowned_receipt WHERE lane_id = ? ORDER BY party, size",
        (lane_id,),
    )
    return [Disowned(str(row[0]), int(row[1]), int(row[2]), int(row[3]), int(row[4])) for row in found]
