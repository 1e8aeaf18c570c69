"""How long a case took, with its arithmetic; medians and ninetieth parts over many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from kouprey.kernel.words.time import SECOND
from kouprey.response.model.cases import Case, Moment, Span, Timed

SPANS: Mapping[str, tuple[str, str]] = {
    "detect": ("occurred", "detected"),
    "acknowledge": ("reported", "acknowledged"),
    "contain": ("detected", "contained"),
    "recover": ("detected", "recovered"),
}
"""What is measured: from which moment of a case to which."""
UNITS: Mapping[str, int] = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def spans(moments: Mapping[str, Moment]) -> tuple[Span, ...]:
    """Each span of a case. One that would end before it began is not known: one of its two times is wrong."""
    made = []
    for name, (start, end) in SPANS.items():
        first, last = moments.get(start), moments.get(end)
        seconds = None
        if first is not None and last is not None and last.at >= first.at:
            seconds = (last.at - first.at) // SECOND
        made.append(Span(name=name, start=start, end=end, seconds=seconds))
    return tuple(made)


def doubt(moments: Mapping[str, Moment], span: Span) -> int:
    """By how many seconds a span may be off, because its ends are known no more exactly."""
    return sum(UNITS[moments[name].precision] for name in (span.start, span.end) if name in moments)


def out_of_order(moments: Mapping[str, Moment]) -> tuple[tuple[str, str], ...]:
    """Pairs of moments of which the second lies before the first."""
    return tuple(
        (start, end)
        for start, end in SPANS.values()
        if start in moments and end in moments and moments[end].at < moments[start].at
    )


def percentile(values: Sequence[int], part: int) -> int:
    """The smallest value that at least `part` hundredths of them do not exceed (nearest rank); 0 for none."""
    if not values:
        return 0
    ordered = sorted(values)
    return ordered[max(0, -(-part * len(ordered) // 100) - 1)]


def summed(cases: Iterable[Case | Timed]) -> dict[str, tuple[int, int, int, int]]:
    """Name of a span -> (how many cases have it, how many do not, median, ninetieth part), in seconds."""
    found: dict[str, list[int]] = {name: [] for name in SPANS}
    missing = dict.fromkeys(SPANS, 0)
    for case in cases:
        for span in spans(case.moments):
            if span.seconds is None:
                missing[span.name] += 1
            else:
                found[span.name].append(span.seconds)
    return {
        name: (len(each), missing[name], int(median(each)) if each else 0, percentile(each, 90))
        for name, each in found.items()
    }
