"""SQL of anchors: what other readers of a lane have fixed of it in lanes of their own."""

from __future__ import annotations

from dataclasses import dataclass

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant

WAITS, AGREES, CONTRADICTS = range(3)


@dataclass(frozen=True, slots=True)
class StoredAnchor:
    """The newest checkpoint of a lane that a party has anchored, and whether it fits what is held here."""

    lane_id: int
    party: str
    size: int
    note: bytes
    verdict: int
    at: Instant


def save_anchor(tx: Tx, anchor: StoredAnchor) -> None:
    """Keep the newest of a party; a contradiction that was found stays."""
    tx.execute(
        "INSERT INTO lane_anchor (lane_id, party, size, note, verdict, at) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (lane_id, party) DO UPDATE SET size = excluded.size, note = excluded.note,"
        " verdict = excluded.verdict, at = excluded.at"
        " WHERE lane_anchor.size < excluded.size AND lane_anchor.verdict <> 2",
        (anchor.lane_id, anchor.party, anchor.size, anchor.note, anchor.verdict, anchor.at),
    )


def judge_anchor(tx: Tx, anchor: StoredAnchor, verdict: int) -> None:
    """What comparing it has shown; nothing when a newer one has come meanwhile."""
    tx.execute(
        "UPDATE lane_anchor SET verdict = ? WHERE lane_id = ? AND party = ? AND size = ?",
        (verdict, anchor.lane_id, anchor.party, anchor.size),
    )


def drop_anchor(tx: Tx, anchor: StoredAnchor) -> None:
    """One that nobody has signed whose lane it is."""
    tx.execute("DELETE FROM lane_anchor WHERE lane_id = ? AND party = ?", (anchor.lane_id, anchor.party))


def list_anchors(reader: Reader, lane_id: int = 0, *, waiting: bool = False) -> list[StoredAnchor]:
    """Those of a lane (0 for any), by party; only those not compared yet when `waiting`."""
    where = [text for text, wanted in (("lane_id = ?", lane_id), ("verdict = 0", waiting)) if wanted]
    chosen = f" WHERE {' AND '.join(where)}" if where else ""
    rows = reader.all(
        f"SELECT lane_id, party, size, note, verdict, at FROM lane_anchor{chosen} ORDER BY lane_id, party",
        (lane_id,) if lane_id else (),
    )
    return [StoredAnchor(int(r[0]), str(r[1]), int(r[2]), bytes(r[3]), int(r[4]), int(r[5])) for r in rows]
