"""What was erased is remembered outside every backup."""

from __future__ import annotations

from collections.abc import Collection

from kouprey.federation import store as rows
from kouprey.kernel.storage.engine import Store


class Erasures:
    """The list of what was erased, in the database of the guard, which no backup holds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def remember(self, record: str, after: int) -> int:
        """Write down one more, durably; its number, which is above `after` and all others."""
        return self._store.write(lambda tx: rows.insert_erasure(tx, record, after))

    def list_since(self, number: int) -> list[tuple[int, str]]:
        """(number, record) of what was written down after a number, in order."""
        with self._store.read() as reader:
            return rows.list_erasures(reader, number)

    def take_over(self, known: Collection[tuple[int, str]]) -> None:
        """Make a list from elsewhere ours; numbers that are there already stay as they are."""
        self._store.write(lambda tx: rows.keep_erasures(tx, known))
