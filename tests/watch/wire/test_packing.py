"""Batches are unpacked, and no bomb goes off."""

from __future__ import annotations

import gzip
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.watch.wire.packing import unpack

LINES = b'{"query":"a.example"}\n' * 500


def test_plain_gzip_and_zstandard() -> None:
    packed = zstandard.compress(LINES)
    for body in (LINES, gzip.compress(LINES), packed):
        assert unpack(body, len(LINES)) == LINES
        with pytest.raises(TooLarge):
            unpack(body, len(LINES) - 1)
    assert unpack(gzip.compress(LINES) * 2, 1 << 20) == LINES * 2 == unpack(packed * 2, 1 << 20)


@pytest.mark.parametrize("body", [gzip.compress(LINES)[:-9], zstandard.compress(LINES)[:-3], b"\x1f\x8bxx"])
def test_what_is_cut_is_told(body: bytes) -> None:
    with pytest.raises(Damaged) as told:
        unpack(body, 1 << 20)
    assert told.value.code == "bad-packing"


def test_a_bomb_is_stopped_at_the_bound() -> None:
    with pytest.raises(TooLarge):
        unpack(gzip.compress(bytes(50 << 20)), 1 << 20)


@given(st.sampled_from([b"", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"]), st.binary(max_size=100))
def test_any_bytes(head: bytes, rest: bytes) -> None:
    with suppress(Damaged):
        assert isinstance(unpack(head + rest, 1000), bytes)
