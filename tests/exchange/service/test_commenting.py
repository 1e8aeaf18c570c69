"""Notes and opinions of ours: labelled like their target, and told to whoever told us of it."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.kernel.words.tlp import TLP


def test_they_travel_back_and_are_weighed_there(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    ministry.keep(stix.make("a", confidence=80), tlp=TLP.AMBER)
    wanted = stix.id("indicator", "a")
    ministry.exchange.publish(agreement, [wanted], by="test")
    stix.hand_over(ministry, operator)
    who = operator.reader()
    noted = operator.exchange.note(wanted, " Sinkholed. ", who=who, by="ann")
    held = operator.exchange.opine(wanted, "strongly-disagree", who=who, by="ann", because="A scanner of ours.")
    assert [len(report.queued) for made in (noted, held) for report in made.reports] == [2, 1]
    assert stix.hand_over(operator, ministry) == [None, None, None]
    found = ministry.exchange.get_object(ministry.reader(), wanted)
    made = ministry.exchange.weigh(ministry.reader(), found)
    told = {each.kind: (each.text, each.opinion, each.sources) for each in made.comments}
    assert told == {
        "note": ("Sinkholed.", "", ("operator.example",)),
        "opinion": ("A scanner of ours.", "strongly-disagree", ("operator.example",)),
    }
    assert made.assessment.state == "doubted"
    note = ministry.exchange.get_object(ministry.reader(), noted.stix_id).newest
    assert note.tlp is TLP.AMBER and note.served.findings == ()
    with pytest.raises(Unknown):
        ministry.exchange.get_object(ministry.reader(TLP.GREEN), noted.stix_id)


def test_of_what_is_ours_nobody_else_is_told(ministry: Any, stix: Any) -> None:
    ministry.keep(stix.make("a"), tlp=TLP.RED)
    wanted, who = stix.id("indicator", "a"), ministry.reader()
    assert ministry.exchange.opine(wanted, "agree", who=who, by="ann").reports == ()
    for text in ("", "  ", "x" * 10_001):
        with pytest.raises(Damaged):
            ministry.exchange.note(wanted, text, who=who, by="ann")
    with pytest.raises(Damaged):
        ministry.exchange.opine(wanted, "perhaps", who=who, by="ann")
    with pytest.raises(Unknown):
        ministry.exchange.note(wanted, "x", who=ministry.reader(TLP.GREEN), by="ann")
