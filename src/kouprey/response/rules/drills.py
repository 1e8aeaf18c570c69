"""What drills say of a partner, and when the next one is due."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from kouprey.kernel.words.time import DAY, SECOND, Instant
from kouprey.response.model.directory import Drill, Measured
from kouprey.response.rules.owing import after_months

COUNTED = 12
"""So many of the last drills make the median."""
OPEN: Instant = 3 * DAY
"""A drill that nobody has answered for so long is over, and was not answered."""


def measured(drills: Sequence[Drill]) -> Measured:
    """Of the drills of one partner, in any order. One that still runs is neither answered nor unanswered."""
    ordered = sorted(drills, key=lambda each: (-each.sent_at, each.handoff))
    counted = ordered[:COUNTED]
    times = [(each.acknowledged_at - each.sent_at) // SECOND for each in counted if each.acknowledged_at]
    last = ordered[0] if ordered else None
    return Measured(
        last=last,
        delivered=_seconds(last, last.delivered_at) if last else None,
        acknowledged=_seconds(last, last.acknowledged_at) if last else None,
        median=int(median(times)) if times else None,
        counted=len(counted),
        unanswered=sum(1 for each in counted if each.closed_at and not each.acknowledged_at),
        success=max((each.acknowledged_at for each in ordered), default=0),
    )


def due(last: Instant, now: Instant) -> bool:
    """Whether the drill of this month is to be sent: a month after the last one, or at once where there was none."""
    return not last or now >= after_months(last, 1)


def over(drill: Drill, now: Instant) -> bool:
    """Whether it ends now: it was answered, or nobody did in time."""
    return not drill.closed_at and (bool(drill.acknowledged_at) or now >= drill.sent_at + OPEN)


def _seconds(drill: Drill, reached: Instant) -> int | None:
    return max(0, reached - drill.sent_at) // SECOND if reached else None
