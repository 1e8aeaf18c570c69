"""What is too old goes by a rule that somebody proposed, looked at and confirmed; a hold keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from kouprey.exchange.model.searching import Search
from kouprey.exchange.service.ageing import DAY
from kouprey.kernel.words.errors import Damaged, Forbidden, Refused, Unknown
from kouprey.kernel.words.time import Instant, wall_clock
from kouprey.kernel.words.tlp import TLP

WHY = "Policy 7"


class Calendar:
    """A clock that can be set forward by days."""

    def __init__(self) -> None:
        self.days = 0

    def __call__(self) -> Instant:
        return wall_clock() + self.days * DAY


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def party(found_party: Callable[..., Any], engine: str, calendar: Calendar) -> Any:
    return found_party("ministry.example", engine, calendar)


def add(party: Any, name: str = "Old tools", *, days: int = 30, **about: Any) -> Any:
    about = about or {"types": ("indicator",)}
    return party.exchange.add_rule(name, days=days, because=WHY, who=party.exchange.operator(), by="dara", **about)


def held(party: Any) -> set[str]:
    return {head.title for head in party.exchange.list_objects(party.reader(), limit=100).heads}


def in_force(party: Any, **about: Any) -> Any:
    return party.exchange.confirm_rule(party.exchange.operator(), add(party, **about).id, by="dara")


def run(party: Any, rule: Any, **more: Any) -> Any:
    return party.exchange.run_rule(party.exchange.operator(), rule.id, by="dara", **more)


def test_nothing_goes_before_somebody_confirmed_what_he_saw(party: Any, stix: Any, calendar: Calendar) -> None:
    party.keep(stix.make("old"), stix.make("older", "malware", is_family=False), tlp=TLP.GREEN)
    calendar.days = 31
    party.keep(stix.make("young"), tlp=TLP.GREEN)
    rule, who = add(party), party.exchange.operator()
    seen = party.exchange.preview_rule(who, rule.name)
    assert (seen.count, seen.held, seen.more, seen.by_type) == (1, 0, False, {"indicator": 1})
    assert [each.title for each in seen.samples] == ["old"] and seen.samples[0].since < calendar() - 30 * DAY
    assert party.exchange.retain() == 0
    with pytest.raises(Refused, match="proposed"):
        run(party, rule)
    assert held(party) == {"old", "older", "young"}
    party.exchange.confirm_rule(who, rule.id, by="dara")
    assert party.exchange.retain() == 1 and held(party) == {"older", "young"}
    (stone,) = party.exchange.list_tombstones(party.reader(), stix.id("indicator", "old"))
    assert (stone.because, stone.by) == (f"Retention, Old tools: {WHY}", "rule Old tools")
    (outcome,) = party.keep(stix.make("old"), tlp=TLP.GREEN)
    assert outcome.error is not None and outcome.error.code == "erased"
    (done,) = party.exchange.list_runs(who, rule.id)
    assert (done.erased, done.held, done.failed) == (1, 0, 0) and done.ended_at
    assert party.exchange.retain() == 0 and len(party.exchange.list_runs(who, rule.id)) == 1, "once a day"
    calendar.days = 62
    assert party.exchange.retain() == 1 and held(party) == {"older"}


@pytest.mark.parametrize(
    ("age", "gone"), [("received", {"untouched", "ended"}), ("news", {"untouched", "ended"}), ("end", {"ended"})]
)
def test_days_count_from_what_the_rule_says(
    party: Any, stix: Any, calendar: Calendar, age: Any, gone: set[str]
) -> None:
    ends = {"valid_from": "2020-01-01T00:00:00Z"}
    things = [
        stix.make("untouched"),
        stix.make("ended", **ends, valid_until="2020-06-01T00:00:00Z"),
        stix.make("changed"),
    ]
    party.keep(*things, tlp=TLP.GREEN)
    calendar.days = 31
    party.keep(stix.make("changed", minute=5), stix.make("fresh", **ends, valid_until="2999-01-01T00:00:00Z"))
    rule = in_force(party, types=("indicator",), age=age)
    assert run(party, rule).erased == len(gone)
    assert held(party) == {"untouched", "ended", "changed", "fresh"} - gone


def test_news_to_somebody_makes_it_young_for_one_age_and_not_the_other(
    party: Any, stix: Any, calendar: Calendar
) -> None:
    party.keep(stix.make("said"), tlp=TLP.GREEN)
    assert party.exchange.list_objects(party.reader(clearance=TLP.CLEAR)).heads == ()
    calendar.days = 31
    party.keep(stix.make("said"), tlp=TLP.CLEAR)
    who = party.exchange.operator()
    news, received = add(party, "By news", age="news", types=("indicator",)), add(party, "By receipt")
    assert party.exchange.preview_rule(who, news.id).count == 0
    assert party.exchange.preview_rule(who, received.id).count == 1


def test_a_hold_beats_a_rule(party: Any, stix: Any, calendar: Calendar) -> None:
    party.keep(stix.make("evidence"), stix.make("other"), tlp=TLP.GREEN)
    who = party.exchange.operator()
    hold = party.exchange.place_hold("object", stix.id("indicator", "evidence"), because="Case 9", who=who, by="dara")
    calendar.days = 31
    rule = in_force(party)
    assert party.exchange.preview_rule(who, rule.id).held == 1
    done = run(party, rule)
    assert (done.erased, done.held, done.failed) == (1, 1, 0) and held(party) == {"evidence"}
    party.exchange.lift_hold(hold.id, who=who, by="dara")
    assert run(party, rule).erased == 1 and held(party) == set()


def test_who_is_interrupted_goes_on(party: Any, stix: Any, calendar: Calendar, monkeypatch: pytest.MonkeyPatch) -> None:
    party.keep(*(stix.make(f"m{n}") for n in range(7)), tlp=TLP.GREEN)
    calendar.days = 31
    exchange, who = party.exchange, party.exchange.operator()
    rule, erase = in_force(party), exchange._erase
    assert not run(party, rule, seconds=-1).ended_at and len(held(party)) == 7, "there was no time for anything"

    def until_somebody_pauses(stix_id: str, **more: Any) -> Any:
        if len(held(party)) == 5:
            exchange.pause_rule(who, rule.id, by="dara")
        return erase(stix_id, **more)

    monkeypatch.setattr(exchange, "_erase", until_somebody_pauses)
    first = run(party, rule)
    assert first.erased == 3 and not first.ended_at and len(held(party)) == 4
    monkeypatch.undo()
    exchange.resume_rule(who, rule.id, by="dara")
    assert exchange.retain() == 4 and held(party) == set()
    (done,) = exchange.list_runs(who, rule.id)
    assert (done.id, done.erased) == (first.id, 7) and done.ended_at


def test_one_that_cannot_be_erased_stops_nothing(
    party: Any, stix: Any, calendar: Calendar, monkeypatch: pytest.MonkeyPatch
) -> None:
    party.keep(*(stix.make(f"m{n}") for n in range(3)), tlp=TLP.GREEN)
    calendar.days = 31
    rule, bad, erase = in_force(party), stix.id("indicator", "m1"), party.exchange._erase

    def sometimes(stix_id: str, **more: Any) -> Any:
        if stix_id == bad:
            raise Damaged("It does not work.")
        return erase(stix_id, **more)

    monkeypatch.setattr(party.exchange, "_erase", sometimes)
    done = run(party, rule)
    assert (done.erased, done.failed) == (2, 1) and bad in done.trouble and held(party) == {"m1"}


def test_paused_changed_and_removed(party: Any, stix: Any, calendar: Calendar) -> None:
    party.keep(stix.make("old"), tlp=TLP.GREEN)
    calendar.days = 31
    exchange, who = party.exchange, party.exchange.operator()
    rule = add(party)
    with pytest.raises(Refused, match="never confirmed"):
        exchange.resume_rule(who, rule.id, by="dara")
    exchange.confirm_rule(who, rule.id, by="dara")
    assert exchange.pause_rule(who, rule.id, by="dara").state == "paused" and exchange.retain() == 0
    assert exchange.resume_rule(who, rule.id, by="dara").state == "in-force"
    changed = exchange.change_rule(who, rule.name, days=60, because="Policy 8", by="dara")
    assert (changed.state, changed.days, changed.confirmed_at) == ("proposed", 60, 0) and exchange.retain() == 0
    exchange.remove_rule(who, rule.id, by="dara")
    assert exchange.list_rules(who) == [] and held(party) == {"old"}
    with pytest.raises(Unknown):
        exchange.confirm_rule(who, rule.id, by="dara")
    assert add(party).name == rule.name, "its name is free again"
    with party.store.read() as reader:
        verbs = [row[0] for row in reader.all("SELECT action FROM audit WHERE subject = ? ORDER BY id", (rule.id,))]
    assert verbs == [f"retention.{verb}" for verb in ("propose", "confirm", "pause", "resume", "change", "remove")]


def test_a_saved_search_is_copied(party: Any, stix: Any, calendar: Calendar) -> None:
    party.keep(stix.make("loader one"), stix.make("dropper"), tlp=TLP.GREEN)
    exchange, who = party.exchange, party.exchange.operator()
    exchange.save_search(who, "Loaders", Search(text="loader"), by="dara")
    rule = in_force(party, saved="Loaders")
    exchange.delete_search(who, "Loaders", by="dara")
    calendar.days = 31
    assert rule.what == "what the search Loaders finds"
    assert run(party, rule).erased == 1 and held(party) == {"dropper"}


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"types": ()}, Damaged),
        ({"days": 0}, Damaged),
        ({"days": 40_000}, Damaged),
        ({"because": " "}, Damaged),
        ({"name": ""}, Damaged),
        ({"name": "n" * 81}, Damaged),
        ({"saved": "nothing"}, Unknown),
        ({"types": (), "agreement": "agr_nothing"}, Unknown),
        ({"types": (), "collection": "nothing"}, Unknown),
    ],
)
def test_what_is_no_rule(party: Any, wrong: dict[str, Any], error: type[Exception]) -> None:
    right: dict[str, Any] = {"name": "A", "days": 30, "because": WHY, "types": ("indicator",)}
    with pytest.raises(error):
        party.exchange.add_rule(**{**right, **wrong}, who=party.exchange.operator(), by="dara")
    assert party.exchange.list_rules(party.exchange.operator()) == []


def test_two_rules_of_one_name(party: Any) -> None:
    add(party)
    with pytest.raises(Refused) as told:
        add(party)
    assert told.value.code == "name-taken"


def test_only_for_those_who_see_everything(party: Any, stix: Any, calendar: Calendar) -> None:
    party.keep(stix.make("canary-red"), tlp=TLP.RED)
    rule = add(party)
    calendar.days = 31
    exchange = party.exchange
    for low in (party.reader(TLP.GREEN), party.foreign("operator.example")):
        for ask in (
            lambda who: exchange.list_rules(who),
            lambda who: exchange.preview_rule(who, rule.id),
            lambda who: exchange.list_runs(who, rule.id),
            lambda who: exchange.list_duties(who),
            lambda who: exchange.confirm_rule(who, rule.id, by="x"),
            lambda who: exchange.add_rule("B", days=1, because=WHY, who=who, by="x", types=("tool",)),
        ):
            with pytest.raises(Forbidden) as told:
                ask(low)
            assert "canary" not in str(told.value)


def came_under(
    party: Any, stix: Any, found_party: Callable[..., Any], calendar: Calendar, *names: str
) -> tuple[Any, str]:
    """A partner, and the agreement under which its objects have just come here; it lets them be kept 60 days."""
    partner = found_party("operator.example", clock=calendar)
    agreement = stix.agree(party, partner, retention_days=60)
    partner.keep(*(stix.make(name) for name in names), tlp=TLP.GREEN)
    partner.exchange.publish(agreement, [stix.id("indicator", name) for name in names], by="test")
    assert stix.hand_over(partner, party) == [None] * len(names)
    return partner, agreement


def test_what_came_under_an_agreement_goes_by_its_term_and_nothing_else_does(
    party: Any, stix: Any, calendar: Calendar, found_party: Callable[..., Any]
) -> None:
    _, agreement = came_under(party, stix, found_party, calendar, "theirs")
    party.keep(stix.make("ours"), tlp=TLP.GREEN)
    rule = in_force(party, days=0, agreement=agreement)
    assert rule.days == 60
    calendar.days = 59
    assert party.exchange.preview_rule(party.exchange.operator(), rule.id).count == 0
    calendar.days = 61
    preview = party.exchange.preview_rule(party.exchange.operator(), rule.id)
    assert preview.count == 1 and [each.title for each in preview.samples] == ["theirs"]
    assert run(party, rule).erased == 1 and held(party) == {"ours"}


def test_a_tighter_version_of_the_agreement_counts_at_once(
    party: Any, stix: Any, calendar: Calendar, found_party: Callable[..., Any]
) -> None:
    partner, agreement = came_under(party, stix, found_party, calendar, "theirs")
    rule = in_force(party, days=0, agreement=agreement)
    calendar.days = 31
    who = party.exchange.operator()
    assert party.exchange.preview_rule(who, rule.id).count == 0
    for days in (30, 90):
        before = party.agreements.get_current(agreement).document
        terms = msgspec.structs.replace(before.terms, retention_days=days)
        drafted = party.agreements.draft(
            "Exchange", [partner.id], terms, starts=party.clock() - 10**7, amends=agreement, by="test"
        )
        party.agreements.sign(agreement, by="test", note_sha256=drafted.note_sha256)
        stix.pass_notes(agreement, party, [partner])
        partner.agreements.sign(agreement, by="test")
        stix.pass_notes(agreement, partner, [party])
        assert party.agreements.get_standing(agreement).terms.retention_days == days
        assert party.exchange.get_rule(who, rule.id).days == min(60, days), "a longer term lengthens no rule"
        if days == 30:
            assert [each.rule for each in party.exchange.list_duties(who)] == [rule.id]
            assert party.exchange.preview_rule(who, rule.id).count == 1


def test_a_hold_beats_the_term_of_an_agreement(
    party: Any, stix: Any, calendar: Calendar, found_party: Callable[..., Any]
) -> None:
    _, agreement = came_under(party, stix, found_party, calendar, "evidence", "other")
    who = party.exchange.operator()
    party.exchange.place_hold("object", stix.id("indicator", "evidence"), because="Case 9", who=who, by="dara")
    rule = in_force(party, days=0, agreement=agreement)
    calendar.days = 61
    assert party.exchange.preview_rule(who, rule.id).held == 1
    done = run(party, rule)
    assert (done.erased, done.held) == (1, 1) and held(party) == {"evidence"}
