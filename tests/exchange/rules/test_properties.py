"""What objects share: references to elsewhere, markings and their selectors, extensions."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.rules.properties import (
    extensions,
    external_references,
    granular_markings,
    kill_chain_phases,
    object_marking_refs,
    property_name,
    selectors_hold,
)
from kouprey.exchange.rules.shapes import FINE, Findings, record, text

MARKING = "marking-definition--00000001-1f2e-4a3b-8c4d-5e6f708192a3"
DEFINED = "extension-definition--00000001-1f2e-4a3b-8c4d-5e6f708192a3"


def codes(found: Findings, severity: str = "must") -> list[tuple[str, str]]:
    return [(one.code, one.path) for one in found if one.severity == severity]


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ({"source_name": "a", "description": "b"}, []),
        ({"source_name": "a"}, [("missing", "[0]")]),
        ({"description": "b"}, [("missing", "[0].source_name")]),
        ({"source_name": "cve", "external_id": "CVE-2026-12345"}, []),
        ({"source_name": "cve", "external_id": "2026-1"}, [("form", "[0].external_id")]),
        ({"source_name": "cve", "description": "b"}, [("form", "[0].external_id")]),
        ({"source_name": "capec", "external_id": "CAPEC-1"}, []),
        ({"source_name": "capec", "external_id": "1"}, [("form", "[0].external_id")]),
        ({"source_name": "a", "external_id": "CVE-2026-12345"}, [("form", "[0].source_name")]),
        ({"source_name": "a", "url": " https://a.example"}, [("form", "[0].url")]),
        (
            {"source_name": "a", "url": "https://a.example", "hashes": {"x_own": "1"}},
            [("vocabulary", "[0].hashes.x_own")],
        ),
        ("a", [("type", "[0]")]),
    ],
)
def test_external_references(reference: Any, found: list[tuple[str, str]]) -> None:
    assert codes(external_references([reference])) == found


def test_an_address_should_come_with_a_hash() -> None:
    said = external_references([{"source_name": "a", "url": "https://a.example"}])
    assert codes(said, "should") == [("hash", "[0].url")]


def test_kill_chains_should_be_lower_case() -> None:
    assert kill_chain_phases([{"kill_chain_name": "a-b", "phase_name": "c"}]) == FINE
    said = kill_chain_phases([{"kill_chain_name": "A b", "phase_name": 1}])
    assert codes(said, "should") == [("case", "[0].kill_chain_name")]
    assert codes(said) == [("type", "[0].phase_name")]


def test_markings_refer_to_marking_definitions() -> None:
    assert object_marking_refs([MARKING]) == FINE
    assert codes(object_marking_refs([DEFINED])) == [("reference", "[0]")]


@pytest.mark.parametrize(
    ("marking", "found"),
    [
        ({"selectors": ["a"], "marking_ref": MARKING}, []),
        ({"selectors": ["a"], "lang": "km"}, []),
        ({"selectors": ["a"], "lang": "km", "marking_ref": MARKING}, [("combination", "[0]")]),
        ({"selectors": ["a"]}, [("combination", "[0]")]),
        ({"lang": "km"}, [("missing", "[0].selectors")]),
        ({"selectors": [], "lang": "km"}, [("empty", "[0].selectors")]),
    ],
)
def test_granular_markings(marking: Any, found: list[tuple[str, str]]) -> None:
    assert codes(granular_markings([marking])) == found


@pytest.mark.parametrize("selector", ["name", "labels.[1]", "hashes.SHA-256", "parts.[0].body", "id"])
def test_selectors_that_hold(selector: str) -> None:
    value = {"id": "x", "name": "n", "labels": ["a", "b"], "hashes": {"SHA-256": "0"}, "parts": [{"body": ""}]}
    assert selectors_hold({**value, "granular_markings": [{"selectors": [selector]}]}) == FINE


@pytest.mark.parametrize(
    "selector", ["nam", "labels.[2]", "labels.0", "name.[0]", "labels.[0].a", "", "labels.[-1]", "[0]"]
)
def test_selectors_that_point_at_nothing(selector: str) -> None:
    value = {"name": "n", "labels": ["a", "b"], "granular_markings": [{"selectors": ["name", selector]}]}
    assert codes(selectors_hold(value)) == [("selector", "granular_markings.[0].selectors.[1]")]


def test_selectors_of_another_shape_are_left_to_the_shape() -> None:
    for wrong in (3, [3], [{"selectors": 3}], [{"selectors": [3]}], [{}]):
        assert selectors_hold({"granular_markings": wrong}) == FINE


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({DEFINED: {"extension_type": "new-sdo"}}, []),
        ({DEFINED: {"extension_type": "other"}}, [("enumeration", f"{DEFINED}.extension_type")]),
        ({DEFINED: {"rank": 1}}, [("missing", f"{DEFINED}.extension_type")]),
        ({DEFINED: {}}, [("empty", DEFINED)]),
        ({DEFINED: []}, [("type", DEFINED)]),
        ({DEFINED: {"extension_type": "new-sdo", "Rank": 1}}, [("name", f"{DEFINED}.Rank")]),
        ({"known-ext": {"a": "b"}}, []),
        ({"known-ext": {"a": 1}}, [("type", "known-ext.a")]),
        ({"x-own-ext": {"rank": 1}}, []),
        ({"x-own-ext": {"rank": []}}, [("empty", "x-own-ext.rank")]),
        ({"x-own": {"rank": 1}}, [("extension", "x-own")]),
        ({}, [("empty", "")]),
        ([], [("type", "")]),
    ],
)
def test_extensions(value: Any, found: list[tuple[str, str]]) -> None:
    assert codes(extensions({"known-ext": record({"a": text}, section="1")})(value)) == found


def test_names_say_something_about_values() -> None:
    assert property_name("a_hex", "0f") == FINE == property_name("a_bin", "QQ==") == property_name("id", 1)
    assert codes(property_name("a_hex", "0")) == [("form", "a_hex")]
    assert codes(property_name("a_bin", "0")) == [("form", "a_bin")]
    assert codes(property_name("9ab", 1)) == [("name", "9ab")]
    assert codes(property_name("a" * 251, 1)) == [("name", "a" * 251)]
