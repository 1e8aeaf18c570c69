"""Releasing: what an approval rule covers goes when the right persons have said so, decided anew at that moment."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.model import ApprovalRule, Emergency
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import Damaged, Forbidden, Unknown
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

TWO = (ApprovalRule(tlp="amber", role="liaison", persons=2),)


class Staff:
    """People of the ministry, by their first role."""

    def __init__(self, ministry: Any) -> None:
        def person(name: str, *roles: Role) -> str:
            return str(ministry.people.save_person(name, roles, TLP.RED, by="test").id)

        self.lead = person("Lead", Role.LEAD, Role.LIAISON)
        self.first = person("First", Role.LIAISON)
        self.second = person("Second", Role.LIAISON, Role.LEGAL)
        self.legal = person("Legal", Role.LEGAL)
        self.duty = person("Duty", Role.DUTY_OFFICER)


@pytest.fixture
def staff(ministry: Any) -> Staff:
    return Staff(ministry)


def ask(ministry: Any, operator: Any, stix: Any, staff: Staff, *names: str, **terms: Any) -> tuple[str, list[str]]:
    """An agreement with the terms, under which the lead asks for these amber things to go."""
    agreement = stix.agree(ministry, operator, **({"tlp_ceiling": "amber", "approvals": TWO} | terms))
    ministry.keep(*(stix.make(name) for name in names), tlp=TLP.AMBER)
    ids = [stix.id("indicator", name) for name in names]
    report = ministry.exchange.publish(agreement, ids, by=staff.lead)
    assert [why.stix_id for why in report.waiting] == ids and not report.queued
    assert {(why.because[0].code, why.because[0].clause) for why in report.waiting} == {("awaits-release", "13")}
    waiting = {each.stix_id: each.id for each in ministry.exchange.list_approvals(ministry.reader())}
    return agreement, [waiting[each] for each in ids]


def states(spoken: Any) -> list[str]:
    return [each.state for each in spoken]


def grounds(spoken: Any) -> list[str]:
    return [reason.code for each in spoken for reason in each.because]


def test_two_different_persons_release_and_never_the_one_who_asked(
    ministry: Any, operator: Any, stix: Any, staff: Staff
) -> None:
    agreement, ids = ask(ministry, operator, stix, staff, "a", "b")
    who, exchange = ministry.reader(), ministry.exchange
    assert not ministry.outgoing()
    assert grounds(exchange.release(who, ids, by=staff.lead)) == ["asked-by-you"] * 2
    assert grounds(exchange.release(who, ids, by=staff.legal)) == ["not-your-role"] * 2
    assert states(exchange.release(who, ids, by=staff.first)) == ["waiting"] * 2
    assert grounds(exchange.release(who, ids[:1], by=staff.first)) == ["spoken-already"]
    (lack,) = exchange.list_approvals(who)[0].lacks
    assert (lack.role, lack.persons) == ("liaison", 1) and not ministry.outgoing()
    assert states(exchange.release(who, ids[:1], by=staff.second)) == ["sent"]
    (sent,) = ministry.outgoing()
    assert sent.content == stix.make("a")
    assert [each.id for each in exchange.list_approvals(who)] == ids[1:]
    assert grounds(exchange.release(who, ids[:1], by=staff.second)) == ["not-waiting"]
    (line,) = exchange.list_publications(who)
    assert line.by == staff.second and line.agreement == agreement
    with ministry.store.read() as reader:
        told = {(each.actor, each.action, each.detail.get("clause")) for each in audit.list_audit(reader)}
    assert {(staff.first, "approval.release", "13"), (staff.second, "approval.release", "13")} <= told


def test_asking_twice_asks_once_and_a_repeated_publication_changes_nothing(
    ministry: Any, operator: Any, stix: Any, staff: Staff
) -> None:
    agreement, (waiting,) = ask(ministry, operator, stix, staff, "a")
    again = ministry.exchange.publish(agreement, everything=True, by=staff.first)
    assert len(again.waiting) == 1
    (held,) = ministry.exchange.list_approvals(ministry.reader())
    assert (held.id, held.asked_by) == (waiting, staff.lead)


def test_it_is_decided_again_when_it_is_sent(ministry: Any, operator: Any, stix: Any, staff: Staff) -> None:
    agreement, ids = ask(ministry, operator, stix, staff, "suspended", "raised", "renewed", "fine")
    who, exchange = ministry.reader(), ministry.exchange
    exchange.release(who, ids, by=staff.first)
    ministry.agreements.suspend(agreement, suspended=True, by="test")
    left = exchange.release(who, ids, by=staff.second)
    assert states(left) == ["left"] * 4 and (left[0].because[0].code, left[0].because[0].clause) == ("suspended", "10")
    assert len(exchange.list_approvals(who)) == 4 and not ministry.outgoing()
    ministry.agreements.suspend(agreement, suspended=False, by="test")
    # Another party's word on it, under an agreement that lets nothing go on.
    ministry.keep(stix.make("raised"), tlp=TLP.RED, owner="third.example", source="third.example", agreement="agr_x")
    ministry.keep(stix.make("renewed", minute=7), tlp=TLP.AMBER)
    spoken = exchange.release(who, ids, by=staff.second)
    assert states(spoken) == ["sent", "barred", "barred", "sent"]
    assert spoken[2].because[0].code == "other-version" and spoken[1].because
    assert {sent.content for sent in ministry.outgoing()} == {stix.make("suspended"), stix.make("fine")}
    settled = {each.id: each for each in exchange.list_settled(who)}
    assert settled[ids[1]].state == "barred" and settled[ids[1]].because == spoken[1].because


def test_a_word_is_taken_back_until_it_is_sent(ministry: Any, operator: Any, stix: Any, staff: Staff) -> None:
    _, ids = ask(ministry, operator, stix, staff, "a", "b")
    who, exchange = ministry.reader(), ministry.exchange
    exchange.release(who, ids, by=staff.first)
    assert states(exchange.take_back(who, ids, by=staff.first)) == ["waiting"] * 2
    assert grounds(exchange.take_back(who, ids, by=staff.first)) == ["not-waiting"] * 2
    assert states(exchange.release(who, ids, by=staff.second)) == ["waiting"] * 2
    with pytest.raises(Damaged):
        exchange.decline(who, ids, because=" ", by=staff.first)
    assert grounds(exchange.decline(who, ids, because="no", by=staff.legal)) == ["not-your-role"] * 2
    assert states(exchange.decline(who, ids[:1], because="Too early.", by=staff.first)) == ["declined"]
    assert grounds(exchange.release(who, ids[:1], by=staff.first)) == ["not-waiting"]
    assert states(exchange.take_back(who, ids[:1], by=staff.first)) == ["waiting"]
    assert states(exchange.decline(who, ids[1:], because="I was wrong.", by=staff.lead)) == ["withdrawn"]
    # Both words count still: the second one's, and now the first one's.
    assert states(exchange.release(who, ids[:1], by=staff.first)) == ["sent"]
    assert grounds(exchange.take_back(who, ids[:1], by=staff.first)) == ["not-waiting"]


def test_nobody_learns_of_what_waits_beyond_their_clearance(
    ministry: Any, operator: Any, stix: Any, staff: Staff
) -> None:
    _, ids = ask(ministry, operator, stix, staff, "canary")
    low, exchange = ministry.reader(TLP.GREEN), ministry.exchange
    assert exchange.list_approvals(low) == [] and exchange.list_settled(low) == []
    assert exchange.list_approvals_of(low, stix.id("indicator", "canary")) == []
    with pytest.raises(Unknown):
        exchange.release(low, ids, by=staff.first)
    for verb in (exchange.list_approvals, exchange.list_settled, exchange.list_unreviewed):
        with pytest.raises(Forbidden):
            verb(ministry.foreign("operator.example"))
    with pytest.raises(Forbidden):
        exchange.release(ministry.reader(), ids, by="a-program")


def test_a_partner_reads_nothing_that_is_not_released(ministry: Any, operator: Any, stix: Any, staff: Staff) -> None:
    agreement, (waiting,) = ask(ministry, operator, stix, staff, "canary")
    theirs = ministry.foreign("operator.example")
    assert ministry.poll(theirs) == ([], 0) and ministry.exchange.counts(theirs).total == 0
    made = ministry.exchange.explain(stix.id("indicator", "canary"), "operator.example", who=ministry.reader())
    assert [(r.code, r.clause, r.agreement) for r in made.decision.because] == [("awaits-release", "13", agreement)]
    # And what names it goes without it, until it is released itself.
    ministry.keep(stix.make("r", "report", object_refs=[stix.id("indicator", "canary"), stix.id("tool", "t")]))
    passed = ministry.exchange.foresee_publish(agreement, stix.id("report", "r"), who=ministry.reader())
    assert passed.withheld == (stix.id("indicator", "canary"),)
    for by in (staff.first, staff.second):
        ministry.exchange.release(ministry.reader(), [waiting], by=by)
    passed = ministry.exchange.foresee_publish(agreement, stix.id("report", "r"), who=ministry.reader())
    assert passed.fate == "queued" and not passed.withheld
    assert stix.hand_over(ministry, operator) == [None]


def test_a_duty_officer_sends_at_once_and_somebody_else_reviews_it(
    ministry: Any, operator: Any, stix: Any, staff: Staff
) -> None:
    rules = (ApprovalRule(tlp="green", role="legal"),)
    agreement = stix.agree(
        ministry, operator, tlp_ceiling="amber", approvals=rules, emergency=Emergency(tlp="green", review_s=60)
    )
    ministry.keep(stix.make("a"), tlp=TLP.GREEN)
    ministry.keep(stix.make("b"), tlp=TLP.AMBER)
    ids, who = [stix.id("indicator", name) for name in "ab"], ministry.reader()
    for by in (staff.lead, "operator"):
        with pytest.raises(Forbidden):
            ministry.exchange.publish(agreement, ids, by=by, emergency="It burns.")
    report = ministry.exchange.publish(agreement, ids, by=staff.duty, emergency="It burns.")
    assert report.queued == (ids[0],) and not report.waiting
    assert [(why.because[0].code, why.because[0].clause) for why in report.refused] == [("emergency", "14")]
    (sent,) = ministry.exchange.list_unreviewed(who)
    assert sent.emergency and sent.because[0].text == "It burns."
    assert not sent.is_overdue(sent.asked_at + 59_000_000) and sent.is_overdue(sent.asked_at + 61_000_000)
    assert grounds(ministry.exchange.review(who, [sent.id], text="Fine.", by=staff.duty)) == ["sent-by-you"]
    assert states(ministry.exchange.review(who, [sent.id], text="Fine.", by=staff.legal)) == ["sent"]
    assert ministry.exchange.list_unreviewed(who) == []
    assert grounds(ministry.exchange.review(who, [sent.id], text="Again.", by=staff.lead)) == ["not-waiting"]


def test_references_block_where_the_terms_say_so(ministry: Any, operator: Any, stix: Any) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green", references="block")
    ministry.keep(stix.make("canary", "tool"), tlp=TLP.RED)
    ministry.keep(stix.make("t", "tool"), tlp=TLP.GREEN)
    ministry.keep(
        stix.make("r", "report", object_refs=[stix.id("tool", "canary"), stix.id("tool", "t")]), tlp=TLP.GREEN
    )
    report = ministry.exchange.publish(agreement, [stix.id("report", "r"), stix.id("tool", "t")], by="test")
    assert report.queued == (stix.id("tool", "t"),)
    assert [(r.code, r.agreement, r.clause) for r in report.refused[0].because] == [("reference", agreement, "12")]
