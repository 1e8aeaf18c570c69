"""How a node speaks in a hand-off: in which role, under which term, and with which words for a call."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Verb


def test_it_speaks_in_the_role_that_allows_it_and_by_a_persons_name(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    person = a.people.save_person("Sok Dara", [Role.LIAISON, Role.ANALYST], TLP.RED, by="test")
    reader = a.reader(Role.LIAISON, Role.ANALYST, name=person.id)
    handoff = a.want(reader, agreement, b.party, "act", title="x", text="x").id
    neighbours.sync()
    request = b.handoffs.get(b.reader(), handoff).course.steps[0].message
    assert (request.role, request.person) == ("liaison", "Sok Dara")


def test_terms_are_those_of_agreements_that_run(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    assert {term.kind for standing, term in a.handoffs.terms()} == {"inform", "act", "preserve", "disclose"}
    assert a.handoffs.may_ask(a.reader(Role.LEAD)) and not a.handoffs.may_ask(a.reader(Role.ANALYST))
    neighbours.agree(a, b, title="Without hand-offs")
    assert len(a.handoffs.terms()) == 4
    first, second = a.ask(agreement, b), a.ask(agreement, b)
    assert first != second, "the same asked twice is two requests"
    assert a.handoffs.code_of(first) != a.handoffs.code_of(second) and len(a.handoffs.code_of(first).split()) == 6
    assert a.handoffs.get(a.handoffs.operator(), first).may == (Verb.HEARD, Verb.REROUTE, Verb.WITHDRAW)
