"""Domain, relationship and meta objects of STIX 2.1, sections 4, 5 and 7, as tables."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.rules import vocabularies as words
from kouprey.exchange.rules.forms import form, identifier, in_order, is_language, timestamp
from kouprey.exchange.rules.kinds import Kind, domain_kind
from kouprey.exchange.rules.properties import (
    kill_chain_phases,
    property_name,
    texts,
)
from kouprey.exchange.rules.shapes import (
    FINE,
    Check,
    Findings,
    any_of,
    at,
    boolean,
    enumeration,
    finding,
    integer,
    list_of,
    mapping,
    needs,
    number,
    one_of,
    text,
    vocabulary,
)

_MOTIVATION = vocabulary("attack-motivation-ov", words.ATTACK_MOTIVATION, "10.2")
_RESOURCES = vocabulary("attack-resource-level-ov", words.ATTACK_RESOURCE_LEVEL, "10.3")
_NAMED: dict[str, Check] = {"name": text, "description": text}
_SEEN: dict[str, Check] = {"first_seen": timestamp, "last_seen": timestamp}
_OBJECTS = list_of(identifier())
_RELATED = identifier(
    no=("relationship", "sighting", "bundle", "marking-definition", "language-content"), section="5.1"
)
_SEEN_THING = identifier(
    no=("relationship", "sighting", "bundle", "marking-definition", "language-content"), section="5.2"
)
_SOFTWARE = identifier("software", section="4.12")


def _of(vocabulary_: str, values: frozenset[str], section: str) -> Check:
    return list_of(vocabulary(vocabulary_, values, section))


_UNNAMED_FAMILY = finding("missing", "A malware family must have a name.", "4.11", path="name")
_UNDESCRIBED = finding("recommended", "An indicator should have a name and a description.", "4.7", severity="should")
_OLD_OBJECTS = finding(
    "deprecated",
    "'objects' is deprecated: refer to observables by object_refs.",
    "4.14",
    path="objects",
    severity="should",
)


def _family(value: dict[str, Any]) -> Findings:
    return _UNNAMED_FAMILY if value.get("is_family") is True and "name" not in value else FINE


def _described(value: dict[str, Any]) -> Findings:
    return FINE if "name" in value and "description" in value else _UNDESCRIBED


def _old_objects(value: dict[str, Any]) -> Findings:
    return _OLD_OBJECTS if "objects" in value else FINE


_UNDECLARED = finding(
    "combination",
    "Only an extension of type toplevel-property-extension lists extension_properties.",
    "7.3",
    path="extension_properties",
)
_NO_TAG = finding("language", "A key must be a language tag of RFC 5646.", "7.1")


def _declared(value: dict[str, Any]) -> Findings:
    kinds = value.get("extension_types")
    if "extension_properties" not in value or type(kinds) is not list or "toplevel-property-extension" in kinds:
        return FINE
    return _UNDECLARED


def _contents(value: Any) -> Findings:
    """Translations: language tag -> property -> text (7.1)."""
    if type(value) is not dict:
        return mapping(value)
    found = FINE if value else _EMPTY_CONTENTS
    for tag, translated in value.items():
        if not is_language(tag):
            found += at(tag, _NO_TAG)
        elif type(translated) is not dict:
            found += at(tag, mapping(translated))
        else:
            for name, inner in translated.items():
                found += at(tag, said) if (said := property_name(name, inner)) else FINE
    return found


_EMPTY_CONTENTS = finding("empty", "An empty dictionary must be left out.", "2.3")

DOMAIN_OBJECTS: dict[str, Kind] = {
    "attack-pattern": domain_kind(
        "attack-pattern", "4.1", {**_NAMED, "aliases": texts, "kill_chain_phases": kill_chain_phases}, ("name",)
    ),
    "campaign": domain_kind(
        "campaign",
        "4.2",
        {**_NAMED, **_SEEN, "aliases": texts, "objective": text},
        ("name",),
        in_order("first_seen", "last_seen", "4.2"),
    ),
    "course-of-action": domain_kind("course-of-action", "4.3", _NAMED, ("name",)),
    "grouping": domain_kind(
        "grouping",
        "4.4",
        {
            **_NAMED,
            "context": vocabulary("grouping-context-ov", words.GROUPING_CONTEXT, "10.6"),
            "object_refs": _OBJECTS,
        },
        ("context", "object_refs"),
    ),
    "identity": domain_kind(
        "identity",
        "4.5",
        {
            **_NAMED,
            "roles": texts,
            "identity_class": vocabulary("identity-class-ov", words.IDENTITY_CLASS, "10.8"),
            "sectors": _of("industry-sector-ov", words.INDUSTRY_SECTOR, "10.11"),
            "contact_information": text,
        },
        ("name",),
    ),
    "incident": domain_kind("incident", "4.6", _NAMED, ("name",)),
    "indicator": domain_kind(
        "indicator",
        "4.7",
        {
            **_NAMED,
            "indicator_types": _of("indicator-type-ov", words.INDICATOR_TYPE, "10.10"),
            "pattern": text,
            "pattern_type": vocabulary("pattern-type-ov", words.PATTERN_TYPE, "10.19"),
            "pattern_version": text,
            "valid_from": timestamp,
            "valid_until": timestamp,
            "kill_chain_phases": kill_chain_phases,
        },
        ("pattern", "pattern_type", "valid_from"),
        in_order("valid_from", "valid_until", "4.7", strictly=True),
        _described,
    ),
    "infrastructure": domain_kind(
        "infrastructure",
        "4.8",
        {
            **_NAMED,
            **_SEEN,
            "infrastructure_types": _of("infrastructure-type-ov", words.INFRASTRUCTURE_TYPE, "10.12"),
            "aliases": texts,
            "kill_chain_phases": kill_chain_phases,
        },
        ("name",),
        in_order("first_seen", "last_seen", "4.8"),
    ),
    "intrusion-set": domain_kind(
        "intrusion-set",
        "4.9",
        {
            **_NAMED,
            **_SEEN,
            "aliases": texts,
            "goals": texts,
            "resource_level": _RESOURCES,
            "primary_motivation": _MOTIVATION,
            "secondary_motivations": list_of(_MOTIVATION),
        },
        ("name",),
        in_order("first_seen", "last_seen", "4.9"),
    ),
    "location": domain_kind(
        "location",
        "4.10",
        {
            **_NAMED,
            "latitude": number(-90, 90, section="4.10"),
            "longitude": number(-180, 180, section="4.10"),
            "precision": number(),
            "region": vocabulary("region-ov", words.REGION, "10.21"),
            **dict.fromkeys(("country", "administrative_area", "city", "street_address", "postal_code"), text),
        },
        (),
        any_of("region", "country", "latitude", section="4.10"),
        needs("latitude", "longitude", section="4.10"),
        needs("longitude", "latitude", section="4.10"),
        needs("precision", "latitude", "longitude", section="4.10"),
    ),
    "malware": domain_kind(
        "malware",
        "4.11",
        {
            **_NAMED,
            **_SEEN,
            "malware_types": _of("malware-type-ov", words.MALWARE_TYPE, "10.15"),
            "is_family": boolean,
            "aliases": texts,
            "kill_chain_phases": kill_chain_phases,
            "operating_system_refs": list_of(identifier("software", section="4.11")),
            "architecture_execution_envs": _of("processor-architecture-ov", words.PROCESSOR_ARCHITECTURE, "10.20"),
            "implementation_languages": _of("implementation-language-ov", words.IMPLEMENTATION_LANGUAGE, "10.9"),
            "capabilities": _of("malware-capabilities-ov", words.MALWARE_CAPABILITIES, "10.13"),
            "sample_refs": list_of(identifier("artifact", "file", section="4.11")),
        },
        ("is_family",),
        _family,
        in_order("first_seen", "last_seen", "4.11"),
    ),
    "malware-analysis": domain_kind(
        "malware-analysis",
        "4.12",
        {
            **dict.fromkeys(
                [
                    "product",
                    "version",
                    "configuration_version",
                    "analysis_engine_version",
                    "analysis_definition_version",
                    "result_name",
                ],
                text,
            ),
            "host_vm_ref": _SOFTWARE,
            "operating_system_ref": _SOFTWARE,
            "installed_software_refs": list_of(_SOFTWARE),
            "modules": texts,
            "submitted": timestamp,
            "analysis_started": timestamp,
            "analysis_ended": timestamp,
            "result": vocabulary("malware-result-ov", words.MALWARE_RESULT, "10.14"),
            "analysis_sco_refs": _OBJECTS,
            "sample_ref": identifier("artifact", "file", "network-traffic", section="4.12"),
        },
        ("product",),
        any_of("result", "analysis_sco_refs", section="4.12"),
    ),
    "note": domain_kind(
        "note",
        "4.13",
        {"abstract": text, "content": text, "authors": texts, "object_refs": _OBJECTS},
        ("content", "object_refs"),
    ),
    "observed-data": domain_kind(
        "observed-data",
        "4.14",
        {
            "first_observed": timestamp,
            "last_observed": timestamp,
            "number_observed": integer(1, 999_999_999, section="4.14"),
            "objects": mapping,
            "object_refs": _OBJECTS,
        },
        ("first_observed", "last_observed", "number_observed"),
        one_of("objects", "object_refs", section="4.14"),
        in_order("first_observed", "last_observed", "4.14"),
        _old_objects,
    ),
    "opinion": domain_kind(
        "opinion",
        "4.15",
        {
            "explanation": text,
            "authors": texts,
            "opinion": enumeration(words.OPINION, "10.18"),
            "object_refs": _OBJECTS,
        },
        ("opinion", "object_refs"),
    ),
    "report": domain_kind(
        "report",
        "4.16",
        {
            **_NAMED,
            "report_types": _of("report-type-ov", words.REPORT_TYPE, "10.22"),
            "published": timestamp,
            "object_refs": _OBJECTS,
        },
        ("name", "published", "object_refs"),
    ),
    "threat-actor": domain_kind(
        "threat-actor",
        "4.17",
        {
            **_NAMED,
            **_SEEN,
            "threat_actor_types": _of("threat-actor-type-ov", words.THREAT_ACTOR_TYPE, "10.23"),
            "aliases": texts,
            "roles": _of("threat-actor-role-ov", words.THREAT_ACTOR_ROLE, "10.24"),
            "goals": texts,
            "sophistication": vocabulary("threat-actor-sophistication-ov", words.THREAT_ACTOR_SOPHISTICATION, "10.25"),
            "resource_level": _RESOURCES,
            "primary_motivation": _MOTIVATION,
            "secondary_motivations": list_of(_MOTIVATION),
            "personal_motivations": list_of(_MOTIVATION),
        },
        ("name",),
        in_order("first_seen", "last_seen", "4.17"),
    ),
    "tool": domain_kind(
        "tool",
        "4.18",
        {
            **_NAMED,
            "tool_types": _of("tool-type-ov", words.TOOL_TYPE, "10.26"),
            "aliases": texts,
            "kill_chain_phases": kill_chain_phases,
            "tool_version": text,
        },
        ("name",),
    ),
    "vulnerability": domain_kind("vulnerability", "4.19", _NAMED, ("name",)),
    "relationship": domain_kind(
        "relationship",
        "5.1",
        {
            "relationship_type": form("[a-z0-9-]+", "lower-case letters, digits and hyphens", "5.1"),
            "description": text,
            "source_ref": _RELATED,
            "target_ref": _RELATED,
            "start_time": timestamp,
            "stop_time": timestamp,
        },
        ("relationship_type", "source_ref", "target_ref"),
        in_order("start_time", "stop_time", "5.1", strictly=True),
    ),
    "sighting": domain_kind(
        "sighting",
        "5.2",
        {
            **_SEEN,
            "description": text,
            "count": integer(0, 999_999_999, section="5.2"),
            "sighting_of_ref": _SEEN_THING,
            "observed_data_refs": list_of(identifier("observed-data", section="5.2")),
            "where_sighted_refs": list_of(identifier("identity", "location", section="5.2")),
            "summary": boolean,
        },
        ("sighting_of_ref",),
        in_order("first_seen", "last_seen", "5.2"),
    ),
    "language-content": domain_kind(
        "language-content",
        "7.1",
        {
            "object_ref": identifier(no=("bundle", "language-content"), section="7.1"),
            "object_modified": timestamp,
            "contents": _contents,
        },
        ("object_ref", "contents"),
    ),
    "extension-definition": domain_kind(
        "extension-definition",
        "7.3",
        {
            **_NAMED,
            "schema": text,
            "version": text,
            "extension_types": list_of(enumeration(words.EXTENSION_TYPE, "10.5")),
            "extension_properties": texts,
        },
        ("created_by_ref", "name", "schema", "version", "extension_types"),
        _declared,
    ),
}
"""By type, everything but observables and marking definitions."""
