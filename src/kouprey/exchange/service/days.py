"""Days: how much came in and was given lately, as far as the reader sees."""

from __future__ import annotations

from collections import defaultdict

from kouprey.exchange.model.days import Days
from kouprey.exchange.service.reading import Reading
from kouprey.exchange.store import days as rows
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.time import DAY

LONGEST = 31
GIVEN = 5_000
"""Publications that are looked at, the newest first."""


class Daily(Reading):
    """The verb that counts by day."""

    def days(self, who: Reader, count: int = 14) -> Days:
        """The last so many days (at most 31), today included; what was given is told to our own people alone."""
        count = max(1, min(count, LONGEST))
        first = self._clock() // DAY - count + 1
        eyes = self._eyes(who)
        with self._store.read() as reader:
            arrivals = rows.list_arrivals(reader, eyes, first)
            given_at = rows.list_given_at(reader, eyes, first * DAY, GIVEN) if who.local else []
        by_source: dict[str, list[int]] = defaultdict(lambda: [0] * count)
        by_type: dict[str, list[int]] = defaultdict(lambda: [0] * count)
        for day, kind, source, n in arrivals:
            # A clock that was set back leaves days that have not come yet; they are told as today.
            place = min(day - first, count - 1)
            by_source[source][place] += n
            by_type[kind][place] += n
        given = [0] * count
        for at in given_at:
            given[min(at // DAY - first, count - 1)] += 1
        return Days(
            first=first,
            by_source={name: tuple(each) for name, each in sorted(by_source.items(), key=lambda s: (-sum(s[1]), s[0]))},
            by_type={name: tuple(each) for name, each in sorted(by_type.items())},
            given=tuple(given),
            given_more=len(given_at) >= GIVEN,
        )
