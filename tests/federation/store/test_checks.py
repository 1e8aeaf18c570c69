"""Looking at lanes as wholes, and forgetting one body of another's."""

from __future__ import annotations

from kouprey.federation import store as rows
from kouprey.federation.store import checks
from kouprey.kernel.storage.engine import Store


def test_checkpoints_bodies_and_what_is_held_back(store: Store) -> None:
    entry = rows.StoredEntry(0, b"h" * 64, b"s" * 16, b"body", rows.HELD, 0, 1)
    store.write(lambda tx: rows.insert_entries(tx, 1, [entry]))
    store.write(lambda tx: checks.withhold(tx, 1, 0))
    for size in (7, 3):
        kept = rows.StoredCheckpoint(size, b"r", b"n", b"f", 1)
        store.write(lambda tx, kept=kept: rows.save_checkpoint(tx, 1, kept))  # type: ignore[misc]  # a lambda with defaults
    with store.read() as reader:
        assert rows.list_withheld(reader, 1, 10) == [0]
        assert [kept.size for kept in checks.list_checkpoints(reader, 1)] == [3, 7]
        assert checks.count_held_back(reader) == 0
