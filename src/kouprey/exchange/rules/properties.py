"""What STIX objects share: common properties, external references, markings, extensions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kouprey.exchange.model import Finding
from kouprey.exchange.rules.forms import UUID, binary, hashes, hexadecimal, identifier, language, precise, uri
from kouprey.exchange.rules.shapes import (
    FINE,
    MOST,
    VOID,
    Check,
    Findings,
    Rule,
    at,
    boolean,
    enumeration,
    finding,
    full,
    integer,
    list_of,
    mapping,
    record,
    text,
)
from kouprey.exchange.rules.vocabularies import EXTENSION_TYPE

texts = list_of(text)
UUID_4 = UUID.replace("[1-5]", "4")

_CVE = re.compile(r"CVE-[0-9]{4}-(?:0[0-9]{3}|[1-9][0-9]{3,})").fullmatch
_CAPEC = re.compile("CAPEC-[0-9]+").fullmatch
_NAME = re.compile("[a-z][a-z0-9_]{2,249}|id").fullmatch
_EXTENSION = re.compile(f"(extension-definition--{UUID})|[a-z][a-z0-9]*(?:-[a-z0-9]+)*-ext").fullmatch

_MISNAMED = finding(
    "name", "A property name must be 3 to 250 lower-case letters, digits and underscores, a letter first.", "3.1"
)


def property_name(name: str, value: Any) -> Findings:
    """A property nobody has defined: its name, and the few things its name says about its value."""
    if _NAME(name) is None:
        return at(name, _MISNAMED)
    if value is None or value == []:
        return at(name, VOID)
    if name.endswith("_hex"):
        return at(name, said) if (said := hexadecimal(value)) else FINE
    if name.endswith("_bin"):
        return at(name, said) if (said := binary(value)) else FINE
    return FINE


def _numbered(value: dict[str, Any]) -> Findings:
    """CVE and CAPEC numbers stand beside their own source names, and only there (4.1, 4.19)."""
    source, number = value.get("source_name"), value.get("external_id")
    if source == "cve":
        return FINE if type(number) is str and _CVE(number) else _NO_CVE
    if source == "capec":
        return FINE if type(number) is str and _CAPEC(number) else _NO_CAPEC
    if type(number) is str and (_CVE(number) or _CAPEC(number)):
        return _MISNUMBERED
    return FINE if number is not None or "description" in value or "url" in value else _NOTHING_SAID


_NO_CVE = finding("form", "With source_name cve the external_id must be a CVE number.", "4.19", path="external_id")
_NO_CAPEC = finding("form", "With source_name capec the external_id must be CAPEC-number.", "4.1", path="external_id")
_MISNUMBERED = finding(
    "form", "The source_name of a CVE or CAPEC number must be cve or capec.", "2.5", path="source_name"
)
_NOTHING_SAID = finding("missing", "At least one of description, url and external_id is required.", "2.5")
_UNHASHED = finding("hash", "A hash of what the url points at should be given.", "2.5", path="url", severity="should")


def _hashed(value: dict[str, Any]) -> Findings:
    return _UNHASHED if "url" in value and "hashes" not in value else FINE


def external_reference(hashes_: Check, *rules: Rule) -> Check:
    """A pointer to something that is not STIX (2.5)."""
    return record(
        {"source_name": text, "description": text, "url": uri, "hashes": hashes_, "external_id": text},
        ("source_name",),
        _numbered,
        *rules,
        section="2.5",
    )


external_references = list_of(external_reference(hashes(closed=True), _hashed))

_UNCASED = finding("case", "It should be all lower case, with hyphens between words.", "2.11", severity="should")


def _lower(value: Any) -> Findings:
    if type(value) is not str:
        return text(value)
    return FINE if value.islower() and "_" not in value and " " not in value else _UNCASED


kill_chain_phases = list_of(
    record({"kill_chain_name": _lower, "phase_name": _lower}, ("kill_chain_name", "phase_name"), section="2.11")
)

marking_ref = identifier("marking-definition", section="7.2.1")
object_marking_refs = list_of(marking_ref)
_NO_EFFECT = finding("combination", "Exactly one of 'marking_ref' and 'lang' is required.", "7.2.3")


def _either(value: dict[str, Any]) -> Findings:
    return FINE if ("marking_ref" in value) is not ("lang" in value) else _NO_EFFECT


granular_markings = list_of(
    record({"selectors": texts, "lang": language, "marking_ref": marking_ref}, ("selectors",), _either, section="7.2.3")
)
_POINTLESS = finding("selector", "A selector must name a property or list element that is in the object.", "7.2.3")
_INDEX = re.compile(r"\[(0|[1-9][0-9]{0,8})\]").fullmatch


def selectors_hold(value: dict[str, Any]) -> Findings:
    """What granular markings select must be there (7.2.3)."""
    markings = value.get("granular_markings")
    if markings is None:
        return FINE
    found: list[Finding] = []
    for index, marking in enumerate(markings if type(markings) is list else ()):
        selectors = marking.get("selectors") if type(marking) is dict else None
        for place, selector in enumerate(selectors if type(selectors) is list else ()):
            if type(selector) is str and not _selects(value, selector):
                found += at(f"granular_markings.[{index}].selectors.[{place}]", _POINTLESS)
                if len(found) >= MOST:
                    break
        if full(found):
            break
    return tuple(found) if found else FINE


def _selects(value: Any, selector: str) -> bool:
    for step in selector.split("."):
        if type(value) is dict and step in value:
            value = value[step]
        elif type(value) is list and (index := _INDEX(step)) is not None and int(index[1]) < len(value):
            value = value[int(index[1])]
        else:
            return False
    return True


_NO_EXTENSION_KEY = finding("extension", "A key must be the id of an extension definition.", "3.2")
_NO_EXTENSIONS = finding("empty", "An empty dictionary must be left out.", "2.3")
_PREDEFINED_LIKE = finding(
    "extension", "An extension that STIX does not define should be an extension definition.", "11", severity="should"
)
_defined = record(
    {"extension_type": enumeration(EXTENSION_TYPE, "7.3")}, ("extension_type",), section="7.3", other=property_name
)


def extensions(predefined: Mapping[str, Check] | None = None) -> Check:
    """The dictionary `extensions` of a type with these predefined extensions."""
    known = predefined or {}

    def check(value: Any) -> Findings:
        if type(value) is not dict:
            return mapping(value)
        found = [] if value else list(_NO_EXTENSIONS)
        for key, inner in value.items():
            shape = _EXTENSION(key)
            if shape is None:
                found += at(key, _NO_EXTENSION_KEY)
            elif type(inner) is not dict:
                found += at(key, mapping(inner))
            elif not inner:
                found += at(key, _NO_EXTENSIONS)
            elif key in known:
                found += at(key, said) if (said := known[key](inner)) else FINE
            elif shape[1]:
                found += at(key, said) if (said := _defined(inner)) else FINE
            else:
                found += at(key, _PREDEFINED_LIKE)
                for name, member in inner.items():
                    found += at(key, said) if (said := property_name(name, member)) else FINE
                    if len(found) >= MOST:
                        break
            if full(found):
                break
        return tuple(found) if found else FINE

    return check


COMMON: dict[str, Check] = {
    "spec_version": enumeration(frozenset({"2.1"}), "3.2"),
    "created_by_ref": identifier("identity", section="3.2"),
    "created": precise(),
    "modified": precise(),
    "revoked": boolean,
    "labels": texts,
    "confidence": integer(0, 100, section="3.2"),
    "lang": language,
    "external_references": external_references,
    "object_marking_refs": object_marking_refs,
    "granular_markings": granular_markings,
    "extensions": extensions(),
}
"""STIX 2.1, 3.2, for domain, relationship and meta objects; `type` and `id` are judged with the type."""

COMMON_OBSERVABLE: dict[str, Check] = {
    "spec_version": COMMON["spec_version"],
    "object_marking_refs": object_marking_refs,
    "granular_markings": granular_markings,
    "defanged": boolean,
    "lang": language,
    "extensions": extensions(),
}
"""STIX 2.1, 3.2, for observables."""

RESERVED = frozenset({"severity", "action", "username", "phone_number", "phone_numbers"})
"""STIX 2.1, 3.8: names that no custom property may have; the published schemas give the last of them."""
