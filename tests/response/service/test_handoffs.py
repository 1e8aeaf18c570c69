"""Hand-offs between real nodes: asked, answered, cut off, healed, given to somebody else, on both engines."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest

from kouprey.agreements.model import ApprovalRule, Terms
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model import Verb
from kouprey.response.wire import MEDIA_TYPE
from response.conftest import HOUR, TERMS


def states(*views: Any) -> list[tuple[Any, ...]]:
    return [
        (view.course.stage, view.course.heads, tuple(s.message.id for s in view.course.steps), view.course.clocks)
        for view in views
    ]


def test_from_the_request_to_its_end_both_keep_the_same(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b, number="SVN-17", refs=("indicator--1be64149-eeba-5c01-955a-fc33993dc787",))
    assert [line.id for line in a.handoffs.list_asking(a.reader())] == [handoff]
    neighbours.sync()
    (line,) = b.handoffs.list_asked(b.reader())
    assert (line.id, line.title, line.kind) == (handoff, "Block the loader", "act") and line.due_next
    assert a.handoffs.code_of(handoff) == b.handoffs.code_of(handoff)
    for verb in (Verb.ACKNOWLEDGE, Verb.ACCEPT, Verb.START, Verb.PROGRESS, Verb.REPORT):
        b.say(handoff, verb, f"{verb} by the operator")
        neighbours.sync()
    assert a.stage(handoff) == "reported"
    a.say(handoff, Verb.CONFIRM)
    neighbours.sync()
    ours, theirs = a.handoffs.get(a.reader(), handoff), b.handoffs.get(b.reader(), handoff)
    assert states(ours) == states(theirs) and ours.course.ended and not ours.may and not theirs.may
    assert [step.message.text for step in theirs.course.steps][4] == "progress by the operator"
    assert not a.handoffs.list_asking(a.reader())
    assert [each.id for each in b.handoffs.list_asked(b.reader(), ended=True)] == [handoff]


def test_cut_off_both_go_on_and_come_to_the_same(neighbours: Any) -> None:
    a, b, c = (neighbours.actor(f"{name}.example") for name in ("ministry", "operator", "other"))
    neighbours.acquaint(a, b, c)
    agreement = neighbours.agree(a, b, c, terms=TERMS)
    handoff = a.ask(agreement, b)
    neighbours.sync()
    neighbours.wire.down |= {a.origin, b.origin}
    a.ahead = b.ahead = 2 * HOUR
    # Nobody reaches the other: both say that the same clock is over since the same instant.
    late = [node.handoffs.get(node.reader(), handoff).course.clocks[0] for node in (a, b)]
    assert late[0] == late[1] and late[0].late_at(a.now())
    b.say(handoff, Verb.ACCEPT, "We block it tonight.")
    second = a.handoffs.reroute(a.reader(), handoff, c.party, text="Nobody answered.").id
    assert (a.stage(handoff), b.stage(handoff)) == ("rerouted", "accepted")
    neighbours.wire.down.clear()
    neighbours.sync()
    ours, theirs = a.handoffs.get(a.reader(), handoff), b.handoffs.get(b.reader(), handoff)
    assert states(ours) == states(theirs) and str(ours.course.stage) == "rerouted"
    assert [(str(step.message.verb), step.counted) for step in theirs.course.steps][-1] == ("accept", False)
    held = c.handoffs.get(c.reader(), second)
    assert held.asked.instead_of == handoff and held.asked.text == ours.asked.text
    # Two parties hand over; the third, of the same agreement, is told nothing of it.
    with pytest.raises(Unknown):
        c.handoffs.get(c.reader(), handoff)
    with pytest.raises(Unknown):
        b.handoffs.get(b.reader(), second)
    with c.store.read() as reader:
        assert reader.value("SELECT count(*) FROM handoff_message") == 1
    assert not any(handoff.encode() in body for body in c.got)


def test_by_stick_in_any_order_and_twice(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b)
    neighbours.sync()
    neighbours.wire.down |= {a.origin, b.origin}
    parcels = []
    for verb in (Verb.ACKNOWLEDGE, Verb.ACCEPT):
        b.say(handoff, verb)
        b.lanes.append_waiting()
        out = BytesIO()
        b.federation.parcels.make(a.party, out, by="test")
        parcels.append(out.getvalue())
    for parcel in (parcels[1], parcels[0], parcels[1]):
        a.federation.parcels.read(BytesIO(parcel), by="test")
    assert a.stage(handoff) == "accepted"
    held = a.handoffs.get(a.reader(), handoff)
    assert len(held.course.steps) == 3 and not held.course.waiting
    neighbours.wire.down.clear()
    neighbours.sync()
    assert states(held) == states(b.handoffs.get(b.reader(), handoff))


def test_declined_by_who_is_not_competent_and_asked_of_who_is(neighbours: Any) -> None:
    a, b, c = (neighbours.actor(f"{name}.example") for name in ("ministry", "operator", "other"))
    neighbours.acquaint(a, b, c)
    agreement = neighbours.agree(a, b, c, terms=TERMS)
    handoff = a.ask(agreement, b)
    neighbours.sync()
    with pytest.raises(Damaged) as nobody:
        b.say(handoff, Verb.DECLINE, reason="not-competent")
    assert nobody.value.code == "no-other"
    b.say(handoff, Verb.DECLINE, reason="not-competent", other=c.party)
    neighbours.sync()
    assert a.stage(handoff) == "declined"
    second = a.handoffs.reroute(a.reader(), handoff, c.party, text="They run it.")
    first = a.handoffs.get(a.reader(), handoff)
    assert str(first.course.stage) == "rerouted"
    # The clocks were met by the answer; nothing is late that was not late then.
    assert not any(clock.late_at(a.now() + 10**15) for clock in first.course.clocks)
    assert second.instead_of == handoff


def test_what_clause_15_does_not_name_and_what_is_above_the_ceiling_stays(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    with pytest.raises(Refused) as kind:
        a.ask(agreement, b, "transfer")
    assert "clause 15" in kind.value.what
    with pytest.raises(Refused) as level:
        a.ask(agreement, b, tlp=TLP.AMBER_STRICT)
    assert "clause 2" in level.value.what
    for wrong in ({"title": ""}, {"text": " "}):
        with pytest.raises(Damaged):
            a.ask(agreement, b, **wrong)
    with pytest.raises(Damaged) as basis:
        a.ask(agreement, b, "disclose")
    assert basis.value.code == "no-basis"
    with pytest.raises(Refused):
        a.want(a.reader(), agreement, "stranger.example", "act", title="x", text="x")
    with a.store.read() as reader:
        assert reader.value("SELECT count(*) FROM handoff_message") == 0


def test_roles(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    with pytest.raises(Forbidden):
        a.want(a.reader(Role.ANALYST), agreement, b.party, "act", title="x", text="x")
    handoff = a.ask(agreement, b)
    legal = a.ask(agreement, b, "preserve", basis="Budapest art. 29, file 7/26")
    neighbours.sync()
    duty = b.reader(Role.DUTY_OFFICER)
    assert b.handoffs.get(duty, handoff).may == (Verb.ACKNOWLEDGE,)
    with pytest.raises(Forbidden):
        b.handoffs.say(duty, handoff, Verb.ACCEPT, text="x")
    b.handoffs.say(duty, handoff, Verb.ACKNOWLEDGE)
    lead = b.reader(Role.LEAD)
    assert set(b.handoffs.get(lead, handoff).may) == {Verb.ACCEPT, Verb.DECLINE, Verb.QUERY}
    assert b.handoffs.get(lead, legal).may == (Verb.ACKNOWLEDGE,)
    for role in (Role.ADMINISTRATOR, Role.ANALYST, Role.AUDITOR):
        seen = {line.id for line in b.handoffs.list_asked(b.reader(role))}
        assert seen == {handoff}
        with pytest.raises(Unknown):
            b.handoffs.get(b.reader(role), legal)
    assert Verb.ACCEPT in b.handoffs.get(b.reader(Role.LEGAL), legal).may
    # Cleared for less than it is marked.
    assert not b.handoffs.list_asked(b.reader(clearance=TLP.GREEN))
    with pytest.raises(Unknown):
        b.handoffs.get(b.reader(clearance=TLP.GREEN), handoff)
    with pytest.raises(Forbidden):
        b.handoffs.list_asked(Reader(party=a.party, clearance=TLP.RED))


def test_what_clause_13_names_is_said_by_who_releases(neighbours: Any) -> None:
    rules = (ApprovalRule(tlp="amber", role="liaison", kinds=("hand-off",)),)
    terms = Terms(types=TERMS.types, handoffs=TERMS.handoffs, approvals=rules)
    a, b, agreement = neighbours.pair(terms)
    with pytest.raises(Refused) as waits:
        a.want(a.reader(Role.LEAD), agreement, b.party, "act", title="x", text="x")
    assert waits.value.code == "awaits-release" and "clause 13" in waits.value.what
    a.want(a.reader(Role.LIAISON), agreement, b.party, "act", title="x", text="x")
    a.want(a.reader(Role.LEAD), agreement, b.party, "act", title="x", text="x", tlp=TLP.GREEN)


def test_nothing_is_said_out_of_turn_and_nothing_goes_while_suspended(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b)
    with pytest.raises(Refused) as turn:
        a.say(handoff, Verb.CONFIRM)
    assert turn.value.code == "not-now"
    with pytest.raises(Unknown):
        a.say("0" * 64, Verb.CONFIRM)
    b.agreements.suspend(agreement, suspended=True, by="test")
    b.settle()
    neighbours.sync()
    assert not b.handoffs.list_asked(b.reader())
    b.agreements.suspend(agreement, suspended=False, by="test")
    b.settle()
    neighbours.sync()
    assert [line.id for line in b.handoffs.list_asked(b.reader())] == [handoff]


def test_told_by_telephone(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b)
    neighbours.sync()
    neighbours.wire.down |= {a.origin, b.origin}
    a.say(handoff, Verb.HEARD, "Sok Dara, +855 23 000 000, read the six words.", via="phone")
    assert a.stage(handoff) == "acknowledged"
    b.say(handoff, Verb.ACCEPT)
    neighbours.wire.down.clear()
    neighbours.sync()
    ours, theirs = a.handoffs.get(a.reader(), handoff), b.handoffs.get(b.reader(), handoff)
    assert states(ours) == states(theirs) and str(ours.course.stage) == "accepted"


def test_clocks_are_told_once_each(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b)
    told = []
    for ahead in (0, HOUR // 2, HOUR * 9 // 10, 2 * HOUR, 5 * HOUR, 6 * HOUR):
        a.ahead = ahead
        told.append((a.handoffs.warn(), a.handoffs.warn()))
    # The acknowledgement at 50, 80 and 100 %, and with it half the decision; then the decision's end.
    assert told == [(0, 0), (1, 0), (1, 0), (2, 0), (1, 0), (0, 0)]
    assert a.handoffs.get(a.reader(), handoff).warned == {"acknowledge": 100, "decide": 100}
    a.say(handoff, Verb.WITHDRAW)
    a.ahead = 100 * HOUR
    assert a.handoffs.warn() == 0


def test_what_others_say_of_it_is_kept_in_quarantine(neighbours: Any) -> None:
    a, b, c = (neighbours.actor(f"{name}.example") for name in ("ministry", "operator", "other"))
    neighbours.acquaint(a, b, c)
    agreement = neighbours.agree(a, b, c, terms=TERMS)
    handoff = a.ask(agreement, b)
    neighbours.sync()
    b.say(handoff, Verb.ACKNOWLEDGE)
    neighbours.sync()
    head = b.handoffs.get(b.reader(), handoff).course.heads[0]
    forged = (
        f'{{"v":1,"verb":"accept","at":"2026-11-27T09:00:00Z","nonce":"0123456789abcdef","handoff":"{handoff}",'
        f'"seen":["{head}"]}}'
    ).encode()

    def send(author: Any, content: bytes, tlp: TLP = TLP.AMBER) -> None:
        label = Label(owner=author.party, tlp=tlp, kind="hand-off")
        body = EntryBody(media_type=MEDIA_TYPE, label=label, content=content)
        author.store.write(
            lambda tx: author.lanes.queue(tx, agreement, [body], lane_class=LaneClass.PRIORITY, parties=(a.party,))
        )

    send(c, forged)
    send(b, b'{"v":1}')
    send(b, forged, TLP.GREEN)
    neighbours.sync()
    assert a.stage(handoff) == "acknowledged"
    with a.store.read() as reader:
        assert reader.value("SELECT count(*) FROM quarantine") == 3


def test_a_restored_node_has_its_hand_offs_again(neighbours: Any, pair: Any, tmp_path: Any) -> None:
    a, b, agreement = pair
    if a.dsn:
        pytest.skip("a copy of a data directory is a copy of SQLite")
    neighbours.sync()
    a.close()
    place = a.copy(tmp_path / "copy", guard=False)
    a.open()
    handoff = a.ask(agreement, b)
    neighbours.sync()
    b.say(handoff, Verb.ACCEPT)
    neighbours.sync()
    a.close()
    neighbours.actors.remove(a)
    old = type(a)(a.party, place, wire=neighbours.wire)
    old.open(ask_peers=True)
    neighbours.actors.append(old)
    neighbours.wire.nodes[old.origin] = old
    neighbours.sync()
    assert old.stage(handoff) == "accepted"
    old.say(handoff, Verb.WITHDRAW)
    neighbours.sync()
    assert b.stage(handoff) == "withdrawn" == old.stage(handoff)


def test_what_a_partner_erases_keeps_its_place_and_loses_its_words(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b, title="The title", text="The words of the request.")
    neighbours.sync()
    b.say(handoff, Verb.ACCEPT, "The words of the answer.")
    neighbours.sync()
    with b.store.read() as reader:
        origin, index = reader.one("SELECT origin, entry_index FROM handoff_message WHERE verb = 'request'")
    assert b.handoffs.erase_received(origin, "other.example", [index]) == set()
    assert b.handoffs.get(b.reader(), handoff).asked.text == "The words of the request."
    assert b.handoffs.erase_received(origin, a.party, [index]) == set()
    held = b.handoffs.get(b.reader(), handoff)
    assert (held.asked.title, held.asked.text, str(held.course.stage)) == ("(erased)", "", "accepted")
    assert held.course.steps[1].message.text == "The words of the answer."
    assert b.handoffs.list_asked(b.reader())[0].title == "(erased)"
    with b.store.read() as reader:
        assert b"request." not in b"".join(bytes(row[0]) for row in reader.all("SELECT body FROM handoff_message"))
    # Saying more goes on under the same id.
    b.say(handoff, Verb.START)
    neighbours.sync()
    assert a.stage(handoff) == "acting" == b.stage(handoff)


def test_the_ledger_calls_entries_by_their_hand_off_as_far_as_it_is_seen(neighbours: Any, pair: Any) -> None:
    a, b, agreement = pair
    handoff = a.ask(agreement, b)
    legal = a.ask(agreement, b, "disclose", basis="MLAT 4", title="Who rented it")
    neighbours.sync()
    with b.store.read() as reader:
        keys = [tuple(row) for row in reader.all("SELECT origin, entry_index FROM handoff_message ORDER BY position")]
    named = b.handoffs.name_entries(b.reader(), keys)
    assert [named[key][:2] for key in keys] == [(handoff, "Block the loader"), (legal, "Who rented it")]
    assert set(b.handoffs.name_entries(b.reader(Role.ANALYST), keys)) == {keys[0]}
    assert not b.handoffs.name_entries(b.reader(clearance=TLP.GREEN), keys)
    assert not b.handoffs.name_entries(Reader(party=a.party, clearance=TLP.RED), keys)
    with a.store.read() as reader:
        numbers = [row[0] for row in reader.all("SELECT publication FROM handoff_message ORDER BY position")]
    assert a.handoffs.name_entries(a.reader(), numbers)[numbers[0]] == (handoff, "Block the loader", "psn_x")
