"""When half of a preservation is over, and where its days end."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import DAY, format_instant
from kouprey.response.rules.preserving import (
    answer_words,
    check_request,
    end_of_day,
    half_over,
    longer_words,
    request_words,
)
from response.conftest import PRESERVE


@given(st.integers(1, 10**15), st.integers(1, 400), st.integers(0, 100))
def test_half_is_between_half_and_the_end(since: int, days: int, part: int) -> None:
    until = since + days * DAY
    now = since + days * DAY * part // 100
    assert half_over(since, until, now) == (50 <= part < 100)
    assert not half_over(0, until, now) and not half_over(until, since, now)


@given(st.integers(0, 4 * 10**15), st.integers(0, 400))
def test_a_day_ends_a_second_before_the_next(now: int, days: int) -> None:
    end = end_of_day(days, now)
    assert (
        format_instant(end).endswith("T23:59:59.000000Z") and now + days * DAY <= end + 10**6 <= now + (days + 1) * DAY
    )


def test_old_nodes_read_it_in_words() -> None:
    text = request_words(PRESERVE)
    assert all(getattr(PRESERVE, name) in text for name in ("authority", "offence", "data", "custodian", "necessity"))
    assert answer_words(0) == "Preserved until 1970-01-01T00:00:00Z." and longer_words(0).startswith("Please")


@pytest.mark.parametrize("field", ["authority", "offence", "data", "necessity"])
def test_a_request_says_what_it_has_to_say(field: str) -> None:
    check_request("preserve", replace(PRESERVE, custodian=""))
    for wanting in (replace(PRESERVE, **{field: " "}), replace(PRESERVE, assistance=False), None):
        with pytest.raises(Damaged) as caught:
            check_request("preserve", wanting)
        assert caught.value.code == "no-preserve"
    with pytest.raises(Damaged) as caught:
        check_request("act", PRESERVE)
    assert caught.value.code == "bad-preserve"
