"""STIX 2.0: recognised by what is missing, judged by its own tables, TLP 1 included."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.rules import validate
from kouprey.exchange.rules.earlier import KINDS_2_0, OBSERVABLES_2_0
from kouprey.exchange.rules.observables import OBSERVABLES

UUID = "00000001-1f2e-4a3b-8c4d-5e6f708192a3"


def test_every_type_of_2_0_is_there(examples: list[dict[str, Any]]) -> None:
    old = {value["type"] for value in examples if "spec_version" not in value}
    assert old >= set(KINDS_2_0)
    assert set(OBSERVABLES_2_0) == set(OBSERVABLES)


@pytest.mark.parametrize(
    ("type_", "change", "found"),
    [
        ("indicator", {"labels": ["a", 3]}, ("type", "labels.[1]")),
        ("indicator", {"created": "2016-03-01T08:00:00.000000Z"}, ("precision", "created")),
        ("indicator", {"confidence": 3}, ("reserved", "confidence")),
        ("indicator", {"Own": 3}, ("name", "Own")),
        ("malware", {"id": "malware--00000001-1f2e-5a3b-8c4d-5e6f708192a3"}, ("identifier", "id")),
        ("identity", {"identity_class": ["unknown"]}, ("type", "identity_class")),
        ("relationship", {"target_ref": f"sighting--{UUID}"}, ("reference", "target_ref")),
        ("sighting", {"where_sighted_refs": [f"location--{UUID}"]}, ("reference", "where_sighted_refs.[0]")),
    ],
)
def test_what_must_not_be(
    examples: list[dict[str, Any]], type_: str, change: dict[str, Any], found: tuple[str, str]
) -> None:
    value = next(one for one in examples if one["type"] == type_ and "spec_version" not in one)
    said = validate({**value, **change}, type=type_)
    assert [(one.code, one.path) for one in said if one.severity == "must"] == [found]


@pytest.mark.parametrize("type_", ["indicator", "malware", "report", "threat-actor", "tool"])
def test_labels_were_required(examples: list[dict[str, Any]], type_: str) -> None:
    value = next(one for one in examples if one["type"] == type_ and "spec_version" not in one)
    said = validate({name: inner for name, inner in value.items() if name != "labels"}, type=type_)
    assert ("missing", "labels") in [(one.code, one.path) for one in said]


@pytest.mark.parametrize(
    ("object_", "found"),
    [
        ({"type": "windows-registry-key"}, [("missing", "key")]),
        ({"type": "user-account", "display_name": "x"}, [("missing", "user_id")]),
        ({"type": "file", "size": 3}, [("missing", "")]),
        ({"type": "file", "name": "a", "extensions": {"own": {"a": 1}}}, []),
        (
            {"type": "file", "name": "a", "extensions": {"pdf-ext": {"version": 1}}},
            [("type", "extensions.pdf-ext.version")],
        ),
        ({"type": "file", "name": "a", "extensions": {"own": {"a": None}}}, [("empty", "extensions.own.a")]),
        ({"type": "artifact", "url": "https://a.example"}, [("combination", "")]),
        ({"type": "url", "value": "x"}, [("form", "value")]),
        ({"type": "x-own", "value": []}, [("empty", "value")]),
        ({"type": "x-own", "x_raw_bin": "Q"}, [("form", "x_raw_bin")]),
    ],
)
def test_observables(examples: list[dict[str, Any]], object_: dict[str, Any], found: list[tuple[str, str]]) -> None:
    value = next(one for one in examples if one["type"] == "observed-data" and "spec_version" not in one)
    said = validate({**value, "objects": {"0": object_}}, type="observed-data")
    places = [(one.code, one.path) for one in said if one.severity == "must"]
    assert places == [(code, f"objects.0.{path}" if path else "objects.0") for code, path in found]


def test_custom_objects_of_2_0() -> None:
    own = {
        "type": "x-own",
        "id": f"x-own--{UUID}",
        "created": "2016-03-01T08:00:00.000Z",
        "modified": "2016-03-01T08:00:00.000Z",
    }
    assert validate(own, type="x-own") == ()
    assert [one.code for one in validate({**own, "type": "incident"}, type="incident")][-1] == "reserved"
    assert [(one.code, one.severity) for one in validate({**own, "own": 1}, type="x-own")] == [("custom", "should")]
    # Said outright rather than by silence.
    assert validate({**own, "spec_version": "2.0"}, type="x-own")[0].severity == "should"
