"""How values look on a page: instants, numbers, sizes, levels, charts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import ceil, floor, log10
from typing import Any

from markupsafe import Markup, escape

from kouprey.kernel.web.language import SECONDS, Unit, _, current, joined, labelled
from kouprey.kernel.words.time import FOREVER, SECOND, Instant, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP, parse_tlp

_TYPED = re.compile("`([^`]+)`")

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

# A unit tells a gap up to how long; the same in kouprey.js, which goes on counting.
_UNITS: tuple[tuple[Unit, int], ...] = (
    ("minute", 45 * MINUTE),
    ("hour", 22 * HOUR),
    ("day", 45 * DAY),
    ("month", 548 * DAY),
)


def relative(instant: Instant, now: Instant) -> str:
    """Roughly how long ago, or in how long: `3 minutes ago`."""
    ahead = instant > now
    gap = abs(instant - now)
    if gap < 45 * SECOND:
        return _("just now")
    unit: Unit = next((unit for unit, below in _UNITS if gap < below), "year")
    return current().ago(max(1, round(gap / (SECONDS[unit] * SECOND))), unit, ahead=ahead)


def ago(instant: Instant | None, now: Instant | None = None) -> Markup:
    """A `<time>`: relative words, the exact UTC second beside them for machines and on hover."""
    if instant is None or instant >= FOREVER:
        return Markup('<span class="faint">–</span>')
    exact = format_second(instant)
    words = relative(instant, wall_clock() if now is None else now)
    shown = exact.replace("T", " ").replace("Z", " UTC")
    return Markup('<time datetime="{}" title="{}" data-relative>{}</time>').format(exact, shown, words)


def exact(instant: Instant | None) -> Markup:
    """A `<time>` with date, minute and second in UTC, for proofs and timelines."""
    if instant is None or instant >= FOREVER:
        return Markup('<span class="faint">–</span>')
    text = format_second(instant)
    return Markup('<time datetime="{}" class="exact">{}</time>').format(
        text, text.replace("T", " ").replace("Z", " UTC")
    )


def day(instant: Instant | str | None) -> Markup:
    """A `<time>` with the date alone, as the reader's language writes it; also of a day in letters (`2026-11-26`)."""
    if not isinstance(instant, str):
        return _day(instant, short=False)
    try:
        shown = current().day(date.fromisoformat(instant))
    except ValueError:
        return escape(instant)
    return Markup('<time datetime="{}">{}</time>').format(instant, shown)


def shortday(instant: Instant | None) -> Markup:
    """A `<time>` with day and month, for what is at most some months away."""
    return _day(instant, short=True)


def _day(instant: Instant | None, *, short: bool) -> Markup:
    if instant is None or instant >= FOREVER:
        return Markup('<span class="faint">–</span>')
    text = format_second(instant)[:10]
    return Markup('<time datetime="{}">{}</time>').format(text, current().day(date.fromisoformat(text), short=short))


def number(value: float, digits: int = 0) -> str:
    """As the reader's language writes it."""
    return current().number(value, digits)


def size(count: int) -> str:
    """Bytes in the largest fitting unit (powers of 1024)."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if abs(value) < 1024:
            return f"{current().number(value, 0 if unit == 'B' or value >= 100 else 1)} {unit}"
        value /= 1024
    return f"{current().number(value, 1)} TiB"


def span(seconds: float) -> str:
    """How long, in the largest unit that tells it: `3 days`."""
    return current().span(seconds)


def percent(share: float) -> str:
    """A share of one as the reader's language writes it: `13%`."""
    return current().percent(share)


def tlp(level: TLP | str) -> Markup:
    """The badge in the colours of FIRST's TLP 2.0."""
    known = level if isinstance(level, TLP) else parse_tlp(level)
    name = known.name.lower().replace("_", "-")
    return Markup('<span class="tlp tlp-{}">{}</span>').format(name, known.text)


def typed(text: str) -> Markup:
    """A sentence in which what is to be typed stands between grave accents, as errors write it; those parts as code."""
    return Markup(_TYPED.sub(r"<code>\1</code>", str(escape(text))))


def foldable(path: str) -> Markup:
    """A path that may go on in the next line, behind a slash only."""
    return Markup("/<wbr>").join(path.split("/"))


def listed(texts: Iterable[Any]) -> Markup:
    """Names side by side, as the reader's language writes them; also such as are links."""
    return Markup(joined(escape(each) for each in texts))


def label(name: Any) -> Markup:
    """What something is, before what is said of it, with the colon of the language."""
    return Markup(labelled(escape(name), ""))


def ticks(values: Sequence[float]) -> list[int]:
    """Three to six round numbers from zero to what is not below any value: the axis of a chart that counts."""
    top = max([1.0, *values])
    step = 10 ** floor(log10(top))
    # The smallest of 1, 2, 5, 10, 20, ... that needs no more than five steps.
    sizes = (max(1, step * part // 10) for part in (1, 2, 5, 10, 20, 50))
    size = next(each for each in sizes if top / each <= 5)
    return [at * size for at in range(max(2, ceil(top / size)) + 1)]


def points(values: Sequence[float], width: float, height: float, pad: float = 2, top: float = 0) -> str:
    """The points of a line over the whole width of a chart, for an SVG polyline; the base line is zero.

    `top` is the value at the upper edge, the highest of `values` when it is 0.
    """
    if not values:
        return ""
    top = top or max(max(values), 1e-9)
    step = width / max(1, len(values) - 1)
    room = height - 2 * pad
    return " ".join(
        f"{at * step:.1f},{height - pad - max(0.0, each) / top * room:.1f}" for at, each in enumerate(values)
    )


FILTERS: dict[str, Callable[..., Any]] = {
    "ago": ago,
    "exact": exact,
    "day": day,
    "shortday": shortday,
    "number": number,
    "size": size,
    "span": span,
    "percent": percent,
    "tlp": tlp,
    "typed": typed,
    "foldable": foldable,
    "label": label,
    "listed": listed,
    "points": points,
    "ticks": ticks,
}
