"""What objects name: own properties, patterns, CVE references; custom properties never."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.model import Observable
from kouprey.exchange.wire.observables import canonical, observables_at, observables_in

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def named(value: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each.kind, each.text) for each in observables_in(value)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"type": "ipv4-addr", "value": "10.1.2.3/8"}, [("ipv4-net", "10.0.0.0/8")]),
        ({"type": "domain-name", "value": "Evil[.]example"}, [("domain-name", "evil.example")]),
        (
            {"type": "file", "name": "E.exe", "hashes": {"MD5": MD5.upper(), "X": "1"}, "x_name": "no"},
            [("file-name", "e.exe"), ("md5", MD5)],
        ),
        ({"type": "autonomous-system", "number": 64500}, [("as-number", "AS64500")]),
        ({"type": "autonomous-system", "number": True}, []),
        (
            {"type": "x509-certificate", "serial_number": "00:1A", "hashes": {"SHA-1": "aa" * 20}},
            [("certificate-serial", "1a"), ("sha1", "aa" * 20)],
        ),
        (
            {"type": "network-traffic", "extensions": {"http-request-ext": {"request_header": {"User-Agent": "Wick"}}}},
            [("user-agent", "Wick")],
        ),
        ({"type": "network-traffic", "extensions": {"http-request-ext": []}}, []),
        (
            {"type": "vulnerability", "name": "CVE-2021-44228",
             "external_references": [{"external_id": "cve-2021-4422"}]},
            [("cve", "CVE-2021-44228"), ("cve", "CVE-2021-4422")],
        ),
        (
            {"type": "attack-pattern", "name": "x",
             "external_references": [{"external_id": "T1001"}, {"external_id": "CVE-2020-1234"}, 7]},
            [("cve", "CVE-2020-1234")],
        ),
        (
            {"type": "observed-data", "objects": {"0": {"type": "url", "value": "http://a.example"}, "1": 3}},
            [("url", "http://a.example/")],
        ),
        ({"type": "identity", "name": "evil.example", "x_value": "10.0.0.1"}, []),
        ({"type": 7}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_objects(value: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert named(value) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("[ipv4-addr:value = '198.51.100.7' OR domain-name:value IN ('a.example', 'B.example.')]",
         [("ipv4-addr", "198.51.100.7"), ("domain-name", "a.example"), ("domain-name", "b.example")]),
        (f"[file:hashes.'MD5' = '{MD5}' AND file:name = 'C:\\\\x\\\\Y.exe']", [("md5", MD5), ("file-name", "y.exe")]),
        ("[file:hashes.'SHA-1' = '" + "AA" * 20 + "']", [("sha1", "aa" * 20)]),
        ("[network-traffic:dst_ref.value = '2001:DB8::1']", [("ipv6-addr", "2001:db8::1")]),
        ("[network-traffic:dst_ref.value = 'a.example']", [("domain-name", "a.example")]),
        ("[email-message:from_ref.value = 'Bob@a.example']", [("email-addr", "bob@a.example")]),
        ("[process:image_ref.name = 'Y.exe']", [("file-name", "y.exe")]),
        ("[autonomous-system:number = 64500]", [("as-number", "AS64500")]),
        ("[windows-registry-key:key = 'HKLM\\\\Run']", [("registry-key", "hkey_local_machine\\run")]),
        ("[network-traffic:extensions.'http-request-ext'.request_header.'User-Agent' = 'Wick']",
         [("user-agent", "Wick")]),
        ("[url:value NOT = 'http://a.example/' OR url:value != 'http://b.example/']", []),
        ("[x-thing:value = 'a.example']", []),
        ("[broken", []),
    ],
)  # fmt: skip
def test_patterns(pattern: str, expected: list[tuple[str, str]]) -> None:
    assert named({"type": "indicator", "pattern": pattern, "pattern_type": "stix"}) == expected


def test_patterns_of_other_languages_name_nothing_here() -> None:
    assert named({"type": "indicator", "pattern": "[url:value = 'http://a.example/']", "pattern_type": "yara"}) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["10.0.0.1", "a.example", MD5]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "name", "hashes", "MD5", "type", "key", "external_id"]), inner)
    ),
    max_leaves=8,
)
KINDS = ["file", "indicator", "ipv4-addr", "observed-data", "network-traffic", "x509-certificate", "artifact"]


@given(
    st.sampled_from(KINDS),
    st.dictionaries(
        st.sampled_from(["value", "name", "hashes", "pattern", "objects", "external_references", "extensions"]), JSON
    ),
)
def test_no_shape_makes_it_fall_over(kind: str, value: dict[str, Any]) -> None:
    for each in observables_in({"type": kind, **value}):
        assert canonical(each.kind, each.text) == each


def test_what_a_comparison_names() -> None:
    assert observables_at("domain-name:value", "Evil.Example") == (Observable("domain-name", "evil.example"),)
    assert observables_at("file:hashes.MD5", "A" * 32) == (Observable("md5", "a" * 32),)
    assert observables_at("file:size", 5) == observables_at("domain-name:value", True) == ()
