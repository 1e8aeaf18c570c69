"""Until when things hold: written down with each new body, read as what ends soon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kouprey.exchange.model import Arrival
from kouprey.exchange.store import weighing as rows
from kouprey.exchange.wire.comments import instant_of
from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.time import Instant


def keep_ends(tx: Tx, fresh: Iterable[tuple[Arrival, int, int]]) -> None:
    """Write down until when new bodies say that they hold: (arrival, version, body)."""
    if ends := list(_ends(fresh)):
        rows.keep_ends(tx, ends)


def _ends(fresh: Iterable[tuple[Arrival, int, int]]) -> Iterator[tuple[int, int, Instant]]:
    for arrival, version, body in fresh:
        if "valid_until" in arrival.value and (ends := instant_of(arrival.value, "valid_until")):
            yield body, version, ends
