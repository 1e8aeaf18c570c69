"""The arithmetic of measures: pure functions of sums, each defined in docs/reference/measures.md."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from kouprey.performance.model import (
    MORE_IS_BETTER,
    SMALL,
    Cell,
    Point,
    Quarter,
    State,
)

INDICATOR, WHY, MORE = 1, 2, 4
CONTEXT = INDICATOR | WHY | MORE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


# What was appended together was sealed in one second, and each entry is asked for thrice.
@lru_cache(maxsize=64)
def quarter_of(second: int) -> Quarter:
    """The quarter (UTC) of a second since 1970."""
    moment = _EPOCH + timedelta(seconds=second)
    return moment.year * 4 + (moment.month - 1) // 3


def begin_of(quarter: Quarter) -> int:
    """The second since 1970 at which a quarter begins (UTC)."""
    return int((datetime(quarter // 4, quarter % 4 * 3 + 1, 1, tzinfo=UTC) - _EPOCH).total_seconds())


def quarter_text(quarter: Quarter) -> str:
    """As `2026-Q4`."""
    return f"{quarter // 4:04d}-Q{quarter % 4 + 1}"


def read_quarter(text: str) -> Quarter:
    """What `quarter_text` wrote; raises ValueError."""
    year, mark, number = text.partition("-Q")
    if not mark or len(year) != 4 or not year.isascii() or not year.isdigit() or number not in ("1", "2", "3", "4"):
        raise ValueError(f"not a quarter such as 2026-Q4: {text[:20]!r}")
    return int(year) * 4 + int(number) - 1


def bucket(seconds: int) -> int:
    """A time cut to its first six binary digits, so that some hundred rows hold a sum: at most 3.2 % less."""
    cut = max(0, seconds.bit_length() - 6)
    return seconds >> cut << cut if seconds > 0 else 0


def rank(times: Mapping[int, int], share: float) -> float | None:
    """The smallest of these times (seconds -> how often) that at least this share does not exceed; None of none."""
    total = sum(times.values())
    seen = 0
    for seconds in sorted(times):
        seen += times[seconds]
        if seen >= share * total and times[seconds]:
            return float(seconds)
    return None


def gave(cells: Iterable[Cell], what: str = "objects") -> Counter[str]:
    """Party -> how many it gave."""
    found: Counter[str] = Counter()
    for cell in cells:
        if cell.what == what:
            found[cell.author] += cell.n
    return found


def share_back(given: Mapping[str, int], parties: Sequence[str]) -> float | None:
    """What the party that gave least gave for each object the others gave on average; None where nobody gave.

    From 0 (one gives nothing) to 1 (all give the same).
    """
    if len(parties) < 2:
        return None
    least = min(parties, key=lambda party: given.get(party, 0))
    others = sum(given.get(party, 0) for party in parties if party != least) / (len(parties) - 1)
    return given.get(least, 0) / others if others else None


def concentration(given: Mapping[str, int]) -> tuple[float, float] | None:
    """(The share of the party that gave most, the sum of the squares of all shares), from 0 to 1; None where none."""
    total = sum(given.values())
    if not total:
        return None
    return max(given.values()) / total, sum((each / total) ** 2 for each in given.values())


def hidden_parts(counts: Mapping[str, int]) -> frozenset[str]:
    """Which of these parts of a known total are not told: those below five and, beside a single one, the next smallest.

    Without the second, the first would be what is missing from the total.
    """
    small = {key for key, n in counts.items() if 0 < n < SMALL}
    if len(small) == 1:
        others = sorted((n, key) for key, n in counts.items() if n and key not in small)
        small |= {key for _, key in others[:1]}
    return frozenset(small)


def points(
    cells: Sequence[Cell],
    wrong: Mapping[Quarter, int],
    days: Iterable[tuple[int, int, int]],
    parties: Sequence[str],
    quarter: Quarter,
    *,
    whole: bool,
) -> dict[str, Point]:
    """Every measure but the recalls in one quarter.

    Not `whole`: small counts and what gives them away stay hidden.
    """
    own = [cell for cell in cells if cell.quarter == quarter]
    given = gave(own)
    total = sum(given.values())
    hide = not whole and bool(hidden_parts(given))
    largest = concentration(given)
    indicators = sum(gave(own, "indicators").values())
    context = sum(gave(own, "context").values())
    return {
        "share-back": _kept(quarter, share_back(given, parties), total, whole, hide),
        "time-to-publish": _times(own, "publish", quarter, whole),
        "time-to-acknowledge": _times(own, "acknowledge", quarter, whole),
        "context": _part(quarter, context, indicators, whole),
        "false-positives": _part(quarter, wrong.get(quarter, 0), indicators, whole),
        "concentration": _kept(quarter, largest[0] if largest else None, total, whole, hide),
        "availability": availability(days, quarter),
    }


def availability(days: Iterable[tuple[int, int, int]], quarter: Quarter) -> Point:
    """The share of the known time in which the parties were reached, from (second, up, down) of their days."""
    own = [(up, down) for second, up, down in days if quarter_of(second) == quarter]
    up, known = sum(up for up, _ in own), sum(up + down for up, down in own)
    return Point(quarter=quarter, value=up / known if known else None, n=len(own))


def _times(cells: Iterable[Cell], what: str, quarter: Quarter, whole: bool) -> Point:
    times: defaultdict[int, int] = defaultdict(int)
    for cell in cells:
        if cell.what == what:
            times[cell.seconds] += cell.n
    n = sum(times.values())
    if _few(n, whole):
        return Point(quarter=quarter, value=None, n=None, hidden=True)
    return Point(quarter=quarter, value=rank(times, 0.5), n=n, p90=rank(times, 0.9))


def _part(quarter: Quarter, part: int, n: int, whole: bool) -> Point:
    """A share; hidden when so few are in it, or outside of it, that they would be seen through it."""
    small = not whole and (0 < part < SMALL or 0 < n - part < SMALL)
    return _kept(quarter, part / n if n else None, n, whole, small)


def _kept(quarter: Quarter, value: float | None, n: int, whole: bool, hidden: bool) -> Point:
    few = _few(n, whole)
    hidden = hidden or few
    return Point(quarter=quarter, value=None if hidden else value, n=None if few else n, hidden=hidden)


def _few(n: int, whole: bool) -> bool:
    return not whole and 0 < n < SMALL


def judge(measure: str, point: Point, target: float | None) -> State:
    """Whether a target is reached; fewer than five cases say nothing, except of recalls, counted one by one."""
    if target is None:
        return State.UNTARGETED
    if point.value is None or ((point.n or 0) < SMALL and measure != "outstanding-recalls"):
        return State.FEW
    reached = point.value >= target if measure in MORE_IS_BETTER else point.value <= target
    return State.MET if reached else State.MISSED
