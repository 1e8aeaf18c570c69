"""Names of other bodies, what is earned, and the bits of a status list."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.capacity.model import Achievement, Outcome
from kouprey.capacity.rules.badges import BITS, earned, encode_status, mean_gain, scheme_in, status_of


@pytest.mark.parametrize(
    "text",
    [
        "Global ACE",
        "GLOBAL-ACE level 2",
        "global_ace",
        "Ｇｌｏｂａｌ　ＡＣＥ",
        "Glοbal ACE",
        "C.I.S.S.P",
        "an OSCP course",
    ],
)
def test_names_of_schemes_are_found_however_they_are_drawn(text: str) -> None:
    assert scheme_in("Fine", text)


@pytest.mark.parametrize("text", ["Global pace of change", "Handing incidents over", "A success", "ការឆ្លើយតប", ""])
def test_other_words_are_free(text: str) -> None:
    assert scheme_in(text) == ""


def outcome(post: int, pre: int = -1) -> Outcome:
    return Outcome(activity="a", party="p", nominee="n", pre=pre, post=post)


def test_a_badge_takes_as_many_scores_as_it_says() -> None:
    wanted = Achievement(id="a", name="n", description="d", criteria="c", kind="exercise", times=2, least=70)
    assert earned(wanted, [(outcome(70), "exercise"), (outcome(69), "exercise")]) == (False, 70)
    assert earned(wanted, [(outcome(70), "exercise"), (outcome(90), "training")]) == (False, 70)
    assert earned(wanted, [(outcome(70), "exercise"), (outcome(91), "exercise")]) == (True, 80)
    assert earned(wanted, []) == (False, 0)


def test_the_mean_is_of_those_who_were_measured_twice() -> None:
    assert mean_gain([outcome(80, 40), outcome(60, 50), outcome(90)]) == (25, 2)
    assert mean_gain([]) == (0, 0)


@given(st.sets(st.integers(0, BITS - 1), max_size=5))
def test_bits_come_back(revoked: set[int]) -> None:
    packed = encode_status(revoked)
    assert packed == encode_status(revoked)
    assert all(status_of(packed, each) for each in revoked)
    assert not status_of(packed, next(each for each in range(9) if each not in revoked))


@pytest.mark.parametrize("packed", [b"", b"no", gzip.compress(b"")])
def test_what_is_no_list_is_refused(packed: bytes) -> None:
    with pytest.raises(ValueError, match=r"(?s).*"):
        status_of(packed, 0)
    with pytest.raises(ValueError, match="index"):
        status_of(encode_status(()), BITS * 8)
