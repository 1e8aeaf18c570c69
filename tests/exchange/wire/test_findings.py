"""Judging an object with its pattern: one form for both, and no more of it than a page can bear."""

from __future__ import annotations

import time
import tracemalloc
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kouprey.exchange.rules.shapes import MOST
from kouprey.exchange.wire.findings import PATTERN, findings_of, pattern_findings


def indicator(**more: Any) -> dict[str, Any]:
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
        "created": "2026-11-22T09:00:00.000Z",
        "modified": "2026-11-22T09:00:00.000Z",
        "name": "n",
        "description": "d",
        "pattern": "[domain-name:value = 'www.ministry.example']",
        "pattern_type": "stix",
        "valid_from": "2026-11-22T09:00:00Z",
        "indicator_types": ["benign"],
        **more,
    }


def test_a_sound_indicator_has_none() -> None:
    assert findings_of(indicator(), "indicator") == ()


def test_a_broken_pattern_says_where_and_what_to_do() -> None:
    (found,) = findings_of(indicator(pattern="[domain-name:value = ]"), "indicator")
    assert (found.path, found.severity, found.source) == ("pattern", "must", "STIX 2.1, 9")
    assert found.code.startswith(PATTERN)
    assert "Values are" in found.text


def test_what_can_be_read_but_is_forbidden_is_a_must_too() -> None:
    (found,) = pattern_findings("[file:name = 'a' AND url:value = 'b']", "2.1")
    assert (found.severity, found.source) == ("must", "STIX 2.1, 9.5")


@pytest.mark.parametrize(
    ("more", "source"),
    [
        ({"pattern_version": "2.0"}, "STIX 2.0 part 5"),
        ({"pattern_version": "2.1"}, "STIX 2.1, 9"),
        ({"pattern_version": "7"}, "STIX 2.1, 9"),
    ],
)
def test_the_edition_follows_the_pattern(more: dict[str, str], source: str) -> None:
    assert findings_of(indicator(pattern="[", **more), "indicator")[0].source == source


def test_the_edition_follows_an_older_object() -> None:
    old = {
        k: v for k, v in indicator(pattern="[", labels=["benign"]).items() if k not in ("spec_version", "pattern_type")
    }
    assert "STIX 2.0 part 5" in {one.source for one in findings_of(old, "indicator")}


def test_another_language_is_no_stix_pattern() -> None:
    assert findings_of(indicator(pattern="rule a {}", pattern_type="yara"), "indicator") == ()


def test_a_pattern_beyond_our_limits_is_not_called_valid() -> None:
    (found,) = pattern_findings("[" + "(" * 10_000, "2.1")
    assert (found.severity, found.source) == ("must", "")


BOMBS: dict[str, dict[str, Any]] = {
    "keys": {f"X{number}": 1 for number in range(200_000)},
    "custom": {f"x_{number}": 1 for number in range(200_000)},
    "references": {"external_references": [{} for _ in range(200_000)]},
    "labels": {"labels": [1] * 200_000},
    "extensions": {"extensions": {f"e{number}": 1 for number in range(200_000)}},
    "hashes": {"external_references": [{"source_name": "s", "hashes": {f"h{n}xx": "a" for n in range(200_000)}}]},
    "inside": {"extensions": {"a-ext": {f"X{number}": 1 for number in range(200_000)}}},
    "selectors": {"granular_markings": [{"lang": "km", "selectors": [f"no{n}" for n in range(200_000)]}]},
    "long": {"extensions": {"k" * 1_000_000: {"j" * 1_000_000: 1}}},
    "deep": {"external_references": [{"source_name": "s", "url": "u", "hashes": {"K" * 1_000_000: 1}}] * 900},
}


@pytest.mark.parametrize("name", BOMBS)
def test_much_wrong_is_found_in_little_time_and_memory(name: str) -> None:
    value = indicator(**BOMBS[name])
    tracemalloc.start()
    began = time.process_time()
    found = findings_of(value, "indicator")
    spent, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found
    assert len(found) <= 20 * MOST
    assert max(len(one.path) for one in found) < 2_000
    assert spent < 5
    assert peak < 32 << 20


def test_what_was_not_judged_is_not_called_valid() -> None:
    found = findings_of(indicator(**BOMBS["hashes"]), "indicator")
    assert "too-many" in {one.code for one in found if one.severity == "must"}


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["2.0", "2.1", "", "9"]))
def test_no_text_breaks_the_judging(text: str, grammar: str) -> None:
    for one in pattern_findings(text, grammar):
        assert one.code.startswith(PATTERN) and one.severity == "must" and one.text
