"""The graph around some objects: only what the reader may see, each relation once, in pages."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.tlp import TLP


def test_a_walk_meets_only_what_the_reader_sees(web: Any, stix: Any) -> None:
    start, low = stix.id("malware", "open"), web.reader(TLP.GREEN)
    found = web.exchange.walk(low, [start], depth=3)
    assert [(spot.title, spot.distance) for spot in found.spots] == [("open", 0), ("tool", 1), ("report", 2)]
    assert {(r.word, r.by != "") for r in found.relations} == {("uses", True), ("object_refs", False)}
    assert "canary" not in repr(found) and stix.id("tool", "canary") not in repr(found)
    assert found.known == 2 and not found.more and found.after == 0
    assert {spot.sources for spot in found.spots} == {("feed.json",)} and {spot.tlp for spot in found.spots} == {
        TLP.GREEN
    }
    assert found.spots[0].at > 0
    whole = web.exchange.walk(web.reader(), [start], depth=3)
    assert {spot.title for spot in whole.spots} == {"open", "tool", "canary", "far", "report"}


def test_several_starts_and_none(web: Any, stix: Any) -> None:
    low, secret = web.reader(TLP.GREEN), stix.id("tool", "canary")
    both = [stix.id("malware", "open"), secret, stix.id("report", "report")]
    found = web.exchange.walk(low, both)
    assert [(spot.title, spot.distance) for spot in found.spots] == [("open", 0), ("report", 0), ("tool", 1)]
    for who, starts in ((low, [secret]), (low, []), (web.foreign("stranger.example"), both)):
        with pytest.raises(Unknown):
            web.exchange.walk(who, starts)


def test_a_hub_comes_in_pages_without_a_gap(ministry: Any, stix: Any) -> None:
    hub = stix.id("malware", "hub")
    ministry.keep(stix.make("hub", "malware"), *(stix.make(f"t{n}", "tool") for n in range(9)))
    ministry.keep(
        *(
            stix.make(
                f"r{n}", "relationship", relationship_type="uses", source_ref=hub, target_ref=stix.id("tool", f"t{n}")
            )
            for n in range(9)
        )
    )
    who, after, spots, relations = ministry.reader(), 0, [], []
    while True:
        page = ministry.exchange.walk(who, [hub], limit=4, after=after)
        spots += [spot.title for spot in page.spots]
        relations += page.relations
        assert page.known == 9 and not page.more
        after = page.after
        if not after:
            break
    assert spots[0] == "hub" and sorted(spots[1:]) == [f"t{n}" for n in range(9)]
    assert len(relations) == len(set(relations)) == 9
