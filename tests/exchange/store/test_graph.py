"""Walking from object to object, over and to visible ones only."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.store import terms
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


def test_every_era_is_looked_into_the_last_one_first(ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terms, "_ERA", 1)
    hub = stix.id("malware", "hub")
    ends = {"source_ref": hub, "relationship_type": "uses"}
    ministry.keep(stix.make("hub", "malware"))
    for n in range(6):
        tool, secret = stix.id("tool", f"t{n}"), stix.id("tool", f"canary{n}")
        ministry.keep(
            stix.make(f"t{n}", "tool"),
            stix.make(f"u{n}", "relationship", target_ref=tool, **ends),
            stix.make(f"r{n}", "report", object_refs=[hub]),
            tlp=TLP.GREEN,
        )
        ministry.keep(
            stix.make(f"canary{n}", "tool"),
            stix.make(f"v{n}", "relationship", target_ref=secret, **ends),
            stix.make(f"canary-r{n}", "report", object_refs=[hub]),
            tlp=TLP.RED,
            source="canary.json",
        )
    reports, tools = [f"r{n}" for n in range(6)], [f"t{n}" for n in range(6)]
    hidden = [f"canary{n}" for n in range(6)] + [f"canary-r{n}" for n in range(6)]
    assert _near(ministry, ministry.reader(), hub) == {*reports, *tools, *hidden}
    assert _near(ministry, ministry.reader(TLP.GREEN), hub) == {*reports, *tools}
    assert _near(ministry, ministry.reader(TLP.GREEN), hub, limit=2) == {"r5", "r4"}


def _near(party: Any, who: Any, start: str, **more: Any) -> set[str]:
    return {node.title for node in party.exchange.neighbours(who, start, **more).nodes}
