"""References: all are found, and the forbidden ones do not travel."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.wire.references import prune, references

A, B, C, M = (
    f"{kind}--00000000-0000-4000-8000-00000000000{n}"
    for n, kind in enumerate(["malware", "tool", "identity", "marking-definition"])
)


def body(kind: str, **more: Any) -> bytes:
    return json.dumps({"type": kind, "id": f"{kind}--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", **more}).encode()


def pruned(raw: bytes, *forbidden: str) -> dict[str, Any] | None:
    left = prune(raw, set(forbidden))
    return None if left is None else json.loads(left)


def test_references_with_their_paths() -> None:
    value = {
        "id": A,
        "name": B,
        "created_by_ref": C,
        "object_refs": [A, "0", 7, B],
        "object_marking_refs": [M],
        "granular_markings": [{"marking_ref": M, "selectors": ["name"]}],
        "extensions": {"x": {"deep": [{"of_ref": A}], "odd_refs": B, "odd_ref": [C]}},
    }
    assert references(value) == {
        C: ("created_by_ref", "extensions.x.odd_ref.[0]"),
        A: ("object_refs.[0]", "extensions.x.deep.[0].of_ref"),
        B: ("object_refs.[3]", "extensions.x.odd_refs"),
        M: ("object_marking_refs.[0]", "granular_markings.[0].marking_ref"),
    }


def test_untouched_bytes_stay_the_same_object() -> None:
    raw = b' {"type":"report", "object_refs":["' + A.encode() + b'"]} '
    assert prune(raw, {B}) is raw
    assert prune(raw, set()) is raw


def test_a_list_loses_what_may_not_travel() -> None:
    raw = body("report", name="x", object_refs=[A, B], published=None)
    assert pruned(raw, B) == json.loads(body("report", name="x", object_refs=[A], published=None))
    assert pruned(raw, A.upper()) == json.loads(body("report", name="x", object_refs=[B], published=None))
    assert prune(raw, {B}) == prune(raw, {B})


@pytest.mark.parametrize(
    "raw",
    [
        body("report", object_refs=[A, A]),
        body("note", object_refs=[A]),
        body("relationship", source_ref=A, target_ref=B),
        body("relationship", source_ref=B, target_ref=A),
        body("sighting", sighting_of_ref=A),
        body("language-content", object_ref=A),
        body("file", parent_directory_ref=A),
        body("network-traffic", src_ref=A, dst_ref=B),
        body("malware", created_by_ref=A),
        body("malware", object_marking_refs=[A, M]),
        body(
            "malware", granular_markings=[{"marking_ref": A, "selectors": ["name"]}, {"lang": "km", "selectors": ["x"]}]
        ),
        body("report", object_refs=[A, B], granular_markings=[{"marking_ref": M, "selectors": ["object_refs.[1]"]}]),
        body("malware", x_refs=[A], granular_markings=[{"marking_ref": M, "selectors": ["x_refs"]}]),
    ],
)
def test_cannot_travel(raw: bytes) -> None:
    assert prune(raw, {A}) is None


@pytest.mark.parametrize(
    ("raw", "left"),
    [
        (body("malware", sample_refs=[A]), body("malware")),
        (body("process", image_ref=A, pid=1), body("process", pid=1)),
        (
            body("sighting", sighting_of_ref=B, where_sighted_refs=[A, C]),
            body("sighting", sighting_of_ref=B, where_sighted_refs=[C]),
        ),
        (
            body("x-set", x=[{"object_ref": A, "at": "1"}, {"object_ref": B, "at": "2"}]),
            body("x-set", x=[{"object_ref": B, "at": "2"}]),
        ),
        (
            body("tool", extensions={"e": {"of_ref": A, "n": 1}, "f": {"of_ref": A}}),
            body("tool", extensions={"e": {"n": 1}}),
        ),
        (body("tool", x_refs=[A], y=[], z={}, name=A), body("tool", y=[], z={}, name=A)),
    ],
)
def test_optional_references_are_dropped(raw: bytes, left: bytes) -> None:
    assert pruned(raw, A) == json.loads(left)


IDS = st.sampled_from([A, B, C, M])
NAMES = st.sampled_from(["object_refs", "x_ref", "y_refs", "name", "created_by_ref", "object_marking_refs", "deep"])
VALUES = st.recursive(
    IDS, lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(NAMES, inner, max_size=3)), max_leaves=8
)


@given(st.sampled_from(["report", "malware"]), st.dictionaries(NAMES, VALUES, max_size=4), st.sets(IDS))
@settings(max_examples=200, deadline=None)
def test_nothing_forbidden_is_left(kind: str, more: dict[str, Any], forbidden: set[str]) -> None:
    raw = body(kind, **more)
    left = prune(raw, forbidden)
    if left is None:
        assert not forbidden.isdisjoint(references(json.loads(raw)))
        return
    assert forbidden.isdisjoint(references(json.loads(left)))
    assert set(references(json.loads(left))) <= set(references(json.loads(raw)))
    assert prune(left, forbidden) is left
