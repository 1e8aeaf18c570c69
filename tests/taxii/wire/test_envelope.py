"""Envelopes as clients send them: cut, never rewritten, and nothing of them lost without a word."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.service import MAX_OBJECT
from kouprey.kernel.words.errors import Damaged
from kouprey.taxii.rules import UNREAD
from kouprey.taxii.wire.envelope import name_of, read_envelope

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(max_size=8), VALUES, max_size=4), min_size=1, max_size=5))
def test_every_object_comes_out_byte_for_byte(things: list[dict[str, object]]) -> None:
    raws = [json.dumps(thing, indent=2, ensure_ascii=False).encode() for thing in things]
    found = read_envelope(b' {"x_foo": [1], "objects" :\n[ ' + b" ,\n".join(raws) + b" ] } ")
    assert [piece.raw for piece in found] == raws


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"objects":[]}',
        b'{"objects":{}}',
        b'{"objects":null}',
        b'{"objects":[{}]} {"objects":[{}]}',
        b'{"objects":[{},]}',
        b'{"objects":[{"a":1}],"objects":[{"b":1},{"c":1}]}',
        b"\xff",
        b'{"type":"malware","objects":[{"a":1}]}',
        b'{"objects":[' + b"1," * 100_000 + b"1]}",
        b"[" * 100_000,
        b'{"objects":[' + b"[" * 100_000,
    ],
)
def test_what_is_no_envelope(content: bytes) -> None:
    with pytest.raises(Damaged) as caught:
        read_envelope(content)
    assert (caught.value.code, caught.value.http_status) == ("bad-envelope", 400)


def test_members_that_are_not_read_say_why() -> None:
    long = b'{"id":"' + b"x" * MAX_OBJECT + b'"}'
    found = read_envelope(b'{"objects":[1,"a",' + long + b',{"a":1},null]}')
    assert [piece.problem for piece in found] == ["bad-type", "bad-type", "too-large", "", "bad-type"]
    assert all(problem in UNREAD for problem in ("bad-type", "too-large"))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for attempt in (content, b'{"objects":[' + content + b"]}"):
        try:
            assert read_envelope(attempt)
        except Damaged as error:
            assert error.code == "bad-envelope"
    assert all(isinstance(text, str) for text in name_of(content))


@pytest.mark.parametrize(
    ("raw", "named"),
    [
        (b'{"id":"x","modified":"m","created":"c"}', ("x", "m")),
        (b'{"id":"x","created":"c"}', ("x", "c")),
        (b'{"id":7,"modified":[]}', ("", "")),
        (b"[]", ("", "")),
        (b"{", ("", "")),
    ],
)
def test_what_is_refused_is_named_as_it_names_itself(raw: bytes, named: tuple[str, str]) -> None:
    assert name_of(raw) == named
