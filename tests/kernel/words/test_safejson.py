"""The safe JSON door: what it refuses and why, and that its quick road agrees with its exact one."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.kernel.words import safejson
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import canonical, decode, decode_exactly

TEXT = st.text(
    st.one_of(st.sampled_from('":\\{}[],\u0001\u200b0123456789é😀'), st.characters(exclude_categories=["Cs"]))
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**55), 2**55),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4))
)


def verdict(read: Any, raw: bytes) -> tuple[str, str]:
    """What a reader says, so that 1, 1.0 and True differ."""
    try:
        return ("value", repr(read(raw)))
    except Damaged as damaged:
        return (damaged.code, str(damaged.detail["reason"]))


@pytest.mark.parametrize(
    ("raw", "reason", "offset"),
    [
        (b'{"a":1,"b":2,"a":1}', "duplicate-key", 13),
        (b'{"a":1,"\\u0061":1}', "duplicate-key", 7),
        (b'[{"x":{"a" : 1,"a"\n:2}}]', "duplicate-key", 15),
        (b'{"\\u0022:":1,"\\u0022:":2}', "duplicate-key", 13),
        (b'{"a":"\\u003a","a":"\\u003A"}', "duplicate-key", 14),
        (b'{"a":{"b":1},"a":{"b":":"}}', "duplicate-key", 13),
        (b"[NaN]", "not-a-number", 1),
        (b"[1,-Infinity]", "not-a-number", 3),
        (b"9007199254740992", "integer-range", 0),
        (b"[-9007199254740992]", "integer-range", 1),
        (b"[" + b"9" * 5000 + b"]", "integer-range", 1),
        (b"[1e400]", "number-range", 1),
        (b"[-1e309]", "number-range", 1),
        (b'["\\ud800"]', "lone-surrogate", 1),
        (b'["\\udc00\\ud800"]', "lone-surrogate", 1),
        (b'{"\\uD83D":1}', "lone-surrogate", 1),
        (b'"\xed\xa0\x80"', "not-utf-8", 1),
        (b'"\xff"', "not-utf-8", 1),
        (b'["\xc3\xa9","\\u0000"]', "nul", 6),
        (b'{"a\\u0000":1}', "nul", 1),
        (b"\xef\xbb\xbf{}", "byte-order-mark", 0),
        (b"[" * 65 + b"]" * 65, "too-deep", 64),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too-deep", 320),
        (b"[" * 100_000, "too-deep", 64),
        (b"[" * 900 + b"]" * 900, "too-deep", 64),
        (b"{} {}", "malformed", 3),
        (b'{"a":1,}', "malformed", 7),
        (b"", "malformed", 0),
        (b'"\x01"', "malformed", 1),
        (b"01", "malformed", 1),
        (b"'a'", "malformed", 0),
        ("\u00e9".encode("utf-16"), "not-utf-8", 0),
    ],
)
def test_refused_with_reason_and_place(raw: bytes, reason: str, offset: int) -> None:
    with pytest.raises(Damaged) as caught:
        decode(raw)
    assert caught.value.code == "unsafe-json"
    assert caught.value.detail == {"offset": offset, "reason": reason}
    assert caught.value.what and caught.value.why and caught.value.remedy


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b"9007199254740991", 2**53 - 1),
        (b"-9007199254740991", -(2**53) + 1),
        (b'["12345678901234567890"]', ["12345678901234567890"]),
        (b"[" * 64 + b"]" * 64, None),
        (b'{"a":{"a":1},"b":[{"a":2},{"a":3}]}', {"a": {"a": 1}, "b": [{"a": 2}, {"a": 3}]}),
        (b'"\\ud83d\\ude00"', "😀"),
        (b'"\\\\u0000 \\\\ud800"', "\\u0000 \\ud800"),
        (b'{"\\":":"\\":","b":":"}', {'":': '":', "b": ":"}),
        (b"\t[1e3 , 0.1]\r\n", [1000.0, 0.1]),
        (b"0.1234567890123456789", 0.1234567890123456789),
        (json.dumps(["[" * 100, "{:" * 100]).encode(), ["[" * 100, "{:" * 100]),
    ],
)
def test_accepted(raw: bytes, value: Any) -> None:
    read = decode(raw)
    if value is not None:
        assert read == value
    assert repr(read) == repr(decode_exactly(raw))


@given(VALUES, st.booleans(), st.sampled_from([None, 1]))
@settings(max_examples=100, deadline=None)
def test_generated_texts_meet_the_same_verdict_on_both_roads(value: Any, ascii_only: bool, indent: int | None) -> None:
    raw = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode()
    assert verdict(decode, raw) == verdict(decode_exactly, raw)


@st.composite
def doubled(draw: st.DrawFn) -> bytes:
    """Objects written by hand from few keys in several spellings, so that duplicates are common."""
    keys = st.sampled_from(['"a"', '"\\u0061"', '":"', '"\\u003a"', '"\\u003A"', '"\\":"', '"\\u0022:"', '"b"'])
    leaf = st.sampled_from(
        [
            '":"',
            '"\\u003a"',
            "1",
            "1.0",
            "1234567890123456",
            "9007199254740993",
            '"\\u0000"',
            '"\\ud800"',
            "-0",
            "1e999",
        ]
    )
    colon = st.sampled_from([":", " :", "\n: "])

    def pair(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        members = st.lists(st.builds(lambda *parts: "".join(parts), keys, colon, inner), max_size=3)
        return members.map(lambda texts: "{" + ",".join(texts) + "}")

    text = draw(
        st.recursive(leaf, lambda inner: st.one_of(pair(inner), inner.map(lambda one: f"[{one}]")), max_leaves=8)
    )
    return text.encode()


@given(doubled())
@settings(max_examples=200, deadline=None)
def test_spellings_of_keys_meet_the_same_verdict_on_both_roads(raw: bytes) -> None:
    assert verdict(decode, raw) == verdict(decode_exactly, raw)


@given(VALUES, st.data())
@settings(max_examples=100, deadline=None)
def test_mutated_texts_meet_the_same_verdict_and_raise_nothing_else(value: Any, data: st.DataObject) -> None:
    raw = bytearray(json.dumps(value).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 2))] = data.draw(
            st.one_of(
                st.binary(max_size=2), st.sampled_from([b'"a":1,', b"[", b"\\u0000", b"\\ud800", b"NaN", b"9" * 17])
            )
        )
    assert verdict(decode, bytes(raw)) == verdict(decode_exactly, bytes(raw))


def test_the_quick_road_is_really_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(raw: bytes) -> Any:
        raise AssertionError(raw)

    monkeypatch.setattr(safejson, "decode_exactly", never)
    assert decode(b'{"a" : "x: \\"y\\": \\u00e9", "n": [1, 2.5]}') == {"a": 'x: "y": é', "n": [1, 2.5]}


@pytest.mark.parametrize(
    ("one", "other"),
    [(b"1", b"1.0"), (b"1e0", b"1"), (b"-0.0", b"0"), (b"1e300", b"10e299"), (b'{"a":1,"b":2}', b'{ "b":2.0,"a":1 }')],
)
def test_canonical_of_the_same_json_is_equal(one: bytes, other: bytes) -> None:
    assert canonical(decode(one)) == canonical(decode(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [(b"1", b"true"), (b"0", b"false"), (b"1", b'"1"'), (b"[1,2]", b"[2,1]"), (b"null", b"{}"), (b"1", b"1.5")],
)
def test_canonical_of_different_json_differs(one: bytes, other: bytes) -> None:
    assert canonical(decode(one)) != canonical(decode(other))


def strictly_equal(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(strictly_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(strictly_equal, one, other))
    return bool(one == other)


SMALL = st.recursive(
    st.sampled_from([0, 1, True, False, None, 1.0, 0.0, "", "a", 0.5, math.pi, 2.0**60]),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.sampled_from("ab"), inner, max_size=2)),
    max_leaves=4,
)


@given(SMALL, SMALL)
@settings(max_examples=150, deadline=None)
def test_canonical_is_equality(one: Any, other: Any) -> None:
    assert (canonical(one) == canonical(other)) == strictly_equal(one, other)
