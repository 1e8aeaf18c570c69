"""What response proves: hand-offs and drills that people of ours have answered, apart from one another."""

from __future__ import annotations

from typing import Any

from kouprey.response.model import Verb
from kouprey.response.service import Proving
from response.conftest import TERMS


def test_earnest_and_drills_are_counted_apart(neighbours: Any) -> None:
    a, b = (neighbours.actor(f"{name}.example") for name in ("ministry", "operator"))
    neighbours.acquaint(a, b)
    agreement = neighbours.agree(a, b, terms=TERMS)
    handoff = a.ask(agreement, b)
    a.drills.send(a.reader(), [b.party])
    neighbours.sync()
    asking, asked = (Proving(each.store, each.people) for each in (a, b))
    assert asked.handoffs(0).count == asked.drills(0).count == 0, "nobody has answered yet"
    b.say(handoff, Verb.ACKNOWLEDGE)
    b.say(handoff, Verb.ACCEPT)
    (drill,) = b.drills.asked(b.reader())
    b.drills.acknowledge(b.reader(), drill.id)
    neighbours.sync()
    assert (
        asked.handoffs(0).count == asked.drills(0).count == 1 and asked.handoffs(0).last >= asked.handoffs(0).first > 0
    )
    assert asked.handoffs(asked.handoffs(0).last + 1).count == 0
    assert asking.handoffs(0).count == asking.drills(0).count == 0, "what we asked is not what we answered"
    assert asked.cases(0).count == asked.reports(0).count == 0
