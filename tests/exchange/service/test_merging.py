"""Two objects taken for the same: shown as one, never rewritten, exactly undone, and no sign of it to who sees one."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.exchange.wire import read_object
from kouprey.kernel.words.errors import Damaged, Refused, Unknown
from kouprey.kernel.words.tlp import TLP


@pytest.fixture
def groups(ministry: Any, stix: Any) -> Any:
    """Lantern, Wick and the red Canary are intrusion sets, each of which uses a tool; Wick was seen."""

    def uses(group: str) -> Any:
        ends = {"source_ref": stix.id("intrusion-set", group), "target_ref": stix.id("tool", f"tool of {group}")}
        return stix.make(f"{group} uses", "relationship", relationship_type="uses", **ends)

    def kept(group: str, **more: Any) -> list[Any]:
        return [stix.make(group, "intrusion-set", **more), stix.make(f"tool of {group}", "tool"), uses(group)]

    ministry.keep(
        *kept("Lantern", aliases=["Papier Lantérn"]),
        *kept("Wick", aliases=["papier lantern", "Other"]),
        *kept("Stone"),
        stix.make("seen", "sighting", sighting_of_ref=stix.id("intrusion-set", "Wick"), count=4),
        tlp=TLP.GREEN,
    )
    ministry.keep(*kept("Canary", aliases=["Papier Lantern"]), tlp=TLP.RED, source="canary.json")
    return ministry


def merge(party: Any, stix: Any, one: str, into: str, clearance: TLP = TLP.RED) -> Any:
    ends = (stix.id("intrusion-set", one), stix.id("intrusion-set", into))
    return party.exchange.merge(*ends, because="Same tools.", who=party.reader(clearance), by="ann")


def look(party: Any, stix: Any, name: str, clearance: TLP = TLP.RED) -> Any:
    """Everything a reader is shown of an intrusion set."""
    who, stix_id = party.reader(clearance), stix.id("intrusion-set", name)
    found = party.exchange.get_object(who, stix_id)
    made = party.exchange.weigh(who, found)
    near = party.exchange.neighbours(who, stix_id)
    return (
        found,
        [each.stix_id for each in made.comments],
        made.merges,
        made.same,
        sorted(node.title for node in near.nodes),
        party.exchange.list_likely(who, found),
        party.exchange.list_merges(who),
    )


def test_a_merge_joins_and_an_unmerge_restores_exactly(groups: Any, stix: Any) -> None:
    names = ("Lantern", "Wick", "Stone", "Canary")
    before = [look(groups, stix, name) for name in names]
    merge(groups, stix, "Wick", "Lantern")
    for name in ("Lantern", "Wick"):
        found, comments, merges, same, near, *_ = look(groups, stix, name)
        assert comments == [stix.id("sighting", "seen")] and len(merges) == 1 and len(same) == 1
        assert near == ["seen", "tool of Lantern", "tool of Wick"]
        assert found == before[names.index(name)][0], "no object has changed"
    assert look(groups, stix, "Stone")[:6] == before[2][:6]
    groups.exchange.unmerge(
        stix.id("intrusion-set", "Lantern"), stix.id("intrusion-set", "Wick"), who=groups.reader(), by="ann"
    )
    assert [look(groups, stix, name) for name in names] == before
    merge(groups, stix, "Lantern", "Wick")
    with groups.store.read() as reader:
        assert reader.value("SELECT count(*) FROM merge") == 2, "what was said before is kept"
        audited = [row[0] for row in reader.all("SELECT action FROM audit WHERE action LIKE '%merge' ORDER BY id")]
    assert audited == ["exchange.merge", "exchange.unmerge", "exchange.merge"]


def test_who_sees_one_of_both_sees_no_sign(groups: Any, stix: Any) -> None:
    before = [look(groups, stix, name, TLP.GREEN) for name in ("Lantern", "Wick")]
    merge(groups, stix, "Lantern", "Canary")
    merge(groups, stix, "Wick", "Canary")
    assert [look(groups, stix, name, TLP.GREEN) for name in ("Lantern", "Wick")] == before
    assert "Canary" not in repr(before) and stix.id("intrusion-set", "Canary") not in repr(before)
    with pytest.raises(Unknown) as hidden:
        merge(groups, stix, "Stone", "Canary", TLP.GREEN)
    with pytest.raises(Unknown) as absent:
        merge(groups, stix, "Stone", "Nobody", TLP.GREEN)
    assert hidden.value.why == absent.value.why
    with pytest.raises(Unknown):
        groups.exchange.unmerge(
            stix.id("intrusion-set", "Lantern"),
            stix.id("intrusion-set", "Canary"),
            who=groups.reader(TLP.GREEN),
            by="ann",
        )
    # The two hang together over what he does not see: his own merge is his to make, and nothing loops.
    merge(groups, stix, "Lantern", "Wick", TLP.GREEN)
    assert len(look(groups, stix, "Stone")[6]) == 3 and len(look(groups, stix, "Wick")[3]) == 2
    assert [each.title for each in look(groups, stix, "Wick", TLP.GREEN)[3]] == ["Lantern"]
    foreign = groups.foreign("stranger.example")
    assert groups.exchange.list_merges(foreign) == []


def test_what_cannot_be_one_is_refused(groups: Any, stix: Any) -> None:
    merge(groups, stix, "Wick", "Lantern")
    merge(groups, stix, "Lantern", "Stone")
    for one, into in (("Wick", "Lantern"), ("Stone", "Wick"), ("Stone", "Stone")):
        with pytest.raises(Refused):
            merge(groups, stix, one, into)
    who = groups.reader()
    tool, group, sighting = (
        stix.id("tool", "tool of Wick"),
        stix.id("intrusion-set", "Wick"),
        stix.id("sighting", "seen"),
    )
    for pair in ((tool, group), (sighting, sighting)):
        with pytest.raises(Refused):
            groups.exchange.merge(*pair, because="No.", who=who, by="ann")
    with pytest.raises(Damaged):
        groups.exchange.merge(group, group, because=" ", who=who, by="ann")


def test_a_shared_name_is_a_hint_among_what_is_seen(groups: Any, stix: Any) -> None:
    likely = [each.title for each in look(groups, stix, "Lantern", TLP.GREEN)[5]]
    assert likely == ["Wick"], "accents and case aside"
    assert sorted(each.title for each in look(groups, stix, "Lantern")[5]) == ["Canary", "Wick"]
    assert look(groups, stix, "Stone")[5] == []


def test_merges_go_out_as_relationships_of_ours(groups: Any, stix: Any) -> None:
    merge(groups, stix, "Wick", "Lantern")
    merge(groups, stix, "Stone", "Canary")
    secret, open_ = map(read_object, groups.exchange.merges_as_stix(groups.reader()))
    assert (secret.tlp, open_.tlp) == (TLP.RED, TLP.GREEN)
    assert open_.value["relationship_type"] == "duplicate-of" and open_.created_by == stix.id(
        "identity", "ministry.example"
    )
    ends = (open_.value["source_ref"], open_.value["target_ref"])
    assert ends == (stix.id("intrusion-set", "Wick"), stix.id("intrusion-set", "Lantern"))
    assert len(list(groups.exchange.merges_as_stix(groups.reader(TLP.GREEN)))) == 1
    assert msgspec.json.encode(open_.value)
