"""When something is due: so many seconds from an instant, of all hours or of those in which an office works."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kouprey.agreements.model import HandOffTerm
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.response.model import Clock, Due

OPENS, CLOSES = time(8), time(17)
WARNINGS = (50, 80, 100)
"""Percent of a clock at which people are told, once each."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def due_under(term: HandOffTerm, now: Instant, holidays: Iterable[date] = ()) -> Due:
    """The deadlines of a request that is made now under this term of clause 15; it has none for the report."""
    return Due(
        acknowledge=due_after(now, term.acknowledge_s, term.hours, holidays),
        decide=due_after(now, term.decide_s, term.hours, holidays),
        pause_s=term.pause_s,
    )


def due_after(start: Instant, seconds: int, hours: str = "always", holidays: Iterable[date] = ()) -> Instant:
    """The instant at which `seconds` of those hours are over; 0 for none. `hours` as in `HandOffTerm`."""
    if not seconds:
        return 0
    office, _, zone = hours.partition(" ")
    if office != "office":
        return start + seconds * SECOND
    return _in_office(start, seconds, ZoneInfo(zone), frozenset(holidays))


def _in_office(start: Instant, seconds: int, zone: ZoneInfo, holidays: frozenset[date]) -> Instant:
    now = (_EPOCH + timedelta(microseconds=start)).astimezone(zone)
    left, day = timedelta(seconds=seconds), now.date()
    while True:
        if day.weekday() < 5 and day not in holidays:
            # Both ends are instants: a day on which clocks change has as many hours as it has.
            opens = datetime.combine(day, OPENS, zone).astimezone(UTC)
            closes = datetime.combine(day, CLOSES, zone).astimezone(UTC)
            begins = max(opens, now.astimezone(UTC))
            if begins < closes:
                if left <= closes - begins:
                    return (begins + left - _EPOCH) // timedelta(microseconds=1)
                left -= closes - begins
        day += timedelta(days=1)


def warning_at(clock: Clock, begun: Instant, now: Instant, paused: int = 0) -> int:
    """The highest of `WARNINGS` that a clock which runs since `begun` has reached now; 0 for none or once it is met."""
    if clock.met or clock.frozen:
        return 0
    whole = clock.due - begun
    part = (now - begun - paused) * 100 // whole if whole > 0 else 100
    return max((each for each in WARNINGS if part >= each), default=0)
