"""All SQL of performance: sums by quarter, each under the label set that decides who is told."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

import msgspec

from kouprey.kernel.storage.engine import Reader, Tx, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant
from kouprey.performance.model import Cell, Quarter
from kouprey.performance.rules import CONTEXT, INDICATOR

TIMED = frozenset({"publish", "acknowledge"})
"""What takes its time."""


class Given(NamedTuple):
    """One object that an author gave under a label."""

    key: int
    object: int
    agreement: str
    author: str
    quarter: Quarter
    label_set_id: int
    flags: int


class TallyKey(NamedTuple):
    """What is summed up together."""

    agreement: str
    quarter: Quarter
    what: str
    author: str
    party: str
    label_set_id: int
    seconds: int


class Eyes(NamedTuple):
    """A reader at an instant, as the two parameters of `visible_join`."""

    profile: int
    now: Instant


def lanes_done(reader: Reader) -> dict[int, int]:
    """Lane -> how many of its entries are summed up."""
    return {int(row[0]): int(row[1]) for row in reader.all("SELECT lane_id, done FROM measure_lane")}


def receipts_done(reader: Reader, lane_id: int) -> dict[str, int]:
    """Party -> how many entries of a lane are summed up as acknowledged by it."""
    rows = reader.all("SELECT party, done FROM measure_receipt WHERE lane_id = ?", (lane_id,))
    return {str(row[0]): int(row[1]) for row in rows}


def set_lane_done(tx: Tx, lane_id: int, done: int) -> None:
    """Entries below `done` are summed up with this transaction."""
    tx.execute(
        "INSERT INTO measure_lane (lane_id, done) VALUES (?, ?)"
        " ON CONFLICT (lane_id) DO UPDATE SET done = excluded.done",
        (lane_id, done),
    )


def set_receipt_done(tx: Tx, lane_id: int, party: str, done: int) -> None:
    """As `set_lane_done`, for what a party acknowledged."""
    tx.execute(
        "INSERT INTO measure_receipt (lane_id, party, done) VALUES (?, ?, ?)"
        " ON CONFLICT (lane_id, party) DO UPDATE SET done = excluded.done",
        (lane_id, party, done),
    )


def list_given(reader: Reader, keys: Collection[int]) -> list[Given]:
    """What is known of objects under a label, of those of these that were given before."""
    where, params = any_of(reader, "key", keys)
    rows = reader.all(
        f"SELECT key, object, agreement, author, quarter, label_set_id, flags FROM measure_given WHERE {where}", params
    )
    return [Given(*row) for row in rows]


def save_given(tx: Tx, given: Iterable[Given]) -> None:
    """Note what is given for the first time, and what more is known of the others."""
    tx.many(
        "INSERT INTO measure_given (key, object, agreement, author, quarter, label_set_id, flags)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET flags = excluded.flags",
        given,
    )


def list_related(reader: Reader, keys: Collection[int]) -> set[int]:
    """Those of these that a relation under its own label names."""
    where, params = any_of(reader, "key", keys)
    return {int(row[0]) for row in reader.all(f"SELECT key FROM measure_related WHERE {where}", params)}


def insert_related(tx: Tx, keys: Iterable[int]) -> None:
    """A relation under its own label names each of these."""
    tx.many("INSERT INTO measure_related (key) VALUES (?) ON CONFLICT (key) DO NOTHING", [(key,) for key in keys])


def insert_mark(tx: Tx, agreement: str, thing: int, marker: str, label_set_id: int) -> None:
    """A party holds it for wrong."""
    tx.execute(
        "INSERT INTO measure_mark (agreement, object, marker, label_set_id) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (agreement, object, marker, label_set_id) DO NOTHING",
        (agreement, thing, marker, label_set_id),
    )


def insert_recall(tx: Tx, lane_id: int, index: int, first: int, beyond: int) -> None:
    """An author asks the others to erase entries."""
    tx.execute(
        "INSERT INTO measure_recall (lane_id, entry_index, first, beyond) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (lane_id, entry_index, first) DO NOTHING",
        (lane_id, index, first, beyond),
    )


def list_recalls(reader: Reader, lane_id: int, limit: int) -> list[tuple[int, int, int]]:
    """(index, first, beyond) of what the author of a lane asked to erase, the newest first."""
    rows = reader.all(
        "SELECT entry_index, first, beyond FROM measure_recall WHERE lane_id = ? ORDER BY entry_index DESC LIMIT ?",
        (lane_id, limit),
    )
    return [(int(row[0]), int(row[1]), int(row[2])) for row in rows]


def add_up(tx: Tx, sums: Mapping[TallyKey, int]) -> None:
    """Add to the sums."""
    times: dict[tuple[object, ...], Counter[int]] = defaultdict(Counter)
    counts: Counter[tuple[object, ...]] = Counter()
    for key, n in sums.items():
        counts[key[:-1]] += n
        if key.what in TIMED:
            times[key[:-1]][key.seconds] += n
    for row, added in times.items():
        held = tx.value(
            "SELECT times FROM measure_tally WHERE agreement = ? AND quarter = ? AND what = ? AND author = ?"
            " AND party = ? AND label_set_id = ?",
            row,
        )
        if held:
            added.update(_times(held))
    tx.many(
        "INSERT INTO measure_tally (agreement, quarter, what, author, party, label_set_id, n, times)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (agreement, quarter, what, author, party, label_set_id)"
        " DO UPDATE SET n = measure_tally.n + excluded.n, times = excluded.times",
        [(*row, n, msgspec.json.encode(dict(times.get(row, {}))).decode()) for row, n in counts.items() if n],
    )


def _times(text: str) -> dict[int, int]:
    return msgspec.json.decode(text, type=dict[int, int])


def list_cells(reader: Reader, eyes: Eyes, agreement: str, first: Quarter, last: Quarter) -> list[Cell]:
    """The sums of what the reader may see, in these quarters; times over all authors and parties together."""
    rows = reader.all(
        "SELECT measure_tally.quarter, measure_tally.what, measure_tally.author, measure_tally.n, measure_tally.times"
        f" FROM measure_tally {visible_join('measure_tally.label_set_id')}"
        " WHERE measure_tally.agreement = ? AND measure_tally.quarter >= ? AND measure_tally.quarter <= ?",
        (*eyes, agreement, first, last),
    )
    times: dict[tuple[int, str], Counter[int]] = defaultdict(Counter)
    counts: Counter[tuple[int, str, str]] = Counter()
    for quarter, what, author, n, told in rows:
        if what in TIMED:
            times[int(quarter), what].update(_times(told))
        else:
            counts[int(quarter), what, author] += n
    found = [Cell(quarter, what, author, 0, n) for (quarter, what, author), n in counts.items()]
    return found + [
        Cell(quarter, what, "", seconds, n) for (quarter, what), each in times.items() for seconds, n in each.items()
    ]


def count_wrong(reader: Reader, eyes: Eyes, agreement: str, first: Quarter, last: Quarter) -> dict[Quarter, int]:
    """Quarter -> how many indicators given in it somebody else holds for wrong, where the reader may see both."""
    said = (
        visible_join("measure_mark.label_set_id").replace("visible", "said").replace("JOIN said", "JOIN visible said")
    )
    rows = reader.all(
        "SELECT measure_given.quarter, count(DISTINCT measure_given.key) FROM measure_mark"
        " JOIN measure_given ON measure_given.object = measure_mark.object"
        f" {said} {visible_join('measure_given.label_set_id')}"
        " WHERE measure_mark.agreement = ? AND measure_given.agreement = measure_mark.agreement"
        " AND measure_given.author <> measure_mark.marker AND measure_given.flags % 2 = 1"
        " AND measure_given.quarter >= ? AND measure_given.quarter <= ? GROUP BY measure_given.quarter",
        (*eyes, *eyes, agreement, first, last),
    )
    return {int(row[0]): int(row[1]) for row in rows}


def first_quarter(reader: Reader, eyes: Eyes, agreement: str) -> Quarter | None:
    """The earliest quarter in which the reader may see that anything was given."""
    found = reader.value(
        f"SELECT min(measure_tally.quarter) FROM measure_tally {visible_join('measure_tally.label_set_id')}"
        " WHERE measure_tally.agreement = ?",
        (*eyes, agreement),
    )
    return None if found is None else int(found)


def list_unequal(reader: Reader) -> list[TallyKey]:
    """Sums of objects, indicators or context that are not what was given."""
    given = "SELECT agreement, quarter, '{what}' AS what, author, label_set_id, count(*) AS n FROM measure_given"
    group = " GROUP BY agreement, quarter, author, label_set_id"
    counted = " UNION ALL ".join(
        (
            given.format(what="objects") + group,
            given.format(what="indicators") + f" WHERE flags % 2 = {INDICATOR}" + group,
            given.format(what="context") + f" WHERE flags = {CONTEXT}" + group,
        )
    )
    held = (
        "SELECT agreement, quarter, what, author, label_set_id, -n AS n FROM measure_tally"
        " WHERE what IN ('objects', 'indicators', 'context')"
    )
    rows = reader.all(
        f"SELECT agreement, quarter, what, author, label_set_id FROM ({counted} UNION ALL {held}) AS sides"
        " GROUP BY agreement, quarter, what, author, label_set_id HAVING sum(n) <> 0"
    )
    return [TallyKey(row[0], int(row[1]), row[2], row[3], "", int(row[4]), 0) for row in rows]


def mend(tx: Tx, wrong: Iterable[TallyKey]) -> None:
    """Count these again from what was given."""
    where = {"objects": "", "indicators": f" AND flags % 2 = {INDICATOR}", "context": f" AND flags = {CONTEXT}"}
    for key in wrong:
        n = tx.value(
            "SELECT count(*) FROM measure_given WHERE agreement = ? AND quarter = ? AND author = ?"
            f" AND label_set_id = ?{where[key.what]}",
            (key.agreement, key.quarter, key.author, key.label_set_id),
        )
        tx.execute(
            "DELETE FROM measure_tally WHERE agreement = ? AND quarter = ? AND what = ? AND author = ? AND party = ?"
            " AND label_set_id = ?",
            key[:-1],
        )
        add_up(tx, {key: int(n)})
