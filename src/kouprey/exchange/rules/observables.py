"""Cyber-observable objects of STIX 2.1, section 6, as tables."""

from __future__ import annotations

import re
from typing import Any

from kouprey.exchange.rules import vocabularies as words
from kouprey.exchange.rules.forms import binary as base64
from kouprey.exchange.rules.forms import (
    cpe,
    domain,
    email,
    hexadecimal,
    identifier,
    in_order,
    ipv4,
    ipv6,
    language,
    mac,
    media_type,
    timestamp,
    uri,
)
from kouprey.exchange.rules.kinds import Kind, observable_kind
from kouprey.exchange.rules.predefined import FILE, KEY, KEYS, NETWORK_TRAFFIC, PROCESS, USER_ACCOUNT, hash_values
from kouprey.exchange.rules.properties import extensions, texts
from kouprey.exchange.rules.shapes import (
    FINE,
    Check,
    Findings,
    Rule,
    any_of,
    boolean,
    dictionary,
    each,
    enumeration,
    finding,
    integer,
    list_of,
    needs,
    one_of,
    record,
    text,
    vocabulary,
)


def _ref(section: str, *kinds: str) -> Check:
    return identifier(*kinds, section=section)


def _refs(section: str, *kinds: str) -> Check:
    return list_of(identifier(*kinds, section=section))


_CHARACTER_SET = enumeration(words.CHARACTER_SETS, "6.7")
_MAILBOX = _ref("6.6", "email-addr")
_MAILBOXES = list_of(_MAILBOX)
_ENDPOINT = _ref("6.12", "ipv4-addr", "ipv6-addr", "mac-addr", "domain-name")

_RANDOM_ONLY = finding(
    "uuid-version", "Without properties to derive it from, the id must hold a UUID of version 4.", "2.9", path="id"
)


def _random_without(*contributing: str) -> Rule:
    """An id cannot be derived from properties that are not there (2.9)."""
    names = frozenset(contributing)

    def check(value: dict[str, Any]) -> Findings:
        id_ = value.get("id")
        if type(id_) is str and id_[-22:-21] != "4" and names.isdisjoint(value):
            return _RANDOM_ONLY
        return FINE

    return check


_BOTH_SOURCES = one_of("payload_bin", "url", section="6.1")
_FURTHER_HEADERS = dictionary(
    lambda value: FINE if type(value) is str else texts(value), name=KEY, names=KEYS, section="6.6"
)
_OWN_HEADERS = frozenset(
    ["date", "received_lines", "content_type", "from_ref", "sender_ref", "to_refs", "cc_refs", "bcc_refs", "subject"]
)
_OWN_HEADER = finding(
    "combination",
    "Fields that have their own property must not be repeated here.",
    "6.6",
    path="additional_header_fields",
)
_NO_PARTS = finding("combination", "A message of several parts has body_multipart and no body.", "6.6", path="body")
_NO_BODY = finding("combination", "A message of one part has body and no body_multipart.", "6.6", path="body_multipart")


def _one_kind_of_body(value: dict[str, Any]) -> Findings:
    if value.get("is_multipart") is True:
        return _NO_PARTS if "body" in value else FINE
    return _NO_BODY if "body_multipart" in value else FINE


def _no_own_headers(value: dict[str, Any]) -> Findings:
    fields = value.get("additional_header_fields")
    return FINE if type(fields) is not dict or _OWN_HEADERS.isdisjoint(fields) else _OWN_HEADER


_STILL_OPEN = finding("combination", "Active traffic has no end yet.", "6.12", path="end")


def _ended(value: dict[str, Any]) -> Findings:
    return _STILL_OPEN if value.get("is_active") is True and "end" in value else FINE


_PORTS = finding("recommended", "Both src_port and dst_port should be given.", "6.12", severity="should")


def _ports(value: dict[str, Any]) -> Findings:
    return FINE if "src_port" in value and "dst_port" in value else _PORTS


_SHORT_HIVE = re.compile(r"(?:HKLM|HKCC|HKCR|HKCU|HKU)(?:\\|$)", re.IGNORECASE).match
_SHORTENED = finding("form", "The hive must be written out, like HKEY_LOCAL_MACHINE.", "6.17")


def _registry_key(value: Any) -> Findings:
    if type(value) is not str:
        return text(value)
    return _SHORTENED if _SHORT_HIVE(value) else FINE


_TIMES = each("ctime mtime atime", timestamp)
_PROCESS: dict[str, Check] = {
    "extensions": extensions(PROCESS),
    "is_hidden": boolean,
    "pid": integer(),
    "created_time": timestamp,
    "cwd": text,
    "command_line": text,
    "environment_variables": dictionary(name=KEY, names=KEYS, section="6.13"),
    "opened_connection_refs": _refs("6.13", "network-traffic"),
    "creator_user_ref": _ref("6.13", "user-account"),
    "image_ref": _ref("6.13", "file"),
    "parent_ref": _ref("6.13", "process"),
    "child_refs": _refs("6.13", "process"),
}
_USER_ACCOUNT: dict[str, Check] = {
    "extensions": extensions(USER_ACCOUNT),
    **each("user_id credential account_login display_name", text),
    "account_type": vocabulary("account-type-ov", words.ACCOUNT_TYPE, "10.1"),
    **each("is_service_account is_privileged can_escalate_privs is_disabled", boolean),
    **each("account_created account_expires credential_last_changed account_first_login account_last_login", timestamp),
}
_REGISTRY_KEY: dict[str, Check] = {
    "key": _registry_key,
    "values": list_of(
        record(
            {"name": text, "data": text, "data_type": enumeration(words.WINDOWS_REGISTRY_DATATYPE, "10.29")},
            (),
            any_of("name", "data", "data_type", section="6.17.2"),
            section="6.17.2",
        )
    ),
    "modified_time": timestamp,
    "creator_user_ref": _ref("6.17", "user-account"),
    "number_of_subkeys": integer(),
}
_X509_V3: dict[str, Check] = {
    **each(
        "basic_constraints name_constraints policy_constraints key_usage extended_key_usage subject_key_identifier "
        "authority_key_identifier subject_alternative_name issuer_alternative_name subject_directory_attributes "
        "crl_distribution_points inhibit_any_policy certificate_policies policy_mappings",
        text,
    ),
    **each("private_key_usage_period_not_before private_key_usage_period_not_after", timestamp),
}
_X509: dict[str, Check] = {
    "is_self_signed": boolean,
    "hashes": hash_values,
    **each(
        "version serial_number signature_algorithm issuer subject subject_public_key_algorithm "
        "subject_public_key_modulus",
        text,
    ),
    **each("validity_not_before validity_not_after", timestamp),
    "subject_public_key_exponent": integer(),
    "x509_v3_extensions": record(_X509_V3, (), any_of(*_X509_V3, section="6.18.2"), section="6.18.2"),
}

OBSERVABLES: dict[str, Kind] = {
    "artifact": observable_kind(
        "artifact",
        "6.1",
        {
            "mime_type": media_type,
            "payload_bin": base64,
            "url": uri,
            "hashes": hash_values,
            "encryption_algorithm": enumeration(words.ENCRYPTION_ALGORITHM, "10.4"),
            "decryption_key": text,
        },
        (),
        _BOTH_SOURCES,
        needs("url", "hashes", section="6.1"),
        needs("decryption_key", "encryption_algorithm", section="6.1"),
        _random_without("hashes", "payload_bin"),
    ),
    "autonomous-system": observable_kind(
        "autonomous-system", "6.2", {"number": integer(), "name": text, "rir": text}, ("number",)
    ),
    "directory": observable_kind(
        "directory",
        "6.3",
        {"path": text, "path_enc": _CHARACTER_SET, **_TIMES, "contains_refs": _refs("6.3", "file", "directory")},
        ("path",),
    ),
    "domain-name": observable_kind(
        "domain-name",
        "6.4",
        {"value": domain, "resolves_to_refs": _refs("6.4", "ipv4-addr", "ipv6-addr", "domain-name")},
        ("value",),
    ),
    "email-addr": observable_kind(
        "email-addr",
        "6.5",
        {"value": email, "display_name": text, "belongs_to_ref": _ref("6.5", "user-account")},
        ("value",),
    ),
    "email-message": observable_kind(
        "email-message",
        "6.6",
        {
            "is_multipart": boolean,
            "date": timestamp,
            **each("content_type message_id subject body", text),
            **each("from_ref sender_ref", _MAILBOX),
            **each("to_refs cc_refs bcc_refs", _MAILBOXES),
            "received_lines": texts,
            "additional_header_fields": _FURTHER_HEADERS,
            "body_multipart": list_of(
                record(
                    {
                        **each("body content_type content_disposition", text),
                        "body_raw_ref": _ref("6.6.2", "artifact", "file"),
                    },
                    (),
                    one_of("body", "body_raw_ref", section="6.6.2"),
                    section="6.6.2",
                )
            ),
            "raw_email_ref": _ref("6.6", "artifact"),
        },
        ("is_multipart",),
        _one_kind_of_body,
        _no_own_headers,
        _random_without("from_ref", "subject", "body"),
    ),
    "file": observable_kind(
        "file",
        "6.7",
        {
            "extensions": extensions(FILE),
            "hashes": hash_values,
            "size": integer(0),
            "name": text,
            "name_enc": _CHARACTER_SET,
            "magic_number_hex": hexadecimal,
            "mime_type": text,
            **_TIMES,
            "parent_directory_ref": _ref("6.7", "directory"),
            "contains_refs": list_of(identifier(section="6.7")),
            "content_ref": _ref("6.7", "artifact"),
        },
        (),
        any_of("hashes", "name", section="6.7"),
        needs("name_enc", "name", section="3.1"),
    ),
    "ipv4-addr": observable_kind(
        "ipv4-addr",
        "6.8",
        {
            "value": ipv4,
            "resolves_to_refs": _refs("6.8", "mac-addr"),
            "belongs_to_refs": _refs("6.8", "autonomous-system"),
        },
        ("value",),
    ),
    "ipv6-addr": observable_kind(
        "ipv6-addr",
        "6.9",
        {
            "value": ipv6,
            "resolves_to_refs": _refs("6.9", "mac-addr"),
            "belongs_to_refs": _refs("6.9", "autonomous-system"),
        },
        ("value",),
    ),
    "mac-addr": observable_kind("mac-addr", "6.10", {"value": mac}, ("value",)),
    "mutex": observable_kind("mutex", "6.11", {"name": text}, ("name",)),
    "network-traffic": observable_kind(
        "network-traffic",
        "6.12",
        {
            "extensions": extensions(NETWORK_TRAFFIC),
            "start": timestamp,
            "end": timestamp,
            "is_active": boolean,
            **each("src_ref dst_ref", _ENDPOINT),
            **each("src_port dst_port", integer(0, 65535, section="6.12")),
            "protocols": texts,
            **each("src_byte_count dst_byte_count src_packets dst_packets", integer()),
            "ipfix": dictionary(
                lambda value: FINE if type(value) is str else integer()(value), name=KEY, names=KEYS, section="6.12"
            ),
            **each("src_payload_ref dst_payload_ref", _ref("6.12", "artifact")),
            "encapsulates_refs": _refs("6.12", "network-traffic"),
            "encapsulated_by_ref": _ref("6.12", "network-traffic"),
        },
        ("protocols",),
        any_of("src_ref", "dst_ref", section="6.12"),
        _ended,
        in_order("start", "end", "6.12"),
        _ports,
    ),
    "process": observable_kind("process", "6.13", _PROCESS, (), any_of(*_PROCESS, section="6.13"), _random_without()),
    "software": observable_kind(
        "software",
        "6.14",
        {**each("name swid vendor version", text), "cpe": cpe, "languages": list_of(language)},
        ("name",),
    ),
    "url": observable_kind("url", "6.15", {"value": uri}, ("value",)),
    "user-account": observable_kind(
        "user-account",
        "6.16",
        _USER_ACCOUNT,
        (),
        any_of(*_USER_ACCOUNT, section="6.16"),
        _random_without("account_type", "user_id", "account_login"),
    ),
    "windows-registry-key": observable_kind(
        "windows-registry-key",
        "6.17",
        _REGISTRY_KEY,
        (),
        any_of(*_REGISTRY_KEY, section="6.17"),
        _random_without("key", "values"),
    ),
    "x509-certificate": observable_kind(
        "x509-certificate",
        "6.18",
        _X509,
        (),
        any_of(*_X509, section="6.18"),
        _random_without("hashes", "serial_number"),
    ),
}
"""By type, every observable the standard defines."""
