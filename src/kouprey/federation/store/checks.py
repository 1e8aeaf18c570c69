"""SQL that looks at lanes as wholes, for examination."""

from __future__ import annotations

from kouprey.federation.model import EPOCH_MAX, EntryKind
from kouprey.federation.store.entries import HANDED_OVER, HELD, list_absent, place_of, read_place
from kouprey.federation.store.lanes import Lane, StoredCheckpoint
from kouprey.kernel.storage import meta
from kouprey.kernel.storage.engine import Reader, Tx


def list_checkpoints(reader: Reader, lane_id: int) -> list[StoredCheckpoint]:
    """Every checkpoint of a lane, smallest first."""
    rows = reader.all(
        "SELECT size, root, note, frontier, at FROM lane_checkpoint WHERE lane_id = ? ORDER BY size", (lane_id,)
    )
    return [StoredCheckpoint(int(row[0]), row[1], row[2], row[3], int(row[4])) for row in rows]


_MARK = "damaged-lane-"


def mark(tx: Tx, lane_id: int) -> None:
    """This lane is damaged: it is compared with what peers hold of it at the next exchange."""
    meta.put(tx, f"{_MARK}{lane_id}", b"")


def unmark(tx: Tx, lane_id: int) -> None:
    """This lane is whole again."""
    meta.delete(tx, f"{_MARK}{lane_id}")


def list_marked(reader: Reader) -> list[int]:
    """Lanes that are to be compared with what peers hold."""
    rows = reader.all("SELECT key FROM meta WHERE key LIKE ? ORDER BY key", (f"{_MARK}%",))
    return sorted(int(str(row[0]).removeprefix(_MARK)) for row in rows)


def set_aside(tx: Tx, lane_id: int, index: int) -> None:
    """A body that is damaged is given to nobody any more, and stays until the true one has come."""
    tx.execute(
        "UPDATE lane_entry SET state = ? WHERE place = ? AND state = ?", (HANDED_OVER, place_of(lane_id, index), HELD)
    )


def insert_lost(tx: Tx, lane_id: int, index: int, header: bytes) -> None:
    """An entry whose row was lost; its body has been handed to its receiver."""
    tx.execute(
        "INSERT INTO lane_entry (place, header, salt, body, state) VALUES (?, ?, ?, ?, ?)",
        (place_of(lane_id, index), header, b"", b"", HANDED_OVER),
    )


def replace_header(tx: Tx, lane_id: int, index: int, header: bytes) -> None:
    """The header that was signed, in place of what became of it."""
    tx.execute("UPDATE lane_entry SET header = ? WHERE place = ?", (header, place_of(lane_id, index)))


def replace_checkpoint(tx: Tx, lane_id: int, kept: StoredCheckpoint) -> None:
    """A checkpoint of a size that is stored, as it was signed."""
    tx.execute(
        "UPDATE lane_checkpoint SET root = ?, note = ?, frontier = ? WHERE lane_id = ? AND size = ?",
        (kept.root, kept.note, kept.frontier, lane_id, kept.size),
    )


def drop_checkpoint(tx: Tx, lane_id: int, size: int) -> None:
    """Forget a damaged checkpoint; a larger one signs the same entries."""
    tx.execute("DELETE FROM lane_checkpoint WHERE lane_id = ? AND size = ?", (lane_id, size))


def measure(reader: Reader, lane_id: int) -> tuple[int, int]:
    """(entries, size of the largest checkpoint) as they are stored."""
    last = reader.value(
        "SELECT max(place) FROM lane_entry WHERE place >= ? AND place < ?",
        (place_of(lane_id, 0), place_of(lane_id, EPOCH_MAX)),
    )
    signed = reader.value("SELECT max(size) FROM lane_checkpoint WHERE lane_id = ?", (lane_id,))
    return 0 if last is None else read_place(int(last))[1] + 1, int(signed or 0)


def replace_row(tx: Tx, true: Lane) -> None:
    """What the genesis and the entries of a lane say, in the row of the lane."""
    tx.execute(
        "UPDATE lane SET origin = ?, tag = ?, agreement = ?, agreement_version = ?, version_sha256 = ?, author = ?,"
        " audience = ?, class = ?, genesis = ?, mine = ?, size = ?, signed_size = ? WHERE id = ?",
        (
            true.origin,
            true.tag,
            true.agreement,
            true.agreement_version,
            true.version_sha256,
            true.author,
            " ".join(true.audience),
            str(true.lane_class),
            true.genesis,
            int(true.mine),
            true.size,
            true.signed_size,
            true.id,
        ),
    )


def replace_frontier(tx: Tx, lane_id: int, frontier: bytes) -> None:
    """The compact range of what is signed, beside the lane."""
    tx.execute("UPDATE lane SET frontier = ? WHERE id = ?", (frontier, lane_id))


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


def drop_receipt(tx: Tx, lane_id: int, party: str) -> None:
    """Forget the receipt of a party for a lane, so that it is taken when it comes again."""
    tx.execute("DELETE FROM lane_receipt WHERE lane_id = ? AND party = ?", (lane_id, party))


def drop_card(tx: Tx, statement: str) -> None:
    """Forget a card that was kept."""
    tx.execute("DELETE FROM party_card WHERE statement = ?", (statement,))


def list_statements(reader: Reader, party: str) -> list[tuple[int, bytes]]:
    """(serial, note) of every key statement of a party."""
    rows = reader.all("SELECT serial, note FROM key_statement WHERE party = ? ORDER BY serial", (party,))
    return [(int(row[0]), bytes(row[1])) for row in rows]


def list_all_papers(reader: Reader) -> list[tuple[str, bytes]]:
    """(party, papers) of everything that is still to be brought."""
    rows = reader.all("SELECT party, papers FROM paper_outgoing WHERE delivered_at = 0 ORDER BY id, party")
    return [(str(row[0]), bytes(row[1])) for row in rows]


def list_all_outgoing(reader: Reader, limit: int = 10_000) -> list[tuple[int, EntryKind, bytes]]:
    """(publication, kind, body) of what waits to become an entry, oldest first."""
    rows = reader.all("SELECT publication, kind, body FROM lane_outgoing ORDER BY publication LIMIT ?", (limit,))
    return [(int(row[0]), EntryKind(row[1]), bytes(row[2])) for row in rows]
