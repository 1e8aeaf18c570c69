"""Slips as people type what they have heard."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.federation.model import EPOCH_MAX, IndexRange
from kouprey.federation.rules import please_go_on, please_send
from kouprey.federation.wire.slip import Slip, read_slips
from kouprey.kernel.words.errors import KoupreyError

ORIGIN = "kouprey/1/605ac5c0093b54f8326412837b432a7e58ffc7faa473404d3af9d32b4bb45bff"
MEANT = Slip("605ac5c0093b", (IndexRange(120, 340), IndexRange(512, 513)), 900)


@pytest.mark.parametrize(
    "typed",
    [
        "please send 605ac5c0093b 120-339 512 of 900",
        "  Please Send 605A C5C0 093B 120 - 339, 512 of 900.\n",
        "PLEASE SEND 6O5ac5cOO93b l20-339 5I2 OF 9OO",
        "please send 605a-c5c0-093b 120\u2013339 and 512 of 900",
        "please  send 605ac5c0093b 120 to 339; 512 of 900",
        "please send 605ac5c0093b ១២០\u2212៣៣៩ ៥១២ of ៩០០",
        "pleasesend 605ac5\u2011c0093b 120\u2010339 512 of 900",
    ],
)
def test_what_was_heard_is_what_was_meant(typed: str) -> None:
    assert read_slips(typed) == (MEANT,)


def test_several_lanes_and_none() -> None:
    text = "please send 605ac5c0093b 7 of 9\nnothing missing from 605ac5c0093b of 900\nplease send 0123456789ab from 12"
    assert read_slips(text) == (
        Slip("605ac5c0093b", (IndexRange(7, 8),), 9),
        Slip("0123456789ab", (IndexRange(12, EPOCH_MAX),), 0),
    )
    assert read_slips("Nothing missing from 605ac5c0093b of 900") == ()


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "hello",
        "please send",
        "please send 605ac5c0093",
        "please send 605ac5c0093b",
        "please send 605ac5c0093bb 1",
        "please send 605ac5c0093z 1",
        "please send 605ac5c0093b 9-3",
        "please send 605ac5c0093b x",
        "please send 605ac5c0093b from",
        "please send 605ac5c0093b from 1 2",
        "please send 605ac5c0093b 1 of 2 3",
        "please send 605ac5c0093b 99999999999999999999999",
        "dear colleagues, please send 605ac5c0093b 1",
        "please send 605ac5c0093b 1 " * 1000,
    ],
)
def test_what_cannot_be_understood_is_said(typed: str) -> None:
    with pytest.raises(KoupreyError) as refused:
        read_slips(typed)
    assert refused.value.remedy


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 50)), max_size=12))
def test_what_is_written_is_read_again(gaps: list[tuple[int, int]]) -> None:
    missing, reached = [], 0
    for distance, length in gaps:
        missing.append(IndexRange(reached + distance + 1, reached + distance + 1 + length))
        reached = missing[-1].end
    slips = read_slips(please_send(ORIGIN, missing, reached + 1))
    asked = [part for slip in slips for part in slip.parts]
    assert all(any(part.start <= gap.start and gap.end <= part.end for part in asked) for gap in missing)
    assert bool(slips) == bool(missing)
    assert read_slips(please_go_on(ORIGIN, reached))[0].parts == (IndexRange(reached, EPOCH_MAX),)


@given(st.text(max_size=200) | st.text(alphabet="please nd0123456789abcdfOIl-\n ", max_size=200))
def test_random_text_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(KoupreyError):
        read_slips("please send " + text)
