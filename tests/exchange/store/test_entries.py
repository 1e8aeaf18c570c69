"""Objects of entries: found by publication and by lane entry, as far as the reader may see them and no further."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP


def test_what_was_given_is_found_as_far_as_it_is_seen(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("green"), tlp=TLP.GREEN)
    ministry.keep(stix.make("amber"), tlp=TLP.AMBER)
    ministry.exchange.publish(agreement, everything=True, by="somebody")
    keys = [each.index for each in ministry.outgoing()]
    high = ministry.exchange.list_entry_objects(ministry.reader(), keys)
    assert {found.title for found in high.values()} == {"green", "amber"} and set(high) == set(keys)
    assert {found.by for found in high.values()} == {"somebody"}
    low = ministry.exchange.list_entry_objects(ministry.reader(TLP.GREEN), keys)
    assert [(found.title, found.stix_id) for found in low.values()] == [("green", stix.id("indicator", "green"))]
    assert ministry.exchange.list_entry_objects(ministry.reader(), [1]) == {}


def test_a_stricter_body_of_the_same_version_gives_no_title(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("a", name="open words"), tlp=TLP.GREEN)
    ministry.exchange.publish(agreement, everything=True, by="somebody")
    ministry.keep(stix.make("a", name="closed words"), tlp=TLP.RED, source="second")
    (key,) = [each.index for each in ministry.outgoing()]
    for level in (TLP.GREEN, TLP.RED):
        (found,) = ministry.exchange.list_entry_objects(ministry.reader(level), [key]).values()
        assert found.title == "open words"


def test_what_came_is_found_by_its_entry(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(operator, ministry, tlp_ceiling="amber")
    operator.keep(stix.make("green"), tlp=TLP.GREEN)
    operator.keep(stix.make("amber"), tlp=TLP.AMBER)
    operator.keep(
        stix.make("r", "relationship", source_ref=stix.id("indicator", "green"), target_ref=stix.id("indicator", "x")),
        tlp=TLP.GREEN,
    )
    operator.exchange.publish(agreement, everything=True, by="somebody")
    keys = [(each.origin, each.index) for each in operator.outgoing()]
    assert stix.hand_over(operator, ministry) == [None] * 3
    asked = [*keys, ("other", keys[0][1]), (keys[0][0], 7)]
    high = ministry.exchange.list_entry_objects(ministry.reader(), asked)
    assert set(high) == set(keys) and {found.by for found in high.values()} == {""}
    assert [found.type for found in high.values() if found.raw] == ["relationship"]
    low = ministry.exchange.list_entry_objects(ministry.reader(TLP.GREEN), asked)
    assert "amber" not in {found.title for found in low.values()} and len(low) == 2
