"""Whole objects: every example is valid, every spoiled property is found where it is, and nothing makes it raise."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model import Finding
from kouprey.exchange.rules import validate
from kouprey.exchange.rules.validation import KINDS

Stix = dict[str, Any]
MALWARE: Stix = {
    "type": "malware",
    "spec_version": "2.1",
    "id": "malware--00000001-1f2e-4a3b-8c4d-5e6f708192a3",
    "created": "2026-03-01T08:00:00.000Z",
    "modified": "2026-03-01T08:00:00.000Z",
    "is_family": False,
}


def findings(value: Stix, severity: str = "must") -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in validate(value, type=value["type"]) if one.severity == severity]


def test_every_example_is_valid(examples: list[Stix]) -> None:
    assert {value["type"] for value in examples} >= set(KINDS)
    for value in examples:
        assert findings(value) == [], value["id"]


def test_a_wrong_type_is_found_where_it_is(examples: list[Stix]) -> None:
    for value in examples:
        for name in value:
            if name in {"type", "spec_version"} or name.startswith("x_") or "x-cert-example" in value["type"]:
                continue
            wrong = {**value, name: {"wrong": None} if not isinstance(value[name], dict) else 7}
            assert name in {path.split(".")[0] for _, path in findings(wrong)}, (value["type"], name)
            for nothing in (None, []):
                assert findings({**value, name: nothing}), (value["type"], name)


def test_a_required_property_is_missed(examples: list[Stix]) -> None:
    for value in examples:
        if value.get("spec_version") == "2.1" and (kind := KINDS.get(value["type"])):
            for name, missing in kind.required:
                if name == "spec_version":
                    continue
                without = {key: inner for key, inner in value.items() if key != name}
                assert ("missing", name) in findings(without)
                assert missing[0].source.startswith("STIX 2.1, ")


def test_the_example_is_quiet() -> None:
    assert validate(MALWARE, type="malware") == ()


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"id": "tool--00000001-1f2e-4a3b-8c4d-5e6f708192a3"}, ("identifier", "id")),
        ({"created": "2026-03-02T08:00:00.000Z"}, ("order", "modified")),
        ({"is_family": True}, ("missing", "name")),
        ({"severity": "high"}, ("reserved", "severity")),
        ({"foo-bar": 1}, ("name", "foo-bar")),
        ({"X_own": 1}, ("name", "X_own")),
        ({"ab": 1}, ("name", "ab")),
        ({"x_own": None}, ("empty", "x_own")),
        ({"x_own_hex": "0"}, ("form", "x_own_hex")),
        ({"x_own_bin": "0"}, ("form", "x_own_bin")),
        ({"spec_version": "2.2"}, ("enumeration", "spec_version")),
        ({"created_by_ref": MALWARE["id"]}, ("reference", "created_by_ref")),
        ({"confidence": 101}, ("range", "confidence")),
        ({"lang": "zz"}, ("language", "lang")),
    ],
)
def test_what_must_not_be(change: Stix, found: tuple[str, str]) -> None:
    assert findings({**MALWARE, **change}) == [found]


def test_what_should_not_be() -> None:
    assert findings({**MALWARE, "x_own": 1}, "should") == [("custom", "x_own")]
    assert findings({**MALWARE, "malware_types": ["new"]}, "should") == [("vocabulary", "malware_types.[0]")]
    derived = {**MALWARE, "id": "malware--00000001-1f2e-5a3b-8c4d-5e6f708192a3"}
    assert findings(derived, "should") == [("uuid-version", "id")]
    extension = {
        "extension-definition--00000001-1f2e-4a3b-8c4d-5e6f708192a3": {"extension_type": "toplevel-property-extension"}
    }
    assert findings({**MALWARE, "x_own": 1, "extensions": extension}, "should") == []


def test_custom_types() -> None:
    own = {**MALWARE, "type": "x-own", "id": MALWARE["id"].replace("malware", "x-own")}
    assert findings(own) == []
    assert findings(own, "should") == [("custom", "type")]
    extension = {"extension-definition--00000001-1f2e-4a3b-8c4d-5e6f708192a3": {"extension_type": "new-sdo"}}
    assert validate({**own, "extensions": extension}, type="x-own") == ()
    # Neither created nor modified: an observable of somebody's own, which needs no spec_version.
    observable = {"type": "x-own", "id": "x-own--00000001-1f2e-5a3b-8c4d-5e6f708192a3", "value": 3}
    assert findings(observable) == []
    assert ("name", "type") in findings({**own, "type": "x--own"})
    assert ("reserved", "type") in findings({**own, "type": "action"})


def test_patterns_are_judged_by_whom_the_caller_sends() -> None:
    asked = []

    def check_pattern(text: str, version: str) -> list[Finding]:
        asked.append((text, version))
        return [Finding("pattern", "", "must", "No.", "STIX 2.1, 9")]

    indicator = {
        **MALWARE,
        "type": "indicator",
        "id": MALWARE["id"].replace("malware", "indicator"),
        "pattern": "[a:b = 1]",
        "pattern_type": "stix",
        "valid_from": "2026-03-01T08:00:00Z",
    }
    del indicator["is_family"]
    found = validate(indicator, type="indicator", check_pattern=check_pattern)
    assert [(one.code, one.path) for one in found if one.severity == "must"] == [("pattern", "pattern")]
    validate({**indicator, "pattern_type": "yara"}, type="indicator", check_pattern=check_pattern)
    validate({**indicator, "pattern": 3}, type="indicator", check_pattern=check_pattern)
    del indicator["spec_version"]
    validate(indicator, type="indicator", check_pattern=check_pattern)
    assert asked == [("[a:b = 1]", "2.1"), ("[a:b = 1]", "2.0")]


def test_observables_inside_observed_data_refer_by_key(examples: list[Stix]) -> None:
    old = next(value for value in examples if value["type"] == "observed-data" and "objects" in value)
    wrong = copy.deepcopy(old)
    wrong["objects"]["1"]["resolves_to_refs"] = ["2"]
    assert findings(wrong) == [("reference", "objects.1.resolves_to_refs.[0]")]
    wrong["objects"]["1"]["resolves_to_refs"] = ["9"]
    assert findings(wrong) == [("identifier", "objects.1.resolves_to_refs.[0]")]
    wrong["objects"] = {"0": {"value": "x"}, "1": 3}
    assert findings(wrong) == [("missing", "objects.0"), ("type", "objects.1")]


@given(st.randoms(use_true_random=False))
def test_nothing_makes_it_raise(examples: list[Stix], spoiled: Callable[[Stix, Random], Stix], random: Random) -> None:
    value = spoiled(random.choice(examples), random)
    for one in validate(value, type=value["type"]):
        assert one.code and one.text and one.source
