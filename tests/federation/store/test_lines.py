"""SQL of the ledger's lines: a page of a long ledger is read along an index, whatever narrows it."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from kouprey.federation import store as rows
from kouprey.federation.model import EntryKind
from kouprey.kernel.storage.engine import Store


class Plans:
    """A reader that asks how SQLite would go about it."""

    dialect = "sqlite"

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def all(self, sql: str, params: Any = ()) -> list[Any]:
        self.plan = " / ".join(row[3] for row in self._reader.all(f"EXPLAIN QUERY PLAN {sql}", params))
        return []


@pytest.mark.parametrize("rising", [False, True])
@pytest.mark.parametrize("far", [False, True])
def test_a_page_needs_no_sorting(world: Any, rising: bool, far: bool) -> None:
    actor = world.actor("ministry.example")
    with actor.store.read() as reader:
        plans: Any = Plans(reader)
        rows.list_given_lines(plans, [1, 2], (5,) if far else (), rising=rising, limit=51)
        assert "lane_run_published" in plans.plan and "TEMP" not in plans.plan
        rows.list_received_lines(plans, [1, 2], (5, 1, 2) if far else (), rising=rising, limit=51)
        assert "lane_run_received" in plans.plan and "TEMP" not in plans.plan
        assert ("SEARCH r " in plans.plan) is far


@pytest.mark.parametrize("given", [True, False])
def test_pages_in_both_directions_are_the_whole(store: Store, given: bool) -> None:
    random = Random(5)
    sizes = {1: 0, 2: 0, 3: 0}
    number, lines = 100, []
    for _ in range(25):
        lane, n, at = random.choice((1, 2, 3)), random.randint(1, 5), random.randint(1, 4)
        numbers = [number + offset * random.choice((1, 1, 2)) for offset in range(n)] if given else [0] * n
        numbers = sorted(set(numbers)) if given else numbers
        number += 20
        entries = [
            rows.StoredEntry(
                sizes[lane] + offset,
                bytes((0, 0, 0, 0, random.choice((EntryKind.OBJECT, EntryKind.GENESIS)))),
                b"",
                b"body",
                0,
                publication,
                at,
            )
            for offset, publication in enumerate(numbers)
        ]
        store.write(lambda tx, lane=lane, entries=entries: rows.insert_entries(tx, lane, entries))  # type: ignore[misc]  # defaults
        sizes[lane] += len(entries)
        lines += [(lane, each) for each in entries]
    wanted = [(lane, e) for lane, e in lines if lane != 2 and (given or e.header[4] == EntryKind.OBJECT)]

    def key(line: tuple[int, rows.StoredEntry]) -> tuple[int, ...]:
        return (line[1].publication,) if given else (line[1].at, line[0], line[1].index)

    wanted.sort(key=key)
    ask: Any = rows.list_given_lines if given else rows.list_received_lines
    for rising in (True, False):
        bound: tuple[int, ...] = ()
        found: list[Any] = []
        with store.read() as reader:
            while page := ask(reader, [1, 3], bound, rising=rising, limit=4):
                found += [tuple(line) for line in page]
                bound = key(found[-1])
        assert found == (wanted if rising else wanted[::-1])
