"""Streams of every accepted shape give the same objects, byte for byte; broken ones say where and go on if they can."""

from __future__ import annotations

import gzip
import json
import os
import random
import tracemalloc
from collections import Counter
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.model import Arrival, Refusal
from kouprey.exchange.rules import classify
from kouprey.exchange.wire import MAX_OBJECT, cut, read_stream

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[4] / "shared"))


def note(number: int, **more: Any) -> dict[str, Any]:
    return {
        "type": "note",
        "id": f"note--00000000-0000-4000-8000-{number:012d}",
        "modified": "2026-11-22T09:00:00.000Z",
        **more,
    }


def line(number: int, **more: Any) -> bytes:
    return json.dumps(note(number, **more)).encode()


class Trickle(RawIOBase):
    """A stream that gives at most `step` bytes at a time, as a socket may."""

    def __init__(self, data: bytes, step: int) -> None:
        self._inner, self._step = BytesIO(data), step

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(min(size, self._step) if size >= 0 else self._step)


def trickle(data: bytes, step: int) -> BinaryIO:
    return cast("BinaryIO", Trickle(data, step))


def run(data: bytes, *, step: int = 1 << 20, limit: int = MAX_OBJECT) -> list[Arrival | Refusal]:
    return list(read_stream(trickle(data, step), max_object=limit))


def raws(items: list[Arrival | Refusal]) -> list[bytes]:
    return [item.raw for item in items if isinstance(item, Arrival)]


def refusals(items: list[Arrival | Refusal]) -> list[Refusal]:
    return [item for item in items if isinstance(item, Refusal)]


TRICKY = st.text(st.sampled_from('{}[]",:\\\n é'), max_size=12)
MEMBERS = st.lists(
    st.builds(
        lambda number, text, key, nest, indent, ascii_only: json.dumps(
            note(number, abstract=text, x={key: [nest, {key: nest}]}), indent=indent, ensure_ascii=ascii_only
        ).encode(),
        st.integers(0, 99),
        TRICKY,
        TRICKY,
        TRICKY,
        st.sampled_from([None, 1]),
        st.booleans(),
    ),
    max_size=5,
)
SHAPES = {
    "bundle": (b'{"type": "bundle", "id": "bundle--1", "objects": [', b"]}"),
    "bundle, type last": (b'{"id":"bundle--1","spec":{"objects":[{}]},"objects":\n[\n', b'\n], "type":"bundle"\n}'),
    "envelope": (b'{"more":false,"next":"[{","objects":[', b'],"x":[1,{}]}'),
    "array": (b" [", b"]\n"),
}


@given(
    MEMBERS,
    st.sampled_from(sorted(SHAPES)),
    st.sampled_from([b",", b" ,\n "]),
    st.sampled_from([1, 7, 4096]),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_wrapped_members_arrive_byte_for_byte(
    members: list[bytes], shape: str, comma: bytes, step: int, packed: bool
) -> None:
    head, tail = SHAPES[shape]
    data = head + comma.join(members) + tail
    items = run(gzip.compress(data) if packed else data, step=step)
    assert items == [item for item in items if isinstance(item, Arrival)]
    assert raws(items) == members


@given(MEMBERS, st.sampled_from([b"\n", b"\r\n", b"\n\n \n"]), st.sampled_from([1, 5, 4096]), st.booleans())
@settings(max_examples=50, deadline=None)
def test_lines_arrive_byte_for_byte(members: list[bytes], end: bytes, step: int, packed: bool) -> None:
    flat = [json.dumps(json.loads(member)).encode() for member in members]
    data = end.join([b"", *flat, b""])
    assert raws(run(gzip.compress(data) if packed else data, step=step)) == flat


@pytest.mark.parametrize("step", [1, 64, 1 << 20])
def test_documents_one_after_another(step: int) -> None:
    pretty = json.dumps(note(1), indent=2).encode()
    wrapper = b'{"type":"bundle","objects":[' + line(2) + b"]}"
    assert raws(run(pretty, step=step)) == [pretty]
    assert raws(run(pretty + b"\n" + pretty + line(3), step=step)) == [pretty, pretty, line(3)]
    assert raws(run(b"\n".join([line(1), wrapper, line(3)]), step=step)) == [line(1), line(2), line(3)]
    assert raws(run(wrapper + wrapper, step=step)) == [line(2), line(2)]
    assert raws(run(b"\xef\xbb\xbf" + line(1), step=step)) == [line(1)]


@pytest.mark.parametrize(
    "data", [b"", b" \n ", b"[]", b"{}", b'{"more":false}', b'{"type":"bundle","id":"bundle--1"}', b'{"objects":[]}']
)
def test_nothing_is_not_an_error(data: bytes) -> None:
    assert run(data) == []
    assert run(gzip.compress(data)) == []


def test_an_object_with_a_list_named_objects_is_an_object() -> None:
    raw = line(1, objects=[1, 2])
    assert raws(run(raw)) == [raw]
    assert raws(run(line(0) + b"\n" + raw)) == [line(0), raw]


@pytest.mark.parametrize(
    "bad", [b'{"type":"note"', b'{"type":"no', b"garbage", b'{"a":[1,', b'{"id":1,"id":2}', b"}", b"]", b'{"a":{']
)
@pytest.mark.parametrize("where", [0, 1, 2])
@pytest.mark.parametrize("step", [3, 1 << 20])
def test_a_broken_line_costs_one_refusal(bad: bytes, where: int, step: int) -> None:
    lines = [line(1), line(2), line(3)]
    lines.insert(where, bad)
    data = b"\n" + b"\n".join(lines)
    items = run(data, step=step)
    assert raws(items) == [line(1), line(2), line(3)]
    (refused,) = refusals(items)
    assert (refused.code, refused.line) == ("unsafe-json", where + 2)
    assert data[refused.offset :].startswith(bad)
    assert refused.what and refused.why and refused.remedy


def test_a_refused_object_is_named() -> None:
    data = line(1) + b'\n{"id": "note--00000000-0000-4000-8000-000000000009", "type": "note", "modified": "soon"}\n'
    (refused,) = refusals(run(data))
    assert (refused.code, refused.stix_id) == ("bad-timestamp", "note--00000000-0000-4000-8000-000000000009")
    assert (refused.line, refused.offset) == (2, len(line(1)) + 1)


def test_members_that_are_no_objects_are_refused_one_by_one() -> None:
    data = b'{"objects":[1,' + line(1) + b',"}",null,[{}],true,' + line(2) + b"]}"
    items = run(data, step=2)
    assert raws(items) == [line(1), line(2)]
    assert [refused.code for refused in refusals(items)] == ["bad-type"] * 5
    assert all(data[refused.offset - 1 : refused.offset] in b"[," for refused in refusals(items))


@pytest.mark.parametrize(
    ("tail", "arrived"),
    [
        (b"", 1),
        (b",", 1),
        (b" x", 1),
        (b",]}", 1),
        (b"," + line(2)[:-1], 1),
        (b',{"a":"\n"}', 1),
        (b"]", 1),
        (b'],"objects":[' + line(2) + b"]}", 1),
        (b"]} trailing", 1),
    ],
)
@pytest.mark.parametrize("step", [1, 1 << 20])
def test_broken_structure_says_where_and_stops(tail: bytes, arrived: int, step: int) -> None:
    data = b'{"type":"bundle","objects":[' + line(1) + tail
    items = run(data, step=step)
    assert len(raws(items)) == arrived
    (refused,) = refusals(items)
    assert items[-1] is refused
    assert refused.code == "broken-stream"
    assert len(data) - len(tail) <= refused.offset <= len(data)


@pytest.mark.parametrize("text", [b'"x\n"', b'"\\t\n"', b'"\\"\n'])
def test_a_line_end_inside_a_string_is_met_at_once(text: bytes) -> None:
    data = b"[" + line(1) + b',{"a":' + text + b"}," + line(2) + b"]"
    (refused,) = refusals(run(data))
    assert (refused.code, refused.offset) == ("broken-stream", data.index(b"\n"))


def test_broken_bundle_on_a_line_does_not_stop_the_lines() -> None:
    data = b"\n".join([line(1), b'{"objects":[' + line(2) + b',{"id":1}]}', b'{"objects":[}', line(3)])
    items = run(data)
    assert raws(items) == [line(1), line(2), line(3)]
    assert [(refused.code, refused.line) for refused in refusals(items)] == [("bad-type", 2), ("unsafe-json", 3)]
    assert data[refusals(items)[0].offset :].startswith(b'{"id":1}')


@pytest.mark.parametrize("step", [1000, 1 << 20])
@pytest.mark.parametrize("shape", ["bundle", "lines", "first line", "one line alone"])
def test_an_object_over_the_limit_is_refused_and_reading_goes_on(shape: str, step: int) -> None:
    limit = 300_000
    huge = line(9, content="x{" * 1_000_000)
    if shape == "one line alone":
        items = run(huge, limit=limit, step=step)
        assert [refused.code for refused in refusals(items)] == ["too-large"]
        return
    order = [line(1), huge, line(2)] if shape != "first line" else [huge, line(1), line(2)]
    data = b"[" + b",".join(order) + b"]" if shape == "bundle" else b"\n".join(order)
    items = run(data, limit=limit, step=step)
    assert raws(items) == [line(1), line(2)]
    (refused,) = refusals(items)
    assert refused.code == "too-large"
    assert data[refused.offset :].startswith(huge[:90])


def test_an_object_of_exactly_the_limit_passes() -> None:
    for shape in (b"%s", b"[%s]", b"%s\n" + line(2)):
        assert line(1) in raws(run(shape % line(1), limit=len(line(1))))
        assert line(1) not in raws(run(shape % line(1), limit=len(line(1)) - 1))


@pytest.mark.parametrize("cut", [3, 15, 60, -9, -1])
def test_damaged_gzip_gives_what_could_be_read(cut: int) -> None:
    packed = gzip.compress(b"\n".join(line(number) for number in range(50)))
    items = run(packed[:cut])
    assert refusals(items)[-1].code == "broken-stream"
    assert len(refusals(items)) == 1
    flipped = bytearray(packed)
    flipped[len(packed) // 2] ^= 0xFF
    assert refusals(run(bytes(flipped)))


def test_several_gzip_members_are_one_stream() -> None:
    data = gzip.compress(line(1) + b"\n") + gzip.compress(b"") + gzip.compress(line(2)) + b"\0" * 20
    assert raws(run(data, step=11)) == [line(1), line(2)]


def test_a_bomb_stays_small() -> None:
    bomb = gzip.compress(b'[{"a":"' + b"\0" * 60_000_000 + b'"},' + line(1) + b"]", 9)
    tracemalloc.start()
    try:
        items = run(bomb, limit=1 << 20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert raws(items) == [line(1)]
    assert [refused.code for refused in refusals(items)] == ["too-large"]
    assert peak < 8 << 20


def test_memory_is_flat_for_a_long_bundle() -> None:
    class Endless(RawIOBase):
        """A bundle of 20,000 objects made while it is read."""

        def __init__(self) -> None:
            self.parts = iter([b'{"type":"bundle","objects":[', *[b"%s,"] * 20_000, line(1) + b"]}"])
            self.member = line(1, content="y" * 1000)

        def read(self, size: int = -1) -> bytes:
            part = next(self.parts, b"")
            return part % self.member if part == b"%s," else part

    tracemalloc.start()
    try:
        count = sum(isinstance(item, Arrival) for item in read_stream(cast("BinaryIO", Endless())))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 20_001
    assert peak < 4 << 20


@given(st.binary(max_size=80), st.booleans())
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused(data: bytes, magic: bool) -> None:
    for item in run(b"\x1f\x8b" + data if magic else data, step=3):
        assert isinstance(item, Arrival | Refusal)


def test_mutated_streams_are_read_or_refused() -> None:
    chance = random.Random(8)
    good = [
        b"\n".join(line(number, content='a{b\\"') for number in range(4)),
        b'{"type":"bundle","id":"bundle--1","objects":[' + b", ".join(line(number) for number in range(4)) + b"]}",
        json.dumps({"objects": [note(1), note(2, x=[[{}], 1.5])]}, indent=1).encode(),
    ]
    for turn in range(900):
        data = bytearray(good[turn % 3])
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(data))
            data[at : at + chance.randint(0, 3)] = chance.choice(
                [b"", b'"', b"{", b"}", b"]", b"\\", b"\n", b",", b"\xff"]
            )
        items = run(bytes(data), step=chance.choice([2, 50, 1 << 20]), limit=chance.choice([100, 1 << 20]))
        for item in items:
            if isinstance(item, Arrival):
                assert item.raw in data
            else:
                assert 0 <= item.offset <= len(data)
                assert item.what and item.why and item.remedy
        assert sum(isinstance(item, Refusal) and item.code == "broken-stream" for item in items[:-1]) == 0


@pytest.mark.long
def test_the_samples_are_read_whole() -> None:
    files = sorted((SHARED / "data" / "stix").glob("*.ndjson.gz"))
    if not files:
        pytest.skip(f"no sample data in {SHARED}")
    kept: dict[tuple[str, int], list[bytes]] = {}
    count: Counter[str] = Counter()
    for file in files:
        with file.open("rb") as stream:
            for item in read_stream(stream):
                assert isinstance(item, Arrival), item
                bodies = kept.setdefault((item.stix_id, item.instant), [])
                verdict = classify(bodies, item.raw, item.observable)
                count[verdict] += 1
                if verdict != "repeat":
                    bodies.append(item.raw)
    assert count == {"new": 98_124, "repeat": 1_854, "conflict": 2_292}


@pytest.mark.parametrize("step", [1, 5, 1 << 20])
def test_zstandard_is_told_by_its_first_bytes(step: int) -> None:
    data = zstandard.compress(line(1) + b"\n") + zstandard.compress(b"") + zstandard.compress(line(2))
    assert raws(run(data, step=step)) == [line(1), line(2)]


@pytest.mark.parametrize("cut", [5, 200, -1])
def test_damaged_zstandard_gives_what_could_be_read(cut: int) -> None:
    found = run(zstandard.compress(b"\n".join(line(number) for number in range(50)))[:cut])
    assert refusals(found)[-1].code == "broken-stream"
    assert "too early" in refusals(found)[-1].why


def test_a_zstandard_bomb_stays_flat() -> None:
    bomb = zstandard.compress(b'[{"a":"' + b"\0" * 60_000_000 + b'"},' + line(1) + b"]")
    tracemalloc.start()
    found = run(bomb, limit=1 << 20)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert raws(found) == [line(1)]
    assert refusals(found)[0].code == "too-large"
    assert peak < 8 << 20


@pytest.mark.parametrize("filling", [b"\\n", b'","'])
def test_memory_is_flat_for_one_large_object(filling: bytes) -> None:
    """Just below the limit, and made so that a matcher that remembers each step remembers millions."""
    big = line(1)[:-1] + b', "x": ["' + filling * (8_000_000 // len(filling)) + b'"]}'
    stream = BytesIO(b'{"type": "bundle", "objects": [' + big + b"]}")
    tracemalloc.start()
    arrived = list(read_stream(stream))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(arrived) == 1
    assert peak < 200 << 20


def test_other_wrappers_are_cut_by_the_name_of_their_list() -> None:
    raw = b'{"response": [{"a": 1}, 7, {"objects": [{}]}], "more": 1}'
    assert [(piece.raw, piece.problem) for piece in cut(BytesIO(raw), "response", most=99)] == [
        (b'{"a": 1}', ""),
        (None, "bad-type"),
        (b'{"objects": [{}]}', ""),
    ]
    assert [piece.problem for piece in cut(BytesIO(b'[{"a": "' + b"x" * 99 + b'"},'), "response", most=50)] == [
        "too-large",
        "broken-stream",
    ]
