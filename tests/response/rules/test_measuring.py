"""How long a case took: arithmetic in UTC, what is not known left out, medians against a plain reckoning."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.time import SECOND
from kouprey.response.model.cases import Case, Moment, Precision
from kouprey.response.rules.measuring import SPANS, doubt, out_of_order, percentile, spans, summed
from kouprey.response.wire.casewords import read_moment

MOMENTS = st.dictionaries(
    st.sampled_from(sorted({name for pair in SPANS.values() for name in pair})),
    st.builds(Moment, st.integers(0, 10**15), st.integers(-840, 840), st.sampled_from(Precision)),
)


def test_found_before_midnight_and_taken_up_after_it() -> None:
    moments = {
        "reported": read_moment("2026-11-27 23:50", "+07:00"),
        "acknowledged": read_moment("2026-11-28 01:10", "+07:00"),
    }
    (span,) = [each for each in spans(moments) if each.name == "acknowledge"]
    assert span.seconds == 80 * 60 and doubt(moments, span) == 120
    elsewhere = {**moments, "acknowledged": read_moment("2026-11-27 18:10", "Z")}
    assert [each.seconds for each in spans(elsewhere) if each.name == "acknowledge"] == [80 * 60]


@given(MOMENTS)
def test_a_span_is_the_time_between_its_ends_or_not_known(moments: dict[str, Moment]) -> None:
    wrong = set(out_of_order(moments))
    for span in spans(moments):
        known = span.start in moments and span.end in moments
        assert (span.seconds is None) == (not known or (span.start, span.end) in wrong)
        if span.seconds is not None:
            assert span.seconds == (moments[span.end].at - moments[span.start].at) // SECOND


@given(st.lists(st.integers(0, 10**6), min_size=1), st.integers(1, 100))
def test_a_part_is_reached_by_that_many(values: list[int], part: int) -> None:
    found = percentile(values, part)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= part * len(values)
    assert sum(value < found for value in values) * 100 < part * len(values)


@given(st.lists(MOMENTS, max_size=8))
def test_each_case_is_counted_once_as_known_or_missing(many: list[dict[str, Moment]]) -> None:
    cases = [Case(id=str(n), number=n, title="x", moments=each) for n, each in enumerate(many, 1)]
    for known, missing, middle, most in summed(cases).values():
        assert known + missing == len(cases)
        assert middle >= 0 and (known > 1 or middle == most)
    assert percentile([], 90) == 0
