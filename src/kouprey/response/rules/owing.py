"""When a report is due, and how far its clock has gone; all in UTC, from instants alone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from kouprey.kernel.words.time import SECOND, Instant
from kouprey.response.model.regimes import After, Owed, Regime, Step

WARNED_AT = (50, 80, 100)
"""Parts of a clock, in hundredths, that are told once each."""


def owed(regime: Regime, known: Instant, sent: Mapping[str, Instant]) -> tuple[Owed, ...]:
    """The steps of a regime that began at `known`, with what was `sent` by key.

    A step that waits for the sending of another has no deadline before: `due` 0.
    """
    return tuple(
        Owed(step=step, due=_due(step, _begins(step, known, sent)), sent=sent.get(step.key, 0)) for step in regime.steps
    )


def begins(step: Step, known: Instant, sent: Mapping[str, Instant]) -> Instant:
    """When the clock of a step starts to run, 0 for not yet."""
    return _begins(step, known, sent)


def reached(begin: Instant, due: Instant, now: Instant) -> int:
    """The highest of `WARNED_AT` that has been reached, 0 for none; a clock that ran out the moment it began is at 100.

    Instants in microseconds.
    """
    if not begin or not due:
        return 0
    if now >= due:
        return 100
    part = (now - begin) * 100 // (due - begin)
    return max((each for each in WARNED_AT if each <= part), default=0)


def after_months(start: Instant, months: int) -> Instant:
    """The same day and time so many months later, or the last day of a shorter month."""
    begun = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=start)
    count = begun.month - 1 + months
    year, month = begun.year + count // 12, count % 12 + 1
    ended = begun.replace(year=year, month=month, day=min(begun.day, monthrange(year, month)[1]))
    return (ended - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


def _begins(step: Step, known: Instant, sent: Mapping[str, Instant]) -> Instant:
    return known if step.after is After.KNOWN else sent.get(step.step, 0)


def _due(step: Step, begin: Instant) -> Instant:
    if not begin:
        return 0
    return after_months(begin, step.months) if step.months else begin + step.seconds * SECOND
