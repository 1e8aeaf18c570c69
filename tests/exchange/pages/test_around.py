"""The relations that the page of an object lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kouprey.exchange.pages.around import around
from kouprey.kernel.words.tlp import TLP


@pytest.fixture
def ministry(found_party: Callable[..., Any]) -> Any:
    """A party without pages: what is asked here is what they are made of."""
    return found_party("ministry.example")


def test_both_ways_and_only_what_is_visible(web: Any, stix: Any) -> None:
    start, tool = stix.id("malware", "open"), stix.id("tool", "tool")
    low = web.reader(TLP.GREEN)
    assert [(each.outward, each.word, each.title) for each in around(web.exchange, low, start).lines] == [
        (True, "uses", "tool")
    ]
    assert {(each.outward, each.word, each.title) for each in around(web.exchange, low, tool).lines} == {
        (False, "uses", "open"),
        (False, "object", "report"),
    }
    assert "canary" not in repr(around(web.exchange, low, start))
    assert "canary" in repr(around(web.exchange, web.reader(), start))
