"""Views: what is counted, what was said lately, and the newest word of each sighting."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP


def test_levels_are_counted_as_far_as_they_are_seen(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), stix.make("m", "malware"), tlp=TLP.GREEN)
    ministry.keep(stix.make("a"), tlp=TLP.RED, source="second")
    low, high = (ministry.exchange.counts(ministry.reader(level)) for level in (TLP.AMBER, TLP.RED))
    assert low.by_tlp == {TLP.GREEN: 2} and high.by_tlp == {TLP.GREEN: 1, TLP.RED: 1}
    assert low.by_type == high.by_type == {"indicator": 1, "malware": 1} and low.total == high.total == 2


def test_events_are_the_last_voices_first(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    ministry.keep(stix.make("a"), tlp=TLP.GREEN, source="second")
    ministry.keep(stix.make("b"), tlp=TLP.RED)
    events = ministry.exchange.list_recent(ministry.reader(), 2)
    assert [(event.title, event.source.name, event.tlp) for event in events] == [
        ("b", "feed.json", TLP.RED),
        ("a", "second", TLP.GREEN),
    ]


def test_a_sighting_counts_once_in_its_newest_version(ministry: Any, stix: Any) -> None:
    target = stix.id("indicator", "a")
    ministry.keep(stix.make("a"))
    for minute, count in ((0, 1), (1, 4)):
        ministry.keep(stix.make("s", "sighting", minute=minute, sighting_of_ref=target, count=count), tlp=TLP.GREEN)
    ministry.keep(stix.make("s", "sighting", minute=2, sighting_of_ref=target, count=9), tlp=TLP.RED)
    assert ministry.exchange.get_object(ministry.reader(TLP.GREEN), target).times_seen == 4
    assert ministry.exchange.get_object(ministry.reader(), target).times_seen == 9
