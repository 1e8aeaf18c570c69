"""Days as people write them, `2026-11-22` in UTC, and the positions at which news of them begins and ends."""

from __future__ import annotations

from kouprey.kernel.words.time import SECOND, Instant, format_second, parse_instant

_DAY = 24 * 3600 * SECOND


def begin_of(text: str) -> Instant:
    """The first instant of that day; raises ValueError."""
    return parse_instant(f"{text}T00:00:00Z")


def from_day(text: str) -> Instant:
    """The position after which news is of that day or later; raises ValueError."""
    return parse_instant(f"{text}T00:00:00Z") - 1


def to_day(text: str) -> Instant:
    """The position before which news is of that day or earlier; raises ValueError."""
    return parse_instant(f"{text}T00:00:00Z") + _DAY


def day_from(since: Instant) -> str:
    """The day that `from_day` read."""
    return format_second(since + 1)[:10]


def day_to(until: Instant) -> str:
    """The day that `to_day` read."""
    return format_second(until - _DAY)[:10]
