"""The shapes of JSON: what each check says, where, and that a right value costs no finding."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.rules.shapes import (
    FINE,
    Check,
    any_of,
    at,
    boolean,
    dictionary,
    each,
    enumeration,
    finding,
    integer,
    list_of,
    mapping,
    needs,
    number,
    one_of,
    only,
    record,
    text,
    vocabulary,
    words,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
COLOURS = words("red green")
CHECKS: list[Check] = [
    text,
    boolean,
    mapping,
    integer(0, 5),
    number(-1, 1),
    enumeration(COLOURS, "10"),
    vocabulary("colour-ov", COLOURS, "10"),
    list_of(text),
    dictionary(text, name=str.isalpha, names="letters"),
    record({"a": text}, ("a",), any_of("b", "c", section="1"), section="1"),
]


def said(check: Check, value: Any) -> list[tuple[str, str, str]]:
    return [(found.code, found.path, found.severity) for found in check(value)]


@pytest.mark.parametrize(
    ("check", "right", "wrong", "code"),
    [
        (text, "a", 1, "type"),
        (boolean, True, 1, "type"),
        (mapping, {}, [], "type"),
        (integer(), 5.0, True, "type"),
        (integer(), -3, 1.5, "type"),
        (integer(0, 5), 5, 6, "range"),
        (integer(0), 0, -1, "range"),
        (number(), 1, "1", "type"),
        (number(-90, 90), -90, 90.1, "range"),
        (enumeration(COLOURS, "10"), "red", "blue", "enumeration"),
        (list_of(text), ["a"], [], "empty"),
        (list_of(text), ["a"], "a", "type"),
        (dictionary(name=str.isalpha, names="letters"), {"a": 1}, {}, "empty"),
    ],
)
def test_values_right_and_wrong(check: Check, right: Any, wrong: Any, code: str) -> None:
    assert check(right) == FINE
    assert said(check, wrong) == [(code, "", "must")]


def test_open_vocabularies_advise() -> None:
    check = vocabulary("colour-ov", COLOURS, "10")
    assert check("red") == FINE
    assert said(check, "blue") == [("vocabulary", "", "should")]
    assert said(check, 1) == [("type", "", "must")]


def test_places_are_told_from_the_outside() -> None:
    check = record({"a": list_of(record({"b": text}, ("c",), section="1"))}, section="1")
    assert said(check, {"a": [{"b": "x", "c": 1}, {"b": 2}]}) == [
        ("type", "a.[1].b", "must"),
        ("missing", "a.[1].c", "must"),
    ]
    assert at("x", finding("code", "Words.", "1"))[0].path == "x"


def test_dictionaries_judge_keys_and_values() -> None:
    check = dictionary(text, name=str.isalpha, names="letters")
    assert said(check, {"a1": "x", "b": None, "c": [], "d": 4, "e": "y"}) == [
        ("name", "a1", "must"),
        ("empty", "b", "must"),
        ("empty", "c", "must"),
        ("type", "d", "must"),
    ]


def test_records_ask_somebody_about_what_they_do_not_know() -> None:
    check = record({}, section="1", other=lambda name, value: at(name, text(value)))
    assert said(check, {"a": "x", "b": 1}) == [("type", "b", "must")]


def test_rules_between_properties() -> None:
    assert any_of("a", "b", section="1")({"b": 1}) == FINE
    assert any_of("a", "b", section="1")({"c": 1})
    assert one_of("a", "b", section="1")({"a": 1}) == FINE
    assert one_of("a", "b", section="1")({"a": 1, "b": 1})
    assert one_of("a", "b", section="1")({})
    assert needs("a", "b", section="1")({"b": 1}) == FINE
    assert needs("a", "b", section="1")({"a": 1})


def test_sources_name_the_standard() -> None:
    assert finding("c", "t", "4.7")[0].source == "STIX 2.1, 4.7"
    assert finding("c", "t", "STIX 2.0 part 1")[0].source == "STIX 2.0 part 1"
    assert set(each("a b", text)) == {"a", "b"}
    assert only(str, "a string", "2.14")("") == FINE


@given(JSON)
def test_no_value_is_too_strange(value: Any) -> None:
    for check in CHECKS:
        assert all(found.text and found.source for found in check(value))
