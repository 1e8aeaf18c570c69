"""SQL by which bodies leave lanes, and of the list of erasures in the database of the guard."""

from __future__ import annotations

from collections.abc import Sequence

from kouprey.federation.model import EntryKind
from kouprey.federation.store.blobs import drop_file_at, drop_published_files
from kouprey.federation.store.entries import ERASED, HELD, place_of, read_place
from kouprey.kernel.storage.engine import Reader, Tx, any_of


def erase_entry(tx: Tx, lane_id: int, index: int) -> int:
    """Remove body and salt of an entry for good; its header, which the proof rests on, stays. 0 when it was gone."""
    # The parts of a file go with its manifest, whole or not.
    drop_file_at(tx, lane_id, index)
    return tx.execute(
        "UPDATE lane_entry SET salt = ?, body = ?, state = ? WHERE place = ? AND state <> ?",
        (b"", b"", ERASED, place_of(lane_id, index), ERASED),
    )


def list_erase_entries(reader: Reader, lane_id: int, end: int) -> list[tuple[int, bytes]]:
    """(index, body) of the entries below `end` that call others erased, as far as they are held."""
    rows = reader.all(
        # The fifth byte of a header is the kind (docs/spec/lane.md).
        "SELECT place, body FROM lane_entry WHERE place >= ? AND place < ? AND substr(header, 5, 1) = ? AND state = ?"
        " ORDER BY place",
        (place_of(lane_id, 0), place_of(lane_id, end), bytes([EntryKind.ERASE]), HELD),
    )
    return [(read_place(row[0])[1], bytes(row[1])) for row in rows]


def cancel_outgoing(tx: Tx, publications: Sequence[int]) -> None:
    """These are never appended."""
    drop_published_files(tx, publications)
    where, params = any_of(tx, "publication", publications)
    tx.execute(f"DELETE FROM lane_outgoing WHERE {where}", params)


def insert_erasure(tx: Tx, record: str, after: int) -> int:
    """The number it got."""
    number = max(after, int(tx.value("SELECT max(number) FROM erasure") or 0)) + 1
    keep_erasure(tx, number, record)
    return number


def list_erasures(reader: Reader, after: int) -> list[tuple[int, str]]:
    """(number, record), in order."""
    rows = reader.all("SELECT number, record FROM erasure WHERE number > ? ORDER BY number", (after,))
    return [(int(row[0]), str(row[1])) for row in rows]


def keep_erasure(tx: Tx, number: int, record: str) -> None:
    """A line from elsewhere under the number it has there, which must be free."""
    tx.execute("INSERT INTO erasure (number, record) VALUES (?, ?)", (number, record))
