"""Sightings go back to whoever told us of a thing, and reach nobody else."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kouprey.kernel.words.errors import Refused, Unknown
from kouprey.kernel.words.tlp import TLP


def fates(report: Any) -> tuple[int, int, int]:
    return len(report.queued), len(report.already), len(report.refused)


def test_published_objects_arrive_and_a_sighting_comes_back(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("a"), tlp=TLP.AMBER)
    wanted = stix.id("indicator", "a")
    ministry.exchange.publish(agreement, [wanted], by="test")
    assert stix.hand_over(ministry, operator) == [None]
    view = operator.exchange.get_object(operator.reader(), wanted)
    (said,) = view.newest.served.assertions
    assert said.source.party == "ministry.example" and said.label.agreement == agreement
    assert said.label.tlp is TLP.AMBER and said.origin == "origin" and said.entry_index > 0
    assert [c.name for c in operator.exchange.list_collections()] == [f"agr-{agreement[4:12]}", "main"]
    made = operator.exchange.sight(wanted, who=operator.reader(), by="ann", count=3, description="at the edge")
    (report,) = made.reports
    assert report.agreement == agreement and len(report.queued) == 2 and not report.refused
    assert operator.exchange.get_object(operator.reader(), wanted).times_seen == 3
    assert stix.hand_over(operator, ministry) == [None, None]
    found = ministry.exchange.get_object(ministry.reader(), wanted)
    said = ministry.exchange.weigh(ministry.reader(), found).comments
    assert [(s.times, s.sources) for s in said] == [(found.times_seen, ("operator.example",))] == [(3, said[0].sources)]
    sighting = ministry.exchange.get_object(ministry.reader(), made.stix_id).newest
    assert sighting.tlp is TLP.AMBER and sighting.served.assertions[0].label.kind == "sighting"
    again = operator.exchange.sight(wanted, who=operator.reader(), by="ann")
    assert fates(again.reports[0]) == (1, 1, 0)


def test_a_sighting_of_our_own_tells_nobody_and_of_an_observable_is_refused(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), tlp=TLP.RED)
    made = ministry.exchange.sight(stix.id("indicator", "a"), who=ministry.reader(), by="ann")
    assert made.reports == ()
    with pytest.raises(Unknown):
        ministry.exchange.get_object(ministry.reader(TLP.GREEN), made.stix_id)
    with pytest.raises(Unknown):
        ministry.exchange.sight(stix.id("indicator", "a"), who=ministry.reader(TLP.GREEN), by="ann")
    ministry.keep(msgspec.json.encode({"type": "url", "id": stix.id("url", "u"), "value": "https://a.example"}))
    with pytest.raises(Refused):
        ministry.exchange.sight(stix.id("url", "u"), who=ministry.reader(), by="ann")


def test_an_exercise_stays_in_its_exercise(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("a"), tlp=TLP.CLEAR, exercise="drill")
    with pytest.raises(Unknown):
        ministry.exchange.get_object(ministry.reader(), stix.id("indicator", "a"))
    assert fates(ministry.exchange.publish(agreement, [stix.id("indicator", "a")], by="test")) == (0, 0, 1)
    player = msgspec.structs.replace(ministry.reader(), exercise="drill")
    made = ministry.exchange.sight(stix.id("indicator", "a"), who=player, by="ann")
    with pytest.raises(Unknown):
        ministry.exchange.get_object(ministry.reader(), made.stix_id)
