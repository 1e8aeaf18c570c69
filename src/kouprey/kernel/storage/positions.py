"""The position counter: one row that never goes back, even when the wall clock does."""

from __future__ import annotations

from kouprey.kernel.storage.engine import Reader
from kouprey.kernel.words.time import Instant


def reserve(tx: Reader, count: int, now: Instant) -> Instant:
    """Reserve `count` positions (at least 1, else ValueError) and return the first: max(last + 1, now).

    The caller is the only writer until it commits, so positions become visible in their order.
    """
    if count < 1:
        raise ValueError(f"cannot reserve {count} positions")
    last: int | None = tx.value(
        "UPDATE position_clock SET last = CASE WHEN last >= ? THEN last + ? ELSE ? END RETURNING last",
        (now, count, now + count - 1),
    )
    if last is None:
        raise RuntimeError("the position counter has no row: the database has not been migrated")
    return last - count + 1
