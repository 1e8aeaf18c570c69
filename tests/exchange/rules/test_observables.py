"""Observables: the rules between their properties, and ids that cannot be derived."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.rules import validate

UUID = "00000001-1f2e-4a3b-8c4d-5e6f708192a3"
REF = f"identity--{UUID}"


@pytest.mark.parametrize(
    ("type_", "value", "found"),
    [
        ("artifact", {"url": "https://a.example"}, [("combination", "")]),
        (
            "artifact",
            {"url": "https://a.example", "hashes": {"MD5": "a" * 32}, "payload_bin": "QQ=="},
            [("combination", "")],
        ),
        ("artifact", {"payload_bin": "QQ==", "decryption_key": "x"}, [("combination", "")]),
        (
            "artifact",
            {"payload_bin": "QQ==", "encryption_algorithm": "rot13"},
            [("enumeration", "encryption_algorithm")],
        ),
        ("directory", {"path": "/", "path_enc": "utf8"}, [("enumeration", "path_enc")]),
        ("domain-name", {"value": "a.example", "resolves_to_refs": [REF]}, [("reference", "resolves_to_refs.[0]")]),
        ("email-addr", {"value": "a@b.example", "belongs_to_ref": REF}, [("reference", "belongs_to_ref")]),
        ("email-message", {"is_multipart": True, "body": "x"}, [("combination", "body")]),
        (
            "email-message",
            {"is_multipart": False, "body_multipart": [{"body": "x"}]},
            [("combination", "body_multipart")],
        ),
        ("email-message", {"is_multipart": True, "body_multipart": [{}]}, [("combination", "body_multipart.[0]")]),
        (
            "email-message",
            {"is_multipart": False, "additional_header_fields": {"subject": ["x"]}},
            [("combination", "additional_header_fields")],
        ),
        ("file", {"size": 3}, [("missing", "")]),
        ("file", {"name": "a", "size": -1}, [("range", "size")]),
        ("network-traffic", {"protocols": ["tcp"]}, [("missing", "")]),
        (
            "network-traffic",
            {"protocols": ["tcp"], "src_ref": f"url--{UUID}", "dst_port": 65536},
            [("reference", "src_ref"), ("range", "dst_port")],
        ),
        (
            "network-traffic",
            {"protocols": ["tcp"], "src_ref": f"ipv4-addr--{UUID}", "is_active": True, "end": "2026-01-01T00:00:00Z"},
            [("combination", "end")],
        ),
        ("process", {}, [("missing", "")]),
        ("process", {"created_time": "2026-01-01T00:00:00Z"}, []),
        ("software", {"name": "a", "languages": ["km", "eng"]}, []),
        ("user-account", {}, [("missing", "")]),
        ("windows-registry-key", {"key": "HKLM\\a"}, [("form", "key")]),
        ("windows-registry-key", {"key": "HKEY_USERS\\HKU\\a"}, []),
        ("windows-registry-key", {"modified_time": "2026-01-01T00:00:00Z"}, []),
        ("windows-registry-key", {"values": [{"data_type": "REG_X"}]}, [("enumeration", "values.[0].data_type")]),
        ("x509-certificate", {"x509_v3_extensions": {"other": 1}}, [("missing", "x509_v3_extensions")]),
    ],
)
def test_rules(type_: str, value: dict[str, Any], found: list[tuple[str, str]]) -> None:
    whole = {"type": type_, "id": f"{type_}--{UUID}", **value}
    assert [(one.code, one.path) for one in validate(whole, type=type_) if one.severity == "must"] == found


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("process", {"pid": 3}),
        ("user-account", {"display_name": "x"}),
        ("windows-registry-key", {"number_of_subkeys": 1}),
        ("x509-certificate", {"issuer": "x"}),
        ("email-message", {"is_multipart": False}),
        ("artifact", {"url": "https://a.example"}),
    ],
)
def test_ids_that_nothing_derives_are_random(type_: str, value: dict[str, Any]) -> None:
    whole = {"type": type_, "id": f"{type_}--00000001-1f2e-5a3b-8c4d-5e6f708192a3", **value}
    assert ("uuid-version", "id", "must") in [(one.code, one.path, one.severity) for one in validate(whole, type=type_)]
