"""SQL of the ledger's lines: entries over all lanes newest first, and the signatures and receipts over a range."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from kouprey.federation.model import EPOCH_MAX, LABELLED, EntryKind
from kouprey.federation.store.entries import StoredEntry, place_of, read_place, read_state
from kouprey.federation.store.receipts import list_confirmations
from kouprey.kernel.storage.engine import Reader, Row, any_of
from kouprey.kernel.words.proof import Proof
from kouprey.kernel.words.time import Instant

HEAD_MAX = 20_000
"""Bytes of a body in which its media type and its label end; the content behind them is not read here."""

Cursor = tuple[int, ...]
"""Where a line stands: (publication,) of what was given, (received at, lane, index) of what was received."""


class StoredLine(NamedTuple):
    """An entry of a lane; its salt is left out, its body holds only the beginning."""

    lane_id: int
    entry: StoredEntry


class QueuedLine(NamedTuple):
    """A publication that waits to be appended, with the beginning of its body."""

    publication: int
    agreement: str
    kind: EntryKind
    body: bytes


_LANE = f"(r.place / {EPOCH_MAX})"
# Runs in the order of an index, and the entries of each in theirs: nothing is sorted.
_LINE = (
    f"SELECT e.place, e.header, substr(e.body, 1, {HEAD_MAX}), e.state,"
    " CASE WHEN r.publication > 0 THEN r.publication + e.place - r.place ELSE 0 END, r.at"
    " FROM lane_run AS r JOIN lane_entry AS e ON e.place >= r.place AND e.place < r.place + r.n"
)


def list_given_lines(
    reader: Reader, lanes: Collection[int], bound: Cursor, *, rising: bool, limit: int
) -> list[StoredLine]:
    """Publications in these lanes of ours beyond `bound` (() = from the end), nearest first."""
    where, params = any_of(reader, _LANE, lanes)
    way = "ASC" if rising else "DESC"
    beyond = ""
    if bound and rising:
        # The run in which the bound stands may hold more beyond it.
        first = "SELECT max(publication) FROM lane_run WHERE publication > 0 AND publication <= ?"
        beyond = f" AND r.publication >= coalesce(({first}), 0) AND e.place > r.place + ? - r.publication"
    elif bound:
        beyond = " AND r.publication < ? AND e.place < r.place + ? - r.publication"
    rows = reader.all(
        f"{_LINE} WHERE r.publication > 0 AND {where}{beyond} ORDER BY r.publication {way}, e.place {way} LIMIT ?",
        (*params, *bound, *bound, limit),
    )
    return [_line(row) for row in rows]


def list_received_lines(
    reader: Reader, lanes: Collection[int], bound: Cursor, *, rising: bool, limit: int
) -> list[StoredLine]:
    """What these replicas brought beyond `bound` (() = from the end), nearest first; not what speaks of lanes alone."""
    where, params = any_of(reader, _LANE, lanes)
    # The kind is the fifth byte of a header.
    kinds, kind_params = any_of(reader, "substr(e.header, 5, 1)", [bytes([kind]) for kind in sorted(LABELLED)])
    way, sign = ("ASC", ">") if rising else ("DESC", "<")
    beyond, far = "", list[int]()
    if bound:
        at, lane_id, index = bound
        beyond = f" AND r.at {sign}= ? AND (r.at {sign} ? OR e.place {sign} ?)"
        far = [at, at, place_of(lane_id, index)]
    rows = reader.all(
        f"{_LINE} WHERE r.publication = 0 AND {where} AND {kinds}{beyond}"
        f" ORDER BY r.at {way}, r.place {way}, e.place {way} LIMIT ?",
        (*params, *kind_params, *far, limit),
    )
    return [_line(row) for row in rows]


def list_queued_lines(
    reader: Reader, agreements: Collection[str], bound: Cursor, *, rising: bool, limit: int
) -> list[QueuedLine]:
    """Publications under these agreements that are in no lane yet, beyond `bound`, nearest first."""
    where, params = any_of(reader, "agreement", agreements)
    beyond, order = _beyond("publication", bound, rising)
    rows = reader.all(
        f"SELECT publication, agreement, kind, substr(body, 1, {HEAD_MAX}) FROM lane_outgoing"
        f" WHERE {where}{beyond} ORDER BY {order} LIMIT ?",
        (*params, *bound, limit),
    )
    return [QueuedLine(int(r[0]), str(r[1]), EntryKind(r[2]), r[3]) for r in rows]


def list_signed(reader: Reader, lane_id: int, first: int, last: int) -> list[tuple[int, Instant]]:
    """(size, when) of the checkpoints that cover an entry of [first, last] before any other does, by size."""
    rows = reader.all(
        "SELECT size, at FROM lane_checkpoint WHERE lane_id = ? AND size > ? AND size <= (SELECT coalesce(min(size),"
        " ?) FROM lane_checkpoint WHERE lane_id = ? AND size > ?) ORDER BY size",
        (lane_id, first, last, lane_id, last),
    )
    return [(int(row[0]), int(row[1])) for row in rows]


def list_confirmed(reader: Reader, lane_id: int, first: int, last: int) -> dict[str, list[tuple[int, Instant]]]:
    """Party -> (size, when we learnt it) of its receipts that cover an entry of [first, last] first, by size."""
    rows = reader.all(
        "SELECT party, size, at FROM lane_confirmation WHERE lane_id = ? AND size > ? AND size <= ?"
        " ORDER BY party, size",
        (lane_id, first, last),
    )
    found: dict[str, list[tuple[int, Instant]]] = {}
    for party, size, at in rows:
        found.setdefault(str(party), []).append((int(size), int(at)))
    for party, _said, at in list_confirmations(reader, lane_id, last):
        found.setdefault(party, []).append((_EVERYTHING, at))
    return found


_EVERYTHING = 1 << 62
"""A size for a receipt that covers all of a range, however much more it covers."""


def _beyond(columns: str, bound: Cursor, rising: bool) -> tuple[str, str]:
    """The condition and the order of one page."""
    marks = ", ".join("?" * len(bound))
    condition = f" AND ({columns}) {'>' if rising else '<'} ({marks})" if bound else ""
    return condition, ", ".join(f"{column} {'ASC' if rising else 'DESC'}" for column in columns.split(", "))


def _line(row: Row) -> StoredLine:
    lane_id, index = read_place(row[0])
    return StoredLine(lane_id, StoredEntry(index, row[1], b"", row[2], read_state(row[3]), int(row[4]), int(row[5])))


def agreements_exchanged(reader: Reader, since: Instant) -> Proof:
    """Under how many agreements something of a partner came since then."""
    row = reader.one(
        "SELECT count(DISTINCT l.agreement), min(r.at), max(r.at) FROM lane l"
        " JOIN lane_run r ON r.place >= l.id * 16777216 AND r.place < (l.id + 1) * 16777216"
        " WHERE l.mine = 0 AND r.at >= ?",
        (since,),
    )
    return (
        Proof(count=int(row[0]), first=int(row[1]), last=int(row[2])) if row is not None and row[0] else Proof(count=0)
    )
