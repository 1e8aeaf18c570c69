"""How the page of an object shows who says what, how bodies differ, and what all of it is worth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from kouprey.exchange.model import BodyView, VersionView
from kouprey.exchange.model.weighing import OPINIONS, Comment, Ground, Place, State, Weighed
from kouprey.exchange.pages.naming import Names
from kouprey.exchange.pages.reading import OPINION_NAMES, plainly
from kouprey.exchange.rules.assertions import served_because
from kouprey.exchange.rules.differences import diff
from kouprey.exchange.rules.weighing import counts_of
from kouprey.kernel.web.language import _, joined, mark
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import SECOND, Instant

STATE_NAMES: dict[State, str] = {
    "fresh": mark("in force"),
    "fading": mark("fading"),
    "doubted": mark("doubted"),
    "expired": mark("ended"),
    "revoked": mark("revoked"),
}
TONES: dict[State, str] = {"fresh": "good", "fading": "warn", "doubted": "warn", "expired": "idle", "revoked": "bad"}
CONFIDENCE_NAMES = {
    "not stated": mark("not stated"),
    "none": mark("none"),
    "low": mark("low"),
    "medium": mark("medium"),
    "high": mark("high"),
}
SERVED_BECAUSE = {
    "author": mark("TAXII clients know one body of a version and are given what is served here: it is its author's."),
    "oldest": mark(
        "TAXII clients know one body of a version and are given what is served here: none that you may see comes from"
        " its author, so it is the oldest."
    ),
}
MOST_ROWS = 400
LONGEST_VALUE = 4_000
MOST_SHOWN = 20
"""Sightings, notes and opinions of each kind that a page lists."""
BUCKETS = 40
MOST_LANES = 6


@dataclass(frozen=True)
class DiffRow:
    """One property that differs; `tone` is changed, added or removed."""

    name: str
    tone: str
    left: str
    right: str


@dataclass(frozen=True)
class Conflict:
    """A body beside the one that is served, property by property."""

    body: BodyView
    rows: list[DiffRow]


@dataclass(frozen=True)
class Lane:
    """The sightings of one source: how often in all, and its bars as (place from the left, height) in per cent."""

    name: str
    times: int
    bars: list[tuple[float, float, int]]


@dataclass(frozen=True)
class Sighted:
    """All sightings together: how often, in vain how often, and over time for each source (the rest as one).

    `more`: more than are listed.
    """

    times: int
    in_vain: int
    lanes: list[Lane]
    first: Instant
    last: Instant
    begins: Instant
    listed: list[Comment]
    more: int


def differences(left: bytes, right: bytes) -> list[DiffRow]:
    """Two bodies property by property; nested values as JSON."""
    return [
        DiffRow(
            _place(place),
            tone,
            _written(before) if tone != "added" else "",
            _written(after) if tone != "removed" else "",
        )
        for place, tone, before, after in diff(decode(left), decode(right))[:MOST_ROWS]
    ]


def conflicts_of(version: VersionView) -> list[Conflict]:
    """Each further body beside the one that is served."""
    served = version.served
    return [Conflict(body, differences(served.raw, body.raw)) for body in version.bodies if body is not served]


def why_served(weighed: Weighed) -> str:
    """Why the one body is given to clients that know only one, "" where there is but one."""
    because = served_because(weighed.assertions)
    return _(SERVED_BECAUSE[because]) if because in SERVED_BECAUSE else ""


def spoken(ground: Ground) -> str:
    """A reason in the language of the answer."""
    return _(ground.text) % ground.values


def sighted(comments: Sequence[Comment], names: Names) -> Sighted | None:
    """The sightings among what is said of an object and its merged others; None when there are none."""
    listed = [each for each in comments if each.kind == "sighting"]
    if not listed:
        return None
    seen = [each for each in listed if each.times]
    begins = [each.first_seen or each.last_seen or each.at for each in seen]
    ends = [each.last_seen or each.at for each in seen]
    return Sighted(
        times=sum(each.times for each in listed),
        in_vain=len(listed) - len(seen),
        lanes=_lanes(seen, ends, names),
        first=min(begins, default=0),
        last=max(ends, default=0),
        begins=min(ends, default=0),
        listed=sorted(listed, key=lambda each: -each.at)[:MOST_SHOWN],
        more=max(0, len(listed) - MOST_SHOWN),
    )


def _lanes(seen: Sequence[Comment], ends: Sequence[Instant], names: Names) -> list[Lane]:
    """One lane a source, the busiest first, over equal stretches from the first time to the last."""
    if not seen:
        return []
    counted: dict[str, Counter[int]] = {}
    begin, span = min(ends), max(ends) - min(ends) + 1
    for each, at in zip(seen, ends, strict=True):
        name = joined(map(names.named, each.sources))
        # One moment alone stands in the middle of the bar.
        bucket = (at - begin) * BUCKETS // span if span > SECOND else BUCKETS // 2
        counted.setdefault(name, Counter())[bucket] += each.times
    order = sorted(counted, key=lambda name: (-counted[name].total(), name))
    if len(order) > MOST_LANES:
        rest = sum((counted[name] for name in order[MOST_LANES - 1 :]), Counter[int]())
        order = [*order[: MOST_LANES - 1], _("all others")]
        counted[order[-1]] = rest
    top = max(n for name in order for n in counted[name].values())
    return [
        Lane(
            name,
            counted[name].total(),
            [
                (round(b * 100 / BUCKETS, 2), round(max(14.0, n * 100 / top), 1), n)
                for b, n in sorted(counted[name].items())
            ],
        )
        for name in order
    ]


def opinions(weighed: Weighed) -> list[tuple[str, int]]:
    """How many voices hold each of the five; empty when nobody has one."""
    counts = counts_of(weighed.comments)
    return [(_(OPINION_NAMES[each]), counts.get(each, 0)) for each in reversed(OPINIONS)] if counts else []


def is_disputed(weighed: Weighed) -> bool:
    """Whether a voice is against it."""
    counts = counts_of(weighed.comments)
    return any(counts.get(each) for each in OPINIONS[:2])


def is_rated(weighed: Weighed) -> bool:
    """Whether anybody says how sure they are, holds an opinion, or has seen it or looked in vain."""
    stated = any(each.confidence is not None for each in weighed.assertions)
    return stated or any(each.kind in ("opinion", "sighting") for each in weighed.comments)


def tone_of_worth(weighed: Weighed) -> str:
    """The tone of its state; what nobody has rated is not shown as if somebody had found it good."""
    state = weighed.assessment.state
    return TONES[state] if state != "fresh" or is_rated(weighed) else "idle"


def listed(weighed: Weighed, kind: str) -> list[Comment]:
    """Notes or opinions, newest first."""
    return sorted((each for each in weighed.comments if each.kind == kind), key=lambda each: -each.at)


def _place(place: Place) -> str:
    """Like a granular selector (STIX 2.1 section 7.2.3.1): `external_references.[0].url`."""
    return plainly(".".join(f"[{step}]" if isinstance(step, int) else step for step in place))


def _written(value: Any) -> str:
    text = value if isinstance(value, str) else msgspec.json.format(msgspec.json.encode(value), indent=2).decode()
    return plainly(text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + " …")
