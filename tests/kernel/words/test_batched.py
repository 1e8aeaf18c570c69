"""Many things a few at a time: none lost, none empty, never more than were asked for at once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.batched import batched


@given(items=st.lists(st.integers(), max_size=50), size=st.integers(1, 12))
def test_batches_hold_everything_in_its_order(items: list[int], size: int) -> None:
    made = list(batched(iter(items), size))
    assert list(chain.from_iterable(made)) == items
    assert all(len(each) == size for each in made[:-1]) and all(made)


def test_a_batch_is_given_before_the_next_is_asked_for() -> None:
    def endless() -> Iterator[int]:
        number = 0
        while True:
            number += 1
            yield number

    assert next(batched(endless(), 3)) == [1, 2, 3]
