"""How values look on a page: instants, numbers, sizes, levels, charts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from typing import Any

from markupsafe import Markup

from kouprey.kernel.web.language import _, current, ngettext
from kouprey.kernel.words.time import FOREVER, SECOND, Instant, format_second, wall_clock
from kouprey.kernel.words.tlp import TLP, parse_tlp

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def relative(instant: Instant, now: Instant) -> str:
    """Roughly how long ago, or in how long: `3 minutes ago`."""
    ahead = instant > now
    gap = abs(instant - now)
    if gap < 45 * SECOND:
        return _("just now")
    if gap < 45 * MINUTE:
        n = max(1, round(gap / MINUTE))
        text = ngettext("in %(n)s minute", "in %(n)s minutes", n) if ahead else _ago("minute", n)
    elif gap < 22 * HOUR:
        n = max(1, round(gap / HOUR))
        text = ngettext("in %(n)s hour", "in %(n)s hours", n) if ahead else _ago("hour", n)
    else:
        n = max(1, round(gap / DAY))
        text = ngettext("in %(n)s day", "in %(n)s days", n) if ahead else _ago("day", n)
    return text % {"n": current().number(n)}


def _ago(unit: str, n: int) -> str:
    if unit == "minute":
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", n)
    if unit == "hour":
        return ngettext("%(n)s hour ago", "%(n)s hours ago", n)
    return ngettext("%(n)s day ago", "%(n)s days ago", n)


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


def day(instant: Instant | None) -> Markup:
    """A `<time>` with the date alone."""
    if instant is None or instant >= FOREVER:
        return Markup('<span class="faint">–</span>')
    text = format_second(instant)[:10]
    return Markup('<time datetime="{}">{}</time>').format(text, text)


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


def tlp(level: TLP | str) -> Markup:
    """The badge in the colours of FIRST's TLP 2.0."""
    known = level if isinstance(level, TLP) else parse_tlp(level)
    name = known.name.lower().replace("_", "-")
    return Markup('<span class="tlp tlp-{}">{}</span>').format(name, known.text)


def ticks(values: Sequence[float]) -> list[int]:
    """Three to six round numbers from zero to what is not below any value: the axis of a chart that counts."""
    top = max([1.0, *values])
    step = 10 ** floor(log10(top))
    # The largest of 1, 2, 5, 10, 20, ... that leaves at least two steps.
    size = next((each for each in (step, step / 2, step / 5) if top / each >= 2), step / 5)
    size = max(1, round(size))
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
    "number": number,
    "size": size,
    "tlp": tlp,
    "points": points,
    "ticks": ticks,
}
