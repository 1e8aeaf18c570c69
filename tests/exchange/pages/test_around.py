"""The relations on the page of an object: a picture, and a table by step, relation and type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.exchange.pages.around import around, read_depth
from kouprey.kernel.words.tlp import TLP


@pytest.fixture
def ministry(found_party: Callable[..., Any]) -> Any:
    """A party without pages: what is asked here is what they are made of."""
    return found_party("ministry.example")


def said(found: Any) -> set[tuple[int, bool, str, str, str]]:
    return {
        (group.step, group.outward, group.word, item.title, item.through)
        for group in found.groups
        for item in group.items
    }


def test_both_ways_and_only_what_is_visible(web: Any, stix: Any) -> None:
    start, tool = stix.id("malware", "open"), stix.id("tool", "tool")
    low = web.reader(TLP.GREEN)
    assert said(around(web.exchange, low, start)) == {(1, True, "uses", "tool", "")}
    assert said(around(web.exchange, low, tool)) == {
        (1, False, "uses", "open", ""),
        (1, False, "is about", "report", ""),
    }
    for depth in (1, 2, 3):
        for each in (start, tool, stix.id("report", "report")):
            found = around(web.exchange, low, each, depth=depth)
            assert "canary" not in repr(found) and "hidden" not in repr(found) and "far" not in repr(found)
            assert {dot.thing.title for dot in found.picture.dots} == {""} | {line[3] for line in said(found)}
    assert "canary" in repr(around(web.exchange, web.reader(), start))


def test_further_steps_say_through_what(web: Any, stix: Any) -> None:
    found = around(web.exchange, web.reader(), stix.id("malware", "open"), depth=2)
    assert (2, False, "is about", "report", "tool") in said(found)
    assert (found.depth, found.count, found.more) == (2, 4, False)
    assert around(web.exchange, web.reader(TLP.GREEN), stix.id("identity", "far")).picture is None


def test_a_sighting_is_called_by_what_was_seen(web: Any, stix: Any) -> None:
    seen = stix.id("tool", "tool")
    web.keep(stix.make("raw", "sighting", sighting_of_ref=seen, count=3, name=None), tlp=TLP.GREEN)
    assert (1, False, "sighting of", "Sighting of tool", "") in said(around(web.exchange, web.reader(), seen))


@pytest.mark.parametrize("text", ["", "0", "4", "-1", "x", "1" * 400, "²"])
def test_an_address_cannot_ask_for_more_steps(text: str) -> None:
    assert read_depth(text) == 1
