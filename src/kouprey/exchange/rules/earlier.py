"""STIX 2.0 as tables: what objects without `spec_version` are judged by; they are kept as they came."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kouprey.exchange.rules import vocabularies as open_words
from kouprey.exchange.rules.forms import UUID, binary, hashes, identifier, in_order, precise, timestamp
from kouprey.exchange.rules.kinds import Kind, needed, own_id
from kouprey.exchange.rules.markings import MARKING_DEFINITION
from kouprey.exchange.rules.objects import DOMAIN_OBJECTS
from kouprey.exchange.rules.observables import OBSERVABLES
from kouprey.exchange.rules.predefined import (
    FILE,
    HTTP_REQUEST,
    KEY,
    KEYS,
    NETWORK_TRAFFIC,
    PROCESS,
    RASTER_IMAGE,
    SOCKET,
    USER_ACCOUNT,
    at_least_one,
    extension,
)
from kouprey.exchange.rules.properties import COMMON, external_reference, selectors_hold, texts
from kouprey.exchange.rules.shapes import (
    FINE,
    VOID,
    Check,
    Findings,
    Rule,
    any_of,
    at,
    boolean,
    dictionary,
    enumeration,
    finding,
    list_of,
    record,
    text,
    vocabulary,
    words,
)

CORE, OBJECTS, OBSERVED = "STIX 2.0 part 1, Common Properties", "STIX 2.0 part 2", "STIX 2.0 part 4"
_UUID_4 = UUID.replace("[1-5]", "4")
_RESERVED = words(
    "confidence severity action usernames phone_numbers addresses first_seen_precision last_seen_precision "
    "valid_from_precision valid_until_precision"
)
_RESERVED_NAME = finding(
    "reserved", "The name is reserved for later versions of STIX.", "STIX 2.0 part 1, Reserved Properties"
)
_UNPREFIXED = finding(
    "custom", "A custom property should begin with x_.", "STIX 2.0 part 1, Custom Properties", severity="should"
)
_NAME = re.compile("[a-z0-9_]{3,250}").fullmatch
_MISNAMED = finding(
    "name",
    "A property name must be 3 to 250 lower-case letters, digits and underscores.",
    "STIX 2.0 part 1, Custom Properties",
)
_TYPE = re.compile("(?=.{3,250})-?[a-zA-Z0-9]+(?:-[a-zA-Z0-9]+)*-?").fullmatch
_BAD_TYPE = finding(
    "name", "A type must be 3 to 250 letters, digits and hyphens.", "STIX 2.0 part 1, Custom Objects", path="type"
)
_MODIFIED = in_order("created", "modified", CORE)


def _other(name: str, value: Any) -> Findings:
    return at(name, _RESERVED_NAME) if name in _RESERVED else _custom(name, value)


def _other_observed(name: str, value: Any) -> Findings:
    """In observables, and only there, the end of a name says that the value is base64 (part 3)."""
    if name.endswith("_bin") and (said := binary(value)):
        return at(name, said)
    return _custom(name, value)


def _custom(name: str, value: Any) -> Findings:
    if _NAME(name) is None:
        return at(name, _MISNAMED)
    if value is None or value == []:
        return at(name, VOID)
    return FINE if name.startswith("x_") or name == "type" else at(name, _UNPREFIXED)


def _ref(*kinds: str, no: tuple[str, ...] = ()) -> Check:
    return identifier(*kinds, no=no, section=OBJECTS, uuid=_UUID_4)


_COMMON: dict[str, Check] = {
    "created_by_ref": _ref("identity"),
    "created": precise("{3}", CORE),
    "modified": precise("{3}", CORE),
    "revoked": boolean,
    "labels": texts,
    "external_references": list_of(external_reference(hashes(earlier=True))),
    "object_marking_refs": list_of(_ref("marking-definition")),
    "granular_markings": list_of(
        record(
            {"selectors": texts, "marking_ref": _ref("marking-definition")},
            ("selectors", "marking_ref"),
            section="STIX 2.0 part 1, Granular Markings",
        )
    ),
}


def _object(type_: str, *more: str, drop: str = "", rules: tuple[Rule, ...] = (), **changed: Check) -> Kind:
    """The kind of 2.1 without what came later: `more` is required too, `drop` was not there, `changed` was other."""
    later = {*COMMON, "id", "extensions", *drop.split()}
    own = {name: check for name, check in DOMAIN_OBJECTS[type_].checks.items() if name not in later}
    required = tuple(name for name, _ in DOMAIN_OBJECTS[type_].required if name not in later | {"spec_version"})
    checks = {"id": own_id(type_, version="4", uuid=_UUID_4), **_COMMON, **own, **changed}
    return Kind(
        OBJECTS,
        checks,
        needed(("id", "created", "modified"), CORE) + needed((*required, *more), OBJECTS),
        (_MODIFIED, selectors_hold, *rules),
        _other,
        extensible=False,
    )


def _labels(name: str, values: frozenset[str]) -> Check:
    return list_of(vocabulary(name, values, "STIX 2.0 part 1, Vocabularies"))


_RELATED = _ref(no=("relationship", "sighting", "bundle", "marking-definition"))

KINDS_2_0: dict[str, Kind] = {
    "attack-pattern": _object("attack-pattern", drop="aliases"),
    "campaign": _object("campaign"),
    "course-of-action": _object("course-of-action"),
    "identity": _object("identity", "identity_class", drop="roles"),
    "indicator": _object(
        "indicator",
        "labels",
        drop="indicator_types pattern_type pattern_version",
        labels=_labels("indicator-label-ov", open_words.INDICATOR_LABEL),
    ),
    "intrusion-set": _object("intrusion-set"),
    "malware": _object(
        "malware",
        "name",
        "labels",
        drop="malware_types is_family aliases first_seen last_seen operating_system_refs architecture_execution_envs "
        "implementation_languages capabilities sample_refs",
        labels=_labels("malware-label-ov", open_words.MALWARE_LABEL),
    ),
    "observed-data": _object("observed-data", "objects", drop="object_refs"),
    "report": _object(
        "report",
        "labels",
        drop="report_types",
        labels=_labels("report-label-ov", open_words.REPORT_LABEL),
        object_refs=list_of(_ref()),
    ),
    "threat-actor": _object(
        "threat-actor",
        "labels",
        drop="threat_actor_types first_seen last_seen",
        labels=_labels("threat-actor-label-ov", open_words.THREAT_ACTOR_LABEL),
    ),
    "tool": _object(
        "tool", "labels", drop="tool_types aliases", labels=_labels("tool-label-ov", open_words.TOOL_LABEL)
    ),
    "vulnerability": _object("vulnerability"),
    "relationship": _object("relationship", drop="start_time stop_time", source_ref=_RELATED, target_ref=_RELATED),
    "sighting": _object(
        "sighting",
        drop="description",
        sighting_of_ref=_RELATED,
        observed_data_refs=list_of(_ref("observed-data")),
        where_sighted_refs=list_of(_ref("identity")),
    ),
    "marking-definition": Kind(
        OBJECTS,
        {
            **{
                name: check
                for name, check in MARKING_DEFINITION.checks.items()
                if name not in {"spec_version", "lang", "name", "extensions"}
            },
            "granular_markings": _COMMON["granular_markings"],
            "id": own_id("marking-definition", version="4", uuid=_UUID_4),
            "external_references": _COMMON["external_references"],
        },
        needed(("id", "created", "definition_type", "definition"), "STIX 2.0 part 1, Marking Definition"),
        MARKING_DEFINITION.rules,
        MARKING_DEFINITION.other,
        extensible=False,
    ),
}
"""By type, every object of STIX 2.0."""


@lru_cache(maxsize=1024)
def custom_kind_2_0(type_: str, *, observable: bool = False) -> Kind:
    """A type that STIX 2.0 does not define."""
    if observable:
        return Kind(
            OBSERVED,
            {"extensions": dictionary(name=KEY, names=KEYS)},
            (),
            (_named_observed,),
            _other_observed,
            defined=False,
            extensible=False,
        )
    checks = {"id": own_id(type_, version="4", uuid=_UUID_4), **_COMMON}
    required = needed(("id", "created", "modified"), CORE)
    return Kind(CORE, checks, required, (_MODIFIED, selectors_hold, _named), _other, defined=False, extensible=False)


def _named(value: dict[str, Any]) -> Findings:
    type_ = value.get("type")
    if type_ in {"incident", "infrastructure"}:
        return _RESERVED_TYPE
    return FINE if type(type_) is str and _TYPE(type_) else _BAD_TYPE


_OBSERVED_TYPE = re.compile("(?=.{3,250})-?[a-z0-9]+(?:-[a-z0-9]+)*-?").fullmatch


def _named_observed(value: dict[str, Any]) -> Findings:
    type_ = value.get("type")
    return FINE if type(type_) is str and type_ != "action" and _OBSERVED_TYPE(type_) else _BAD_TYPE


_RESERVED_TYPE = finding("reserved", "The type is reserved for later versions of STIX.", CORE, path="type")


def _extensions(predefined: Mapping[str, Check]) -> Check:
    """2.0 knows no extension definitions: any key, and under it a dictionary."""
    anything = dictionary(name=KEY, names=KEYS, section=OBSERVED, least=0)

    def check(value: Any) -> Findings:
        if said := anything(value):
            return said
        found = FINE
        for key, inner in value.items():
            if said := predefined.get(key, anything)(inner):
                found += at(key, said)
        return found

    return check


# Only what was other then; the paragraphs named inside are those of 2.1 for what stayed as it was.
_FILE: dict[str, Check] = {
    **FILE,
    "archive-ext": extension(
        OBSERVED,
        {"contains_refs": list_of(identifier("file", section=OBSERVED)), "version": text, "comment": text},
        ("contains_refs",),
    ),
    "raster-image-ext": at_least_one(OBSERVED, {**RASTER_IMAGE, "image_compression_algorithm": text}),
}
_NETWORK_TRAFFIC: dict[str, Check] = {
    **NETWORK_TRAFFIC,
    "http-request-ext": extension(
        OBSERVED,
        {**HTTP_REQUEST, "request_header": dictionary(text, name=KEY, names=KEYS, section=OBSERVED)},
        ("request_method", "request_value"),
    ),
    "socket-ext": extension(
        OBSERVED,
        {
            **SOCKET,
            "options": dictionary(name=KEY, names=KEYS, section=OBSERVED, least=0),
            "protocol_family": enumeration(open_words.NETWORK_SOCKET_PROTOCOL_FAMILY, OBSERVED),
        },
        ("address_family",),
    ),
}
_NOT_ENCRYPTED = finding(
    "combination", "Only an encrypted file has encryption_algorithm or decryption_key.", OBSERVED, path="is_encrypted"
)


def _encrypted(value: dict[str, Any]) -> Findings:
    told = "encryption_algorithm" in value or "decryption_key" in value
    return _NOT_ENCRYPTED if told and value.get("is_encrypted") is not True else FINE


_LATER = ("id", *COMMON, "defanged")
_HASHES = hashes(earlier=True)


def _observable(type_: str, *required: str, drop: str = "", rules: tuple[Rule, ...] = (), **changed: Check) -> Kind:
    dropped = {*_LATER, *drop.split()}
    checks = {name: check for name, check in OBSERVABLES[type_].checks.items() if name not in dropped}
    checks.setdefault("extensions", _extensions({}))
    return Kind(OBSERVED, {**checks, **changed}, needed(required, OBSERVED), rules, _other_observed, extensible=False)


_REGISTRY_VALUES = OBSERVABLES["windows-registry-key"].checks["values"]
_LATER_TIMES = "ctime mtime atime"

OBSERVABLES_2_0: dict[str, Kind] = {
    "artifact": _observable(
        "artifact",
        drop="encryption_algorithm decryption_key",
        rules=OBSERVABLES["artifact"].rules[1:3],
        hashes=_HASHES,
    ),
    "autonomous-system": _observable("autonomous-system", "number"),
    "directory": _observable(
        "directory", "path", drop=_LATER_TIMES, created=timestamp, modified=timestamp, accessed=timestamp
    ),
    "domain-name": _observable("domain-name", "value"),
    "email-addr": _observable("email-addr", "value"),
    "email-message": _observable(
        "email-message", "is_multipart", drop="message_id", rules=OBSERVABLES["email-message"].rules[1:3]
    ),
    "file": _observable(
        "file",
        drop=_LATER_TIMES,
        rules=(any_of("hashes", "name", section=OBSERVED), _encrypted),
        extensions=_extensions(_FILE),
        hashes=_HASHES,
        is_encrypted=boolean,
        encryption_algorithm=text,
        decryption_key=text,
        created=timestamp,
        modified=timestamp,
        accessed=timestamp,
    ),
    "ipv4-addr": _observable("ipv4-addr", "value"),
    "ipv6-addr": _observable("ipv6-addr", "value"),
    "mac-addr": _observable("mac-addr", "value"),
    "mutex": _observable("mutex", "name"),
    "network-traffic": _observable(
        "network-traffic",
        "protocols",
        rules=OBSERVABLES["network-traffic"].rules[1:3],
        extensions=_extensions(_NETWORK_TRAFFIC),
    ),
    "process": _observable(
        "process",
        drop="created_time image_ref",
        extensions=_extensions(PROCESS),
        name=text,
        created=timestamp,
        arguments=texts,
        binary_ref=identifier("file", section=OBSERVED),
    ),
    "software": _observable("software", "name", drop="swid"),
    "url": _observable("url", "value"),
    "user-account": _observable(
        "user-account",
        "user_id",
        drop="credential credential_last_changed",
        extensions=_extensions(USER_ACCOUNT),
        password_last_changed=timestamp,
    ),
    "windows-registry-key": _observable(
        "windows-registry-key", "key", drop="modified_time", modified=timestamp, values=_REGISTRY_VALUES
    ),
    "x509-certificate": _observable(
        "x509-certificate", rules=OBSERVABLES["x509-certificate"].rules[1:2], hashes=_HASHES
    ),
}
"""By type, the observables inside observed data of STIX 2.0."""
