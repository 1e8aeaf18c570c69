"""What comes first in a situation, where parties stand in its picture, and how clocks of hand-offs went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

from kouprey.kernel.words.time import SECOND, Instant
from kouprey.response.model import Course, HandOff
from kouprey.response.model.situation import Attack, Campaign, Punctual, Strike, Traffic

ATTACKS: Mapping[str, Attack] = {
    "application-compromise": Attack.DEFACEMENT,
    "dos": Attack.DDOS,
    "ddos": Attack.DDOS,
}
"""Types of the Reference Security Incident Taxonomy (version 1003, classes Intrusions and Availability)."""
NAMED: Mapping[Attack, tuple[str, ...]] = {
    Attack.DEFACEMENT: ("defacement",),
    Attack.DDOS: ("ddos", '"denial of service"'),
}
"""Words by which objects that speak of one are found."""
_FIRST = ("government", "media", "press", "news", "broadcast")
WIDTH, HEIGHT = 560, 330
MOST_PLACED = 12


def first_of_all(sectors: Iterable[str]) -> bool:
    """Whether a government or the media is among them (STIX 2.1 has government-national and others of its kind)."""
    return any(word in sector.lower() for sector in sectors for word in _FIRST)


def sectors_of(value: Mapping[str, Any]) -> tuple[str, ...]:
    """The sectors that an identity states (STIX 2.1, section 4.5), each once; what is no text is left out."""
    given = value.get("sectors")
    if not isinstance(given, list):
        return ()
    found = [each.strip()[:80] for each in given if isinstance(each, str) and each.strip()]
    return tuple(dict.fromkeys(found))[:20]


def ordered_strikes(strikes: Iterable[Strike]) -> tuple[Strike, ...]:
    """Against government and media first, then the newest."""
    return tuple(sorted(strikes, key=lambda each: (not each.first, -each.at, each.number, each.stix_id)))


def ordered_campaigns(campaigns: Iterable[Campaign]) -> tuple[Campaign, ...]:
    """Against government and media first, then those that say against whom, then the newest."""
    return tuple(
        sorted(campaigns, key=lambda each: (not first_of_all(each.sectors), not each.sectors, -each.at, each.stix_id))
    )


@dataclass(frozen=True)
class Placed:
    """A party in the picture, and how thick its line to us is drawn."""

    traffic: Traffic
    x: float
    y: float
    width: float


def placed(traffic: Sequence[Traffic]) -> list[Placed]:
    """Partners on a ring around us, in the order they are given; nothing about where they lie says anything else."""
    shown = traffic[:MOST_PLACED]
    top = max((each.total for each in shown), default=0) or 1
    made = []
    for place, each in enumerate(shown):
        turn = 2 * pi * place / len(shown) - pi / 2
        x, y = WIDTH / 2 + cos(turn) * WIDTH * 0.32, HEIGHT / 2 + sin(turn) * HEIGHT * 0.36
        width = 1.5 + 5 * each.total / top if each.total else 0.0
        made.append(Placed(each, round(x, 1), round(y, 1), round(width, 1)))
    return made


@dataclass(frozen=True)
class Kept:
    """A hand-off with its course, and who the other side is."""

    asked: HandOff
    course: Course
    other: str
    ours: bool


def punctual(kept: Iterable[Kept], now: Instant) -> tuple[Punctual, ...]:
    """Per partner, agreement, side, kind and clock: how long each took, and what is not known beside.

    A clock that stopped for good unmet is missing and late for nobody.
    """
    found: dict[tuple[str, str, bool, str, str], dict[str, Any]] = {}
    for each in kept:
        for clock in each.course.clocks:
            if clock.name == "report":
                continue
            key = (each.other, each.asked.agreement, each.ours, each.asked.kind, clock.name)
            sums = found.setdefault(key, {"allowed_s": 0, "seconds": [], "late": 0, "open": 0, "missing": 0})
            sums["allowed_s"] = (clock.due - clock.paused - each.asked.at) // SECOND
            if clock.met:
                sums["seconds"].append(max(0, clock.met - each.asked.at) // SECOND)
            elif clock.frozen:
                sums["missing"] += 1
            else:
                sums["open"] += 1
            sums["late"] += (clock.met > 0 or not clock.frozen) and clock.late_at(now)
    return tuple(
        Punctual(
            party=party,
            agreement=agreement,
            asked=ours,
            kind=kind,
            clock=clock,
            allowed_s=sums["allowed_s"],
            seconds=tuple(sums["seconds"]),
            late=sums["late"],
            open=sums["open"],
            missing=sums["missing"],
        )
        for (party, agreement, ours, kind, clock), sums in sorted(found.items())
    )
