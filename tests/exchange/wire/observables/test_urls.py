"""URLs in one form, and their parts."""

from __future__ import annotations

import pytest

from kouprey.exchange.wire.observables.canonical import host
from kouprey.exchange.wire.observables.urls import canonical_url, split_url


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HTTP://a.example", "http://a.example/"),
        ("http://a.example?q", "http://a.example/?q"),
        ("http://a.example#f", "http://a.example/#f"),
        ("http://u:p@A.example:80/x", "http://u:p@a.example/x"),
        ("https://a.example:80/", "https://a.example:80/"),
        ("http://a.example/%7e%2f%zz", "http://a.example/~%2F%zz"),
        ("http://a.example/%%341", "http://a.example/A"),
        ("http://a.example/a/../b", "http://a.example/a/../b"),
        ("http://a.example/<x y>", "http://a.example/%3Cx%20y%3E"),
        ("file:///etc/passwd", "file:///etc/passwd"),
        ("http://a.example:99999/", None),
        ("http://10.0.0.0:1234567890123/", None),
        ("http://a b/", None),
        ("http://a.example\\x", "http://a.example/x"),
        ("http://\\@a.example", "http:///@a.example"),
        ("http://?a.example", None),
        ("no url", None),
    ],
)
def test_one_form(text: str, expected: str | None) -> None:
    assert canonical_url(text, host) == expected


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("http://u@a.example:81/x?y#z", "a.example", "/x?y#z"),
        ("http://[2001:db8::1]:81/", "2001:db8::1", "/"),
        ("file:///etc", "", "/etc"),
        ("nothing", "", ""),
    ],
)
def test_parts(text: str, name: str, rest: str) -> None:
    assert split_url(text) == (name, rest)
