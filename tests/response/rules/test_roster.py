"""Who is on duty now, and when nobody is."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from kouprey.response.model.directory import Gap, Shift
from kouprey.response.rules.roster import gaps, on_duty


def shift(starts: int, ends: int, *, withdrawn: int = 0) -> Shift:
    return Shift(
        id=f"{starts}-{ends}", person="x", role="y", reach="z", starts=starts, ends=ends, withdrawn_at=withdrawn
    )


def test_a_shift_ends_where_the_next_begins() -> None:
    shifts = [shift(0, 10), shift(10, 20), shift(5, 30, withdrawn=1)]
    assert [each.id for each in on_duty(shifts, 9)] == ["0-10"]
    assert [each.id for each in on_duty(shifts, 10)] == ["10-20"]
    assert on_duty(shifts, 20) == []
    assert gaps(shifts, 0, 20) == []
    assert gaps(shifts, 0, 25) == [Gap(20, 25)]


times = st.tuples(st.integers(0, 40), st.integers(1, 10)).map(lambda it: shift(it[0], it[0] + it[1]))


@given(st.lists(times, max_size=8))
def test_an_instant_is_in_a_gap_or_in_a_shift_and_never_in_both(shifts: list[Shift]) -> None:
    found = gaps(shifts, 0, 50)
    for now in range(50):
        in_gap = any(each.starts <= now < each.ends for each in found)
        assert in_gap != bool(on_duty(shifts, now))
    assert all(left.ends < right.starts for left, right in itertools.pairwise(found))
