"""A pattern in words: every comparison, how they are joined, and the pages of the values it names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.pages.patterns import MOST_LINES, MOST_VALUES, read_pattern


def read(pattern: object, **more: Any) -> Any:
    return read_pattern({"pattern": pattern, "pattern_type": "stix", **more})


def test_values_lead_to_their_pages_and_can_do_no_harm() -> None:
    found = read("[ipv4-addr:value = '198.51.100.7' AND url:value = 'http://evil.example/a']")
    assert found.join == "all" and found.more == 0
    assert [(line.what, line.word, line.values) for line in found.lines] == [
        ("IPv4 address", "is", (("198[.]51[.]100[.]7", "/observables/ipv4-addr?value=198.51.100.7"),)),
        (
            "URL",
            "is",
            (("hxxp://evil[.]example/a", "/observables/url?value=http%3A%2F%2Fevil.example%2Fa"),),
        ),
    ]


@pytest.mark.parametrize(
    ("pattern", "join"),
    [
        ("[file:size = 1]", ""),
        ("[file:size = 1 OR file:size = 2]", "any"),
        ("[file:size = 1] AND [file:size = 2]", "all"),
        ("[file:size = 1 AND (file:size = 2 OR file:size = 3)]", "mixed"),
        ("[file:size = 1] FOLLOWEDBY [file:size = 2]", "mixed"),
        ("([file:size = 1] AND [file:size = 2]) WITHIN 5 SECONDS", "mixed"),
    ],
)
def test_how_comparisons_are_joined(pattern: str, join: str) -> None:
    assert read(pattern).join == join


def test_what_is_not_looked_for_by_name_has_no_page() -> None:
    found = read("[domain-name:value NOT = 'a.example' OR domain-name:value LIKE '%.example' OR NOT EXISTS file:name]")
    said = [(line.word, [href for _text, href in line.values]) for line in found.lines]
    assert said == [("is not", [""]), ("looks like", [""]), ("is not there", [])]
    (line,) = read("[x-made:up > 5]").lines
    assert (line.what, line.spoken, line.word, line.values) == ("x-made:up", False, "is above", (("5", ""),))


def test_much_is_cut_and_said_to_be() -> None:
    several = ", ".join(f"'{n}.example'" for n in range(MOST_VALUES + 3))
    assert read(f"[domain-name:value IN ({several})]").lines[0].more == 3
    many = " OR ".join(f"file:size = {n}" for n in range(MOST_LINES + 7))
    found = read(f"[{many}]")
    assert (len(found.lines), found.more) == (MOST_LINES, 7)


@given(st.text(max_size=80) | st.integers())
def test_what_is_no_pattern_is_none(pattern: object) -> None:
    found = read(pattern)
    assert found is None or found.lines
    assert read(pattern, pattern_type="yara") is None
