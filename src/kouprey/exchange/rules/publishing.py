"""What a publishing rule makes of what the gate said, and when it has to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Protocol

from kouprey.exchange.model.publishing import RuleGround, RuleSample
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.errors import Damaged

_SAMPLES = 3
_GROUNDS = 20


class Became(Protocol):
    """What became of one object at the gate."""

    @property
    def stix_id(self) -> str: ...
    @property
    def fate(self) -> str: ...
    @property
    def because(self) -> tuple[Reason, ...]: ...


def grounds_of(passed: Sequence[Became], title: Callable[[str], RuleSample]) -> tuple[RuleGround, ...]:
    """The grounds, the most frequent first, each with how many and some of them."""
    by_ground: dict[tuple[Reason, ...], list[str]] = {}
    for each in passed:
        by_ground.setdefault(each.because, []).append(each.stix_id)
    ranked = sorted(by_ground.items(), key=lambda pair: (-len(pair[1]), str(pair[0])))
    return tuple(
        RuleGround(because=because, count=len(ids), samples=tuple(title(each) for each in ids[:_SAMPLES]))
        for because, ids in ranked[:_GROUNDS]
    )


def within(passed: Sequence[Became], room: int) -> int:
    """How many of these, in their order, may be done so that at most `room` go or ask for their release."""
    for index, each in enumerate(passed):
        room -= each.fate in ("queued", "waiting")
        if room < 0:
            return index
    return len(passed)


def name_of(text: str, longest: int) -> str:
    """A name as it is kept; Damaged when there is none, or it is too long."""
    name = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if not 1 <= len(name) <= longest:
        raise Damaged(
            "The rule needs a name.",
            f"It has 1 to {longest} characters.",
            "Say what it gives, and to whom.",
            code="bad-name",
        )
    return name


def day_text(day: int) -> str:
    """A day counted since 1970, as 2026-11-27."""
    return datetime.fromtimestamp(day * 86_400, UTC).date().isoformat()


def day_of(text: str) -> int | None:
    """The day that a text names (UTC), counted since 1970; None when it names none."""
    try:
        return (date.fromisoformat(text) - date(1970, 1, 1)).days if len(text) == 10 else None
    except ValueError:
        return None
