"""SQL of the history of links: sums by the hour and by the day, in a bounded number of rows."""

from __future__ import annotations

from typing import NamedTuple

from kouprey.kernel.storage.engine import Reader, Tx
from kouprey.kernel.words.time import SECOND, Instant

HOUR, DAY = 3_600, 86_400
"""The grains, in seconds."""
_SUMS = ("good", "failed", "up", "down", "took", "answer", "came", "came_bytes", "went", "went_bytes")
_FIELDS = ("at", *_SUMS, "why", "why_at")


class Span(NamedTuple):
    """What became of the link to a partner in an hour or a day that begins at `at`; all of it can be added up.

    `good` and `failed` exchanges; microseconds in which the partner was reached (`up`) and was not (`down`); what the
    good ones took together, and the quickest answers in each of them (`answer`); entries and bytes that came and went;
    the last failure.
    """

    at: Instant
    good: int = 0
    failed: int = 0
    up: int = 0
    down: int = 0
    took: int = 0
    answer: int = 0
    came: int = 0
    came_bytes: int = 0
    went: int = 0
    went_bytes: int = 0
    why: str = ""
    why_at: Instant = 0

    @property
    def reached(self) -> float | None:
        """The share of the known time in which the partner was reached; None when nothing is known."""
        known = self.up + self.down
        return self.up / known if known else None

    @property
    def answers_in(self) -> float | None:
        """Seconds until the quickest answer of a good exchange, on average; None when there was none."""
        return self.answer / self.good / SECOND if self.good else None

    @property
    def lasts(self) -> float | None:
        """Seconds of a good exchange, on average."""
        return self.took / self.good / SECOND if self.good else None


def add_history(tx: Tx, party: str, more: Span) -> None:
    """Add to the hour and to the day in which `more.at` lies."""
    sums = ", ".join(f"{name} = link_history.{name} + excluded.{name}" for name in _SUMS)
    why = ", ".join(
        f"{name} = CASE WHEN excluded.why_at > 0 THEN excluded.{name} ELSE link_history.{name} END"
        for name in ("why", "why_at")
    )
    for grain in (HOUR, DAY):
        tx.execute(
            f"INSERT INTO link_history (party, grain, {', '.join(_FIELDS)}) VALUES (?, ?{', ?' * len(_FIELDS)})"
            f" ON CONFLICT (party, grain, at) DO UPDATE SET {sums}, {why}",
            (party, grain, begin_of(more.at, grain), *more[1:]),
        )


def list_history(reader: Reader, grain: int, since: Instant, party: str = "") -> list[tuple[str, Span]]:
    """(party, span) of one partner, or of all, from `since` on and in order of time."""
    rows = reader.all(
        f"SELECT party, {', '.join(_FIELDS)} FROM link_history WHERE grain = ? AND at >= ? AND (? = '' OR party = ?)"
        " ORDER BY at, party",
        (grain, since, party, party),
    )
    return [(str(row[0]), Span._make((*map(int, row[1:12]), str(row[12]), int(row[13])))) for row in rows]


def prune_history(tx: Tx, grain: int, before: Instant) -> int:
    """Forget what is older; the number of rows."""
    return tx.execute("DELETE FROM link_history WHERE grain = ? AND at < ?", (grain, before))


def begin_of(instant: Instant, grain: int) -> Instant:
    """Where the hour or the day of an instant begins, in UTC."""
    return instant - instant % (grain * SECOND)
