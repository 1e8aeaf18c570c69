"""One object at the door: what is refused, what is extracted, and that anything else is let in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.wire.objects import TLP_2_EXTENSION, defined_tlp, read_object
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import parse_instant
from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP

UUID = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
AMBER, RED = (next(key for key, level in STIX_MARKINGS.items() if level is wanted) for wanted in (TLP.AMBER, TLP.RED))
CREATED, MODIFIED = "2026-11-22T09:00:00.000Z", "2026-11-23T09:00:00.5Z"


def raw(kind: str = "indicator", **more: Any) -> bytes:
    return json.dumps({"type": kind, "id": f"{kind}--{UUID}", "created": CREATED, **more}).encode()


def test_the_head_of_an_object() -> None:
    body = raw(
        modified=MODIFIED, name="Mirror", created_by_ref=f"identity--{UUID}", revoked=True, object_marking_refs=[AMBER]
    )
    arrival = read_object(body)
    assert arrival.raw is body
    assert (arrival.stix_id, arrival.type) == (f"indicator--{UUID}", "indicator")
    assert (arrival.instant, arrival.version_text) == (parse_instant(MODIFIED), MODIFIED)
    assert (arrival.created_by, arrival.revoked, arrival.title) == (f"identity--{UUID}", True, "Mirror")
    assert (arrival.tlp, arrival.markings, arrival.sighting_of) == (TLP.AMBER, (), None)
    assert not arrival.observable
    assert arrival.value == json.loads(body)


def test_created_is_the_version_when_nothing_was_modified() -> None:
    assert read_object(raw()).version_text == CREATED


def test_an_observable_is_its_id() -> None:
    arrival = read_object(json.dumps({"type": "url", "id": f"url--{UUID}", "value": "x", "modified": 1}).encode())
    assert (arrival.instant, arrival.version_text, arrival.observable) == (0, "", True)


def test_an_object_without_times_is_its_id() -> None:
    arrival = read_object(json.dumps({"type": "x-thing", "id": f"x-thing--{UUID}"}).encode())
    assert (arrival.instant, arrival.observable) == (0, True)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": None}, "bad-type"),
        ({"type": "Indicator", "id": f"Indicator--{UUID}"}, "bad-type"),
        ({"type": "x_y"}, "bad-type"),
        ({"type": "malware"}, "bad-type"),
        ({"type": ["indicator"]}, "bad-type"),
        ({"type": "bundle", "id": f"bundle--{UUID}"}, "bad-type"),
        ({"id": None}, "bad-id"),
        ({"id": "indicator--1"}, "bad-id"),
        ({"id": [f"indicator--{UUID}"]}, "bad-id"),
        ({"created": "yesterday"}, "bad-timestamp"),
        ({"created": None}, "bad-timestamp"),
        ({"created": "yesterday", "modified": MODIFIED}, "bad-timestamp"),
        ({"modified": "2026-02-30T00:00:00Z"}, "bad-timestamp"),
        ({"modified": 1}, "bad-timestamp"),
        ({"modified": True}, "bad-timestamp"),
        ({"modified": ""}, "bad-timestamp"),
        ({"modified": "0001-01-01T00:00:00+23:00"}, "bad-timestamp"),
        ({"modified": "9999-12-31T23:59:60Z"}, "bad-timestamp"),
        ({"modified": "2026-11-22T09:00:00." + "0" * 99 + "Z"}, "bad-timestamp"),
    ],
)
def test_refused_at_the_door(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Damaged) as caught:
        read_object(raw(**change) if "type" not in change else json.dumps(json.loads(raw()) | change).encode())
    assert caught.value.code == code
    assert caught.value.what and caught.value.why and caught.value.remedy


@pytest.mark.parametrize("text", [b"[]", b"1", b'"x"', b"null"])
def test_only_an_object_is_an_object(text: bytes) -> None:
    with pytest.raises(Damaged) as caught:
        read_object(text)
    assert caught.value.code == "bad-type"


@pytest.mark.parametrize(
    "more",
    [
        {"id": f"indicator--{UUID.upper()}"},
        {"pattern": "not a pattern ["},
        {"spec_version": "9"},
        {"created_by_ref": "nobody"},
        {"object_marking_refs": 7, "granular_markings": {"a": 1}},
        {"name": 7, "revoked": "yes", "labels": "x"},
        {"created": "2026-11-22T09:00:00Z", "modified": "2020-01-01T00:00:00.123456789+07:00"},
    ],
)
def test_other_findings_do_not_refuse(more: dict[str, Any]) -> None:
    arrival = read_object(raw(**more))
    assert arrival.revoked is False
    assert arrival.created_by is None
    assert arrival.tlp is None


@pytest.mark.parametrize(
    ("more", "tlp", "unknown"),
    [
        ({}, None, ()),
        ({"object_marking_refs": [AMBER, RED]}, TLP.RED, ()),
        (
            {"object_marking_refs": [AMBER], "granular_markings": [{"marking_ref": RED, "selectors": ["name"]}]},
            TLP.RED,
            (),
        ),
        ({"object_marking_refs": [RED.upper().replace("MARKING-DEFINITION", "marking-definition")]}, TLP.RED, ()),
        ({"object_marking_refs": RED}, TLP.RED, ()),
        ({"object_marking_refs": [AMBER, f"marking-definition--{UUID}"]}, TLP.AMBER, (f"marking-definition--{UUID}",)),
        ({"granular_markings": [{"lang": "km", "selectors": ["name"]}]}, None, ()),
    ],
)
def test_the_strictest_marking_counts(more: dict[str, Any], tlp: TLP | None, unknown: tuple[str, ...]) -> None:
    arrival = read_object(raw(**more))
    assert (arrival.tlp, arrival.markings) == (tlp, unknown)


@pytest.mark.parametrize(
    ("more", "tlp"),
    [
        ({"definition_type": "tlp", "definition": {"tlp": "green"}}, TLP.GREEN),
        ({"definition_type": "tlp", "definition": {"tlp": "purple"}}, TLP.RED),
        ({"definition_type": "tlp"}, TLP.RED),
        (
            {"extensions": {TLP_2_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": "amber+strict"}}},
            TLP.AMBER_STRICT,
        ),
        ({"definition_type": "statement", "definition": {"statement": "x"}}, None),
    ],
)
def test_a_definition_states_its_level(more: dict[str, Any], tlp: TLP | None) -> None:
    arrival = read_object(raw("marking-definition", **more))
    assert arrival.tlp == tlp
    assert defined_tlp(arrival.value) == tlp
    assert defined_tlp(arrival.value | {"type": "note"}) is None


def test_a_sighting_names_what_it_saw() -> None:
    assert read_object(raw("sighting", sighting_of_ref=f"malware--{UUID}")).sighting_of == f"malware--{UUID}"
    assert read_object(raw("sighting", sighting_of_ref=7)).sighting_of is None
    assert read_object(raw("note", sighting_of_ref=f"malware--{UUID}")).sighting_of is None


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-9, 9), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=4,
)
KEYS = st.sampled_from(
    [
        "id",
        "type",
        "created",
        "modified",
        "object_marking_refs",
        "granular_markings",
        "name",
        "hashes",
        "extensions",
        "definition",
        "protocols",
        "number",
        "created_by_ref",
    ]
)
KINDS = st.sampled_from(
    ["indicator", "marking-definition", "file", "network-traffic", "autonomous-system", "relationship"]
)


@given(KINDS, st.dictionaries(KEYS, JSON, max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_shape_is_read_or_damaged(kind: str, more: dict[str, Any]) -> None:
    try:
        arrival = read_object(
            json.dumps({"type": kind, "id": f"{kind}--{UUID}", "definition_type": "tlp", **more}).encode()
        )
    except Damaged as damaged:
        assert damaged.code in ("bad-type", "bad-id", "bad-timestamp", "unsafe-json")
    else:
        assert 0 < len(arrival.title) <= 200


@given(st.binary(max_size=60))
@settings(deadline=None)
def test_any_bytes_are_damaged(data: bytes) -> None:
    with pytest.raises(Damaged):
        read_object(data)


@pytest.mark.parametrize("value", [{"Event": {"info": "x"}}, {"response": [{"Event": {}}]}])
def test_a_misp_file_is_told_where_to_go(value: Any) -> None:
    with pytest.raises(Damaged) as caught:
        read_object(json.dumps(value).encode())
    assert "kouprey misp import" in caught.value.remedy
