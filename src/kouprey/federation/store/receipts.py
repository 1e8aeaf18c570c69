"""SQL of receipts, and of entries that are kept without being applied."""

from __future__ import annotations

from dataclasses import dataclass

from kouprey.federation.store.entries import list_absent
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant

_WHY_MAX = 2000


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """The newest receipt of a party for a lane; `delivered_size` tells how far the author has it, when it is ours."""

    lane_id: int
    party: str
    size: int
    receipt: bytes
    said_at: Instant
    at: Instant
    delivered_size: int
    signed_by: str = ""
    """Hex of the receipt key; "" where it is not asked for again."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An entry that is kept but was not applied, with the reason."""

    lane_id: int
    index: int
    code: str
    why: str
    at: Instant
    resolved_at: Instant | None


def save_receipt(tx: Tx, receipt: StoredReceipt) -> None:
    """Keep the newest receipt of a party; an older one changes nothing."""
    tx.execute(
        "INSERT INTO lane_receipt (lane_id, party, size, receipt, said_at, at, delivered_size)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (lane_id, party) DO UPDATE SET size = excluded.size, receipt = excluded.receipt,"
        " said_at = excluded.said_at, at = excluded.at, delivered_size = excluded.delivered_size"
        " WHERE lane_receipt.size < excluded.size"
        " OR (lane_receipt.size = excluded.size AND lane_receipt.said_at <= excluded.said_at)",
        (
            receipt.lane_id,
            receipt.party,
            receipt.size,
            receipt.receipt,
            receipt.said_at,
            receipt.at,
            receipt.delivered_size,
        ),
    )
    tx.execute(
        "INSERT INTO lane_confirmation (lane_id, party, size, said_at, at, signed_by) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (lane_id, party, size) DO NOTHING",
        (receipt.lane_id, receipt.party, receipt.size, receipt.said_at, receipt.at, receipt.signed_by),
    )


def receipt_delivered(tx: Tx, lane_id: int, party: str, size: int) -> None:
    """The author has acknowledged our receipt up to `size`."""
    tx.execute(
        "UPDATE lane_receipt SET delivered_size = ? WHERE lane_id = ? AND party = ? AND delivered_size < ?",
        (size, lane_id, party, size),
    )


def receipt_in_doubt(tx: Tx, lane_id: int, party: str) -> None:
    """The author seems to have lost what we confirmed: bring our receipt once more."""
    tx.execute("UPDATE lane_receipt SET delivered_size = 0 WHERE lane_id = ? AND party = ?", (lane_id, party))


def list_receipts(reader: Reader, lane_id: int) -> list[StoredReceipt]:
    """The newest receipt of every party for a lane."""
    rows = reader.all(
        "SELECT lane_id, party, size, receipt, said_at, at, delivered_size FROM lane_receipt"
        " WHERE lane_id = ? ORDER BY party",
        (lane_id,),
    )
    return [StoredReceipt(int(r[0]), str(r[1]), int(r[2]), r[3], int(r[4]), int(r[5]), int(r[6])) for r in rows]


def quarantine(tx: Tx, lane_id: int, index: int, code: str, why: str, now: Instant) -> None:
    """Note that an entry is kept and not applied; `why` may quote the entry, so it is cut and cleaned."""
    text = why.replace("\0", "").encode("utf-8", "replace").decode()[:_WHY_MAX]
    tx.execute(
        "INSERT INTO quarantine (lane_id, entry_index, code, why, at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (lane_id, entry_index) DO NOTHING",
        (lane_id, index, code[:100], text, now),
    )


def count_quarantined(reader: Reader, lane_id: int) -> int:
    """How many entries of a lane wait for a person's eye."""
    return int(reader.value("SELECT count(*) FROM quarantine WHERE lane_id = ? AND resolved_at IS NULL", (lane_id,)))


def list_quarantined(reader: Reader, limit: int = 200) -> list[Quarantined]:
    """What waits for a person's eye, newest first."""
    rows = reader.all(
        "SELECT lane_id, entry_index, code, why, at, resolved_at FROM quarantine WHERE resolved_at IS NULL"
        " ORDER BY at DESC, lane_id, entry_index LIMIT ?",
        (limit,),
    )
    return [Quarantined(int(r[0]), int(r[1]), str(r[2]), str(r[3]), int(r[4]), r[5]) for r in rows]


def list_missing_bodies(reader: Reader, lane_id: int, end: int) -> list[int]:
    """Indices below `end` whose bodies are not held or not applied."""
    waiting = reader.all(
        "SELECT entry_index FROM quarantine WHERE lane_id = ? AND entry_index < ? AND resolved_at IS NULL",
        (lane_id, end),
    )
    return sorted({*list_absent(reader, lane_id, end), *(int(row[0]) for row in waiting)})


def list_confirmations(reader: Reader, lane_id: int, index: int) -> list[tuple[str, Instant, Instant]]:
    """(party, when it says so, when we learnt it) of the first receipt of each party that covers an entry."""
    rows = reader.all(
        "SELECT party, said_at, at FROM lane_confirmation AS c WHERE lane_id = ? AND size = (SELECT min(size)"
        " FROM lane_confirmation WHERE lane_id = c.lane_id AND party = c.party AND size > ?) ORDER BY party",
        (lane_id, index),
    )
    return [(str(row[0]), int(row[1]), int(row[2])) for row in rows]


def list_receipt_times(reader: Reader, lane_id: int) -> list[tuple[str, int, Instant, Instant]]:
    """(party, size, when it says so, when we learnt it) of every receipt for a lane, by party and size."""
    rows = reader.all(
        "SELECT party, size, said_at, at FROM lane_confirmation WHERE lane_id = ? ORDER BY party, size", (lane_id,)
    )
    return [(str(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in rows]
