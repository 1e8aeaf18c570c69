"""How far one has to go from the newest on so that enough of what a reader sees lies on the way, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from math import sqrt

from kouprey.exchange.store.narrowing import of_sets, of_types
from kouprey.exchange.store.seeing import Eyes, Query
from kouprey.kernel.storage.engine import Reader, any_of
from kouprey.kernel.storage.labels import visible_join
from kouprey.kernel.words.time import Instant

Window = tuple[Instant, Instant]
"""Positions above the first and below the second."""

_GROWTH = 8
_LEAST = 4
"""Versions of a label set that are worth a window."""


@dataclass(frozen=True)
class Stands:
    """Where what a reader may find stands: under these of his label sets, of these types (none for any).

    `sets` says how many versions stand under each.
    """

    sets: Mapping[int, int]
    types: Collection[str]
    conflict: bool


def each_window(
    reader: Reader, eyes: Eyes, stands: Stands, span: Window, *, rising: bool, count: int, most: int | None = None
) -> Iterator[Window]:
    """Windows from the newest (or, rising, the oldest) of a span on, each some times as full as the one before.

    What a window holds of others costs nothing: every label set has its own order of positions. The first one holds
    about twice `count` versions where the label sets are mixed, and at least as much of one as it would give of that
    many. With `most` they end, perhaps before everything is seen, when so many have been looked at.
    """
    low, high = span
    share = max(stands.sets.values()) / sum(stands.sets.values())
    each = _worth(count * share)
    left = most
    while left is None or left > 0:
        edge = _reach(reader, eyes, stands, (low, high), rising=rising, count=each)
        if edge is None:
            yield low, high
            return
        window = (low, edge + 1) if rising else (edge - 1, high)
        yield window
        low, high = (edge, high) if rising else (low, edge)
        each *= _GROWTH
        if left is not None:
            left -= _count(reader, stands, window)
            each = min(each, _worth(left * share))


def _worth(expected: float) -> int:
    """How many versions of one label set to reach for, where so many of the fullest are expected among those wanted.

    Twice as many; where that is few, what chance adds: of hundreds of sets one is soon far ahead of its share.
    """
    return max(_LEAST, int(2 * expected), int(expected + 5 * sqrt(max(expected, 0))))


def _count(reader: Reader, stands: Stands, window: Window) -> int:
    query = Query("SELECT count(*) FROM version WHERE version.position > ? AND version.position < ?", list(window))
    of_sets(query, reader, stands.sets.keys())
    of_types(query, reader, "version.type", stands.types)
    return int(reader.value(query.sql, query.params))


def _reach(reader: Reader, eyes: Eyes, stands: Stands, span: Window, *, rising: bool, count: int) -> Instant | None:
    """The nearest position by which one label set (or type in it) gave `count` versions; None when none has so many."""
    order, best = ("ASC", "min") if rising else ("DESC", "max")
    bucket = "label_set_id, tally.type" if stands.types else "label_set_id"
    query = Query(f"SELECT {best}(edge) FROM (SELECT (SELECT version.position FROM version")
    query.add("WHERE version.label_set_id = bucket.label_set_id")
    if stands.types:
        query.add("AND version.type = bucket.type")
    if stands.conflict:
        query.add("AND version.bodies > 1")
    query.add("AND version.position > ? AND version.position < ?", *span)
    query.add(f"ORDER BY version.position {order} LIMIT 1 OFFSET ?) AS edge", count - 1)
    query.add(f"FROM (SELECT tally.{bucket} FROM tally {visible_join('tally.label_set_id')}", *eyes.params)
    where, params = any_of(reader, "tally.label_set_id", stands.sets.keys())
    query.add(f"WHERE {where}", *params)
    of_types(query, reader, "tally.type", stands.types)
    query.add(f"GROUP BY tally.{bucket} HAVING sum(tally.n) >= ?) AS bucket) AS reached", count)
    edge = reader.value(query.sql, query.params)
    return None if edge is None else int(edge)
