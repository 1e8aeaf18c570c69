"""Profiles go out and come back, and whatever the bytes are, there is no other error."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.response.model.directory import Authority, Duty, Hours, Profile
from kouprey.response.wire.profiles import read_profile, without_words, write_profile

WHOLE = Profile(
    party="a.example",
    version=3,
    at=1_790_000_000_000_000,
    verified=1_780_000_000_000_000,
    name="ក្រុម CERT",
    members="Lead\n\nTwo officers",
    hours=Hours.ALWAYS,
    asns=(64500,),
    prefixes=("203.0.113.0/24", "2001:db8::/32"),
    domains=("gov.example",),
    sectors=("government",),
    authority=Authority.SHARED,
    duty_shown=True,
    duty=Duty(role="Duty officer", reach="+855", until=1_790_003_600_000_000),
)


def test_it_comes_back_as_it_was() -> None:
    assert read_profile(write_profile(WHOLE)) == WHOLE
    plain = Profile(party="b.example", version=1, at=1_790_000_000_000_000, name="B")
    assert read_profile(write_profile(plain)) == plain


def test_what_is_erased_keeps_its_version_alone() -> None:
    left = read_profile(without_words(write_profile(WHOLE)))
    assert (left.party, left.version, left.at) == (WHOLE.party, 3, WHOLE.at)
    assert not left.name and not left.prefixes and left.duty is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"v": 2},
        {"party": "not a party"},
        {"version": 0},
        {"at": ""},
        {"hours": "sometimes"},
        {"prefixes": ["x"]},
        {"domains": ["203.0.113.0/24"]},
        {"asns": [-1]},
        {"duty": {"role": "a\u202e", "reach": "", "until": "2026-11-28T00:00:00Z"}},
        {"duty": {"role": "a", "reach": "b", "until": "tomorrow"}},
        {"opens": "8"},
        {"zone": "../etc/passwd"},
    ],
)
def test_what_is_not_exactly_a_profile(wrong: dict[str, Any]) -> None:
    value = json.loads(write_profile(WHOLE)) | wrong
    with pytest.raises(Damaged) as error:
        read_profile(json.dumps(value).encode())
    assert error.value.code == "bad-profile"


@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.integers() | st.text(max_size=9),
            lambda kids: (
                st.lists(kids, max_size=3)
                | st.dictionaries(st.sampled_from([*json.loads(write_profile(WHOLE)), "v"]), kids, max_size=9)
            ),
            max_leaves=20,
        ).map(lambda it: json.dumps(it).encode()),
    )
)
def test_no_bytes_make_another_error(raw: bytes) -> None:
    with contextlib.suppress(Damaged):
        read_profile(raw)


@given(
    st.sampled_from(sorted(json.loads(write_profile(WHOLE)))),
    st.none() | st.integers() | st.text(max_size=30) | st.lists(st.text(max_size=5), max_size=3),
)
def test_one_field_that_is_otherwise(field: str, value: object) -> None:
    made = json.loads(write_profile(WHOLE)) | {field: value}
    with contextlib.suppress(Damaged):
        read = read_profile(json.dumps(made).encode())
        assert read_profile(write_profile(read)) == read
