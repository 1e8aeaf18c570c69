"""The arithmetic of measures, against counting everything again."""

from __future__ import annotations

from collections import Counter
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.performance import rules
from kouprey.performance.model import SMALL, Cell, Point, State

PARTIES = ("a.example", "b.example", "c.example")
EVENTS = st.lists(
    st.tuples(
        st.integers(8104, 8107),
        st.sampled_from(("objects", "indicators", "context", "publish", "acknowledge")),
        st.sampled_from(PARTIES),
        st.integers(0, 10_000_000),
    ),
    max_size=120,
)


def cells(events: list[tuple[int, str, str, int]]) -> list[Cell]:
    timed = ("publish", "acknowledge")
    summed = Counter((q, what, who, rules.bucket(s) if what in timed else 0) for q, what, who, s in events)
    return [Cell(q, what, who, seconds, n) for (q, what, who, seconds), n in summed.items()]


@given(EVENTS)
def test_sums_tell_what_counting_each_event_tells(events: list[tuple[int, str, str, int]]) -> None:
    told = rules.points(cells(events), {}, [], PARTIES, 8105, whole=True)
    own = [each for each in events if each[0] == 8105]
    times = sorted(rules.bucket(s) for _, what, _, s in own if what == "publish")
    assert told["time-to-publish"].n == len(times)
    if times:
        assert told["time-to-publish"].value == times[ceil(len(times) * 0.5) - 1]
        assert told["time-to-publish"].p90 == times[ceil(len(times) * 0.9) - 1]
    gave = [sum(1 for _, what, who, _ in own if what == "objects" and who == party) for party in PARTIES]
    if sum(gave):
        assert told["concentration"].value == max(gave) / sum(gave)
    least = min(gave)
    others = (sum(gave) - least) / 2
    assert told["share-back"].value == (least / others if others else None)
    indicators = sum(1 for _, what, _, _ in own if what == "indicators")
    context = sum(1 for _, what, _, _ in own if what == "context")
    assert told["context"].value == (context / indicators if indicators else None)


@given(EVENTS)
def test_no_small_count_can_be_read_off_what_is_told(events: list[tuple[int, str, str, int]]) -> None:
    told = rules.points(cells(events), {}, [], PARTIES, 8105, whole=False)
    for point in told.values():
        assert point.n is None or point.n == 0 or point.n >= SMALL
    part = told["context"]
    if part.value is not None and part.n:
        k = round(part.value * part.n)
        assert k in (0, part.n) or SMALL <= k <= part.n - SMALL


@given(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 20)))
def test_a_hidden_part_is_never_what_is_missing_from_the_total(counts: dict[str, int]) -> None:
    hidden = rules.hidden_parts(counts)
    assert all(key in hidden for key, n in counts.items() if 0 < n < SMALL)
    others = [key for key, n in counts.items() if n and key not in hidden]
    assert len(hidden) != 1 or not others


@given(st.integers(0, 1 << 40))
def test_a_time_is_cut_by_little(seconds: int) -> None:
    cut = rules.bucket(seconds)
    assert cut <= seconds and seconds - cut <= seconds * 0.032 and rules.bucket(cut) == cut


@given(st.text(max_size=8) | st.integers(0, 9999).map(lambda year: f"{year:04d}-Q3"))
def test_a_quarter_is_read_exactly_or_refused(text: str) -> None:
    try:
        assert rules.quarter_text(rules.read_quarter(text)) == text
    except ValueError:
        assert not text.endswith("-Q3") or len(text) != 7 or not text[:4].isascii()


def test_quarters_are_read_as_written() -> None:
    assert rules.quarter_text(rules.quarter_of(1_796_083_200)) == "2026-Q4"
    assert rules.read_quarter("2026-Q4") == rules.quarter_of(1_796_083_200)
    for wrong in ("2026", "2026-Q5", "26-Q1", "2026-Q", "٢٠٢٦-Q1"):
        with pytest.raises(ValueError, match="quarter"):
            rules.read_quarter(wrong)


def test_a_measure_is_judged_in_its_direction_and_by_enough_cases() -> None:
    def state(measure: str, value: float | None, n: int | None, target: float | None) -> State:
        return rules.judge(measure, Point(quarter=0, value=value, n=n), target)

    assert state("context", 0.6, 10, 0.5) is State.MET and state("context", 0.4, 10, 0.5) is State.MISSED
    assert state("false-positives", 0.6, 10, 0.5) is State.MISSED
    assert state("context", 0.6, 4, 0.5) is State.FEW and state("context", None, None, 0.5) is State.FEW
    assert state("context", 0.6, 10, None) is State.UNTARGETED
    assert state("outstanding-recalls", 0.0, 0, 0) is State.MET


def test_availability_counts_known_time_of_the_quarter_alone() -> None:
    begin = rules.begin_of(8105)
    days = [(begin, 3, 1), (begin + 86_400, 4, 0), (begin - 1, 0, 100), (rules.begin_of(8106), 0, 100)]
    assert rules.availability(days, 8105) == Point(quarter=8105, value=0.875, n=2)
    assert rules.availability([], 8105) == Point(quarter=8105, value=None, n=0)
    assert rules.quarter_of(begin) == 8105 and rules.quarter_of(begin - 1) == 8104
    many = Point(quarter=8105, value=0.98, n=30)
    assert (rules.judge("availability", many, 0.95), rules.judge("availability", many, 0.99)) == (
        State.MET,
        State.MISSED,
    )
