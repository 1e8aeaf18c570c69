"""SQL of the ledger's lines: a page of a long ledger is read along an index, whatever narrows it."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.federation import store as rows


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
        assert "lane_entry_by_publication" in plans.plan and "TEMP" not in plans.plan
        rows.list_received_lines(plans, [1, 2], (5, 1, 2) if far else (), rising=rising, limit=51)
        assert "lane_entry_received" in plans.plan and "TEMP" not in plans.plan
        assert ("SEARCH lane_entry" in plans.plan) is far
