"""Walking from object to object, over and to visible ones only."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.store import graph, terms
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


@pytest.mark.parametrize("at_once", [1, 3, 25])
def test_of_a_hub_all_that_is_seen_is_met_and_nothing_else_also_after_it_opened(
    ministry: Any, stix: Any, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(graph, "_AT_ONCE", at_once)
    hub = stix.id("malware", "hub")
    levels = [TLP.CLEAR, TLP.GREEN, TLP.AMBER, TLP.RED]
    ministry.keep(stix.make("hub", "malware"), tlp=TLP.CLEAR)
    relations = {}
    for n in range(12):
        level = levels[n * 7 % 4]
        ends = {"source_ref": hub, "relationship_type": "uses", "target_ref": stix.id("tool", f"t{n}")}
        relations[n] = (
            level,
            stix.make(f"u{n}", "relationship", **ends),
            stix.make(f"r{n}", "report", object_refs=[hub]),
        )
        # The further end itself is open: only the relation hides it.
        ministry.keep(stix.make(f"t{n}", "tool"), tlp=TLP.CLEAR)
        ministry.keep(*relations[n][1:], tlp=level)

    def told() -> list[set[str]]:
        return [_near(ministry, ministry.reader(each), hub, depth=2) for each in levels]

    def wanted(opened: set[int]) -> list[set[str]]:
        seen = [{n for n in range(12) if relations[n][0] <= each or n in opened} for each in levels]
        return [{f"{kind}{n}" for n in some for kind in "tr"} for some in seen]

    assert told() == wanted(set())
    # The same bodies said openly by another source: their versions get a further label.
    opened = {n for n in range(12) if relations[n][0] > TLP.CLEAR and n % 2}
    assert opened
    for n in sorted(opened):
        ministry.keep(*relations[n][1:], tlp=TLP.CLEAR, source="open.json")
    assert told() == wanted(opened)
    unlike = (
        "SELECT count(*) FROM reference JOIN body ON body.id = reference.body_id"
        " JOIN version ON version.id = body.version_id"
        " WHERE reference.label_set_id <> version.label_set_id"
    )
    with ministry.store.read() as reader:
        assert reader.value(unlike) == 0


def _near(party: Any, who: Any, start: str, **more: Any) -> set[str]:
    return {node.title for node in party.exchange.neighbours(who, start, **more).nodes}


def test_what_opens_to_a_reader_later_is_related_then(ministry: Any, stix: Any) -> None:
    hub = stix.id("malware", "hub")
    things = (
        stix.make("hub", "malware"),
        stix.make("t", "tool"),
        stix.make("u", "relationship", source_ref=hub, target_ref=stix.id("tool", "t"), relationship_type="uses"),
        stix.make("r", "report", object_refs=[hub]),
    )
    low = ministry.reader(TLP.GREEN)
    ministry.keep(things[0], tlp=TLP.GREEN)
    ministry.keep(*things[1:], tlp=TLP.RED)
    assert _near(ministry, low, hub) == set()
    assert _near(ministry, ministry.reader(), hub) == {"t", "r"}
    ministry.keep(*things[1:], tlp=TLP.GREEN, source="second.json")
    assert _near(ministry, low, hub) == {"t", "r"}
    with ministry.store.read() as reader:
        stands = reader.all(
            "SELECT DISTINCT reference.label_set_id = version.label_set_id FROM reference"
            " JOIN body ON body.id = reference.body_id"
            " JOIN version ON version.id = body.version_id"
        )
    assert [bool(row[0]) for row in stands] == [True]


@pytest.mark.parametrize("limit", [3, 40, 200])
def test_many_are_asked_together_and_none_is_lost(ministry: Any, stix: Any, limit: int) -> None:
    """Each of thirty tools of a hub has one report; asked for in batches it is what asking one by one gives."""
    hub = stix.id("malware", "hub")
    ministry.keep(stix.make("hub", "malware"))
    for n in range(30):
        tool = stix.id("tool", f"t{n}")
        ministry.keep(
            stix.make(f"t{n}", "tool"),
            stix.make(f"u{n}", "relationship", source_ref=hub, target_ref=tool, relationship_type="uses"),
            stix.make(f"r{n}", "report", object_refs=[tool]),
        )
    around = [stix.id("tool", f"t{n}") for n in range(30)]
    eyes = ministry.exchange._eyes(ministry.reader())
    with ministry.store.read() as reader:
        together, cut = graph.list_steps(reader, eyes, around, limit)
        alone = [step for each in around for step in graph.list_steps(reader, eyes, [each], limit)[0]]
    assert set(together) <= set(alone)
    assert cut or set(together) == set(alone)
    assert cut == (limit == 3)
