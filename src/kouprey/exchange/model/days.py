"""The noun of the overview: what came in and what was given, day by day."""

from __future__ import annotations

import msgspec


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """Counts for consecutive days of UTC; `first` is the first one, counted from 1970.

    `by_source` and `by_type` are of versions that came in, one number a day; `given` of what was published, and with
    `given_more` of the newest only. Everything is as far as the reader sees all of what was said of it.
    """

    first: int
    by_source: dict[str, tuple[int, ...]]
    by_type: dict[str, tuple[int, ...]]
    given: tuple[int, ...]
    given_more: bool

    @property
    def totals(self) -> tuple[int, ...]:
        """How many came in on each day."""
        return tuple(sum(column) for column in zip(*self.by_source.values(), strict=True)) or (0,) * len(self.given)
