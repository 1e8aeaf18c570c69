"""Erasing: bodies leave the lanes and the proof stays; and what was erased is remembered outside every backup."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kouprey.federation import store as rows
from kouprey.kernel.storage.engine import Store, Tx


def erase_bodies(tx: Tx, publications: Sequence[int], received: Collection[tuple[str, int]]) -> int:
    """Remove the bodies of what we published and of what came in these (origin, index); how many entries lost theirs.

    What still waits for a lane of ours never becomes an entry.
    """
    rows.cancel_outgoing(tx, publications)
    places = set(rows.list_places(tx, publications).values())
    for origin, index in received:
        lane = rows.find_lane(tx, origin=origin)
        if lane is not None:
            places.add((lane.id, index))
    return sum(rows.erase_entry(tx, lane_id, index) for lane_id, index in sorted(places))


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
