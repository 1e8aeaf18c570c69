"""Content negotiation: what is taken as a wish for TAXII 2.1, for gzip, and for nothing new."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.taxii.model import NotAcceptable
from kouprey.taxii.wire.negotiation import check_accept, knows, takes_gzip

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
    takes_gzip(accept)
    knows(accept, 'W/"a"')


@pytest.mark.parametrize(
    ("header", "takes"),
    [
        ("", False),
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("GZIP;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*", True),
        ("*;q=0", False),
        ("br", False),
        ("identity", False),
        ("x-gzip", True),
    ],
)
def test_gzip_is_sent_to_those_who_ask(header: str, takes: bool) -> None:
    assert takes_gzip(header) is takes


@pytest.mark.parametrize(
    ("header", "known"),
    [("", False), ('W/"a"', True), ('"a"', True), ('"b", W/"a"', True), ("*", True), ('"b"', False), ("a", False)],
)
def test_a_client_may_hold_the_answer(header: str, known: bool) -> None:
    assert knows(header, 'W/"a"') is known
