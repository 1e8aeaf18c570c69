"""Who would see a thing is what the one decision says once there is such a thing."""

from __future__ import annotations

from typing import Any

from kouprey.exchange.model.writing import Draft
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

VALUES = ("203.0.113.7", "hxxps://login[.]bad[.]test/x")
PATTERN = "[ipv4-addr:value = '203.0.113.7'] OR [url:value = 'https://login.bad.test/x']"


def indicator(**more: Any) -> Draft:
    return Draft(**{"kind": "indicator", "values": VALUES, "tlp": TLP.GREEN} | more)


def view(party: Any, stix_id: str) -> Any:
    return party.exchange.get_object(party.reader(), stix_id)


def body(party: Any, stix_id: str) -> Any:
    return decode(view(party, stix_id).newest.served.raw)


def write(party: Any, draft: Draft) -> Any:
    return party.exchange.write(draft, who=party.reader(), by="ann")


def test_who_would_see_it_is_what_the_decision_says_of_the_object(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    for name, clearance in (("Ann", TLP.RED), ("Bob", TLP.GREEN)):
        ministry.people.save_person(name, (Role.ANALYST,), clearance, by="test")
    foreseen = {each.tlp: each for each in ministry.exchange.list_prospects(ministry.reader())}
    assert {level.word: each.own for level, each in foreseen.items()} == {
        "clear": 2,
        "green": 2,
        "amber": 1,
        "amber+strict": 1,
        "red": 1,
    }
    for level, each in foreseen.items():
        made = write(ministry, indicator(tlp=level))
        decided = ministry.exchange.explain(made.stix_id, "operator.example", who=ministry.reader()).decision
        (under,) = each.under
        assert under.agreement == agreement and under.goes is decided.allowed
        assert under.parties[0].decision.because == decided.because
    assert foreseen[TLP.AMBER].under[0].parties[0].decision.because[0].clause
