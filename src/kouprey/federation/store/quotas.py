"""SQL of what authors had us store, by the day."""

from __future__ import annotations

from kouprey.federation.model import LaneClass
from kouprey.kernel.storage.engine import Reader, Tx


def find_author_day(reader: Reader, agreement: str, author: str, lane_class: LaneClass, day: int) -> tuple[int, int]:
    """(entries, bytes) of an author under an agreement on a day."""
    row = reader.one(
        "SELECT entries, bytes FROM author_day WHERE agreement = ? AND author = ? AND class = ? AND day = ?",
        (agreement, author, str(lane_class), day),
    )
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def add_author_day(
    tx: Tx, agreement: str, author: str, lane_class: LaneClass, day: int, entries: int, size: int
) -> None:
    """Add to a day, and forget those before."""
    tx.execute("DELETE FROM author_day WHERE day < ?", (day,))
    tx.execute(
        "INSERT INTO author_day (agreement, author, class, day, entries, bytes) VALUES (?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (agreement, author, class, day) DO UPDATE SET entries = author_day.entries + excluded.entries,"
        " bytes = author_day.bytes + excluded.bytes",
        (agreement, author, str(lane_class), day, entries, size),
    )
