"""Marking definitions: statements, the four objects of TLP 1, and those told by an extension."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.rules import validate

BASE: dict[str, Any] = {
    "type": "marking-definition",
    "spec_version": "2.1",
    "id": "marking-definition--00000001-1f2e-4a3b-8c4d-5e6f708192a3",
    "created": "2026-03-01T08:00:00.000Z",
}
STATEMENT = {"definition_type": "statement", "definition": {"statement": "s"}}
TLP = {
    **BASE,
    "id": "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
    "created": "2017-01-20T00:00:00.000Z",
    "definition_type": "tlp",
    "name": "TLP:WHITE",
    "definition": {"tlp": "white"},
}
EXTENSION = {"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d": {"extension_type": "property-extension"}}


def codes(value: dict[str, Any]) -> list[str]:
    return [one.code for one in validate(value, type="marking-definition") if one.severity == "must"]


@pytest.mark.parametrize(
    "value",
    [
        {**BASE, **STATEMENT},
        {**BASE, "extensions": EXTENSION},
        {**BASE, "definition_type": "own", "definition": {"a": 1}},
        TLP,
        {name: inner for name, inner in TLP.items() if name not in {"spec_version", "name"}},
    ],
)
def test_valid(value: dict[str, Any]) -> None:
    assert codes(value) == []


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (BASE, "missing"),
        ({**BASE, "definition_type": "statement"}, "missing"),
        ({**BASE, "definition_type": "statement", "definition": {"statement": 1}}, "missing"),
        ({**TLP, "name": "TLP:RED"}, "enumeration"),
        ({**TLP, "id": BASE["id"]}, "enumeration"),
        ({**TLP, "definition": {"tlp": "red"}}, "enumeration"),
        ({**TLP, "definition": {}}, "enumeration"),
        ({**TLP, "definition": {"tlp": ["white"]}}, "enumeration"),
        ({**TLP, "x_more": 1}, "enumeration"),
        ({**BASE, **STATEMENT, "object_marking_refs": [BASE["id"]]}, "reference"),
        ({**BASE, **STATEMENT, "granular_markings": [{"selectors": ["id"], "marking_ref": BASE["id"]}]}, "reference"),
    ],
)
def test_invalid(value: dict[str, Any], code: str) -> None:
    assert codes(value) == [code]


def test_own_types_of_marking_should_use_an_extension() -> None:
    found = validate({**BASE, "definition_type": "own", "definition": {"a": 1}}, type="marking-definition")
    assert [one.code for one in found] == ["extension"]
