"""Answers of other servers: understood in one way, or refused; never a part of a page."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_instant
from kouprey.taxii.wire.answers import inflate, read_collections, read_complaint, read_page, read_roots

TYPE = {"content-type": "application/taxii+json;version=2.1"}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=20,
)


def page_of(value: Any, **headers: str) -> Any:
    return read_page(json.dumps(value).encode(), {**TYPE, **headers})


@given(
    st.lists(st.dictionaries(st.sampled_from(["id", "type", "name", "objects"]), JSON, max_size=3), max_size=5),
    st.booleans(),
    st.text(max_size=30),
    st.integers(1, 2**52),
)
def test_a_page_is_read_whole(things: list[Any], more: bool, following: str, last: int) -> None:
    body = {"objects": things, "more": more, "next": following}
    page = page_of(body, **{"x-taxii-date-added-last": format_instant(last)})
    assert [json.loads(raw) for raw in page.objects] == things and not page.broken
    assert (page.more, page.next, page.last, page.first) == (more, following, last, 0)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"objects":null}', b'{"objects":[]}', b' {"more":false} '])
def test_nothing_is_a_page_too(body: bytes) -> None:
    page = read_page(body, TYPE)
    assert (page.objects, page.more, page.next, page.first, page.last) == ((), False, "", 0, 0)


@pytest.mark.parametrize(
    ("more", "said"),
    [(True, True), ("True", True), ("true", True), (1, True), (0, False), ("no", False), (None, False)],
)
def test_more_as_servers_say_it(more: Any, said: bool) -> None:
    assert page_of({"more": more}).more is said


@pytest.mark.parametrize(("following", "read"), [(7, "7"), (None, ""), (True, ""), ("a b", "a b")])
def test_next_as_servers_say_it(following: Any, read: str) -> None:
    assert page_of({"next": following}).next == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-01-01T00:00:00Z", 1_767_225_600_000_000),
        ('"2026-01-01 00:00:00.000001+00:00"', 1_767_225_600_000_001),
        ("2026-01-01T00:00:00.1234567Z", 1_767_225_600_123_456),
        ("yesterday", 0),
        ("", 0),
        ("1969-01-01T00:00:00Z", 0),
    ],
)
def test_dates_as_servers_write_them(text: str, read: int) -> None:
    assert page_of({}, **{"x-taxii-date-added-first": text}).first == read


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"[]", TYPE),
        (b"{", TYPE),
        (b'{"objects":{}}', TYPE),
        (b'{"objects":[{}],"objects":[{}]}', TYPE),
        (b'{"objects":[]}{}', TYPE),
        (b'{"next":["a"]}', TYPE),
        (b'{"next":"' + b"a" * 5_000 + b'"}', TYPE),
        (b'{"type":"bundle","objects":[]}', {"content-type": "application/json"}),
        (b"{}", {"content-type": "application/vnd.oasis.stix+json; version=2.0"}),
        (b"{}", {"content-type": "application/taxii+json; version=2.0"}),
        (b'{"objects":[' + b"[" * 100_000, TYPE),
        (b"\xff", TYPE),
    ],
)
def test_what_is_no_page_of_ours_is_refused(body: bytes, headers: dict[str, str]) -> None:
    with pytest.raises(Damaged):
        read_page(body, headers)


def test_members_that_are_no_objects_are_named_and_the_rest_is_read() -> None:
    page = page_of({"objects": [{"id": "a"}, 7, {"id": "b"}]})
    assert len(page.objects) == 2 and len(page.broken) == 1 and page.broken[0].startswith("objects[1]")


@given(st.binary(max_size=300), st.dictionaries(st.sampled_from(["content-type", "content-encoding"]), st.text()))
def test_any_bytes_are_read_or_refused(body: bytes, headers: dict[str, str]) -> None:
    for read in (
        lambda: read_page(body, headers),
        lambda: inflate(body, headers, 1_000),
        lambda: read_roots(body),
        lambda: read_collections(body, "http://a.example/"),
        lambda: read_complaint(body),
    ):
        try:
            read()
        except Damaged as damaged:
            assert damaged.why


@given(JSON)
def test_any_json_is_read_or_refused(value: Any) -> None:
    body = json.dumps(value).encode()
    assert isinstance(read_complaint(body), str)
    for wrapped in ({"collections": value}, {"api_roots": value}, {"collections": [value]}, {"api_roots": [value]}):
        again = json.dumps(wrapped).encode()
        assert isinstance(read_roots(again), list) and isinstance(read_collections(again, "http://a.example/"), list)


@pytest.mark.parametrize("pressed", [gzip.compress(b"{}"), zlib.compress(b"{}")])
def test_a_compression_nobody_asked_for_is_undone(pressed: bytes) -> None:
    coding = "gzip" if pressed[:2] == b"\x1f\x8b" else "deflate"
    assert inflate(pressed, {"content-encoding": coding}, 100) == b"{}"
    assert inflate(b"{}", {}, 100) == b"{}"


@pytest.mark.parametrize(
    ("body", "coding"),
    [(gzip.compress(b"a" * 1_000), "gzip"), (gzip.compress(b"{}")[:-4], "gzip"), (b"{}", "gzip"), (b"{}", "br")],
    ids=["bomb", "cut", "none", "unknown"],
)
def test_a_compression_that_does_not_end_well_is_refused(body: bytes, coding: str) -> None:
    with pytest.raises(Damaged):
        inflate(body, {"content-encoding": coding}, 100)


def test_the_default_root_comes_first_and_complaints_are_short() -> None:
    body = json.dumps({"default": "/b/", "api_roots": ["/a/", "/b/", 7]}).encode()
    assert read_roots(body) == ["/b/", "/a/"] and read_roots(b"{}") == []
    assert read_complaint(b'{"title":"No","description":"a\\nb"}') == "No: a b"
    assert len(read_complaint(json.dumps({"title": "a" * 999}).encode())) <= 200
