"""A picture of what stands around an object: two half rings for each step, one row for each name, drawn by the server.

Every object has a row of its own, so no two names meet; its distance is how far out it stands. The same objects always
give the same picture.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

MOST_DRAWN = 80
MOST_LINES = 240
MOST_BELOW = 16
"""Objects that hang on one that is not in the middle: a hub would hide everything else."""
ROW = 20
_RINGS = (0, 110, 180, 250)
_LETTER = 6.8
_ROOM = (40, 40, 33, 26)
"""Letters of a name where the furthest is so many steps away."""

ACTORS = frozenset({"threat-actor", "intrusion-set", "campaign", "incident"})
MEANS = frozenset({"malware", "tool", "infrastructure", "attack-pattern", "vulnerability", "malware-analysis"})
ACCOUNTS = frozenset(
    {"report", "grouping", "note", "opinion", "sighting", "relationship", "identity", "location", "course-of-action"}
)


@dataclass(frozen=True)
class Thing:
    """An object to draw: `near` is the one that it hangs on, "" for the one in the middle."""

    stix_id: str
    type: str
    title: str
    url: str
    near: str
    distance: int


@dataclass(frozen=True)
class Dot:
    """A drawn object: where its mark and its name stand, and which mark it is."""

    thing: Thing
    x: float
    y: float
    label: str
    label_x: float
    label_y: float
    anchor: str
    mark: str


@dataclass(frozen=True)
class Line:
    """Two drawn objects that are related; `main` where one hangs on the other."""

    x1: float
    y1: float
    x2: float
    y2: float
    main: bool


@dataclass(frozen=True)
class Picture:
    """Everything of it; `left_out` counts objects that found no room."""

    width: int
    height: int
    dots: Sequence[Dot]
    lines: Sequence[Line]
    left_out: int


def mark_of(type_: str) -> str:
    """Which of four marks stands for a type: who, by what means, who says so, or what was observed."""
    if type_ in ACTORS:
        return "actor"
    if type_ in MEANS:
        return "means"
    return "account" if type_ in ACCOUNTS else "observed"


def draw(things: Sequence[Thing], pairs: Sequence[tuple[str, str]]) -> Picture:
    """The first of `things` in the middle and the others around it; whoever is named as `near` comes before."""
    middle, *others = _shown(things)
    below: dict[str, list[Thing]] = {}
    for thing in others:
        below.setdefault(thing.near, []).append(thing)
    right, left = _sides(below, middle.stix_id)
    rows = max(len(right), len(left), 3)
    reach = max((thing.distance for thing in others), default=1)
    room = _ROOM[reach]
    width = 2 * round(_RINGS[reach] + _LETTER * room + 16)
    height = ROW * (rows + 2)
    # The name in the middle has the room between the inner rings.
    own = _cut(middle.title, _ROOM[-1])
    dots = [Dot(middle, width / 2, height / 2, own, width / 2, height / 2 + 22, "middle", "middle")]
    for side, listed in ((1, right), (-1, left)):
        for row, thing in enumerate(listed):
            up = row - (len(listed) - 1) / 2
            bend = 0.6 + 0.4 * sqrt(1 - (2 * up / (rows + 2)) ** 2)
            x = width / 2 + side * _RINGS[thing.distance] * bend
            y = height / 2 + up * ROW
            anchor = "start" if side > 0 else "end"
            label, at = _cut(thing.title, room), round(x + side * 11, 1)
            dots.append(Dot(thing, round(x, 1), y, label, at, y + 4.5, anchor, mark_of(thing.type)))
    return Picture(width, height, dots, _lines(dots, pairs), len(things) - len(dots))


def _shown(things: Sequence[Thing]) -> list[Thing]:
    """The nearest, as many as there is room for; what hangs on one left out is left out."""
    below = Counter[str]()
    shown: dict[str, Thing] = {}
    for thing in things:
        if not thing.near or (thing.near in shown and (thing.distance == 1 or below[thing.near] < MOST_BELOW)):
            shown[thing.stix_id] = thing
            below[thing.near] += 1
        if len(shown) > MOST_DRAWN:
            break
    return list(shown.values())


def _sides(below: Mapping[str, Sequence[Thing]], middle: str) -> tuple[list[Thing], list[Thing]]:
    """What hangs on the middle, each with all that hangs on it, to the side that has fewer rows; like beside like."""
    sides: tuple[list[Thing], list[Thing]] = ([], [])
    for thing in sorted(below.get(middle, ()), key=lambda thing: mark_of(thing.type)):
        min(sides, key=len).extend(_rows(thing, below))
    return sides


def _rows(thing: Thing, below: Mapping[str, Sequence[Thing]]) -> Iterator[Thing]:
    """An object amid what hangs on it, top to bottom."""
    children = below.get(thing.stix_id, ())
    half = len(children) // 2
    for child in children[:half]:
        yield from _rows(child, below)
    yield thing
    for child in children[half:]:
        yield from _rows(child, below)


def _lines(dots: Sequence[Dot], pairs: Sequence[tuple[str, str]]) -> list[Line]:
    at = {dot.thing.stix_id: dot for dot in dots}
    main = {frozenset((dot.thing.stix_id, dot.thing.near)) for dot in dots[1:]}
    joined = dict.fromkeys([*(tuple(sorted(pair)) for pair in main), *(tuple(sorted(pair)) for pair in pairs)])
    made = [
        Line(at[one].x, at[one].y, at[two].x, at[two].y, frozenset((one, two)) in main)
        for one, two in joined
        if one in at and two in at and one != two
    ]
    return sorted(made[:MOST_LINES], key=lambda line: (line.main, line.x1, line.y1, line.x2, line.y2))


def _cut(title: str, room: int) -> str:
    """As much of a name as there is room for; wide letters take two, marks above and below none."""
    for at, char in enumerate(title):
        room -= 0 if unicodedata.combining(char) or unicodedata.category(char) == "Mn" else _wide(char)
        if room < 0:
            return title[: max(1, at - 1)] + "…"
    return title


def _wide(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" or "\u0e80" <= char <= "\u17ff" else 1
