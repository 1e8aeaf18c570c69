"""The chart of days: stacked columns with their numbers, the same as a table, and this week beside the last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlencode

from kouprey.exchange.model.days import Days
from kouprey.exchange.pages.query import PATH
from kouprey.kernel.web.filters import number
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.words.time import DAY, SECOND

SOURCES = 5
"""Sources with a colour of their own; all others share the last."""
HEIGHT = 100.0
_LEAST = 1.5
"""Of the height: what is there is seen, however little it is beside the rest."""
WEEK = 7


@dataclass(frozen=True)
class Part:
    """A piece of a column: whose, where it begins from the top and how high it is, of 100."""

    place: int
    top: float
    height: float


@dataclass(frozen=True)
class DayColumn:
    """One day: its date, how it is written below, its sum, what it says aloud, and the list of what came then."""

    date: str
    short: str
    total: int
    compact: str
    said: str
    url: str
    parts: Sequence[Part]


@dataclass(frozen=True)
class Chart:
    """Columns, the names of the colours, and rows of the same as a table: a name and one number a day."""

    columns: Sequence[DayColumn]
    legend: Sequence[tuple[int, str, int]]
    rows: Sequence[tuple[str, Sequence[int]]]
    total: int


@dataclass(frozen=True)
class Compared:
    """A number of this week beside that of the week before; `more`: or more."""

    title: str
    now: int
    before: int
    more: bool
    url: str
    values: Sequence[int]

    @property
    def trend(self) -> str:
        """The difference in words."""
        if self.now == self.before:
            return _("as last week")
        gap = number(abs(self.now - self.before))
        more = _("%(n)s more than last week") if self.now > self.before else _("%(n)s fewer than last week")
        return more % {"n": gap}


def chart_of(days: Days, name: Callable[[str], str]) -> Chart:
    """The columns of these days, stacked by source; `name` says what a source is called."""
    told = [(name(source), values) for source, values in days.by_source.items()]
    shown = told[: SOURCES if len(told) > SOURCES + 1 else SOURCES + 1]
    rest = told[len(shown) :]
    if rest:
        shown = [*shown, (_("Others"), tuple(sum(column) for column in zip(*(v for _n, v in rest), strict=True)))]
    top = max(days.totals, default=0) or 1
    columns = [
        _column(days.first + place, [(title, values[place]) for title, values in shown], top)
        for place in range(len(days.given))
    ]
    legend = [(place, title, sum(values)) for place, (title, values) in enumerate(shown)]
    return Chart(columns, legend, [(title, values) for title, values in told], sum(days.totals))


def _column(day: int, values: Sequence[tuple[str, int]], top: int) -> DayColumn:
    date = datetime.fromtimestamp(day * DAY // SECOND, UTC)
    parts: list[Part] = []
    bottom = HEIGHT
    for place, (_title, n) in enumerate(values):
        if n:
            height = max(_LEAST, HEIGHT * n / top)
            bottom -= height
            parts.append(Part(place, round(max(bottom, 0), 2), round(height, 2)))
    total = sum(n for _title, n in values)
    each = ", ".join(f"{title} {number(n)}" for title, n in values if n)
    written = f"{date:%Y-%m-%d}"
    said = f"{written}: {number(total)}" + (f" ({each})" if each else "")
    url = f"{PATH}?{urlencode({'from': written, 'to': written})}"
    return DayColumn(written, str(date.day), total, compact(total), said, url, parts)


def compact(n: int) -> str:
    """A number in so few letters that it stands above a column: 950, 1.2k, 98k, 1.3M."""
    if n < 1_000:
        return number(n) if n else ""
    for size, letter in ((1_000_000, "M"), (1_000, "k")):
        if n >= size:
            value = n / size
            return f"{number(value, 1 if value < 10 else 0)}{letter}"
    return number(n)


def compared(days: Days) -> list[Compared]:
    """This week beside the last, of fourteen days: what came in, what was given, what was seen."""
    none = (0,) * len(days.given)
    kinds = (
        (mark("Received"), days.totals, False, PATH),
        (mark("Given"), days.given, days.given_more, "/ledger"),
        (mark("Seen"), days.by_type.get("sighting", none), False, f"{PATH}?type=sighting"),
    )
    return [
        Compared(_(title), sum(values[-WEEK:]), sum(values[-2 * WEEK : -WEEK]), more, url, values)
        for title, values, more, url in kinds
    ]
