"""Derived ids: the same as stix2 gives, whatever the properties; canonical JSON as RFC 8785 has it."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.rules import observable_id, validate
from kouprey.exchange.rules.observable_ids import CONTRIBUTING, canonical

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53) + 1, 2**53 - 1)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=("Cs",))), inner),
    max_leaves=10,
)


def test_known_ids() -> None:
    # The ids in circulation for these two values.
    assert observable_id({"type": "ipv4-addr", "value": "198.51.100.3"}) == (
        "ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"
    )
    assert observable_id({"type": "domain-name", "value": "example.com"}) == (
        "domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7"
    )


def test_what_has_no_derived_id() -> None:
    assert observable_id({"type": "process", "pid": 3}) is None
    assert observable_id({"type": "malware", "name": "x"}) is None
    assert observable_id({"type": "user-account", "display_name": "x"}) is None
    assert observable_id({"type": ["file"]}) is None
    assert observable_id({}) is None


def test_one_hash_counts() -> None:
    md5, sha = {"MD5": "a" * 32}, {"SHA-256": "b" * 64}
    assert observable_id({"type": "file", "hashes": md5 | sha}) == observable_id({"type": "file", "hashes": md5})
    assert observable_id({"type": "file", "hashes": sha | {"SSDEEP": "x"}}) == observable_id(
        {"type": "file", "hashes": sha}
    )
    assert observable_id({"type": "file", "hashes": {"b": "1", "a": "2"}}) == observable_id(
        {"type": "file", "hashes": {"a": "2"}}
    )


def test_examples_carry_the_ids_they_should(examples: list[dict[str, Any]]) -> None:
    derived = [value for value in examples if value["type"] in CONTRIBUTING and value["id"][-22] == "5"]
    assert len(derived) > 20
    for value in derived:
        assert observable_id(value) == value["id"]


def test_stix2_gives_the_same_ids(examples: list[dict[str, Any]]) -> None:
    stix2 = pytest.importorskip("stix2", reason="stix2 is not installed")
    left_out = {"id", "granular_markings", "object_marking_refs", "defanged"}
    for value in examples:
        if value["type"] in CONTRIBUTING and value["id"][-22] == "5":
            without = {name: inner for name, inner in value.items() if name not in left_out}
            assert stix2.parse(without, version="2.1").id == observable_id(value)


@given(st.sampled_from(["url", "mutex", "file", "directory", "software"]), st.text(min_size=1))
def test_stix2_gives_the_same_ids_for_any_text(type_: str, value: str) -> None:
    stix2 = pytest.importorskip("stix2", reason="stix2 is not installed")
    property_ = CONTRIBUTING[type_][-1] if type_ == "directory" else {"url": "value"}.get(type_, "name")
    made = stix2.parse({"type": type_, property_: value}, version="2.1")
    assert made.id == observable_id({"type": type_, property_: value})


WORD = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12)
HEX = st.integers(0, 2**128 - 1)
UUIDS = st.uuids(version=5).map(str)
DIGESTS = st.fixed_dictionaries({}, optional={"MD5": HEX.map("{:032x}".format), "SHA-256": HEX.map("{:064x}".format)})


def _refs(*kinds: str) -> st.SearchStrategy[str]:
    return st.builds("{}--{}".format, st.sampled_from(kinds), UUIDS)


ENDS = _refs("ipv4-addr", "ipv6-addr", "domain-name", "mac-addr")
# Of each type what its id is made of; the first alone is enough for stix2 to take the object, or the rest is given.
MADE: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "artifact": ({"payload_bin": st.binary(min_size=1).map(lambda data: b64encode(data).decode())}, {}),
    "autonomous-system": ({"number": st.integers(0, 2**32)}, {"name": WORD}),
    "directory": ({"path": WORD}, {}),
    "domain-name": ({"value": WORD}, {}),
    "email-addr": ({"value": WORD}, {"display_name": WORD}),
    "email-message": (
        {"is_multipart": st.just(False), "subject": WORD},
        {"from_ref": _refs("email-addr"), "body": WORD},
    ),
    "file": ({"name": WORD}, {"hashes": DIGESTS.filter(bool), "parent_directory_ref": _refs("directory")}),
    "ipv4-addr": ({"value": st.ip_addresses(v=4).map(str)}, {}),
    "ipv6-addr": ({"value": st.ip_addresses(v=6).map(str)}, {}),
    "mac-addr": ({"value": st.binary(min_size=6, max_size=6).map(lambda data: data.hex(":"))}, {}),
    "mutex": ({"name": WORD}, {}),
    "network-traffic": (
        {"protocols": st.lists(st.sampled_from(["ipv4", "tcp", "http"]), min_size=1), "src_ref": ENDS},
        {"dst_ref": ENDS, "src_port": st.integers(0, 65535), "dst_port": st.integers(0, 65535)},
    ),
    "software": ({"name": WORD}, {"swid": WORD, "vendor": WORD, "version": WORD}),
    "url": ({"value": WORD}, {}),
    "user-account": ({"user_id": WORD}, {"account_type": WORD, "account_login": WORD, "display_name": WORD}),
    "windows-registry-key": (
        {"key": WORD},
        {"values": st.lists(st.fixed_dictionaries({"name": WORD}, optional={"data": WORD}), min_size=1, max_size=3)},
    ),
    "x509-certificate": ({"serial_number": WORD}, {"hashes": DIGESTS.filter(bool), "issuer": WORD}),
}
OBJECTS = st.one_of(
    [
        st.fixed_dictionaries({"type": st.just(type_), **always}, optional=sometimes)
        for type_, (always, sometimes) in MADE.items()
    ]
)


def test_every_type_with_a_derived_id_is_made() -> None:
    assert MADE.keys() == {type_ for type_, names in CONTRIBUTING.items() if names}


@given(OBJECTS)
@settings(max_examples=150, deadline=None)
def test_stix2_gives_the_same_ids_for_made_objects(value: dict[str, Any]) -> None:
    stix2 = pytest.importorskip("stix2", reason="stix2 is not installed")
    made = stix2.parse(value, version="2.1")
    assert made.id == observable_id(value)
    # And the other way: what stix2 writes with its id has, to us, the id it should.
    written = json.loads(made.serialize())
    assert not [one for one in validate(written, type=value["type"]) if one.code == "id-mismatch"]


@given(JSON)
def test_canonical_json_is_that_of_stix2(value: Any) -> None:
    peer = pytest.importorskip("stix2.canonicalization.Canonicalize", reason="stix2 is not installed")
    assert canonical(value) == peer.canonicalize(value, utf8=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e21, "1e+21"),
        (1e20, "100000000000000000000"),
        (1e-6, "0.000001"),
        (1e-7, "1e-7"),
        (1.5e-7, "1.5e-7"),
        (123e-9, "1.23e-7"),
        (0.000012, "0.000012"),
        (-0.0, "0"),
        (5.0, "5"),
        (5.160347982947669e16, "51603479829476690"),
        (333333333.33333329, "333333333.3333333"),
        ({"\U0001f600": 1, "\ufb33": 2}, '{"\U0001f600":1,"\ufb33":2}'),
        ('\u001f\u007f\\"', '"\\u001f\u007f\\\\\\""'),
    ],
)
def test_canonical_json(value: Any, text: str) -> None:
    assert canonical(value) == text


@given(JSON)
def test_canonical_json_is_json(value: Any) -> None:
    assert canonical(json.loads(canonical(value))) == canonical(value)
