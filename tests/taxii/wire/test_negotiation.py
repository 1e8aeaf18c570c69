"""Content negotiation: what is taken as a wish for TAXII 2.1, for gzip, and for nothing new."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Unsupported
from kouprey.taxii.model import NotAcceptable
from kouprey.taxii.wire.negotiation import check_accept, check_content_type, choose_coding

TAKEN = [
    "",
    " ",
    "application/taxii+json;version=2.1",
    "application/taxii+json; version=2.1",
    "application/taxii+json ; version = 2.1",
    'application/taxii+json;version="2.1"',
    "application/taxii+json",
    "Application/TAXII+JSON;Version=2.1",
    "application/taxii+json;version=2.1;q=0.5",
    "application/taxii+json;version=2.0, application/taxii+json;version=2.1",
    "text/html, application/taxii+json;version=2.1;q=0.1",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "application/*",
    "*/*",
    "application/taxii+json;q=0, application/taxii+json;version=2.1",
    'text/plain;x="a,b", */*',
    "application/taxii+json;charset=utf-8",
]
REFUSED = [
    "text/html",
    "application/json",
    "application/taxii+json;version=9.9",
    "application/taxii+json;version=2.0",
    "application/vnd.oasis.taxii+json;version=2.0",
    "application/taxii+json;version=2.1;q=0",
    "*/*, application/taxii+json;q=0",
    "*/*;q=0",
    "*/*;q=much",
    ";;;,,,",
    "application/taxii",
]


@pytest.mark.parametrize("accept", TAKEN)
def test_taken(accept: str) -> None:
    check_accept(accept)


@pytest.mark.parametrize("accept", REFUSED)
def test_refused(accept: str) -> None:
    with pytest.raises(NotAcceptable) as caught:
        check_accept(accept)
    assert caught.value.http_status == 406


@given(st.text(max_size=60))
def test_any_header_is_taken_or_refused(accept: str) -> None:
    try:
        check_accept(accept)
    except NotAcceptable as error:
        assert accept.strip()
        assert error.code == "not-acceptable"
    choose_coding(accept)


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "gzip"),
        ("GZIP;q=0.5", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0, *", "zstd"),
        ("zstd;q=0, *", "gzip"),
        ("*", "zstd"),
        ("*;q=0", ""),
        ("br", ""),
        ("identity", ""),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
    ],
)
def test_answers_are_compressed_for_those_who_ask(header: str, coding: str) -> None:
    assert choose_coding(header) == coding


@pytest.mark.parametrize(
    "kind", ["application/taxii+json", "application/taxii+json; version=2.1", "APPLICATION/TAXII+JSON"]
)
def test_bodies_that_are_taken(kind: str) -> None:
    check_content_type(kind)


@pytest.mark.parametrize(
    "kind", ["", "application/json", "application/*", "*/*", "application/taxii+json;version=2.0", "text/plain, */*"]
)
def test_bodies_that_are_refused(kind: str) -> None:
    with pytest.raises(Unsupported) as caught:
        check_content_type(kind)
    assert caught.value.http_status == 415
