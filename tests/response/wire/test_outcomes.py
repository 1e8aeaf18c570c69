"""The words of an outcome are read back as they were written, and no other words are taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model.weighing import OPINIONS
from kouprey.response.model.outcomes import Outcome, Verdict
from kouprey.response.wire.outcomes import opinion_for, read_outcome, write_outcome

OUTCOMES = st.builds(
    lambda verdict, steps, share, words: Outcome(
        verdict=verdict, steps=steps, done=min(share, steps), words=words.strip()
    ),
    st.sampled_from(Verdict),
    st.integers(0, 500),
    st.integers(0, 500),
    st.text(max_size=200),
)


@given(OUTCOMES)
def test_read_outcome_reads_what_write_outcome_wrote(outcome: Outcome) -> None:
    assert read_outcome(write_outcome(outcome)) == outcome
    assert opinion_for(outcome) in OPINIONS


@given(st.text(max_size=300))
def test_other_words_are_no_outcome(text: str) -> None:
    found = read_outcome(text)
    assert found is None or write_outcome(found).partition("\n")[0] == text.partition("\n")[0]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Used on an incident: it worked",
        "Used on an incident: it worked; 5 of 4 steps done.",
        " Used on an incident: it worked.",
        "Used on an incident: it worked. And more on one line.",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert read_outcome(text) is None
