"""SQL of entries: those of lanes, and the bodies that wait to become some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import msgspec

from kouprey.federation.model import EPOCH_MAX, EntryKind, LaneClass
from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.words.time import Instant

HELD, ERASED, WITHHELD = 0, 1, 2
"""What is said of a body; the same numbers as BodyState."""
HANDED_OVER = 3
"""Kept only: the body is withheld, and its receiver has had it."""


class StoredEntry(msgspec.Struct, frozen=True):
    """One entry: its 64-byte header, and salt and body where they are held.

    `publication` is 0 for what others sent and for what speaks of its lane alone.
    """

    index: int
    header: bytes
    salt: bytes
    body: bytes
    state: int
    publication: int
    at: Instant


class Outgoing(NamedTuple):
    """A body waiting to be appended to a lane of ours."""

    publication: int
    agreement: str
    lane_class: LaneClass
    kind: EntryKind
    body: bytes
    at: Instant
    aim: str = ""


class Run(NamedTuple):
    """Entries stored together: `n` from `place` on, whose publication numbers follow one another (0: none has one)."""

    place: int
    n: int
    publication: int
    at: Instant


def place_of(lane_id: int, index: int) -> int:
    """The one number under which an entry is kept; the places of a lane follow one another."""
    return lane_id * EPOCH_MAX + min(index, EPOCH_MAX)


def read_place(place: int) -> tuple[int, int]:
    """(lane id, index)."""
    return divmod(place, EPOCH_MAX)


def read_state(state: int) -> int:
    """What is said of a body that is kept in this state."""
    return min(state, WITHHELD)


def insert_entries(tx: Tx, lane_id: int, entries: Sequence[StoredEntry]) -> None:
    """Store entries that follow what is there and one another."""
    if not entries:
        return
    _insert(tx, ((place_of(lane_id, e.index), e.header, e.salt, e.body, e.state) for e in entries))
    place = place_of(lane_id, entries[0].index)
    runs: list[Run] = []
    for at, together in groupby(entries, key=lambda e: e.at):
        runs += _runs(place + sum(run.n for run in runs), [e.publication for e in together], at)
    _insert_runs(tx, runs)


def insert_held(
    tx: Tx,
    lane_id: int,
    start: int,
    entries: Iterable[tuple[bytes, bytes, bytes]],
    publications: Sequence[int],
    at: Instant,
) -> None:
    """Store entries given as (header, salt, body), all of them held, from index `start` on."""
    place = place_of(lane_id, start)
    _insert(tx, ((at, *entry, HELD) for at, entry in enumerate(entries, place)))
    _insert_runs(tx, _runs(place, publications, at))


def _insert(tx: Tx, rows: Iterable[tuple[int, bytes, bytes, bytes, int]]) -> None:
    tx.many("INSERT INTO lane_entry (place, header, salt, body, state) VALUES (?, ?, ?, ?, ?)", rows)


def _insert_runs(tx: Tx, runs: Iterable[Run]) -> None:
    tx.many("INSERT INTO lane_run (place, n, publication, at) VALUES (?, ?, ?, ?)", runs)


def _runs(place: int, publications: Sequence[int], at: Instant) -> Iterator[Run]:
    """What follows one another in places and in publication numbers; nearly always all of them."""
    if publications[-1] - publications[0] == len(publications) - 1 or not any(publications):
        yield Run(place, len(publications), publications[0], at)
        return
    for offset, publication in enumerate(publications):
        yield Run(place + offset, 1, publication, at)


_WITHIN = "FROM lane_entry WHERE place >= ? AND place < ?"


def _within(lane_id: int, start: int, end: int = EPOCH_MAX) -> tuple[int, int]:
    return place_of(lane_id, start), place_of(lane_id, end)


def _list_runs(reader: Reader, first: int, end: int) -> list[Run]:
    """The runs that hold the places [first, end), in their order."""
    rows = reader.all(
        "SELECT place, n, publication, at FROM lane_run WHERE place < ?"
        " AND place >= coalesce((SELECT max(place) FROM lane_run WHERE place <= ?), ?) AND place + n > ?"
        " ORDER BY place",
        (end, first, first, first),
    )
    return [Run(*row) for row in rows]


def list_entries(reader: Reader, lane_id: int, start: int, end: int) -> list[StoredEntry]:
    """Entries [start, end)."""
    within = _within(lane_id, start, end)
    runs = _list_runs(reader, *within)
    found = []
    turn = 0
    for place, header, salt, body, state in reader.all(
        f"SELECT place, header, salt, body, state {_WITHIN} ORDER BY place", within
    ):
        while turn + 1 < len(runs) and place >= runs[turn + 1].place:
            turn += 1
        run = runs[turn]
        publication = run.publication and run.publication + place - run.place
        found.append(StoredEntry(read_place(place)[1], header, salt, body, read_state(state), publication, run.at))
    return found


def end_within(reader: Reader, lane_id: int, start: int, end: int, most: int) -> int:
    """How far from `start` towards `end` the bodies stay below `most` bytes together; one always fits."""
    within = _within(lane_id, start, end)
    # Nearly always all of them fit, and a sum costs a fraction of the row of each.
    if int(reader.value(f"SELECT coalesce(sum(length(body)), 0) {_WITHIN}", within)) <= most:
        return end
    total = 0
    for place, length in reader.all(f"SELECT place, length(body) {_WITHIN} ORDER BY place", within):
        total += int(length)
        if total > most and place > within[0]:
            return read_place(place)[1]
    return end


def list_headers(reader: Reader, lane_id: int, start: int, end: int) -> list[bytes]:
    """Headers [start, end), without their bodies."""
    return [row[0] for row in reader.all(f"SELECT header {_WITHIN} ORDER BY place", _within(lane_id, start, end))]


def list_places(reader: Reader, publications: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Publication number -> (lane id, index), for those appended already."""
    found = {}
    for wanted in publications:
        run = reader.one(
            "SELECT place, n, publication FROM lane_run WHERE publication > 0 AND publication <= ?"
            " ORDER BY publication DESC LIMIT 1",
            (wanted,),
        )
        if run is not None and wanted < run[2] + run[1]:
            found[wanted] = read_place(run[0] + wanted - run[2])
    return found


def list_waiting_aims(reader: Reader, publications: Sequence[int]) -> dict[int, str]:
    """Publication number -> the aim it was queued with, for those not appended yet."""
    where, params = any_of(reader, "publication", publications)
    return {row[0]: row[1] for row in reader.all(f"SELECT publication, aim FROM lane_outgoing WHERE {where}", params)}


def take_away(tx: Tx, lane_id: int, start: int, end: int) -> None:
    """Empty the entries [start, end) up to the end of a lane of ours: what was published in them goes on elsewhere."""
    first, beyond = _within(lane_id, start, end)
    tx.execute(
        "UPDATE lane_entry SET salt = ?, body = ?, state = ? WHERE place >= ? AND place < ? AND state = ?",
        (b"", b"", WITHHELD, first, beyond, HELD),
    )
    for run in _list_runs(tx, first, beyond):
        if run.place < first:
            tx.execute("UPDATE lane_run SET n = ? WHERE place = ?", (first - run.place, run.place))
            _insert_runs(tx, [Run(first, run.place + run.n - first, 0, run.at)])
        else:
            tx.execute("UPDATE lane_run SET publication = 0 WHERE place = ?", (run.place,))


def count_published(reader: Reader, lane_id: int, start: int) -> int:
    """Entries from `start` on that somebody published, so without those that speak about the lane itself."""
    first, end = _within(lane_id, start)
    return sum(run.place + run.n - max(run.place, first) for run in _list_runs(reader, first, end) if run.publication)


def fill_entry(tx: Tx, lane_id: int, index: int, salt: bytes, body: bytes) -> bool:
    """Keep a body that was withheld from us before; False when it is held or erased by now."""
    return (
        tx.execute(
            "UPDATE lane_entry SET salt = ?, body = ?, state = ? WHERE place = ? AND state IN (?, ?)",
            (salt, body, HELD, place_of(lane_id, index), WITHHELD, HANDED_OVER),
        )
        == 1
    )


def list_withheld(reader: Reader, lane_id: int, limit: int) -> list[int]:
    """Indices whose bodies were withheld from us, in order."""
    return list_absent(reader, lane_id, EPOCH_MAX, (WITHHELD, HANDED_OVER), limit)


def list_absent(
    reader: Reader,
    lane_id: int,
    end: int,
    states: Sequence[int] = (ERASED, WITHHELD, HANDED_OVER),
    limit: int = EPOCH_MAX,
) -> list[int]:
    """Indices below `end` whose bodies are not held, in order."""
    chosen, params = any_of(reader, "state", states)
    rows = reader.all(
        f"SELECT place {_WITHIN} AND state <> 0 AND {chosen} ORDER BY place LIMIT ?",
        (*_within(lane_id, 0, end), *params, limit),
    )
    return [read_place(row[0])[1] for row in rows]


def delete_from(tx: Tx, lane_id: int, start: int) -> None:
    """Forget entries from `start` on; only those nobody has signed may be forgotten."""
    within = _within(lane_id, start)
    tx.execute(f"DELETE {_WITHIN}", within)
    tx.execute("DELETE FROM lane_run WHERE place >= ? AND place < ?", within)
    # What is signed ends where a transaction did, and so does every run; should one reach beyond, it is cut.
    tx.execute(
        "UPDATE lane_run SET n = ? - place WHERE place = (SELECT max(place) FROM lane_run WHERE place < ?)"
        " AND place + n > ?",
        (within[0], within[0], within[0]),
    )


def queue_outgoing(tx: Tx, waiting: Iterable[Outgoing]) -> None:
    """Durably promise to append these."""
    tx.many(
        "INSERT INTO lane_outgoing (publication, agreement, class, kind, body, at, aim) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((o.publication, o.agreement, str(o.lane_class), int(o.kind), o.body, o.at, o.aim) for o in waiting),
    )


def list_outgoing(
    reader: Reader, agreement: str, lane_class: LaneClass, limit: int, most: int = 1 << 62, *, aim: str = ""
) -> list[Outgoing]:
    """What waits for one lane, oldest first: at most `limit`, and about `most` bytes but at least one."""
    where = "FROM lane_outgoing WHERE agreement = ? AND class = ? AND aim = ?"
    key = (agreement, str(lane_class), aim)
    total = last = 0
    for publication, length in reader.all(
        f"SELECT publication, length(body) {where} ORDER BY publication LIMIT ?", (*key, limit)
    ):
        total += int(length)
        if last and total > most:
            break
        last = int(publication)
    rows = reader.all(
        f"SELECT publication, kind, body, at {where} AND publication <= ? ORDER BY publication", (*key, last)
    )
    return [Outgoing(int(r[0]), agreement, lane_class, EntryKind(r[1]), r[2], int(r[3]), aim) for r in rows]


def has_outgoing(reader: Reader, agreement: str, lane_class: LaneClass, aim: str = "") -> bool:
    """True when something waits for this lane."""
    return (
        reader.value(
            "SELECT 1 FROM lane_outgoing WHERE agreement = ? AND class = ? AND aim = ? LIMIT 1",
            (agreement, str(lane_class), aim),
        )
        is not None
    )


def list_outgoing_lanes(reader: Reader) -> list[tuple[str, LaneClass, str]]:
    """(agreement, class, aim) for which something waits; priority before bulk."""
    rows = reader.all("SELECT DISTINCT agreement, class, aim FROM lane_outgoing")
    return sorted(
        ((str(agreement), LaneClass(name), str(aim)) for agreement, name, aim in rows),
        key=lambda each: (each[1] is not LaneClass.PRIORITY, each[0], each[2]),
    )


def list_urgent_outgoing(reader: Reader) -> list[tuple[str, str]]:
    """(agreement, aim) of priority lanes for which something waits; quick however long the backlog of others is."""
    rows = reader.all("SELECT DISTINCT agreement, aim FROM lane_outgoing WHERE class = 'priority' ORDER BY 1, 2")
    return [(str(agreement), str(aim)) for agreement, aim in rows]


def count_outgoing(reader: Reader) -> dict[str, int]:
    """Agreement -> how many bodies wait to be appended."""
    return {str(a): int(n) for a, n in reader.all("SELECT agreement, count(*) FROM lane_outgoing GROUP BY agreement")}


def delete_outgoing(tx: Tx, agreement: str, lane_class: LaneClass, first: int, last: int, aim: str = "") -> None:
    """Those from `first` to `last` are entries now, in this same transaction."""
    tx.execute(
        "DELETE FROM lane_outgoing WHERE agreement = ? AND class = ? AND aim = ? AND publication >= ?"
        " AND publication <= ?",
        (agreement, str(lane_class), aim, first, last),
    )
