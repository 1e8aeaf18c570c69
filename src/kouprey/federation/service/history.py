"""How the link to each partner has done: written with every exchange, kept by the hour for days, by the day for years.

An attempt stands for the time since the one before. Of longer silence nothing is known: the node was off, or paused.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from kouprey.federation import store as rows
from kouprey.federation.model import ReasonCode
from kouprey.federation.service.calls import Tally
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.words.errors import KoupreyError, Unreachable
from kouprey.kernel.words.time import DAY, SECOND, Clock, Instant, wall_clock

HOURS_KEPT, DAYS_KEPT = 8 * DAY, 760 * DAY
"""The days of eight quarters are shown together where an agreement is measured."""
SHOWN_DAYS, SHOWN_HOURS = 30, 48
_LONGEST_GAP = 300 * SECOND
_ANSWERED = frozenset({ReasonCode.THROTTLED, ReasonCode.BUSY})
"""Refusals that come as later, perhaps: who says so has been reached."""


class Exchange(NamedTuple):
    """One exchange that has ended: when it began and ended, what came, what its calls add up to, and its failure."""

    begun: Instant
    ended: Instant
    entries: int
    tally: Tally
    error: KoupreyError | None = None

    @property
    def reached(self) -> bool:
        """Whether the partner answered at all, were it with a refusal."""
        return not isinstance(self.error, Unreachable) or self.error.code in _ANSWERED


class History:
    """Writes down how exchanges went, and tells it."""

    def __init__(self, store: Store, clock: Clock = wall_clock) -> None:
        self._store = store
        self._clock = clock

    def note(self, party: str, exchange: Exchange, interval: float) -> None:
        """Keep how an exchange went; `interval` is how many seconds usually pass between two."""
        error = "" if exchange.error is None else str(exchange.error).replace("\0", "")[:1000]
        longest = max(_LONGEST_GAP, int(2 * interval * SECOND))

        def work(tx: Tx) -> None:
            link = rows.find_link(tx, party)
            if link is None:
                return
            rows.note_link(tx, party, exchange.ended, error, reached=exchange.reached)
            rows.add_history(tx, party, _summed(exchange, error, link.last_try, longest))

        self._store.write(work)

    def days(self, party: str, count: int = SHOWN_DAYS) -> list[rows.Span]:
        """The last so many days, today the last; those of which nothing is known are empty."""
        return self._spans(party, rows.DAY_GRAIN, count)

    def hours(self, party: str, count: int = SHOWN_HOURS) -> list[rows.Span]:
        """Likewise by the hour."""
        return self._spans(party, rows.HOUR_GRAIN, count)

    def days_of_all(self, count: int = SHOWN_DAYS) -> dict[str, list[rows.Span]]:
        """Party -> its days, for all partners of whom something is known."""
        first = self._first(rows.DAY_GRAIN, count)
        with self._store.read() as reader:
            found = sorted(rows.list_history(reader, rows.DAY_GRAIN, first))
        return {
            party: _filled([span for _, span in group], first, rows.DAY_GRAIN, count)
            for party, group in groupby(found, key=lambda each: each[0])
        }

    def last_day(self) -> dict[str, rows.Span]:
        """Party -> the sum of its last 24 hours."""
        with self._store.read() as reader:
            found = sorted(rows.list_history(reader, rows.HOUR_GRAIN, self._first(rows.HOUR_GRAIN, 24)))
        return {party: total(span for _, span in group) for party, group in groupby(found, key=lambda each: each[0])}

    def prune(self) -> int:
        """Forget what is too old; the number of rows."""
        now = self._clock()
        kept = ((rows.HOUR_GRAIN, HOURS_KEPT), (rows.DAY_GRAIN, DAYS_KEPT))
        return self._store.write(lambda tx: sum(rows.prune_history(tx, grain, now - age) for grain, age in kept))

    def _spans(self, party: str, grain: int, count: int) -> list[rows.Span]:
        first = self._first(grain, count)
        with self._store.read() as reader:
            found = rows.list_history(reader, grain, first, party)
        return _filled([span for _, span in found], first, grain, count)

    def _first(self, grain: int, count: int) -> Instant:
        return rows.begin_of(self._clock(), grain) - (count - 1) * grain * SECOND


def total(spans: Iterable[rows.Span]) -> rows.Span:
    """The sum of spans, with their last failure; it begins where the first does."""
    found = list(spans)
    if not found:
        return rows.Span(0)
    last = max(found, key=lambda each: each.why_at)
    sums = [sum(column) for column in zip(*(span[1:11] for span in found), strict=True)]
    return rows.Span._make((found[0].at, *sums, last.why, last.why_at))


def went(tx: Tx, party: str, now: Instant, entries: int, size: int) -> None:
    """Add what a partner has fetched from us, in the transaction that writes down that it leaves."""
    rows.add_history(tx, party, rows.Span(now, went=entries, went_bytes=size))


def _summed(exchange: Exchange, error: str, last_try: Instant, longest: Instant) -> rows.Span:
    took = max(0, exchange.ended - exchange.begun)
    gap = min(max(0, exchange.begun - last_try), longest) if last_try else 0
    good = exchange.error is None
    return rows.Span(
        exchange.ended,
        good=int(good),
        failed=int(not good),
        up=gap + took if exchange.reached else 0,
        down=0 if exchange.reached else gap + took,
        took=took if good else 0,
        answer=int(exchange.tally.quickest * SECOND) if good else 0,
        came=exchange.entries,
        came_bytes=exchange.tally.received,
        went_bytes=exchange.tally.sent,
        why=error,
        why_at=0 if good else exchange.ended,
    )


def _filled(spans: Sequence[rows.Span], first: Instant, grain: int, count: int) -> list[rows.Span]:
    known = {span.at: span for span in spans}
    return [known.get(at, rows.Span(at)) for at in (first + n * grain * SECOND for n in range(count))]
