"""When a person is asked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from kouprey.protect.model import Ask, Limits, Trial
from kouprey.protect.rules.asking import FEW, asks, next_serial

QUIET = Trial(since=0, until=1)


def test_the_first_list_and_much_at_once() -> None:
    limits = Limits(growth=20)
    assert asks(limits, None, 0, QUIET) == (Ask.FIRST,)
    assert asks(limits, 0, FEW, QUIET) == () and asks(limits, 0, FEW + 1, QUIET) == (Ask.GROWTH,)
    assert asks(limits, 1000, 200, QUIET) == () and asks(limits, 1000, 201, QUIET) == (Ask.GROWTH,)
    assert asks(replace(limits, growth=0), 1000, FEW, QUIET) == ()


def test_what_comes_is_tried_and_what_is_there_was_approved() -> None:
    busy = replace(QUIET, events=9, new_events=3)
    assert asks(Limits(canary=2), 10, 1, busy) == (Ask.CANARY,)
    assert asks(Limits(canary=3), 10, 1, busy) == ()
    assert asks(Limits(), None, 1, busy) == (Ask.FIRST, Ask.CANARY)


@given(st.integers(0, 1 << 31), st.integers(0, 1 << 31))
def test_serials_only_grow(before: int, second: int) -> None:
    assert next_serial(before, second) > before and next_serial(before, second) >= second
