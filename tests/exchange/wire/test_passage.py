"""A second way through a stream goes on behind what the first gave, wherever that was, or says that it is another."""

from __future__ import annotations

import gzip
import itertools
import json
from io import BytesIO, RawIOBase
from typing import Any, BinaryIO, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.wire import Passage


def note(number: int) -> dict[str, Any]:
    return {
        "type": "note",
        "id": f"note--00000000-0000-4000-8000-{number:012d}",
        "modified": "2026-11-22T09:00:00.000Z",
    }


def line(number: int) -> bytes:
    return json.dumps(note(number)).encode()


class Trickle(RawIOBase):
    """A stream that gives at most `step` bytes at a time, as a socket may."""

    def __init__(self, data: bytes, step: int) -> None:
        self._inner, self._step = BytesIO(data), step

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, self._step) if size >= 0 else self._step)


def trickle(data: bytes, step: int) -> BinaryIO:
    return cast("BinaryIO", Trickle(data, step))


WHOLES = st.sampled_from(
    [
        b"\n".join(
            [line(1), b"garbage", line(2), b'{"objects":[' + line(3) + b",7," + line(4) + b"]}", b"{}", line(5)]
        ),
        b'{"type":"bundle","objects":[' + b", ".join([line(1), b"[]", line(2), line(3)]) + b"]}",
        b"[" + line(1) + b",\n" + line(2) + b"," + line(3)[:-3],
        json.dumps(note(1), indent=2).encode() + line(2) + b"{}",
    ]
)


@given(WHOLES, st.data(), st.sampled_from([1, 7, 4096]), st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_second_passage_goes_on_behind_the_first(data: bytes, draw: st.DataObject, step: int, packed: bool) -> None:
    stream = gzip.compress(data) if packed else data
    whole = list(Passage(trickle(stream, step)))
    assert [each.offset for each in whole] == sorted({each.offset for each in whole})
    given = draw.draw(st.integers(0, len(whole)))
    first = Passage(trickle(stream, step))
    before = list(itertools.islice(first, given if given < len(whole) else None))
    second = Passage(trickle(stream, step))
    assert second.skip(first.reached, first.digest())
    assert before + list(second) == whole
    other = Passage(trickle(data.replace(b"note", b"nose", 1), step))
    assert not before or not other.skip(first.reached, first.digest())
