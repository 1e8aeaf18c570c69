"""The chart of days: columns that add up, numbers that fit above them, and this week beside the last."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.days import Days
from kouprey.exchange.pages.daily import HEIGHT, SOURCES, chart_of, compact, compared
from kouprey.kernel.words.time import DAY, parse_instant

FIRST = parse_instant("2026-11-13T00:00:00Z") // DAY
numbers = st.lists(st.integers(0, 10**7), min_size=14, max_size=14).map(tuple)


def _days(by_source: dict[str, Any], **more: Any) -> Days:
    told: dict[str, Any] = {"by_type": {}, "given": (0,) * 14, "given_more": False} | more
    return Days(first=FIRST, by_source=by_source, **told)


@given(st.dictionaries(st.text("abcdefgh", min_size=1), numbers, max_size=9))
def test_columns_add_up_and_stay_in_their_room(by_source: dict[str, Any]) -> None:
    chart = chart_of(_days(by_source), str)
    assert [each.total for each in chart.columns] == [sum(v[i] for v in by_source.values()) for i in range(14)]
    assert sum(n for _place, _title, n in chart.legend) == chart.total
    assert len(chart.legend) <= SOURCES + 1
    for column in chart.columns:
        assert all(0 <= part.top <= HEIGHT and part.height > 0 for part in column.parts)
        assert [part.place for part in column.parts] == sorted({part.place for part in column.parts})


def test_a_column_says_its_day_aloud_and_opens_what_came_then() -> None:
    chart = chart_of(_days({"one": (0,) * 13 + (1200,), "two": (0,) * 13 + (3,)}), str.upper)
    last = chart.columns[-1]
    assert last.date == "2026-11-26" and last.short == "26" and last.compact == "1.2k"
    assert last.said == "2026-11-26: 1,203 (ONE 1,200, TWO 3)"
    assert last.url == "/intelligence?from=2026-11-26&to=2026-11-26"
    assert chart.columns[0].said == "2026-11-13: 0" and chart.columns[0].compact == ""


@given(st.integers(0, 10**9))
def test_a_number_above_a_column_is_short(n: int) -> None:
    assert len(compact(n)) <= 6


def test_this_week_beside_the_last() -> None:
    week = compared(_days({"one": (1,) * 7 + (3,) * 7}, by_type={"sighting": (2,) * 14}, given=(0,) * 14))
    assert [(each.now, each.before) for each in week] == [(21, 7), (0, 0), (14, 14)]
    assert [each.trend for each in week] == ["14 more than last week", "as last week", "as last week"]
