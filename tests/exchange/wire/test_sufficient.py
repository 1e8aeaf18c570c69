"""Which values fulfil a pattern alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.wire.pattern import parse_pattern, values_of
from kouprey.exchange.wire.sufficient import sufficient_in
from kouprey.kernel.words.errors import KoupreyError

A, B = "domain-name:value = 'a.example'", "ipv4-addr:value = '192.0.2.1'"


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (f"[{A}]", ["a.example"]),
        (f"  [ {A} ] ", ["a.example"]),
        (f"[{A} OR {B}]", ["a.example", "192.0.2.1"]),
        (f"[{A}] OR [{B}]", ["a.example", "192.0.2.1"]),
        (f"[{A} AND {B}]", []),
        (f"[({A} AND {B}) OR url:value = 'http://u.example/']", ["http://u.example/"]),
        (f"[{A}] AND [{B}]", []),
        (f"[{A}] FOLLOWEDBY [{B}]", []),
        (f"[{A}] REPEATS 5 TIMES", []),
        ("[NOT domain-name:value = 'a.example']", []),
        ("[domain-name:value != 'a.example']", []),
        ("[domain-name:value LIKE '%a.example']", []),
        ("[domain-name:value IN ('a.example', 'b.example')]", ["a.example", "b.example"]),
        ("[ipv4-addr:value ISSUBSET '192.0.2.0/24']", ["192.0.2.0/24"]),
        ("[ipv4-addr:value = '192.0.2.7/24']", ["192.0.2.0/24"]),
        ("[file:hashes.'SHA-256' = '" + "A" * 64 + "']", ["a" * 64]),
        ("[file:hashes.MD5 = '" + "B" * 32 + "']", ["b" * 32]),
        ("[file:size = 7]", []),
        ("[domain-name:value = 'it\\'s']", []),
        ("no pattern", []),
    ],
)
def test_sufficient(pattern: str, texts: list[str]) -> None:
    assert [each.text for each in sufficient_in(pattern)] == texts


@given(st.text("[]()'= ADNOR:.abcdefilmnoprstuvx-0123456789", max_size=60))
def test_any_text_names_nothing_that_its_pattern_does_not(text: str) -> None:
    found = sufficient_in(text)
    try:
        named = values_of(parse_pattern(text.strip()))
    except KoupreyError:
        named = ()
    assert not found or named
