"""What was erased is remembered outside every backup."""

from __future__ import annotations

from collections.abc import Callable, Collection

from kouprey.federation import store as rows
from kouprey.kernel.storage.engine import Store, Tx


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

    def take_over(
        self,
        known: Collection[tuple[int, str]],
        *,
        after: int = 0,
        of: Callable[[str], object] = str,
        done: Callable[[str], bool] = lambda _: False,
    ) -> None:
        """Make (number, record) from elsewhere ours, none twice and none lost to another line under its number.

        Two lists go different ways where a whole machine was rolled back and went on. A line keeps its number while
        that is free, and not among those up to `after`, which a database takes for carried out, unless `done` says
        that it has. From the first one that cannot, they get numbers above all others, in their order. `of` gives
        what makes two records the same line.
        """

        def work(tx: Tx) -> None:
            here = rows.list_erasures(tx, 0)
            lines, numbers = {of(record) for _, record in here}, {number for number, _ in here}
            moved = False
            for number, record in sorted(known):
                if of(record) in lines:
                    continue
                lines.add(of(record))
                moved = moved or number in numbers or (number <= after and not done(record))
                if moved:
                    rows.insert_erasure(tx, record, after)
                else:
                    rows.keep_erasure(tx, number, record)

        self._store.write(work)
