"""What a program sends: taken as declared, or refused with the name of the field."""

from __future__ import annotations

import json
from typing import Annotated, Any
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.web.asked import read_form, read_json
from kouprey.kernel.words.errors import Damaged


class Part(msgspec.Struct, forbid_unknown_fields=True):
    size: int


class Thing(msgspec.Struct, forbid_unknown_fields=True):
    value: str
    times: Annotated[int, msgspec.Meta(ge=1)] = 1
    sure: bool = False
    kinds: tuple[str, ...] = ()
    parts: list[Part] = []


def test_what_is_right_is_read() -> None:
    assert read_json(Thing, b'{"value":"a","parts":[{"size":3}]}') == Thing("a", parts=[Part(3)])
    assert read_form(Thing, b"value=a%20b&times=3&sure=true&kinds=x&kinds=y") == Thing("a b", 3, True, ("x", "y"))


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        ({}, "value"),
        ({"value": 1}, "value"),
        ({"value": "a", "times": "3"}, "times"),
        ({"value": "a", "times": 0}, "times"),
        ({"value": "a", "more": 1}, "more"),
        ({"value": "a", "parts": [{"size": 1}, {"size": "x"}]}, "parts[1].size"),
        ({"value": "a", "parts": [{"size": 1, "more": 1}]}, "parts[0].more"),
        ([], ""),
    ],
)
def test_a_wrong_field_is_named(raw: Any, field: str) -> None:
    with pytest.raises(Damaged) as caught:
        read_json(Thing, json.dumps(raw).encode())
    assert caught.value.code == "bad-field" and caught.value.detail["field"] == field
    assert caught.value.why and caught.value.remedy


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b"", "value"),
        (b"value=a&value=b", "value"),
        (b"value=%00", "value"),
        (b"value=a&more=1", "more"),
        (b"value=a&times=x", "times"),
        (b"value=a&times=0", "times"),
    ],
)
def test_a_wrong_field_of_a_form_is_named(raw: bytes, field: str) -> None:
    with pytest.raises(Damaged) as caught:
        read_form(Thing, raw)
    assert caught.value.detail["field"] == field


@pytest.mark.parametrize("raw", [b'{"value":"a","value":"b"}', b'{"value":"a\\u0000"}', b'{"value":"\\ud800"}', b"{"])
def test_json_that_two_programs_read_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(Damaged, match=r"."):
        read_json(Thing, raw)


@given(st.binary(max_size=200) | st.dictionaries(st.text(max_size=5), st.text(max_size=5)).map(str).map(str.encode))
def test_whatever_the_bytes_are_nothing_else_goes_wrong(raw: bytes) -> None:
    for read in (read_json, read_form):
        try:
            read(Thing, raw)
        except Damaged as error:
            assert error.what and error.why


@given(st.text(min_size=1, max_size=40), st.integers(1, 9))
def test_a_form_says_what_was_meant(value: str, times: int) -> None:
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        return
    assert read_form(Thing, urlencode({"value": value, "times": times}).encode()) == Thing(value, times)
