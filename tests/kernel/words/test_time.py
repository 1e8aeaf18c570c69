"""Instants: reading any precision, writing one form, never inverting an order."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.time import SECOND, format_instant, format_second, parse_instant, wall_clock

MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)).map(
    lambda m: m.replace(tzinfo=UTC)
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@given(MOMENTS)
def test_round_trip(moment: datetime) -> None:
    instant = (moment - EPOCH) // timedelta(microseconds=1)
    text = format_instant(instant)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text)
    assert parse_instant(text) == instant
    assert parse_instant(format_second(instant)) == instant - instant % SECOND


@given(MOMENTS, st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_an_offset_names_the_same_instant(moment: datetime, minutes: int) -> None:
    try:
        local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    except OverflowError:
        return
    sign, (hours, rest) = "+-"[minutes < 0], divmod(abs(minutes), 60)
    text = f"{local.replace(tzinfo=None).isoformat()}{sign}{hours:02d}:{rest:02d}".replace("+00:00+", "+")
    assert parse_instant(text) == (moment - EPOCH) // timedelta(microseconds=1)


@given(st.text("0123456789", min_size=1, max_size=12), st.text("0123456789", min_size=1, max_size=12))
def test_more_digits_never_invert_an_order(one: str, other: str) -> None:
    earlier, later = sorted((one, other), key=lambda digits: digits.ljust(12, "0"))
    assert parse_instant(f"2026-11-22T09:00:00.{earlier}Z") <= parse_instant(f"2026-11-22T09:00:00.{later}Z")


@given(MOMENTS, MOMENTS)
def test_written_texts_sort_like_instants(one: datetime, other: datetime) -> None:
    first, second = ((moment - EPOCH) // timedelta(microseconds=1) for moment in (one, other))
    assert (first < second) == (format_instant(first) < format_instant(second))


@pytest.mark.parametrize(
    ("text", "micros"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.1Z", 100_000),
        ("1970-01-01T00:00:00.1234569Z", 123_456),
        ("1970-01-01T00:00:60Z", 60 * SECOND),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("1970-01-01T07:00:00+07:00", 0),
    ],
)
def test_reads(text: str, micros: int) -> None:
    assert parse_instant(text) == micros


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-22",
        "2026-11-22T09:00:00",
        "2026-11-22 09:00:00Z",
        "2026-13-22T09:00:00Z",
        "2026-02-29T09:00:00Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T09:00:61Z",
        "2026-11-22T09:00:00.Z",
        "2026-11-22T09:00:00+24:00",
        "0000-01-01T00:00:00Z",
        "２０２６-11-22T09:00:00Z",
        "2026-11-22T09:00:00Z\n",
    ],
)
def test_refuses(text: str) -> None:
    with pytest.raises(ValueError):
        parse_instant(text)


@given(st.text(max_size=40))
def test_any_text_is_read_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        parse_instant(text)


def test_the_wall_clock_is_in_microseconds() -> None:
    assert abs(wall_clock() - datetime.now(UTC).timestamp() * SECOND) < 60 * SECOND


@pytest.mark.parametrize("text", ["9999-12-31T23:59:60Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01"])
def test_instants_beyond_the_calendar_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        parse_instant(text)
