"""One type of STIX object as a table: what its properties are, which it needs, what must hold between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from kouprey.exchange.rules.forms import UUID, in_order
from kouprey.exchange.rules.observable_ids import observable_id
from kouprey.exchange.rules.properties import COMMON, COMMON_OBSERVABLE, RESERVED, property_name, selectors_hold
from kouprey.exchange.rules.shapes import FINE, Check, Findings, Rule, at, finding, text


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of object, ready to judge one: `checks` by property, `required` with what to say when it is missing."""

    section: str
    checks: Mapping[str, Check]
    required: tuple[tuple[str, Findings], ...]
    rules: tuple[Rule, ...]
    other: Callable[[str, Any], Findings]
    """Judges a property that has no check."""
    defined: bool = True
    """False for a type that the standard does not know; its own properties are nothing to remark on."""
    extensible: bool = True
    """False for STIX 2.0, where what is new is told by a prefix and not by an extension."""


_NO_ID = finding("identifier", "It must be an id: the object's type, two hyphens and a UUID.", "2.9")
_OTHER_TYPE = finding("identifier", "The type in the id must be the object's type.", "2.9")
_NOT_RANDOM = finding("uuid-version", "The UUID should be of version 4.", "2.9", severity="should")
_NOT_DERIVED = finding("uuid-version", "The UUID should be of version 5.", "2.9", severity="should")
_MODIFIED = in_order("created", "modified", "3.2")
_OTHER_ID = finding(
    "id-mismatch", "The id is not the one that the properties give.", "2.9", path="id", severity="should"
)
_RESERVED_NAME = finding("reserved", "The name is reserved for later versions of STIX.", "3.8")
_RESERVED_TYPE = finding("reserved", "The type is reserved for later versions of STIX.", "3.8", path="type")
_BAD_TYPE = finding(
    "name", "A type must be 3 to 250 lower-case letters, digits and single hyphens, a letter first.", "3.1", path="type"
)
_type_name = re.compile("(?=.{3,250})[a-z][a-z0-9]*(?:-[a-z0-9]+)*-?").fullmatch


def custom_property(name: str, value: Any) -> Findings:
    """A property that STIX does not know."""
    if name in RESERVED:
        return at(name, _RESERVED_NAME)
    return FINE if name == "type" else property_name(name, value)


def _derived(value: dict[str, Any]) -> Findings:
    id_: Any = value.get("id")
    if type(id_) is not str or id_[-22:-21] != "5" or (derived := observable_id(value)) is None:
        return FINE
    return FINE if id_ == derived else _OTHER_ID


def _named(value: dict[str, Any]) -> Findings:
    type_ = value.get("type")
    if type_ == "action":
        return _RESERVED_TYPE
    return FINE if type(type_) is str and _type_name(type_) else _BAD_TYPE


def own_id(type_: str, *, version: str, uuid: str = UUID) -> Check:
    """The id of an object of this type, its UUID preferably of this version."""
    matches = re.compile(f"{re.escape(type_)}--{uuid}").fullmatch
    any_id = re.compile(f"[a-z0-9][a-z0-9-]+[a-z0-9]--{uuid}").fullmatch
    unusual = _NOT_RANDOM if version == "4" else _NOT_DERIVED

    def check(value: Any) -> Findings:
        if type(value) is not str:
            return text(value)
        if matches(value):
            return FINE if value[-22] == version else unusual
        return _OTHER_TYPE if any_id(value) else _NO_ID

    return check


def needed(names: tuple[str, ...], section: str) -> tuple[tuple[str, Findings], ...]:
    """Required properties with what to say when one is missing."""
    return tuple(
        (name, finding("missing", f"The property '{name}' is required.", section, path=name)) for name in names
    )


def domain_kind(
    type_: str, section: str, properties: Mapping[str, Check], required: tuple[str, ...] = (), *rules: Rule
) -> Kind:
    """A domain, relationship or meta object of STIX 2.1."""
    checks = {"id": own_id(type_, version="4"), **COMMON, **properties}
    return Kind(
        section,
        checks,
        needed(("spec_version", "id", "created", "modified"), "3.2") + needed(required, section),
        (_MODIFIED, selectors_hold, *rules),
        custom_property,
    )


def observable_kind(
    type_: str, section: str, properties: Mapping[str, Check], required: tuple[str, ...] = (), *rules: Rule
) -> Kind:
    """An observable of STIX 2.1."""
    version = "4" if type_ == "process" else "5"
    checks = {"id": own_id(type_, version=version), **COMMON_OBSERVABLE, **properties}
    return Kind(
        section,
        checks,
        needed(("id",), "3.2") + needed(required, section),
        (selectors_hold, *rules, _derived),
        custom_property,
    )


def custom_kind(type_: str, *, observable: bool) -> Kind:
    """A type that STIX does not define, as a domain object or as an observable."""
    own = own_id(type_, version="5" if observable else "4")
    if observable:
        checks = {"id": own, **COMMON_OBSERVABLE}
        return Kind("11.2", checks, needed(("id",), "3.2"), (selectors_hold, _named), custom_property, defined=False)
    return Kind(
        "11.2",
        {"id": own, **COMMON},
        needed(("spec_version", "id", "created", "modified"), "3.2"),
        (_MODIFIED, selectors_hold, _named),
        custom_property,
        defined=False,
    )
