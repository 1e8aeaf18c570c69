"""How much stands under each label set a reader sees, and a few examples of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kouprey.exchange.store.seeing import CHOSEN_BODY, Eyes, Query, visible_version
from kouprey.kernel.storage.engine import Reader, any_of
from kouprey.kernel.storage.labels import visible_join


@dataclass(frozen=True, slots=True)
class Heap:
    """So many versions of a type under a label set."""

    label_set: int
    type: str
    n: int


def list_heaps(reader: Reader, eyes: Eyes) -> list[Heap]:
    """From the tally alone, so that it costs the same whatever is held."""
    rows = reader.all(
        "SELECT tally.label_set_id, tally.type, sum(tally.n) FROM tally"
        f" {visible_join('tally.label_set_id')} GROUP BY tally.label_set_id, tally.type",
        eyes.params,
    )
    return [Heap(row[0], row[1], int(row[2])) for row in rows if row[2]]


def list_newest(reader: Reader, eyes: Eyes, label_sets: Collection[int], most: int) -> list[tuple[str, str, str, int]]:
    """(id, type, title, label set) of the newest versions under some of these label sets, a few of each."""
    where, params = any_of(reader, "label_set.id", label_sets)
    query = Query(
        "SELECT object.stix_id, version.type, body.title, version.label_set_id FROM version"
        " JOIN label_set ON label_set.id = version.label_set_id"
    )
    query.add(visible_version(reader), *eyes.params)
    query.add("JOIN object ON object.id = version.object_id")
    query.add(f"JOIN body ON body.id = {CHOSEN_BODY}", *eyes.params)
    query.add(f"WHERE {where}", *params)
    # A few of each set, by its own order: the newest of all are among them, and nothing else is walked past.
    query.add(
        "AND version.id IN (SELECT latest.id FROM label_set few, version latest WHERE few.id = label_set.id"
        " AND latest.label_set_id = few.id AND latest.position >= coalesce((SELECT edge.position FROM version edge"
        " WHERE edge.label_set_id = few.id ORDER BY edge.position DESC LIMIT 1 OFFSET ?), 0))",
        most - 1,
    )
    query.add("ORDER BY version.position DESC LIMIT ?", most)
    return [(row[0], row[1], row[2], row[3]) for row in reader.all(query.sql, query.params)]
