"""The tree: written again it means the same, and it names the values it looks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kouprey.exchange.wire.pattern.parse import parse_pattern
from kouprey.exchange.wire.pattern.tree import Hex, Path, comparisons, values_of

if TYPE_CHECKING:
    from .conftest import Maker


def test_what_is_written_parses_to_the_same_tree(maker: Maker) -> None:
    kinds = set()
    for _ in range(2000):
        pattern = maker.pattern()
        text = str(pattern)
        again = parse_pattern(text)
        # Equality takes 1, 1.0 and true for one another; their repr does not.
        assert again == pattern and repr(again) == repr(pattern), text
        assert str(again) == text
        kinds.add(type(pattern.expression).__name__)
    assert kinds == {"Observation", "Observations", "Qualified"}


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("[ file:hashes.'MD5' LIKE 'a' ]", "[file:hashes.MD5 LIKE 'a']"),
        ("[((a:b == 1)OR(a:c<>.5))]", "[a:b = 1 OR a:c != 0.5]"),
        ("([a:b=1])WITHIN 5 SECONDS", "[a:b = 1] WITHIN 5 SECONDS"),
        ("([a:b=1])WITHIN 5 SECONDS WITHIN 6 SECONDS", "([a:b = 1]) WITHIN 5 SECONDS WITHIN 6 SECONDS"),
        ("[a:b IN(h'FF',b'/w==')]", "[a:b IN (h'ff', b'/w==')]"),
        ("[EXISTS a:'x-y'[*].'in'.'IN']", "[EXISTS a:'x-y'[*].in.'IN']"),
        (r"[a:b='\'\\']", r"[a:b = '\'\\']"),
    ],
)
def test_normal_form(text: str, normal: str) -> None:
    assert str(parse_pattern(text)) == normal


def test_path_as_text() -> None:
    assert str(Path("file", ("a b", 0, None, "c"))) == "file:'a b'[0][*].c"


def test_values() -> None:
    text = (
        "[domain-name:value = 'a.example' OR ipv4-addr:value IN ('192.0.2.1', '192.0.2.2')] AND "
        "([file:'name' = 'x' AND file:size > 5 AND file:magic_number_hex = h'ff'] REPEATS 2 TIMES "
        "FOLLOWEDBY [url:value NOT = 'y' OR url:value != 'z' OR url:value LIKE 'w%' OR EXISTS url:value])"
    )
    assert values_of(parse_pattern(text)) == (
        ("domain-name:value", "=", "a.example"),
        ("ipv4-addr:value", "IN", "192.0.2.1"),
        ("ipv4-addr:value", "IN", "192.0.2.2"),
        ("file:name", "=", "x"),
        ("file:magic_number_hex", "=", Hex(b"\xff")),
    )


def test_comparisons_come_in_the_order_written() -> None:
    pattern = parse_pattern("([a:a=1 AND (a:b=1 OR a:c=1)] WITHIN 5 SECONDS) FOLLOWEDBY [a:d=1]")
    assert [comparison.path.steps[0] for comparison in comparisons(pattern)] == ["a", "b", "c", "d"]
