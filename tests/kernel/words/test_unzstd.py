"""Zstandard streams: what any cutting of them gives, what bombs cost, and that a cut is never taken for an end."""

from __future__ import annotations

import contextlib
import tracemalloc

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words.unzstd import BLOCK_MAX, Unzstd, ZstdBroken

SKIPPED = b"\x50\x2a\x4d\x18" + (300).to_bytes(4, "little") + bytes(300)


def opened(data: bytes, step: int = 1 << 20) -> bytes:
    frames = Unzstd()
    found = b"".join(out for at in range(0, len(data), step) for out in frames.feed(data[at : at + step]))
    frames.finish()
    return found


def packed(data: bytes, *, checksum: bool = True, size: bool = True) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=checksum, write_content_size=size).compress(data)


@given(
    st.lists(st.tuples(st.binary(max_size=400), st.integers(1, 2000), st.booleans(), st.booleans()), max_size=3),
    st.sampled_from([1, 3, 7, 4096, 1 << 20]),
)
@settings(max_examples=80, deadline=None)
def test_any_frames_in_any_pieces(frames: list[tuple[bytes, int, bool, bool]], step: int) -> None:
    step = max(step, 64) if any(len(data) * times > 20_000 for data, times, *_ in frames) else step
    stream = b"".join(packed(data * times, checksum=check, size=size) for data, times, check, size in frames)
    assert opened(stream, step) == b"".join(data * times for data, times, *_ in frames)


def test_what_may_be_skipped_is_skipped() -> None:
    assert opened(SKIPPED + packed(b"one") + SKIPPED + packed(b"two"), 5) == b"onetwo"


@given(st.binary(max_size=300), st.data())
@settings(max_examples=60, deadline=None)
def test_every_cut_is_noticed(data: bytes, draw: st.DataObject) -> None:
    stream = packed(data * 50, checksum=False)
    cut = draw.draw(st.integers(1, len(stream) - 1))
    with pytest.raises(ZstdBroken):
        opened(stream[:cut])


@given(st.binary(max_size=200), st.data())
@settings(max_examples=60, deadline=None)
def test_noise_raises_nothing_else(noise: bytes, draw: st.DataObject) -> None:
    stream = bytearray(packed(b"Kouprey " * 40))
    at = draw.draw(st.integers(0, len(stream) - 1))
    stream[at : at + 1] = noise
    with contextlib.suppress(ZstdBroken):
        opened(bytes(stream))


def test_a_bomb_opens_a_block_at_a_time() -> None:
    bomb = packed(bytes(200_000_000))
    assert len(bomb) < 30_000
    frames = Unzstd()
    tracemalloc.start()
    total = longest = 0
    for out in frames.feed(bomb):
        total += len(out)
        longest = max(longest, len(out))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert total == 200_000_000 and longest <= BLOCK_MAX
    assert peak < 4_000_000


def test_a_window_beyond_ours_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=25, write_content_size=False)
    with pytest.raises(ZstdBroken):
        opened(zstandard.ZstdCompressor(compression_params=parameters).compress(b"x" * 40_000_000))


def test_something_else_after_a_frame_is_refused() -> None:
    with pytest.raises(ZstdBroken, match="something else"):
        opened(packed(b"one") + b"no frame at all")
