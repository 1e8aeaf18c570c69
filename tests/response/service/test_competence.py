"""Scenario 11: declined as not competent, asked of who is in one step, and learned only by a person's word."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Verb
from response.conftest import TERMS
from response.service.test_directory import keep

ON_SQLITE = pytest.mark.parametrize("neighbours", ["sqlite"], indirect=True)
"""What no engine decides."""


def three(neighbours: Any) -> tuple[Any, Any, Any, str]:
    a, b, c = (neighbours.actor(f"{name}.example") for name in ("ministry", "operator", "other"))
    neighbours.acquaint(a, b, c)
    return a, b, c, neighbours.agree(a, b, c, terms=TERMS)


def parties(node: Any, text: str, **who: Any) -> list[str]:
    return [each.party for each in node.competence.ask(node.reader(**who), text).claims]


def test_declined_rerouted_and_learned(neighbours: Any) -> None:
    a, b, c, agreement = three(neighbours)
    handoff = a.ask(agreement, b, refs=("203.0.113.7", "indicator--1be64149-eeba-5c01-955a-fc33993dc787"))
    neighbours.sync()
    b.say(handoff, Verb.DECLINE, reason="not-competent", other=c.party)
    neighbours.sync()
    (proposal,) = a.competence.proposals(a.reader())
    assert (proposal.said_by, proposal.competent, proposal.subjects) == (b.party, c.party, ("203.0.113.7",))
    assert parties(a, "203.0.113.7") == [], "nothing is learned before somebody says so"
    # One step: the old clocks are frozen, charged to nobody, and the other party is asked.
    second = a.handoffs.reroute(a.reader(), handoff, proposal.competent, text="You named them.")
    first = a.handoffs.get(a.reader(), handoff)
    assert str(first.course.stage) == "rerouted" and second.asked == c.party
    assert not any(clock.late_at(a.now() + 10**15) for clock in first.course.clocks)
    with pytest.raises(Forbidden):
        a.competence.decide(a.reader(Role.ANALYST), proposal.message, apply=True, subjects=("203.0.113.0/24",))
    for wrong in ((), ("nothing",), ("203.0.113.0/24", "x")):
        with pytest.raises(Damaged):
            a.competence.decide(a.reader(), proposal.message, apply=True, subjects=wrong)
    made = a.competence.decide(a.reader(), proposal.message, apply=True, subjects=("203.0.113.9/24", "203.0.113.0/24"))
    assert made.subjects == ("203.0.113.0/24",)
    assert parties(a, "203.0.113.7") == [c.party] and a.competence.proposals(a.reader()) == []
    with pytest.raises(Unknown):
        a.competence.decide(a.reader(), proposal.message, apply=False)
    assert parties(a, "203.0.113.7", clearance=TLP.GREEN) == [], "who may not see the hand-off learns nothing of it"
    assert a.competence.proposals(a.reader(clearance=TLP.GREEN)) == []
    a.competence.end(a.reader(), proposal.message)
    assert parties(a, "203.0.113.7") == []
    with pytest.raises(Refused):
        a.competence.end(a.reader(), proposal.message)
    assert b.competence.proposals(b.reader()) == [], "who has said it learns nothing from it"


@ON_SQLITE
def test_dismissed_it_leads_nobody_and_does_not_come_back(neighbours: Any) -> None:
    a, b, c, agreement = three(neighbours)
    handoff = a.ask(agreement, b, refs=("gov.example",))
    neighbours.sync()
    b.say(handoff, Verb.DECLINE, reason="not-competent", other=c.party)
    neighbours.sync()
    (proposal,) = a.competence.proposals(a.reader())
    assert not a.competence.decide(a.reader(), proposal.message, apply=False).applied
    assert a.competence.proposals(a.reader()) == [] and parties(a, "www.gov.example") == []
    with pytest.raises(Unknown):
        a.competence.end(a.reader(), proposal.message)


@ON_SQLITE
def test_other_reasons_and_the_legal_track_make_no_proposal(neighbours: Any) -> None:
    a, b, c, agreement = three(neighbours)
    plain = a.ask(agreement, b)
    legal = a.ask(agreement, b, "preserve", basis="Art. 29", refs=("203.0.113.7",))
    neighbours.sync()
    b.say(plain, Verb.DECLINE, reason="capacity")
    b.say(legal, Verb.DECLINE, reason="not-competent", other=c.party)
    neighbours.sync()
    assert len(a.competence.proposals(a.reader())) == 1
    assert a.competence.proposals(a.reader(Role.ANALYST)) == []


def test_profiles_lead_the_most_specific_first(neighbours: Any) -> None:
    a, b, c, _ = three(neighbours)
    keep(b, prefixes=("203.0.113.0/24",), domains=("example.com",))
    keep(c, prefixes=("203.0.113.0/28",), asns=(64500,))
    for node in (b, c):
        node.directory.publish(node.reader())
    neighbours.sync()
    assert parties(a, "203.0.113.7") == [c.party, b.party] and parties(a, "203.0.113.200") == [b.party]
    assert parties(a, "www.example.com") == [b.party] and parties(a, "AS64500") == [c.party]
    assert parties(a, "198.51.100.1") == []
    assert parties(a, "203.0.113.7", clearance=TLP.CLEAR) == []
    each = a.competence.ask_each(a.reader(), ("198.51.100.1", "malware--x", "https://www.example.com/a"))
    assert [[claim.party for claim in answer.claims] for answer in each] == [[b.party]]
    with pytest.raises(Damaged):
        a.competence.ask(a.reader(), "nothing")
