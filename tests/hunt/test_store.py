"""Hunts on PostgreSQL as on SQLite: rules with their trees, and results in place of what an interrupted try left."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kouprey.hunt import store as rows
from kouprey.hunt.model import All, Hit, Hunt, Kind, Leaf, Not, Outcome, Probe, Rule, State
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.migrate import KERNEL
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from migrated import lay

PARTS = [KERNEL, ("hunt", "kouprey.hunt.migrations")]
TREE = All(
    parts=(
        Leaf(field="a", test=Probe(kind=Kind.LIKE, text="x.*", literal="x")),
        Not(part=Leaf(field="b", test=Probe(kind=Kind.NULL))),
    )
)


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: Any, tmp_path: Path, fresh_postgres: Callable[..., str]) -> Iterator[Store]:
    made = (
        open_sqlite(lay(tmp_path / "a.db", PARTS))
        if request.param == "sqlite"
        else open_postgres(fresh_postgres(PARTS))
    )
    yield made
    made.close()


def test_rules_hunts_and_results(store: Store) -> None:
    for n in range(3):
        rule = Rule(digest=f"d{n}", id=f"r{n}", title=f"ក {n}", trees=(TREE,), problem="" if n else "why")
        assert store.write(lambda tx, rule=rule: rows.save_rule(tx, rule))  # type: ignore[misc]  # bound at once
    hunt = Hunt(id="h", name="n", state=State.RUNNING, at=1, by="x")
    store.write(lambda tx: rows.save_hunt(tx, hunt))
    outcomes = [
        Outcome(digest=f"d{n}", id="", title="", level="", hits=n, unseen=("a", "b") if not n else ()) for n in range(3)
    ]
    for _ in range(2):
        store.write(lambda tx: rows.save_results(tx, "h", outcomes, [Hit(digest="d2", line=7, text="{}")]))
    with store.read() as reader:
        assert [each.trees for each in rows.load_rules(reader)] == [(TREE,)] * 3
        assert rows.count_rules(reader) == (2, 1) and rows.next_hunt(reader) == hunt == rows.find_hunt(reader, "h")
        assert [each.hits for each in rows.list_outcomes(reader, "h", found=True)] == [2, 1]
        assert [each.unseen for each in rows.list_outcomes(reader, "h", found=False)] == [("a", "b")]
        assert rows.list_hits(reader, "h", "d2") == [Hit(digest="d2", line=7, text="{}")]
        first = rows.list_rules(reader, text="", after="", limit=2)
        rest = rows.list_rules(reader, text="", after=f"{first[-1].title}\n{first[-1].digest}", limit=2)
        assert [each.digest for each in (*first, *rest)] == ["d0", "d1", "d2"]
        assert rows.list_hunts(reader, 5) == [hunt]
