"""Domain, relationship and meta objects: the rules between their properties."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.rules import validate

UUID = "00000001-1f2e-4a3b-8c4d-5e6f708192a3"


@pytest.mark.parametrize(
    ("type_", "change", "drop", "found"),
    [
        ("campaign", {"last_seen": "2025-01-01T00:00:00Z"}, "", ("order", "last_seen")),
        ("indicator", {"valid_until": "2026-01-01T00:00:00Z"}, "", ("order", "valid_until")),
        ("location", {}, "region country latitude longitude precision", ("missing", "")),
        ("location", {}, "latitude precision", ("combination", "")),
        ("location", {}, "longitude precision", ("combination", "")),
        ("location", {}, "latitude longitude", ("combination", "")),
        ("location", {"latitude": 91}, "", ("range", "latitude")),
        ("malware", {}, "name", ("missing", "name")),
        ("malware-analysis", {}, "result analysis_sco_refs", ("missing", "")),
        ("malware-analysis", {"sample_ref": f"tool--{UUID}"}, "", ("reference", "sample_ref")),
        ("observed-data", {"number_observed": 0}, "", ("range", "number_observed")),
        ("observed-data", {}, "object_refs", ("combination", "")),
        ("opinion", {"opinion": "perhaps"}, "", ("enumeration", "opinion")),
        ("relationship", {"relationship_type": "Uses"}, "", ("form", "relationship_type")),
        ("relationship", {"source_ref": f"relationship--{UUID}"}, "", ("reference", "source_ref")),
        ("relationship", {"stop_time": "2026-01-01T00:00:00Z"}, "", ("order", "stop_time")),
        ("sighting", {"sighting_of_ref": f"sighting--{UUID}"}, "", ("reference", "sighting_of_ref")),
        ("sighting", {"where_sighted_refs": [f"tool--{UUID}"]}, "", ("reference", "where_sighted_refs.[0]")),
        ("language-content", {"contents": {}}, "", ("empty", "contents")),
        ("language-content", {"contents": {"zz": {"name": "x"}}}, "", ("language", "contents.zz")),
        ("language-content", {"contents": {"km": {"Name": "x"}}}, "", ("name", "contents.km.Name")),
        ("language-content", {"contents": {"km": 3}}, "", ("type", "contents.km")),
        ("language-content", {"object_ref": f"bundle--{UUID}"}, "", ("reference", "object_ref")),
        ("extension-definition", {"extension_types": ["new-sdo"]}, "", ("combination", "extension_properties")),
        (
            "extension-definition",
            {"extension_types": ["own"]},
            "extension_properties",
            ("enumeration", "extension_types.[0]"),
        ),
        ("extension-definition", {}, "created_by_ref", ("missing", "created_by_ref")),
    ],
)
def test_rules(
    examples: list[dict[str, Any]], type_: str, change: dict[str, Any], drop: str, found: tuple[str, str]
) -> None:
    value = next(one for one in examples if one["type"] == type_ and one.get("spec_version") == "2.1")
    value = {name: inner for name, inner in value.items() if name not in drop.split()} | change
    assert [(one.code, one.path) for one in validate(value, type=type_) if one.severity == "must"] == [found]


def test_indicators_should_be_described(examples: list[dict[str, Any]]) -> None:
    value = next(one for one in examples if one["type"] == "indicator")
    del (value := dict(value))["description"]
    assert [(one.code, one.severity) for one in validate(value, type="indicator")] == [("recommended", "should")]


def test_objects_in_observed_data_are_deprecated(examples: list[dict[str, Any]]) -> None:
    value = next(one for one in examples if one["type"] == "observed-data" and "object_refs" in one)
    value = {name: inner for name, inner in value.items() if name != "object_refs"}
    inner = {"type": "url", "id": f"url--{UUID}", "value": "https://a.example"}
    found = validate({**value, "objects": {"0": inner}}, type="observed-data")
    assert [(one.code, one.severity) for one in found] == [("deprecated", "should"), ("uuid-version", "should")]
