"""Days, and the positions between which news is of them."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.wire.days import day_from, day_to, from_day, to_day
from kouprey.kernel.words.time import parse_instant


@given(st.dates(min_value=date(1, 1, 2), max_value=date(9999, 12, 30)))
def test_a_day_is_read_and_written_alike(day: date) -> None:
    text = day.isoformat()
    assert (day_from(from_day(text)), day_to(to_day(text))) == (text, text)
    first, last = parse_instant(f"{text}T00:00:00Z"), parse_instant(f"{text}T23:59:59.999999Z")
    assert from_day(text) == first - 1 and to_day(text) == last + 1


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-1-1", "2026-02-30", "2026-11-22T00:00:00Z"])
def test_anything_else_is_no_day(text: str) -> None:
    for read in (from_day, to_day):
        with pytest.raises(ValueError):
            read(text)
