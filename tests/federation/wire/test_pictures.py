"""Short parcels as texts for pictures."""

from __future__ import annotations

import contextlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.federation.wire.pictures import PICTURE_BYTES, PICTURES_MAX, SHOWN_MAX, from_pictures, to_pictures
from kouprey.kernel.words.errors import Damaged, TooLarge


@given(st.binary(min_size=1, max_size=SHOWN_MAX), st.randoms(use_true_random=False))
def test_pictures_in_any_order_bring_the_parcel(sealed: bytes, shuffle: random.Random) -> None:
    pictures = list(to_pictures(sealed))
    assert len(pictures) == -(-len(sealed) // PICTURE_BYTES) <= PICTURES_MAX
    shuffle.shuffle(pictures)
    assert from_pictures("\n\n".join([*pictures, pictures[0]]).lower()) == sealed
    assert from_pictures(" ".join(pictures)) == sealed


def test_what_is_missing_damaged_or_mixed_is_said() -> None:
    first, second, third = to_pictures(bytes(range(256)) * 7)
    other = to_pictures(b"other")[0]
    damaged = second[:-3] + ("A" if second[-3] != "A" else "B") + second[-2:]
    for texts, why in (
        ((first, third), "missing: 2"),
        ((first, damaged, third), "wrong"),
        ((first, second, third, other), "more than one"),
        (("KPX1",), "begins with KPX"),
        (("hello",), "begins with KPX"),
        ((first[:-1], second, third), ""),
    ):
        with pytest.raises(Damaged) as refused:
            from_pictures("\n".join(texts))
        assert why in refused.value.why and refused.value.code == "bad-pictures"
    with pytest.raises(TooLarge):
        to_pictures(bytes(SHOWN_MAX + 1))


@given(st.text(max_size=300))
def test_random_text_is_refused(text: str) -> None:
    with contextlib.suppress(Damaged):
        from_pictures(f"KPX1/1/00000000/{text}")
        raise AssertionError("random text was a parcel")
