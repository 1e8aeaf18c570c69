"""Who is on duty, and when nobody is."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.kernel.words.time import DAY, Instant
from kouprey.response.model.directory import Gap, Shift

AHEAD: Instant = 14 * DAY
"""How far ahead gaps are looked for."""


def on_duty(shifts: Iterable[Shift], now: Instant) -> list[Shift]:
    """Those whose shift runs, who began first first."""
    running = [each for each in shifts if not each.withdrawn_at and each.starts <= now < each.ends]
    return sorted(running, key=lambda each: (each.starts, each.id))


def gaps(shifts: Iterable[Shift], start: Instant, end: Instant) -> list[Gap]:
    """The times between two instants in which no shift runs, in their order."""
    found: list[Gap] = []
    covered = start
    for each in sorted((each for each in shifts if not each.withdrawn_at), key=lambda each: each.starts):
        if each.ends <= covered or each.starts >= end:
            continue
        if each.starts > covered:
            found.append(Gap(covered, each.starts))
        covered = each.ends
    if covered < end:
        found.append(Gap(covered, end))
    return found
