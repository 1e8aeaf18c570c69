"""Deadlines: of all hours, or of those in which an office works."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.agreements.model import HandOffTerm
from kouprey.kernel.words.time import SECOND, format_second, parse_instant
from kouprey.response.model import Clock
from kouprey.response.rules.deadlines import due_after, due_under, warning_at

HOUR = 3_600
PHNOM_PENH = "office Asia/Phnom_Penh"


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        # Friday, 16:00 there: one hour is left, the second comes on Monday.
        ("2026-11-27T09:00:00Z", 2, "2026-11-30T02:00:00Z"),
        ("2026-11-27T09:00:00Z", 1, "2026-11-27T10:00:00Z"),
        # Saturday.
        ("2026-11-28T09:00:00Z", 1, "2026-11-30T02:00:00Z"),
        # Before the office opens, and a whole week.
        ("2026-11-30T00:00:00Z", 9, "2026-11-30T10:00:00Z"),
        ("2026-11-30T00:00:00Z", 45, "2026-12-04T10:00:00Z"),
    ],
)
def test_office_hours(start: str, hours: int, due: str) -> None:
    assert format_second(due_after(parse_instant(start), hours * HOUR, PHNOM_PENH)) == due


def test_holidays_do_not_count_and_no_deadline_is_none() -> None:
    start = parse_instant("2026-11-27T09:00:00Z")
    assert format_second(due_after(start, 2 * HOUR, PHNOM_PENH, [date(2026, 11, 30)])) == "2026-12-01T02:00:00Z"
    assert due_after(start, 0) == 0
    assert due_after(start, HOUR) == start + HOUR * SECOND


def test_a_day_on_which_clocks_change_has_as_many_hours_as_it_has() -> None:
    # In Berlin the clocks went back in the night to Sunday, 25 October 2026.
    start = parse_instant("2026-10-23T14:00:00Z")
    assert format_second(due_after(start, 2 * HOUR, "office Europe/Berlin")) == "2026-10-26T08:00:00Z"


@given(st.integers(0, 10**15), st.integers(1, 400 * HOUR), st.integers(1, 400 * HOUR))
def test_more_time_is_never_less(start: int, some: int, more: int) -> None:
    first, second = (due_after(start, seconds, PHNOM_PENH) for seconds in (some, some + more))
    assert start < first < second
    assert first >= start + some * SECOND


def test_a_request_has_the_deadlines_of_its_clause() -> None:
    due = due_under(HandOffTerm(kind="act", acknowledge_s=HOUR, decide_s=2 * HOUR, pause_s=60), 0)
    assert (due.acknowledge, due.decide, due.report, due.pause_s) == (HOUR * SECOND, 2 * HOUR * SECOND, 0, 60)


def test_warnings_come_at_half_four_fifths_and_all() -> None:
    clock = Clock("decide", 6 * HOUR * SECOND, 0, 0)
    times = [0, 3 * HOUR - 1, 3 * HOUR, 4 * HOUR + 48 * 60, 6 * HOUR, 60 * HOUR]
    assert [warning_at(clock, 0, second * SECOND) for second in times] == [0, 0, 50, 80, 100, 100]
    assert warning_at(clock._replace(met=1), 0, 7 * HOUR * SECOND) == 0
    assert warning_at(clock._replace(frozen=1), 0, 7 * HOUR * SECOND) == 0
    assert warning_at(clock, 0, 4 * HOUR * SECOND, paused=2 * HOUR * SECOND) == 0
