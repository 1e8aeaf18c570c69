"""Publishing rules: looked at, started, given once and all, held to their limit and their maker's rights, undone."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.agreements.model import ApprovalRule
from kouprey.exchange.model import Filters
from kouprey.exchange.model.searching import Search
from kouprey.exchange.store import publishing as rows
from kouprey.kernel.storage import audit
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import DAY
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


@pytest.fixture
def lead(ministry: Any) -> str:
    return str(ministry.people.save_person("Lead", (Role.LEAD,), TLP.AMBER, by="test").id)


def rule_of(
    ministry: Any, agreement: str, by: str, *, search: Search = Search(types=("indicator",)), **more: Any
) -> str:
    """A rule that is proposed; its id."""
    who = ministry.people.reader_of(ministry.people.get_person(by))
    ministry.exchange.save_search(who, more.get("name", "Beacons"), search, by=by)
    made = ministry.exchange.add_publishing_rule(
        who, saved=more.get("name", "Beacons"), agreement=agreement, by=by, **more
    )
    assert made.state == "proposed"
    return str(made.id)


def sent(ministry: Any) -> list[str]:
    return [delivery.content.decode().split('"name":"')[1].split('"')[0] for delivery in ministry.outgoing()]


def state(ministry: Any, rule: str) -> Any:
    return ministry.exchange.get_publishing_rule(ministry.reader(), rule)


def today(ministry: Any) -> int:
    return int(ministry.exchange._clock() // DAY)


def test_a_dry_run_says_what_would_become_of_what_is_held_and_does_nothing(
    ministry: Any, operator: Any, stix: Any, lead: str
) -> None:
    rules = (ApprovalRule(tlp="green", role="legal", persons=1),)
    agreement = stix.agree(ministry, operator, tlp_ceiling="green", approvals=rules)
    ministry.keep(stix.make("open"), stix.make("other"), stix.make("tool", "tool"))
    ministry.keep(stix.make("waits"), tlp=TLP.GREEN)
    ministry.keep(stix.make("high"), tlp=TLP.AMBER)
    ministry.keep(stix.make("hidden"), tlp=TLP.RED)
    rule = rule_of(ministry, agreement, lead)
    who = ministry.people.reader_of(ministry.people.get_person(lead))
    seen = ministry.exchange.try_publishing_rule(who, rule)
    assert (seen.looked, seen.goes, seen.waits, seen.held, seen.already, seen.more) == (4, 2, 1, 1, 0, False)
    assert {each.title for each in seen.samples} == {"open", "other"} and seen.parties == ("operator.example",)
    (ground,) = seen.grounds
    assert (ground.count, ground.because[0].code, ground.because[0].clause) == (1, "ceiling", "2")
    assert [each.title for each in ground.samples] == ["high"] and ground.because[0].agreement == agreement
    assert seen.waiting[0].because[0].clause == "13"
    assert not ministry.outgoing() and not ministry.exchange.list_approvals(ministry.reader())
    assert ministry.exchange.give_by_rules() == 0


def test_what_comes_in_is_given_and_nothing_twice(ministry: Any, operator: Any, stix: Any, lead: str) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.keep(stix.make("before"))
    rule, exchange, who = rule_of(ministry, agreement, lead), ministry.exchange, ministry.reader()
    exchange.start_publishing_rule(who, rule, by=lead)
    assert exchange.give_by_rules() == 0
    ministry.keep(stix.make("new"), stix.make("tool", "tool"))
    ministry.keep(stix.make("high"), tlp=TLP.AMBER)
    ministry.keep(stix.make("hidden"), tlp=TLP.RED)
    assert exchange.give_by_rules() == 1 and sent(ministry) == ["new"]
    assert exchange.give_by_rules() == 0
    ministry.keep(stix.make("new", minute=5))
    assert exchange.give_by_rules() == 1 and sent(ministry) == ["new", "new"]
    # What was held back waits for nothing: only news of it is looked at again, or everything if that is wanted.
    exchange.start_publishing_rule(who, rule, by=lead, everything=True)
    assert exchange.give_by_rules() == 1 and sent(ministry) == ["new", "new", "before"]
    (day,) = exchange.list_publishing_days(who, rule)
    assert (day.given, day.waiting, day.held, day.undone) == (3, 0, 1, 0)
    (held,) = exchange.list_publishing_items(who, rule, day.day, ("refused",))
    assert (held.title, held.because[0].code) == ("high", "ceiling")
    # Whoever may not see the thing learns nothing of it, not by a count either.
    low = ministry.reader(TLP.GREEN)
    assert exchange.list_publishing_days(low, rule)[0].held == 0
    assert exchange.list_publishing_items(low, rule, day.day, ("refused",)) == []
    (line, *_) = exchange.list_publications(who)
    assert line.by == lead


def test_a_step_is_all_or_nothing_and_two_workers_do_it_once(
    ministry: Any, operator: Any, stix: Any, lead: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    rule, exchange, who = rule_of(ministry, agreement, lead), ministry.exchange, ministry.reader()
    exchange.start_publishing_rule(who, rule, by=lead)
    ministry.keep(stix.make("a"), stix.make("b"))

    def crash(*_: Any) -> None:
        raise RuntimeError("power is gone")

    with monkeypatch.context() as patch:
        patch.setattr(rows, "reach", crash)
        with pytest.raises(RuntimeError):
            exchange.give_by_rules()
    assert not ministry.outgoing() and not exchange.list_publishing_days(who, rule)
    held = state(ministry, rule)
    with ministry.store.read() as reader:
        met = rows.list_next(reader, "", held.reached, 100)
    assert exchange._give_some(held, met) == 2
    # The other worker had read the same place.
    assert exchange._give_some(held, met) is None
    assert sorted(sent(ministry)) == ["a", "b"]


@pytest.mark.parametrize("met", [1, 2, 1_000])
def test_steps_of_any_size_give_everything_once(
    ministry: Any, operator: Any, stix: Any, lead: str, monkeypatch: pytest.MonkeyPatch, met: int
) -> None:
    monkeypatch.setattr("kouprey.exchange.service.applying.MET", met)
    monkeypatch.setattr("kouprey.exchange.service.applying.GIVEN", 2)
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    names = [f"n{number}" for number in range(7)]
    ministry.keep(*(stix.make(name) for name in names), stix.make("n3", minute=9), stix.make("t", "tool"))
    rule = rule_of(ministry, agreement, lead, search=Search(text="n*"))
    ministry.exchange.start_publishing_rule(ministry.reader(), rule, by=lead, everything=True)
    assert ministry.exchange.give_by_rules() == 7
    assert sorted(sent(ministry)) == names


def test_its_maker_s_clearance_and_role_bound_it(ministry: Any, operator: Any, stix: Any, lead: str) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="amber")
    rule, exchange, who = rule_of(ministry, agreement, lead), ministry.exchange, ministry.reader()
    exchange.start_publishing_rule(who, rule, by=lead)
    ministry.people.save_person("Lead", (Role.LEAD,), TLP.GREEN, by="test")
    ministry.keep(stix.make("amber"), tlp=TLP.AMBER)
    ministry.keep(stix.make("green"), tlp=TLP.GREEN)
    assert exchange.give_by_rules() == 1 and sent(ministry) == ["green"]
    ministry.people.save_person("Lead", (Role.ANALYST,), TLP.GREEN, by="test")
    ministry.keep(stix.make("later"), tlp=TLP.GREEN)
    assert exchange.give_by_rules() == 0
    held = state(ministry, rule)
    assert held.paused_itself and held.because[0].code == "maker-role"
    with pytest.raises(Forbidden):
        exchange.start_publishing_rule(who, rule, by=lead)
    ministry.people.save_person("Lead", (Role.LEAD,), TLP.GREEN, by="test")
    exchange.start_publishing_rule(who, rule, by=lead)
    assert exchange.give_by_rules() == 1 and sent(ministry) == ["green", "later"]
    ministry.people.set_active(ministry.people.get_person(lead), active=False, by="test")
    assert exchange.give_by_rules() == 0 and state(ministry, rule).because[0].code == "maker-inactive"
    # Somebody else takes it over, and it has their rights from then on.
    other = str(ministry.people.save_person("Other", (Role.LEAD,), TLP.AMBER, by="test").id)
    assert exchange.start_publishing_rule(who, rule, by=other).person == other
    with ministry.store.read() as reader:
        done = {each.action for each in audit.list_audit(reader) if each.subject == rule}
    assert {"publishing-rule.propose", "publishing-rule.start", "publishing-rule.pause-itself"} <= done


def test_beyond_its_limit_it_pauses_itself_and_goes_on_where_it_stopped(
    ministry: Any, operator: Any, stix: Any, lead: str
) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    rule, exchange, who = rule_of(ministry, agreement, lead, limit=3), ministry.exchange, ministry.reader()
    exchange.start_publishing_rule(who, rule, by=lead)
    ministry.keep(stix.make("high"), tlp=TLP.AMBER)
    ministry.keep(*(stix.make(f"n{number}") for number in range(5)))
    assert exchange.give_by_rules() == 3
    held = state(ministry, rule)
    assert held.state == "paused" and held.because[0].code == "limit" and held.paused_itself
    assert exchange.give_by_rules() == 0 and len(sent(ministry)) == 3
    exchange.start_publishing_rule(who, rule, by=lead)
    assert exchange.give_by_rules() == 2 and sorted(sent(ministry)) == [f"n{number}" for number in range(5)]
    assert state(ministry, rule).state == "running"


def test_an_approval_rule_holds_and_a_day_is_undone(ministry: Any, operator: Any, stix: Any, lead: str) -> None:
    rules = (ApprovalRule(tlp="green", role="legal", persons=1),)
    agreement = stix.agree(ministry, operator, tlp_ceiling="green", approvals=rules)
    legal = str(ministry.people.save_person("Legal", (Role.LEGAL,), TLP.RED, by="test").id)
    rule, exchange, who = rule_of(ministry, agreement, lead), ministry.exchange, ministry.reader()
    exchange.start_publishing_rule(who, rule, by=lead)
    ministry.keep(stix.make("open"))
    ministry.keep(stix.make("first"), stix.make("second"), tlp=TLP.GREEN)
    assert exchange.give_by_rules() == 3 and sent(ministry) == ["open"]
    waiting = {each.title: each for each in exchange.list_approvals(who)}
    assert set(waiting) == {"first", "second"} and waiting["first"].asked_by == lead
    exchange.release(who, [waiting["first"].id], by=legal)
    day = today(ministry)
    with pytest.raises(Damaged):
        exchange.undo_publishing_day(who, rule, day, because=" ", by=lead)
    undone = exchange.undo_publishing_day(who, rule, day, because="Wrong feed.", by=lead)
    assert (undone.recalled, undone.withdrawn, undone.left, undone.more) == (2, 1, (), False)
    assert exchange.list_approvals(who) == []
    told = {each.stix_id for each in exchange.list_outstanding(who)}
    assert told == {stix.id("indicator", "open"), stix.id("indicator", "first")}
    assert exchange.list_publishing_days(who, rule)[0].undone == 3
    with pytest.raises(Refused):
        exchange.undo_publishing_day(who, rule, day, because="Again.", by=lead)
    assert len(exchange.list_outstanding(who)) == 2


def test_sightings_go_if_wanted_and_only_of_what_is_found(ministry: Any, operator: Any, stix: Any, lead: str) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    indicators = Search(types=("indicator",))
    plain = rule_of(ministry, agreement, lead, search=indicators)
    exchange, who = ministry.exchange, ministry.reader()
    exchange.start_publishing_rule(who, plain, by=lead)
    of = {"sighting_of_ref": stix.id("indicator", "a")}
    other = {"sighting_of_ref": stix.id("tool", "t")}
    ministry.keep(stix.make("a"), stix.make("t", "tool"))
    ministry.keep(stix.make("seen", "sighting", **of), stix.make("else", "sighting", **other))
    assert exchange.give_by_rules() == 1 and sent(ministry) == ["a"]
    exchange.change_publishing_rule(who, plain, name="Beacons", limit=50, sightings=True, by=lead)
    exchange.start_publishing_rule(who, plain, by=lead, everything=True)
    assert exchange.give_by_rules() == 1 and sent(ministry) == ["a", "seen"]


def test_what_joins_a_collection_is_given_whatever_its_age(ministry: Any, operator: Any, stix: Any, lead: str) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    ministry.exchange.create_collection("out", title="Out", by="test")
    ministry.keep(stix.make("a"), stix.make("b"))
    rule = rule_of(ministry, agreement, lead, search=Search(collection="out", filters=Filters(levels=(TLP.CLEAR,))))
    exchange, who = ministry.exchange, ministry.reader()
    exchange.start_publishing_rule(who, rule, by=lead)
    ministry.keep(stix.make("c"))
    assert exchange.give_by_rules() == 0
    ministry.keep(stix.make("a"), into=("out",))
    assert exchange.give_by_rules() == 1 and sent(ministry) == ["a"]


def test_a_suspension_of_ours_makes_it_wait_and_an_end_pauses_it(
    ministry: Any, operator: Any, stix: Any, lead: str
) -> None:
    agreement = stix.agree(ministry, operator, tlp_ceiling="green")
    rule, exchange, who = rule_of(ministry, agreement, lead), ministry.exchange, ministry.reader()
    exchange.start_publishing_rule(who, rule, by=lead)
    ministry.agreements.suspend(agreement, suspended=True, by="test")
    ministry.keep(stix.make("a"))
    assert exchange.give_by_rules() == 0 and state(ministry, rule).state == "running"
    ministry.agreements.suspend(agreement, suspended=False, by="test")
    assert exchange.give_by_rules() == 1
    ministry.agreements.leave(agreement, by="test")
    ministry.keep(stix.make("b"))
    assert exchange.give_by_rules() == 0
    held = state(ministry, rule)
    assert held.paused_itself and held.because[0].agreement == agreement


def test_names_limits_and_readers_are_checked(ministry: Any, operator: Any, stix: Any, lead: str) -> None:
    agreement = stix.agree(ministry, operator)
    rule, exchange, who = rule_of(ministry, agreement, lead), ministry.exchange, ministry.reader()
    make = exchange.add_publishing_rule
    with pytest.raises(Refused):
        make(who, saved="Beacons", agreement=agreement, by=lead)
    for wrong in ({"limit": 0}, {"name": " \t"}, {"limit": 10_000_000}):
        with pytest.raises(Damaged):
            make(who, **({"saved": "Beacons", "agreement": agreement, "by": lead, "name": "Other"} | wrong))
    with pytest.raises(Unknown):
        make(who, saved="None", agreement=agreement, by=lead)
    with pytest.raises(Unknown):
        make(who, saved="Beacons", name="B", agreement="agr_none", by=lead)
    analyst = str(ministry.people.save_person("Ana", (Role.ANALYST,), TLP.AMBER, by="test").id)
    exchange.save_search(who, "Mine", Search(text="x"), by=analyst)
    with pytest.raises(Forbidden):
        make(who, saved="Mine", agreement=agreement, by=analyst)
    foreign = ministry.foreign("operator.example")
    for verb in (exchange.get_publishing_rule, exchange.try_publishing_rule, exchange.list_publishing_days):
        with pytest.raises(Forbidden):
            verb(foreign, rule)
    assert exchange.pause_publishing_rule(who, rule, by=lead).state == "proposed"
    exchange.start_publishing_rule(who, rule, by=lead)
    assert not exchange.pause_publishing_rule(who, rule, by=lead).paused_itself
    exchange.end_publishing_rule(who, rule, by=lead)
    assert exchange.list_publishing_rules(who) == []
    with pytest.raises(Unknown):
        exchange.get_publishing_rule(who, rule)
    assert make(who, saved="Beacons", agreement=agreement, by=lead).name == "Beacons"
