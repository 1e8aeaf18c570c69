"""What STIX has to say about one object: every finding, each with its place and its paragraph."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from kouprey.exchange.model import Finding
from kouprey.exchange.rules.earlier import KINDS_2_0, OBSERVABLES_2_0, custom_kind_2_0
from kouprey.exchange.rules.kinds import Kind, custom_kind
from kouprey.exchange.rules.markings import MARKING_DEFINITION
from kouprey.exchange.rules.objects import DOMAIN_OBJECTS
from kouprey.exchange.rules.observables import OBSERVABLES
from kouprey.exchange.rules.shapes import FINE, MOST, Findings, at, finding, full, mapping

CheckPattern = Callable[[str, str], Iterable[Finding]]
"""A STIX pattern and the version of its grammar in; the findings about it out, their paths inside the pattern."""

KINDS: dict[str, Kind] = {**DOMAIN_OBJECTS, **OBSERVABLES, "marking-definition": MARKING_DEFINITION}
"""By type, every object of STIX 2.1."""

_CUSTOM_TYPE = finding(
    "custom", "A type that STIX does not define should come with an extension.", "11.2", path="type", severity="should"
)
_CUSTOM_PROPERTY = finding(
    "custom", "A property that STIX does not define should come with an extension.", "11.1", severity="should"
)
_NO_OBSERVABLE = finding("missing", "An observable must be an object with a type.", "2.13")
_NEW_TYPES = frozenset({"new-sdo", "new-sco", "new-sro"})
_TOP_LEVEL = frozenset({"toplevel-property-extension"})
_SOME_UUID = "00000000-0000-4000-8000-000000000000"


def validate(value: dict[str, Any], *, type: str, check_pattern: CheckPattern | None = None) -> tuple[Finding, ...]:
    """Everything STIX has to say against an object, nothing when it is as it should be; never raises.

    `value` is a parsed object of this `type` that has passed the safe JSON door. One that is not an observable and
    has no `spec_version` is judged as STIX 2.0 (STIX 2.1, 3.2). Without `check_pattern` patterns are taken as they
    are.
    """
    version = value.get("spec_version")
    bare = "created" not in value and "modified" not in value
    if version == "2.0" or (version is None and type not in OBSERVABLES and not (bare and type not in KINDS)):
        kind, observables, version = KINDS_2_0.get(type) or custom_kind_2_0(type), OBSERVABLES_2_0, "2.0"
    else:
        kind, observables, version = KINDS.get(type) or _custom(type, bare), OBSERVABLES, "2.1"
    found = judge(kind, value)
    if type == "observed-data":
        found += _embedded(value, observables)
    if check_pattern is not None and type == "indicator":
        found += _pattern(value, version, check_pattern)
    return found


def judge(kind: Kind, value: dict[str, Any]) -> Findings:
    """What is wrong with an object of this kind."""
    found: list[Finding] = []
    custom: list[str] = []
    checks = kind.checks
    for name, inner in value.items():
        check = checks.get(name)
        if check is not None:
            if said := check(inner):
                found += at(name, said)
        elif name != "type":
            if said := kind.other(name, inner):
                found += said
                if full(found):
                    break
            else:
                custom.append(name)
    for name, missing in kind.required:
        if name not in value:
            found += missing
    for rule in kind.rules:
        if said := rule(value):
            found += said
    if not kind.extensible:
        return tuple(found)
    if kind.defined:
        if custom and not _extended(value, _TOP_LEVEL):
            for name in custom[:MOST]:
                found += _custom_property(name)
    elif not _extended(value, _NEW_TYPES):
        found += _CUSTOM_TYPE
    return tuple(found)


@lru_cache(maxsize=4096)
def _custom_property(name: str) -> Findings:
    return at(name, _CUSTOM_PROPERTY)


@lru_cache(maxsize=1024)
def _custom(type_: str, observable: bool) -> Kind:
    return custom_kind(type_, observable=observable)


def _extended(value: dict[str, Any], kinds: frozenset[str]) -> bool:
    extensions = value.get("extensions")
    if not isinstance(extensions, dict):
        return False
    found = [inner.get("extension_type") for inner in extensions.values() if isinstance(inner, dict)]
    return any(isinstance(kind, str) and kind in kinds for kind in found)


def _pattern(value: dict[str, Any], version: str, check_pattern: CheckPattern) -> Findings:
    pattern = value.get("pattern")
    if not isinstance(pattern, str) or (version != "2.0" and value.get("pattern_type") != "stix"):
        return FINE
    grammar = value.get("pattern_version", version)
    said = tuple(check_pattern(pattern, grammar if isinstance(grammar, str) else version))
    return at("pattern", said) if said else FINE


def _embedded(value: dict[str, Any], observables: Mapping[str, Kind]) -> Findings:
    """The observables that lie inside older observed data, which refer to each other by their keys (4.14)."""
    objects = value.get("objects")
    if not isinstance(objects, dict):
        return FINE
    types = {key: inner.get("type") for key, inner in objects.items() if isinstance(inner, dict)}
    ids = {key: f"{type_}--{_SOME_UUID}" for key, type_ in types.items() if isinstance(type_, str)}
    found: list[Finding] = []
    for key, inner in objects.items():
        type_ = types.get(key)
        if not isinstance(inner, dict):
            found += at(f"objects.{key}", mapping(inner))
        elif not isinstance(type_, str):
            found += at(f"objects.{key}", _NO_OBSERVABLE)
        else:
            kind = observables.get(type_) or _custom_embedded(type_, observables is OBSERVABLES)
            found += at(f"objects.{key}", judge(kind, _with_ids(inner, ids)))
        if full(found):
            break
    return tuple(found) if found else FINE


def _custom_embedded(type_: str, current: bool) -> Kind:
    return _custom(type_, True) if current else custom_kind_2_0(type_, observable=True)


def _with_ids(value: Any, ids: Mapping[str, str], name: str = "") -> Any:
    """A copy in which references by key are references by id, so that one table serves for both."""
    if isinstance(value, dict):
        return {key: _with_ids(inner, ids, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_ids(item, ids, name) for item in value]
    return ids.get(value, value) if isinstance(value, str) and name.endswith(("_ref", "_refs")) else value
