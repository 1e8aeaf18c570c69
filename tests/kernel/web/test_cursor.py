"""Cursors: what was written is read, by the same reader for the same question, and by nobody else."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.web.cursor import read_cursor, write_cursor
from kouprey.kernel.words.errors import Damaged


def sign(data: bytes) -> bytes:
    return hmac.new(b"test", data, hashlib.sha256).digest()


@given(st.lists(st.integers(0, 2**62), max_size=4), st.binary(max_size=40))
def test_a_cursor_holds_for_what_it_is_bound_to(place: list[int], bound: bytes) -> None:
    text = write_cursor(place, bound=bound, sign=sign)
    assert read_cursor(text, list[int], bound=bound, sign=sign) == place
    with pytest.raises(Damaged, match="cursor"):
        read_cursor(text, list[int], bound=bound + b"x", sign=sign)


@given(st.text(max_size=80), st.integers(0, 30))
def test_anything_else_is_refused(text: str, at: int) -> None:
    with pytest.raises(Damaged) as caught:
        read_cursor(text, int, bound=b"", sign=sign)
    assert caught.value.code == "bad-cursor"
    whole = write_cursor(7, bound=b"", sign=sign)
    at %= len(whole) - 1
    # The last letter may carry bits that are not read.
    changed = whole[:at] + ("A" if whole[at] != "A" else "B") + whole[at + 1 :]
    with pytest.raises(Damaged):
        read_cursor(changed, int, bound=b"", sign=sign)
