"""The noun of the overview: what came in and what was given, day by day."""

from __future__ import annotations

import msgspec


class Days(msgspec.Struct, frozen=True, kw_only=True):
    """Counts for consecutive days of UTC; `first` is the first one, counted from 1970.

    `by_source` and `by_type` say how often something was said, one number a day: a version that two sources brought
    counts for both. `given` is of what was published, and with `given_more` of the newest only.
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
