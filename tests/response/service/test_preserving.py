"""Preservation between real nodes, on both engines: a date comes back, a hold is set, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from kouprey.exchange.model import Source, SourceKind
from kouprey.exchange.wire import read_object
from kouprey.kernel.storage import outbox
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import DAY, SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.facts import ClockNeared
from kouprey.response.model import Verb
from kouprey.response.model.preserving import Answer, Hop
from response.conftest import PRESERVE

INDICATOR = "indicator--5c1ab1d1-0a26-4b5e-9b4e-6d6a2e1f0b11"
OTHER = "indicator--5c1ab1d1-0a26-4b5e-9b4e-6d6a2e1f0b12"
LATER = "indicator--5c1ab1d1-0a26-4b5e-9b4e-6d6a2e1f0b13"
BASIS = "Convention on Cybercrime, article 29"


def refusal(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


def keep(actor: Any, stix_id: str, address: str) -> None:
    """An indicator that this node holds."""
    told = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": stix_id,
        "created": "2026-11-20T00:00:00.000Z",
        "modified": "2026-11-20T00:00:00.000Z",
        "name": "Server of the false shop",
        "pattern": f"[ipv4-addr:value = '{address}']",
        "pattern_type": "stix",
        "valid_from": "2026-11-20T00:00:00Z",
    }
    exchange = actor.exchange
    said = Source(kind=SourceKind.FILE, party=actor.party, name="shop.json")
    into = [exchange.ensure_defaults().id]
    arrivals = [read_object(json.dumps(told).encode())]
    label = Label(owner=actor.party, tlp=TLP.AMBER)
    actor.store.write(lambda tx: exchange.receive(tx, arrivals, source=said, label_of=lambda *_: label, into=into))


def clocks(actor: Any) -> list[tuple[str, int]]:
    """What the node has told its people of."""
    found: list[tuple[str, int]] = []

    def take(_: Any, body: bytes, __: int) -> None:
        fact = json.loads(body)
        found.append((fact["clock"], fact["percent"]))

    listener = outbox.Listener(f"test.{len(found)}.{id(found)}", outbox.fact_name(ClockNeared), take)
    outbox.deliver(actor.store, [listener], clock=actor.now)
    return found


def holds(actor: Any) -> list[str]:
    return sorted(each.what for each in actor.exchange.list_holds(actor.exchange.operator()))


def test_from_the_request_to_the_end_of_the_hold(neighbours: Any, pair: Any) -> None:
    """Scenario 23: only a date returns, a hold is set there, half is told once, and `disclose` needs a basis."""
    a, b, agreement = pair
    keep(b, INDICATOR, "203.0.113.7")
    keep(b, OTHER, "198.51.100.9")
    handoff = a.ask(agreement, b, "preserve", basis=BASIS, refs=("203.0.113.7",), text="")
    neighbours.sync()
    asked = b.handoffs.get(b.reader(), handoff).asked
    assert asked.preserve == PRESERVE and PRESERVE.authority in asked.text, "old nodes read it in the words"
    assert holds(b) == []
    until = b.now() + 60 * DAY
    told = b.preserving.answer(b.reader(Role.LEGAL), handoff, until)
    assert (str(told.course.stage), told.course.until) == ("reported", until)
    assert holds(b) == [INDICATOR], "what the request names, and nothing else"
    assert [each for each, _ in b.preserving.held(b.reader(), handoff)] == [INDICATOR]
    assert refusal(lambda: b.exchange.erase(INDICATOR, because="Old", who=b.exchange.operator(), by="test")) == "held"
    neighbours.sync()
    ours = a.handoffs.get(a.reader(), handoff)
    assert ours.course.until == until and holds(a) == [] and a.preserving.held(a.reader(), handoff) == []
    assert [str(each.message.verb) for each in ours.course.steps] == ["request", "accept", "report"]
    assert all(not each.message.items for each in ours.course.steps)
    for node, listed in ((a, a.handoffs.list_asking), (b, b.handoffs.list_asked)):
        assert [line.until for line in listed(node.reader())] == [until], "both lists say until when"
    a.ahead = b.ahead = 29 * DAY // SECOND
    assert (a.preserving.turn(), b.preserving.turn(), clocks(a)) == (0, 0, [])
    a.ahead = b.ahead = 31 * DAY // SECOND
    assert (a.preserving.turn(), a.preserving.turn(), clocks(a)) == (1, 0, [("preserved", 50)]), "once"
    assert refusal(lambda: a.ask(agreement, b, "disclose")) == "no-basis"
    b.ahead = 61 * DAY // SECOND
    assert (b.preserving.turn(), b.preserving.turn(), holds(b)) == (1, 0, [])


def test_what_comes_later_is_held_too_until_the_same_day(neighbours: Any, pair: Any) -> None:
    """Also where nothing was held when it was answered, and once it is confirmed; what somebody lifted stays lifted."""
    a, b, agreement = pair
    handoff = a.ask(agreement, b, "preserve", basis=BASIS, refs=("203.0.113.7",), text="")
    neighbours.sync()
    b.preserving.answer(b.reader(Role.LEGAL), handoff, b.now() + 60 * DAY)
    neighbours.sync()
    a.say(handoff, Verb.CONFIRM)
    neighbours.sync()
    assert (b.preserving.turn(), holds(b)) == (0, [])
    keep(b, INDICATOR, "203.0.113.7")
    keep(b, OTHER, "198.51.100.9")
    assert (b.preserving.turn(), b.preserving.turn(), holds(b)) == (1, 0, [INDICATOR])
    assert [each for each, _ in b.preserving.held(b.reader(), handoff)] == [INDICATOR]
    (hold,) = b.exchange.list_holds(b.exchange.operator())
    b.exchange.lift_hold(hold.id, who=b.exchange.operator(), by="test")
    keep(b, LATER, "203.0.113.7")
    assert (b.preserving.turn(), holds(b)) == (1, [LATER])
    keep(a, INDICATOR, "203.0.113.7")
    assert (a.preserving.turn(), holds(a)) == (0, []), "whoever asked holds nothing"
    b.ahead = 61 * DAY // SECOND
    keep(b, OTHER.replace("b12", "b14"), "203.0.113.7")
    b.preserving.turn()
    assert (holds(b), b.preserving.turn()) == ([], 0)


def test_longer_is_asked_for_and_given(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    keep(b, INDICATOR, "203.0.113.7")
    handoff = a.ask(agreement, b, "preserve", basis=BASIS, refs=(INDICATOR,))
    neighbours.sync()
    b.preserving.answer(b.reader(Role.LEGAL), handoff)
    first = b.handoffs.get(b.reader(), handoff).course.until
    assert first >= b.now() + 60 * DAY, "never less than the text says"
    neighbours.sync()
    later = first + 30 * DAY
    assert a.preserving.extend(a.reader(Role.LEGAL), handoff, later).course.longer == later
    neighbours.sync()
    held = b.handoffs.get(b.reader(), handoff)
    assert (held.course.longer, held.course.until) == (later, first), "asked for, and not given yet"
    b.preserving.answer(b.reader(Role.LEGAL), handoff, later)
    neighbours.sync()
    for node in (a, b):
        course = node.handoffs.get(node.reader(), handoff).course
        assert (course.until, course.longer) == (later, 0)
    b.ahead = 70 * DAY // SECOND
    assert (b.preserving.turn(), holds(b)) == (0, [INDICATOR])
    a.say(handoff, Verb.CONFIRM)
    neighbours.sync()
    assert (b.preserving.turn(), holds(b)) == (0, [INDICATOR]), "what was promised holds, also once it is closed"
    b.ahead = 95 * DAY // SECOND
    assert (b.preserving.turn(), holds(b)) == (1, [])


def test_no_content_goes_back(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b, "preserve", basis=BASIS, refs=(INDICATOR,))
    act = a.ask(agreement, b, refs=(INDICATOR,))
    neighbours.sync()
    who, until = b.reader(Role.LEGAL), b.now() + 60 * DAY

    def say(verb: Verb, text: str = "", **given: Any) -> Any:
        return b.handoffs.say(who, handoff, verb, text=text, **given)

    assert refusal(lambda: say(Verb.ACCEPT, "It was rented by somebody called X.")) == "no-content"
    say(Verb.ACCEPT)
    assert refusal(lambda: say(Verb.REPORT, "It was X.", answer=Answer(until=until))) == "no-content"
    assert refusal(lambda: say(Verb.REPORT, "It was X.")) == "no-content"
    assert refusal(lambda: say(Verb.REPORT)) == "bad-until"
    assert refusal(lambda: say(Verb.REPORT, answer=Answer(until=b.now() - 1))) == "bad-until"
    assert refusal(lambda: say(Verb.START, answer=Answer(until=until))) == "not-preserving"
    everybody = b.reader()
    assert refusal(lambda: b.handoffs.say(everybody, act, Verb.ACCEPT, answer=Answer(until=until))) == "not-preserving"
    assert refusal(lambda: b.preserving.answer(everybody, act)) == "not-preserving"
    for role in (Role.LEAD, Role.DUTY_OFFICER):
        assert refusal(lambda role=role: b.preserving.answer(b.reader(role), handoff)) == "role-missing"
    assert refusal(lambda: b.preserving.answer(b.reader(Role.ANALYST), handoff)) == "unknown-handoff"
    assert holds(b) == []


def test_of_a_third_state_the_route_alone(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b, "preserve", basis=BASIS)
    neighbours.sync()
    route = (Hop(provider="Talay Telecom", state="TH"),)
    b.handoffs.say(
        b.reader(Role.LEGAL),
        handoff,
        Verb.DECLINE,
        text="The server is not in our country.",
        reason="not-found",
        answer=Answer(route=route),
    )
    neighbours.sync()
    last = a.handoffs.get(a.reader(), handoff).course.steps[-1].message
    assert (last.verb, last.route, last.until) == (Verb.DECLINE, route, 0)


def test_other_requests_to_preserve_nothing(pair: Any) -> None:
    a, b, agreement = pair
    assert refusal(lambda: a.ask(agreement, b, "act", preserve=PRESERVE)) == "bad-preserve"
    assert refusal(lambda: a.ask(agreement, b, "preserve", basis=BASIS, preserve=None)) == "no-preserve"
    assert refusal(lambda: a.ask(agreement, b, "preserve")) == "no-basis"
    assert a.preserving.period().days >= a.preserving.period().least_days == 60
