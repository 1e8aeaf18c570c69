"""Deadlines follow from instants alone, months are those of the calendar, and each warning is reached once."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.time import SECOND, parse_instant
from kouprey.response.rules.owing import WARNED_AT, after_months, begins, owed, reached
from kouprey.response.wire.regimes import shipped

KNOWN = parse_instant("2026-11-20T16:50:00Z")
HOUR = 3_600 * SECOND


def test_the_steps_of_malaysia_are_due_at_once_in_six_hours_and_in_fourteen_days() -> None:
    due = [each.due - KNOWN for each in owed(shipped()["malaysia-act-854"], KNOWN, {})]
    assert due == [0, 6 * HOUR, 14 * 24 * HOUR]


def test_a_step_that_follows_another_has_no_deadline_before_that_is_sent() -> None:
    regime = shipped()["eu-nis2"]
    assert owed(regime, KNOWN, {})[2].due == 0 and begins(regime.steps[2], KNOWN, {}) == 0
    sent = parse_instant("2027-01-31T10:00:00Z")
    after = owed(regime, KNOWN, {"notification": sent})
    assert after[2].due == parse_instant("2027-02-28T10:00:00Z") and after[1].sent == sent


def test_warnings_are_reached_at_three_hours_at_four_hours_forty_eight_and_at_six() -> None:
    due = KNOWN + 6 * HOUR
    at = [reached(KNOWN, due, KNOWN + minutes * 60 * SECOND) for minutes in (0, 179, 180, 287, 288, 359, 360, 900)]
    assert at == [0, 0, 50, 50, 80, 80, 100, 100]
    assert reached(KNOWN, KNOWN, KNOWN) == 100 and reached(0, 0, KNOWN) == 0


@given(st.integers(0, 4_000_000_000), st.integers(0, 60))
def test_months_keep_the_day_or_take_the_last_one(seconds: int, months: int) -> None:
    start, end = (datetime.fromtimestamp(each // SECOND, UTC) for each in _pair(seconds, months))
    assert (end.year - start.year) * 12 + end.month - start.month == months
    assert end.time() == start.time() and (end.day == start.day or end.day < start.day)
    if end.day < start.day:
        assert datetime.fromtimestamp(end.timestamp() + 86_400, UTC).day == 1, "the last of a shorter month"


def _pair(seconds: int, months: int) -> tuple[int, int]:
    return seconds * SECOND, after_months(seconds * SECOND, months)


@given(st.integers(1, 10**12), st.integers(0, 10**12), st.integers(0, 10**12))
def test_time_only_reaches_further(length: int, one: int, other: int) -> None:
    first, second = sorted((one, other))
    assert reached(KNOWN, KNOWN + length, KNOWN + first) <= reached(KNOWN, KNOWN + length, KNOWN + second)
    assert reached(KNOWN, KNOWN + length, KNOWN + second) in (0, *WARNED_AT)
