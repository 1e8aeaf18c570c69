"""Who joins later is given what was given before, deliberately: what stands still, may go to them, and once."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.model import ApprovalRule, Group
from kouprey.exchange.service import joining
from kouprey.kernel.words.errors import Forbidden, Refused, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

OPERATOR, LATE = "operator.example", "neighbour.example"
ALONE = Group(name="alone", parties=("ministry.example", OPERATOR))


def ids(stix: Any, *names: str) -> tuple[str, ...]:
    return tuple(stix.id("indicator", name) for name in names)


@pytest.fixture
def joins(ministry: Any, operator: Any, neighbour: Any, stix: Any) -> Any:
    """Lets the neighbour join an agreement of the ministry and the operator."""

    def deed(agreement: str, **how: Any) -> None:
        stix.join(agreement, neighbour, ministry, operator, **how)

    return deed


def test_who_joins_later_gets_what_stood_and_nothing_twice(
    ministry: Any, operator: Any, neighbour: Any, stix: Any, joins: Any
) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    exchange, who = ministry.exchange, ministry.reader()
    names = ("stands", "recalled", "erased", "changed", "false", "held", "revoked")
    ministry.keep(*(stix.make(name) for name in names), tlp=TLP.GREEN)
    exchange.publish(agreement, everything=True, by="test")
    # Held, and never given to anybody.
    ministry.keep(stix.make("ours alone"), tlp=TLP.GREEN)
    exchange.raise_concern(who, stix.id("indicator", "recalled"), "recall", text="Wrong.", by="test")
    exchange.raise_concern(who, stix.id("indicator", "false"), "false-positive", text="A scanner.", by="test")
    exchange.erase(stix.id("indicator", "erased"), who=who, because="It was a person's address.", by="test")
    ministry.keep(stix.make("changed", minute=5), stix.make("revoked", minute=5, revoked=True), tlp=TLP.GREEN)
    exchange.publish(agreement, ids(stix, "changed", "revoked"), by="test")
    # A newer version was given to nobody: it is no part of what was given, and the older one stands no longer.
    ministry.keep(stix.make("held", minute=5), tlp=TLP.GREEN)
    joins(agreement, tlp_ceiling="amber")

    before = exchange.foresee_before(who, agreement, LATE)
    assert (before.found, before.looked, before.goes, before.waits, before.held) == (2, 2, 2, 0, 0)
    assert [(each.type, each.found, each.goes) for each in before.types] == [("indicator", 2, 2)]
    (joined,) = exchange.list_joined(who, agreement)
    assert (joined.party, joined.version, joined.lacks, joined.more) == (LATE, 2, 2, False)

    sent = len(ministry.outgoing())
    told: list[int] = []
    made = exchange.give_before(who, agreement, LATE, by="test", tell=told.append)
    assert set(made.report.queued) == set(ids(stix, "stands", "changed")) and not made.more and sum(told) == 2
    fresh = ministry.outgoing()[sent:]
    assert {each.content for each in fresh} == {stix.make("stands"), stix.make("changed", minute=5)}
    assert {each.label.sealed_to for each in fresh} == {("ministry.example", LATE)}
    with ministry.store.read() as reader:
        aims = [row[0] for row in reader.all("SELECT aim FROM lane_outgoing ORDER BY publication")]
    assert set(aims[:sent]) == {""} and aims[sent:] == [f"ministry.example {LATE}"] * 2

    again = exchange.give_before(who, agreement, LATE, by="test")
    assert again.report.queued == () and len(ministry.outgoing()) == sent + 2
    assert exchange.foresee_before(who, agreement, LATE).found == 0
    assert exchange.list_joined(who, agreement)[0].lacks == 0
    # The others are given nothing once more, and a thing given anew counts as given to all.
    assert exchange.publish(agreement, ids(stix, "stands"), by="test").already == ids(stix, "stands")


def test_since_a_day_and_in_pages(
    ministry: Any, operator: Any, stix: Any, joins: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(joining, "PAGE", 2)
    monkeypatch.setattr(joining, "LOOKED", 3)
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    exchange, who = ministry.exchange, ministry.reader()
    ministry.keep(*(stix.make(f"old {n}") for n in range(2)), tlp=TLP.GREEN)
    exchange.publish(agreement, everything=True, by="test")
    since = max(line.at for line in exchange.list_publications(who)) + 1
    while ministry.clock() <= since:
        pass
    ministry.keep(*(stix.make(f"new {n}") for n in range(5)), tlp=TLP.GREEN)
    exchange.publish(agreement, everything=True, by="test")
    joins(agreement, tlp_ceiling="amber")
    every = exchange.foresee_before(who, agreement, LATE)
    assert (every.found, every.looked, every.goes, every.beyond) == (7, 3, 3, False)
    monkeypatch.setattr(joining, "COUNTED", 5)
    every = exchange.foresee_before(who, agreement, LATE)
    assert (every.found, every.beyond) == (5, True)
    assert exchange.list_joined(who, agreement)[0].more
    assert exchange.foresee_before(who, agreement, LATE, since=since).found == 5
    assert exchange.foresee_before(who, agreement, LATE, since=ministry.clock() + 10**9).found == 0
    # Cut off after some, it says so and goes on.
    first = exchange.give_before(who, agreement, LATE, by="test", since=since, most=3)
    assert len(first.report.queued) == 4 and first.more
    rest = exchange.give_before(who, agreement, LATE, by="test", since=since)
    assert len(rest.report.queued) == 1 and not rest.more
    assert exchange.foresee_before(who, agreement, LATE).found == 2


def test_what_may_not_go_says_why(ministry: Any, operator: Any, stix: Any, joins: Any) -> None:
    agreement = stix.agree(ministry, operator, groups=[ALONE], tlp_ceiling="amber")
    exchange, who = ministry.exchange, ministry.reader()
    ministry.keep(stix.make("open"), stix.make("for two"), tlp=TLP.GREEN)
    ministry.keep(stix.make("sealed"), tlp=TLP.GREEN, sealed_to=("ministry.example", OPERATOR))
    ministry.keep(stix.make("high"), tlp=TLP.AMBER)
    joins(agreement, groups=[ALONE], tlp_ceiling="amber")
    # While the neighbour is a party, the audience is one; what is for it goes on its own lane.
    exchange.publish(agreement, ids(stix, "for two", "sealed"), by="test", audience="alone")
    assert exchange.foresee_before(who, agreement, LATE).goes == 0
    exchange.publish(agreement, ids(stix, "open", "high"), by="test", parties=[OPERATOR])
    held = exchange.foresee_before(who, agreement, LATE)
    assert (held.found, held.goes, held.held) == (4, 0, 4)
    (ground,) = held.grounds
    assert (ground.because[0].code, ground.because[0].clause, ground.count) == ("audience", "19", 4)
    made = exchange.give_before(who, agreement, LATE, by="test")
    assert made.report.queued == () and {why.because[0].code for why in made.report.refused} == {"audience"}


def test_of_what_no_lane_is_known_only_what_all_others_have_goes(
    ministry: Any, operator: Any, stix: Any, joins: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    exchange, who = ministry.exchange, ministry.reader()
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    exchange.publish(agreement, everything=True, by="test")
    joins(agreement, tlp_ceiling="amber")
    monkeypatch.setattr(ministry.lanes, "find_aims", lambda numbers: {})
    assert exchange.foresee_before(who, agreement, LATE).goes == 1
    ministry.store.write(lambda tx: tx.execute("UPDATE publication SET parties = 'another.example'"))
    assert exchange.foresee_before(who, agreement, LATE).goes == 0


def test_the_gate_is_asked_anew_for_the_newcomer(ministry: Any, operator: Any, stix: Any, joins: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    exchange, who = ministry.exchange, ministry.reader()
    ministry.keep(stix.make("open"), tlp=TLP.GREEN)
    ministry.keep(stix.make("high"), tlp=TLP.AMBER)
    # Two were all parties then: the lane was for all of them, and what seals it is the label alone.
    ministry.keep(stix.make("sealed"), tlp=TLP.GREEN, sealed_to=("ministry.example", OPERATOR))
    assert len(exchange.publish(agreement, everything=True, by="test").queued) == 3
    joins(agreement, groups=[ALONE], tlp_ceiling="green")
    before = exchange.foresee_before(who, agreement, LATE)
    assert (before.found, before.goes, before.held) == (3, 1, 2)
    assert {ground.because[0].code for ground in before.grounds} == {"ceiling", "sealed"}
    assert {ground.because[0].clause for ground in before.grounds} == {"2", "19"}
    made = exchange.give_before(who, agreement, LATE, by="test")
    assert made.report.queued == ids(stix, "open")
    assert {ground.because[0].code for ground in made.grounds} == {"ceiling", "sealed"}


def test_a_reader_gives_and_counts_what_they_are_cleared_for(
    ministry: Any, operator: Any, stix: Any, joins: Any
) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    exchange = ministry.exchange
    ministry.keep(stix.make("open"), tlp=TLP.GREEN)
    ministry.keep(stix.make("canary"), tlp=TLP.AMBER)
    exchange.publish(agreement, everything=True, by="test")
    joins(agreement, tlp_ceiling="amber")
    low = ministry.reader(TLP.GREEN)
    seen = exchange.foresee_before(low, agreement, LATE)
    assert seen.found == 1 and "canary" not in repr(seen)
    assert exchange.list_joined(low, agreement)[0].lacks == 1
    assert exchange.give_before(low, agreement, LATE, by="test").report.queued == ids(stix, "open")
    assert exchange.foresee_before(low, agreement, LATE).found == 0
    assert exchange.foresee_before(ministry.reader(), agreement, LATE).found == 1


def test_what_needs_release_is_asked_for(ministry: Any, operator: Any, neighbour: Any, stix: Any, joins: Any) -> None:
    rule = ApprovalRule(tlp="amber", role="liaison", persons=1)
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber", approvals=(rule,))
    exchange, who = ministry.exchange, ministry.reader()
    ministry.keep(stix.make("a"), tlp=TLP.AMBER)
    asker = ministry.people.save_person("Asker", [Role.ANALYST], TLP.RED, by="test").id
    liaison = ministry.people.save_person("Liaison", [Role.LIAISON], TLP.RED, by="test").id
    exchange.publish(agreement, ids(stix, "a"), by=asker)
    exchange.release(who, [each.id for each in exchange.list_approvals(who)], by=liaison)
    joins(agreement, tlp_ceiling="amber", approvals=(rule,))
    before = exchange.foresee_before(who, agreement, LATE)
    assert (before.goes, before.waits) == (0, 1) and before.waiting[0].because[0].clause == "13"
    for _ in range(2):
        made = exchange.give_before(who, agreement, LATE, by=asker)
        assert made.report.queued == () and [why.stix_id for why in made.report.waiting] == list(ids(stix, "a"))
        (waiting,) = exchange.list_approvals(who)
        assert waiting.parties == (LATE,)
    (spoken,) = exchange.release(who, [waiting.id], by=liaison)
    assert spoken.state == "sent" and exchange.foresee_before(who, agreement, LATE).found == 0
    assert exchange.list_publications(who)[0].parties == (LATE,)


def test_only_another_party_that_is_still_there(
    ministry: Any, operator: Any, neighbour: Any, stix: Any, joins: Any
) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    exchange, who = ministry.exchange, ministry.reader()
    assert exchange.list_joined(who, agreement) == []
    for party, code in ((LATE, "not-a-party"), ("ministry.example", "own-party")):
        for verb in (exchange.foresee_before, lambda *said: exchange.give_before(*said, by="test")):
            with pytest.raises(Refused) as said:
                verb(who, agreement, party)
            assert said.value.code == code and said.value.remedy
    with pytest.raises(Unknown):
        exchange.foresee_before(who, "agr_none", LATE)
    with pytest.raises(Forbidden):
        exchange.foresee_before(ministry.foreign(OPERATOR), agreement, LATE)
    with pytest.raises(Forbidden):
        exchange.list_joined(ministry.foreign(OPERATOR), agreement)
    joins(agreement, tlp_ceiling="amber")
    assert exchange.foresee_before(who, agreement, LATE).found == 0
    stix.carry(agreement, ministry, neighbour)
    neighbour.agreements.leave(agreement, by="test")
    stix.carry(agreement, neighbour, ministry)
    with pytest.raises(Refused) as left:
        exchange.foresee_before(who, agreement, LATE)
    assert left.value.code == "has-left" and exchange.list_joined(who, agreement) == []


def test_while_it_is_suspended_nothing_is_given(ministry: Any, operator: Any, stix: Any, joins: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    exchange, who = ministry.exchange, ministry.reader()
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    exchange.publish(agreement, everything=True, by="test")
    joins(agreement, tlp_ceiling="amber")
    ministry.agreements.suspend(agreement, suspended=True, by="test")
    seen = exchange.foresee_before(who, agreement, LATE)
    assert seen.goes == 1 and "suspended" in seen.hinders
    with pytest.raises(Refused) as said:
        exchange.give_before(who, agreement, LATE, by="test")
    assert said.value.code == "suspended"
