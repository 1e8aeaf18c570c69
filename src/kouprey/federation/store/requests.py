"""SQL of what authors asked to be erased, and of what parties said they did."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from kouprey.federation.model import EPOCH_MAX
from kouprey.federation.store.entries import ERASED, HANDED_OVER, HELD, WITHHELD, place_of, read_place
from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import Instant


class EraseRequest(NamedTuple):
    """Entries [first, beyond) of lane `origin`, called erased by `author` in an entry; `done_at` is 0 until done."""

    said_in: str
    said_index: int
    first: int
    beyond: int
    origin: str
    author: str
    at: Instant
    done_at: Instant


class StoredErasureReceipt(NamedTuple):
    """The newest erasure receipt of a party for a lane; `delivered`: its author has it, when it is ours."""

    lane_id: int
    party: str
    serial: int
    note: bytes
    at: Instant
    delivered: bool


_REQUEST = "said_in, said_index, first, beyond, origin, author, at, done_at"


def insert_requests(tx: Tx, requests: Iterable[EraseRequest]) -> None:
    """Write down what was asked; what is known stays as it is."""
    tx.many(
        f"INSERT INTO erase_request ({_REQUEST}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (said_in, said_index, first) DO NOTHING",
        [tuple(each) for each in requests],
    )


def list_requests(reader: Reader, origin: str, start: int = 0, end: int = EPOCH_MAX) -> list[EraseRequest]:
    """What was asked about entries [start, end) of a lane, in order."""
    rows = reader.all(
        f"SELECT {_REQUEST} FROM erase_request WHERE origin = ? AND first < ? AND beyond > ?"
        " ORDER BY first, said_index",
        (origin, end, start),
    )
    return [EraseRequest(*row) for row in rows]


def list_open_requests(reader: Reader, limit: int) -> list[EraseRequest]:
    """Those of which something is still to be done, oldest first."""
    rows = reader.all(
        f"SELECT {_REQUEST} FROM erase_request WHERE done_at = 0 ORDER BY at, said_in, said_index, first LIMIT ?",
        (limit,),
    )
    return [EraseRequest(*row) for row in rows]


def finish_request(tx: Tx, request: EraseRequest, now: Instant) -> None:
    """All of it that can be done is done."""
    tx.execute(
        "UPDATE erase_request SET done_at = ? WHERE said_in = ? AND said_index = ? AND first = ?",
        (now, request.said_in, request.said_index, request.first),
    )


def reopen_requests(tx: Tx, origin: str, start: int, end: int) -> None:
    """Entries [start, end) came that were asked to be erased before: our word about them is to be given anew."""
    tx.execute(
        "UPDATE erase_request SET done_at = 0 WHERE origin = ? AND first < ? AND beyond > ?", (origin, end, start)
    )


def list_unerased(reader: Reader, lane_id: int, start: int, end: int, limit: int) -> list[tuple[int, bytes, int]]:
    """(index, header, state) of the entries [start, end) that are not erased, in order."""
    rows = reader.all(
        "SELECT place, header, state FROM lane_entry WHERE place >= ? AND place < ? AND state IN (?, ?, ?)"
        " ORDER BY place LIMIT ?",
        (place_of(lane_id, start), place_of(lane_id, end), HELD, WITHHELD, HANDED_OVER, limit),
    )
    return [(read_place(row[0])[1], bytes(row[1]), int(row[2])) for row in rows]


def list_erased(reader: Reader, lane_id: int, start: int, end: int) -> list[int]:
    """Entries [start, end) whose bodies are erased, in order."""
    rows = reader.all(
        "SELECT place FROM lane_entry WHERE place >= ? AND place < ? AND state <> 0 AND state = ? ORDER BY place",
        (place_of(lane_id, start), place_of(lane_id, end), ERASED),
    )
    return [read_place(row[0])[1] for row in rows]


def keep_entry(tx: Tx, lane_id: int, index: int, now: Instant) -> bool:
    """An entry that was to be erased is under a hold; False when that was known."""
    return (
        tx.execute(
            "INSERT INTO erase_kept (place, since) VALUES (?, ?) ON CONFLICT (place) DO NOTHING",
            (place_of(lane_id, index), now),
        )
        == 1
    )


def release_entry(tx: Tx, lane_id: int, index: int) -> None:
    """The hold is over."""
    tx.execute("DELETE FROM erase_kept WHERE place = ?", (place_of(lane_id, index),))


def list_kept(reader: Reader, lane_id: int) -> list[int]:
    """Entries of a lane that are kept although their author asked otherwise."""
    rows = reader.all(
        "SELECT place FROM erase_kept WHERE place >= ? AND place < ? ORDER BY place",
        (place_of(lane_id, 0), place_of(lane_id, EPOCH_MAX)),
    )
    return [read_place(row[0])[1] for row in rows]


def resolve_quarantined(tx: Tx, lane_id: int, index: int, now: Instant) -> None:
    """An entry needs no person's eye any more."""
    tx.execute(
        "UPDATE quarantine SET resolved_at = ? WHERE lane_id = ? AND entry_index = ? AND resolved_at IS NULL",
        (now, lane_id, index),
    )


def list_quarantined_as(reader: Reader, code: str) -> list[tuple[int, int]]:
    """(lane id, index) of what waits with this code."""
    rows = reader.all(
        "SELECT lane_id, entry_index FROM quarantine WHERE code = ? AND resolved_at IS NULL"
        " ORDER BY lane_id, entry_index",
        (code,),
    )
    return [(int(row[0]), int(row[1])) for row in rows]


def save_erasure_receipt(tx: Tx, receipt: StoredErasureReceipt) -> bool:
    """Keep a party's newest word; False when a newer one, or this one, is held."""
    return (
        tx.execute(
            "INSERT INTO erasure_receipt (lane_id, party, serial, note, at, delivered) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (lane_id, party) DO UPDATE SET serial = excluded.serial, note = excluded.note,"
            " at = excluded.at, delivered = excluded.delivered WHERE erasure_receipt.serial < excluded.serial",
            (*receipt[:5], int(receipt.delivered)),
        )
        == 1
    )


def erasure_receipt_delivered(tx: Tx, receipt: StoredErasureReceipt) -> None:
    """The author has this one."""
    tx.execute(
        "UPDATE erasure_receipt SET delivered = 1 WHERE lane_id = ? AND party = ? AND serial = ?",
        (receipt.lane_id, receipt.party, receipt.serial),
    )


def list_erasure_receipts(reader: Reader, lane_id: int) -> list[StoredErasureReceipt]:
    """The newest of every party for a lane."""
    rows = reader.all(
        "SELECT lane_id, party, serial, note, at, delivered FROM erasure_receipt WHERE lane_id = ? ORDER BY party",
        (lane_id,),
    )
    return [StoredErasureReceipt(r[0], r[1], r[2], bytes(r[3]), r[4], bool(r[5])) for r in rows]
