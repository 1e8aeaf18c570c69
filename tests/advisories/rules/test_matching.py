"""Exact is exact, and alike is never more than alike."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kouprey.advisories.rules.matching import ALIKE, Claimed, build_index, find_alike, find_exact

ONE, TWO = ("a.example", "XX-A-2026-0001"), ("a.example", "XX-A-2026-0002")
CLAIM = "The border at Sovan closes on Monday for ever and nobody may pass it"
INDEX = build_index(
    [
        Claimed(ONE, [(CLAIM, ["https://news.example/a?id=7"], ["ab" * 32])], ["It stays open\nNobody has closed it."]),
        Claimed(TWO, [("The bank gives money away", [], [])], ["It gives none\nNo bank does."]),
    ]
)


def test_a_claim_is_found_through_what_forwarding_does_to_it() -> None:
    assert find_exact(INDEX, f"\u200b{CLAIM.upper()}!!") == [(ONE, CLAIM)]
    assert find_exact(INDEX, "http://www.news.example/a?utm_source=x&id=7") == [(ONE, CLAIM)]
    assert INDEX.media["ab" * 32] == [(ONE, CLAIM)]
    assert find_exact(INDEX, "") == find_exact(INDEX, "http://news.example/b") == []


def test_one_altered_word_is_alike_and_not_exact() -> None:
    altered = CLAIM.replace("closes", "opens")
    assert find_exact(INDEX, altered) == []
    ((key, written, score),) = find_alike(INDEX, altered)
    assert (key, written) == (ONE, CLAIM) and ALIKE <= score < 100


def test_a_claim_inside_of_a_longer_text_is_alike_since_the_rest_may_deny_it() -> None:
    denied = (
        f"Do not believe it, my friends, it is invented, and I know who did it and why: {CLAIM}. All of it is wrong."
    )
    assert find_exact(INDEX, denied) == []
    assert [(key, score) for key, _, score in find_alike(INDEX, denied)] == [(ONE, 100)]


def test_own_words_of_a_statement_are_compared_and_never_exact() -> None:
    assert find_exact(INDEX, "It stays open Nobody has closed it.") == []
    assert [key for key, _, _ in find_alike(INDEX, "It stays open. Nobody has closed it.")] == [ONE]
    assert find_alike(INDEX, "It rains in the mountains of the north") == find_alike(INDEX, "short") == []


@given(st.text(max_size=60))
def test_no_text_is_alike_by_more_than_all_of_it(text: str) -> None:
    assert all(ALIKE <= score <= 100 for _, _, score in find_alike(INDEX, text))
