"""Walking from object to object, over and to visible ones only."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.tlp import TLP


def test_neighbours_are_only_what_the_reader_sees(web: Any, stix: Any) -> None:
    start, low, high = stix.id("malware", "open"), web.reader(TLP.GREEN), web.reader()
    near = web.exchange.neighbours(low, start, depth=3)
    assert {(node.title, node.distance) for node in near.nodes} == {("tool", 1), ("report", 2)}
    assert {relation.word for relation in near.relations} == {"uses", "object_refs"}
    assert "canary" not in repr(near) and stix.id("tool", "canary") not in repr(near) and not near.more
    assert [node.title for node in web.exchange.neighbours(low, start).nodes] == ["tool"]
    everything = web.exchange.neighbours(high, start, depth=3)
    assert {node.title for node in everything.nodes} == {"tool", "canary", "far", "report"}
    assert {r.word for r in everything.relations} >= {"canary-uses", "canary-word", "hidden-word"}
    assert "revoked-word" not in repr(everything)
    few = web.exchange.neighbours(high, start, depth=3, limit=1)
    assert len(few.nodes) == 1 and few.more
    with pytest.raises(Unknown):
        web.exchange.neighbours(low, stix.id("tool", "canary"))
    with pytest.raises(Unknown):
        web.exchange.neighbours(web.foreign("stranger.example"), start)
