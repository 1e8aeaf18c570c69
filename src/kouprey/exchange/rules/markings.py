"""Marking definitions (STIX 2.1, 7.2.1): statements, the four fixed TLP 1 objects, and those told by an extension."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.rules.forms import timestamp
from kouprey.exchange.rules.kinds import Kind, needed, own_id
from kouprey.exchange.rules.properties import COMMON, property_name, selectors_hold
from kouprey.exchange.rules.shapes import FINE, Check, Findings, finding, mapping, text
from kouprey.kernel.words.tlp import STIX_MARKINGS

TLP_CREATED = "2017-01-20T00:00:00.000Z"
_TLP_IDS = dict(zip(("white", "green", "amber", "red"), STIX_MARKINGS, strict=False))
_TLP_PROPERTIES = frozenset({"type", "spec_version", "id", "created", "name", "definition_type", "definition"})

_UNDEFINED = finding("missing", "Without an extension 'definition_type' and 'definition' are required.", "7.2.1")
_NO_STATEMENT = finding("missing", "A statement marking holds one string, 'statement'.", "7.2.1.3", path="definition")
_NOT_TLP = finding("enumeration", "TLP 1 markings must be exactly the four objects the standard gives.", "7.2.1.4")
_ITSELF = finding("reference", "A marking definition must not mark itself.", "7.2.1")
_OWN_MARKING = finding(
    "extension", "A marking of another type should be told by an extension.", "7.2.1", severity="should"
)


def _defined(value: dict[str, Any]) -> Findings:
    kind, definition = value.get("definition_type"), value.get("definition")
    if kind is None or definition is None:
        return FINE if "extensions" in value and kind != "tlp" and kind != "statement" else _UNDEFINED
    if kind == "statement":
        stated = type(definition) is dict and type(definition.get("statement")) is str
        return FINE if stated else _NO_STATEMENT
    if kind == "tlp":
        return FINE if _is_tlp(value, definition) else _NOT_TLP
    return FINE if "extensions" in value else _OWN_MARKING


def _is_tlp(value: dict[str, Any], definition: Any) -> bool:
    level = definition.get("tlp") if type(definition) is dict and len(definition) == 1 else None
    if type(level) is not str or value.get("id") != _TLP_IDS.get(level) or value.get("created") != TLP_CREATED:
        return False
    if "spec_version" not in value:
        return value.keys() == _TLP_PROPERTIES - {"spec_version", "name"}
    return value.keys() == _TLP_PROPERTIES and value["name"] == f"TLP:{level.upper()}"


def _not_itself(value: dict[str, Any]) -> Findings:
    refs, granular = value.get("object_marking_refs"), value.get("granular_markings")
    named = list(refs) if type(refs) is list else []
    if type(granular) is list:
        named += [marking.get("marking_ref") for marking in granular if type(marking) is dict]
    return _ITSELF if named and value.get("id") in named else FINE


def _anything(name: str, value: Any) -> Findings:
    return FINE if name == "type" else property_name(name, value)


_CHECKS: dict[str, Check] = {
    "id": own_id("marking-definition", version="4"),
    **{
        name: COMMON[name]
        for name in (
            "spec_version",
            "created_by_ref",
            "lang",
            "external_references",
            "object_marking_refs",
            "granular_markings",
            "extensions",
        )
    },
    "created": timestamp,
    "name": text,
    "definition_type": text,
    "definition": mapping,
}

MARKING_DEFINITION = Kind(
    "7.2.1",
    _CHECKS,
    needed(("spec_version", "id", "created"), "7.2.1"),
    (_defined, _not_itself, selectors_hold),
    _anything,
)
