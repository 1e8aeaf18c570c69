"""Two persons release a disclosure, and an emergency owes its basis: between real nodes, on both engines."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kouprey.agreements.model import ApprovalRule
from kouprey.kernel.seal import box
from kouprey.kernel.storage import audit, outbox
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import DAY, SECOND
from kouprey.people.model import Role
from kouprey.response.facts import ClockNeared
from kouprey.response.model import Urgency, Verb
from kouprey.response.model.releasing import WordState
from kouprey.response.model.sealed import Opener, SealedItem
from kouprey.response.service import Said
from kouprey.response.service.sealing import seal_file
from response.conftest import TERMS, officer

SECRET, KEY = box.new_identity()
NODE = box.new_identity()[1]
READERS = (Opener(name="Azman", key=KEY),)
ITEM = seal_file(b"who called whom", "calls.csv", READERS, NODE)
BASIS = "Treaty of 2004, article 12, ref. 2026/114"


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


def given(items: tuple[SealedItem, ...] = (ITEM,), verb: Verb = Verb.REPORT) -> Said:
    return Said(verb, "All of it.", items=items)


@pytest.fixture
def accepted(neighbours: Any, pair: Any) -> tuple[Any, Any, str]:
    a, b, agreement = pair
    handoff = a.ask(agreement, b, "disclose", basis=BASIS, readers=READERS)
    neighbours.sync()
    b.say(handoff, Verb.ACCEPT)
    return a, b, handoff


def messages(actor: Any, handoff: str) -> list[str]:
    return [str(step.message.verb) for step in actor.handoffs.get(actor.reader(), handoff).course.steps]


def test_nothing_leaves_before_the_second_word(neighbours: Any, accepted: Any) -> None:
    a, b, handoff = accepted
    lead, legal = officer(b.people, Role.LEAD), officer(b.people, Role.LEGAL)
    both = officer(b.people, Role.LEAD, Role.LEGAL)
    said = {"text": "All of it.", "items": (ITEM,)}
    for who in (legal, both, b.handoffs.operator()):
        assert refusal(lambda who=who: b.handoffs.say(who, handoff, Verb.REPORT, **said)) == "two-persons"
    word = b.releasing.give(lead, handoff, given())
    neighbours.sync()
    assert messages(a, handoff) == messages(b, handoff) == ["request", "accept"]
    assert refusal(lambda: b.releasing.second(lead, handoff, word.id)) == "same-person"
    other = officer(b.people, Role.LEAD)
    assert refusal(lambda: b.releasing.second(other, handoff, word.id)) == "role-missing", "two leads are no officer"
    for who in (b.reader(Role.LEGAL), b.handoffs.operator()):
        assert refusal(lambda who=who: b.releasing.second(who, handoff, word.id)) == "no-person"
    assert (b.releasing.may_give(legal, word), b.releasing.may_give(lead, word)) == (True, False)
    b.releasing.second(legal, handoff, word.id)
    neighbours.sync()
    last = a.handoffs.get(a.reader(), handoff).course.steps[-1].message
    assert (last.items[0].sha256, last.role, last.also_role) == (ITEM.sha256, "lead", "legal")
    assert last.person and last.also_person and last.person != last.also_person, "both are named to whoever gets it"
    assert refusal(lambda: b.releasing.second(both, handoff, word.id)) == "word-gone"
    with b.store.read() as reader:
        done = [each.action for each in audit.list_audit(reader, limit=50)]
    assert "handoff.first-word" in done and "handoff.second-word" in done


def test_one_with_both_roles_is_one(accepted: Any) -> None:
    _, b, handoff = accepted
    both, legal = officer(b.people, Role.LEAD, Role.LEGAL), officer(b.people, Role.LEGAL)
    word = b.releasing.give(both, handoff, given())
    assert refusal(lambda: b.releasing.second(both, handoff, word.id)) == "same-person"
    b.releasing.second(legal, handoff, word.id)
    assert b.stage(handoff) == "reported"


def test_the_first_takes_it_back(neighbours: Any, accepted: Any) -> None:
    a, b, handoff = accepted
    lead, legal = officer(b.people, Role.LEAD), officer(b.people, Role.LEGAL)
    word = b.releasing.give(legal, handoff, given())
    assert refusal(lambda: b.releasing.take_back(lead, handoff, word.id)) == "not-your-word"
    assert b.releasing.take_back(legal, handoff, word.id).state is WordState.BACK
    assert refusal(lambda: b.releasing.second(lead, handoff, word.id)) == "word-gone"
    (kept,) = b.releasing.list(legal, handoff)
    assert (kept.first, kept.state, kept.message) == (legal.name, WordState.BACK, ""), "it stays written down"
    neighbours.sync()
    assert messages(a, handoff) == ["request", "accept"]


def test_a_first_word_lapses_with_its_role(accepted: Any) -> None:
    _, b, handoff = accepted
    lead, legal = officer(b.people, Role.LEAD), officer(b.people, Role.LEGAL)
    word = b.releasing.give(lead, handoff, given())
    b.people.set_active(b.people.get_person(lead.name), False, by="test")
    assert refusal(lambda: b.releasing.second(legal, handoff, word.id)) == "first-word-lapsed"


def test_a_word_is_checked_like_what_it_says(accepted: Any) -> None:
    _, b, handoff = accepted
    lead = officer(b.people, Role.LEAD)
    strange = seal_file(b"x", "x", [Opener(name="B", key=box.new_identity()[1])], NODE)
    assert refusal(lambda: b.releasing.give(lead, handoff, given((strange,)))) == "other-readers"
    assert refusal(lambda: b.releasing.give(lead, handoff, given((ITEM, ITEM)))) == "bad-item"
    assert refusal(lambda: b.releasing.give(lead, handoff, given(()))) == "one-is-enough"
    assert refusal(lambda: b.releasing.give(lead, handoff, given(verb=Verb.CONFIRM))) == "not-now"
    assert refusal(lambda: b.releasing.give(officer(b.people, Role.ANALYST), handoff, given())) == "unknown-handoff"
    assert refusal(lambda: b.releasing.take_back(lead, handoff, "word_none")) == "unknown-word"
    assert b.releasing.list(lead, handoff) == []


def test_what_the_settings_ask_two_to_accept(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b)
    neighbours.sync()
    b.handoffs._four_eyes = lambda: ("act",)
    one, two = officer(b.people, Role.LEAD), officer(b.people, Role.LIAISON)
    assert refusal(lambda: b.handoffs.say(one, handoff, Verb.ACCEPT)) == "two-persons"
    b.handoffs.say(one, handoff, Verb.ACKNOWLEDGE)
    word = b.releasing.give(one, handoff, Said(Verb.ACCEPT, "We block it."))
    assert refusal(lambda: b.releasing.second(one, handoff, word.id)) == "same-person"
    assert str(b.releasing.second(two, handoff, word.id).course.stage) == "accepted"


def test_what_clause_13_asks_two_for(neighbours: Any) -> None:
    rule = ApprovalRule(tlp="clear", role="lead", persons=2, kinds=("hand-off",))
    a, b, agreement = neighbours.pair(msgspec.structs.replace(TERMS, approvals=(rule,)))
    one, two = (officer(a.people, Role.LEAD) for _ in range(2))
    # A request is said by one person, so that under such a clause nobody asks.
    assert refusal(lambda: a.want(one, agreement, b.party, "act", title="x", text="y")) == "awaits-release"
    held = neighbours.agree(a, b, terms=TERMS)
    handoff = a.ask(held, b)
    a.handoffs._rules_for = lambda *_: [rule]
    assert refusal(lambda: a.handoffs.say(one, handoff, Verb.WITHDRAW, text="Done.")) == "two-persons"
    word = a.releasing.give(one, handoff, Said(Verb.WITHDRAW, "Done."))
    assert refusal(lambda: a.releasing.second(officer(a.people, Role.LIAISON), handoff, word.id)) == "role-missing"
    assert str(a.releasing.second(two, handoff, word.id).course.stage) == "withdrawn"


def test_an_emergency_is_released_before_its_paper_and_flagged_until_it_is_there(neighbours: Any, pair: Any) -> None:
    """Scenario 24, as far as hand-offs go: every list says it, both legal officers are told each day."""
    a, b, agreement = pair
    words: dict[str, Any] = {"readers": READERS, "urgency": Urgency.EMERGENCY}
    assert refusal(lambda: a.ask(agreement, b, "disclose", **words)) == "no-basis"
    assert (
        refusal(lambda: a.ask(agreement, b, "disclose", readers=READERS, ground="A child is missing.")) == "bad-ground"
    )
    assert refusal(lambda: a.ask(agreement, b, "act", urgency=Urgency.EMERGENCY, ground="It burns.")) == "bad-ground"
    handoff = a.ask(agreement, b, "disclose", ground="A child is missing since noon.", **words)
    neighbours.sync()
    b.say(handoff, Verb.ACCEPT)
    word = b.releasing.give(officer(b.people, Role.LEAD), handoff, given())
    assert not b.handoffs.list_asked(b.reader())[0].lacking, "nothing has left"
    b.releasing.second(officer(b.people, Role.LEGAL), handoff, word.id)
    neighbours.sync()
    for node, listed in ((a, a.handoffs.list_asking), (b, b.handoffs.list_asked)):
        assert listed(node.reader())[0].lacking and node.handoffs.get(node.reader(), handoff).course.lacking
        told = [node.releasing.remind() for _ in range(2)]
        node.ahead = DAY // SECOND
        told += [node.releasing.remind() for _ in range(2)]
        assert told == [1, 0, 1, 0], "once each day"
        assert daily(node) == [("basis", 0), ("basis", 1)]
    a.say(handoff, Verb.CONFIRM)
    neighbours.sync()
    assert b.handoffs.list_asked(b.reader(), ended=True)[0].lacking, "closing files nothing"
    assert refusal(lambda: b.releasing.file_basis(b.reader(), handoff, BASIS)) == "no-basis-owed"
    assert refusal(lambda: a.releasing.file_basis(a.reader(Role.LEAD), handoff, BASIS)) == "role-missing"
    assert refusal(lambda: a.releasing.file_basis(a.reader(), handoff, " ")) == "no-basis"
    a.releasing.file_basis(a.reader(Role.LEGAL), handoff, BASIS)
    neighbours.sync()
    for node in (a, b):
        course = node.handoffs.get(node.reader(), handoff).course
        assert not course.lacking and str(course.stage) == "closed" and course.steps[-1].message.basis == BASIS
        node.ahead = 2 * DAY // SECOND
        assert node.releasing.remind() == 0


def daily(actor: Any) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []

    def take(_: Any, body: bytes, __: int) -> None:
        fact = json.loads(body)
        found.append((fact["clock"], fact["percent"]))

    outbox.deliver(actor.store, [outbox.Listener("test.basis", outbox.fact_name(ClockNeared), take)], clock=actor.now)
    return found
