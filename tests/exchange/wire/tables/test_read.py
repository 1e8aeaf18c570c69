"""A table as a stream: rows in their order, refusals among them, and memory that does not grow with it."""

from __future__ import annotations

import io
import resource
import tracemalloc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model import Arrival, Refusal
from kouprey.exchange.model.tables import Dialect, Mapping
from kouprey.exchange.wire.tables import read_table
from kouprey.kernel.words.errors import Damaged


class Rows(io.RawIOBase):
    """As many rows as wanted, never all at once."""

    def __init__(self, count: int) -> None:
        self._lines = (b"198.%d.%d.%d,x\n" % (n >> 16, n >> 8 & 255, n & 255) for n in range(count))

    def read(self, size: int = -1) -> bytes:
        return b"".join(line for _, line in zip(range(size // 20), self._lines, strict=False))


def read_all(count: int) -> int:
    made = read_table(Rows(count), Mapping(columns={"1": "ip"}), Dialect(header=False), "identity--x")  # type: ignore[arg-type]  # less than a file
    return sum(1 for _ in made)


def test_memory_is_flat() -> None:
    peaks = []
    for count in (500, 5_000):
        tracemalloc.start()
        assert read_all(count) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    # Beyond a chunk of the stream nothing grows.
    assert peaks[1] < peaks[0] + (2 << 20)


@pytest.mark.long
def test_a_million_rows_in_flat_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert read_all(1_000_000) == 1_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 48 << 10


def test_a_mapping_that_does_not_fit_is_said_before_anything_is_read() -> None:
    with pytest.raises(Damaged, match="no column"):
        list(read_table(io.BytesIO(b"a,b\nc,d\n"), Mapping(columns={"x": "ip"}), Dialect(), "identity--x"))


def test_the_header_is_no_row_and_nothing_is_read_without_it(tables: Any) -> None:
    mapping = Mapping(columns={"ip": "ip"})
    made, refused = tables.taken(b'ip\n"x\n198.51.100.7\n', mapping, Dialect())
    assert len(made) == 1 and [(each.line, each.code) for each in refused] == [(2, "bad-row")]
    with pytest.raises(Damaged, match="cannot be read"):
        tables.taken(b'"ip\n198.51.100.7\n', mapping, Dialect())


_CELL = st.sampled_from(["198.51.100.7", '"a', 'b"', "\n", "x", "", "evil.kh", "\0", "\u1780", "'=1"]) | st.text(
    max_size=6
)


@given(st.binary(max_size=120) | st.lists(_CELL, max_size=12).map(lambda cells: ",".join(cells).encode()))
def test_any_bytes_are_rows_or_refusals_with_their_place(raw: bytes) -> None:
    for each in read_table(io.BytesIO(raw), Mapping(columns={"1": "value"}), Dialect(header=False), "identity--x"):
        assert isinstance(each, Arrival | Refusal)
        if isinstance(each, Refusal):
            assert 0 <= each.offset <= len(raw) and each.line is not None and each.remedy
