"""Legal clocks on cases, on both engines: begun, told once each, stopped and let go on, seen by whom they are for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Kind, Moment, Sort, Track
from kouprey.response.model.duties import Channel, Duty, Standing, Verdict
from kouprey.response.service import Duties
from kouprey.response.service.duties import Held
from kouprey.response.store.duties import Sought
from response.conftest import Neighbours
from response.service.test_cases import Bureau

MALAYSIA = "malaysia-act-854"
HOUR = 3_600
OWN = """
title = "A rule of the sector"
version = "1"
review_by = 2027-01-01
sources = ["where it is printed"]
[[steps]]
key = "first"
title = "First notice"
cites = "paragraph 4"
within = "{within}"
"""


class Office(Bureau):
    """Cases with clocks, on a clock that stands still until it is moved."""

    def __init__(self, world: Neighbours, folder: Path) -> None:
        super().__init__(world)
        self.at = self.actor.now()
        self.folder = folder
        self.cases._clock = lambda: self.at
        self.duties = self.anew()
        self.legal = self.who(Role.LEGAL)

    def anew(self) -> Duties:
        """As after a restart: nothing but what is stored is left."""
        return Duties(self.actor.store, self.actor.people, self.cases, self.folder, lambda: self.at)

    def ahead(self, seconds: int) -> None:
        self.at += seconds * SECOND

    def start(self, case: Any, regime: str = MALAYSIA, who: Any = None, **how: Any) -> Held:
        words = {"known": Moment(self.at, 420), "known_by": "The duty officer", "why": "NCII entity"} | how
        return self.duties.start(who or self.lead, case.id, regime, **words)

    def report(self, held: Held, step: str) -> Any:
        found = self.duties.get(self.lead, held.duty.id)
        return next(each for each in found.lines if each.step.key == step)

    def warnings(self, who: Any, case: Any) -> list[tuple[str, str]]:
        acts = [each for each in self.bodies(who, case, Sort.ACT) if each.did == "duty.warn"]
        return [(each.detail["report"], each.detail["percent"]) for each in acts]


@pytest.fixture
def office(neighbours: Neighbours, tmp_path: Path) -> Office:
    return Office(neighbours, tmp_path / "regimes")


def code(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


def test_half_four_fifths_and_all_of_six_hours_are_told_once_each(office: Office) -> None:
    case = office.open()
    held = office.start(case)
    assert office.duties.warn() == 1, "what is owed at once is told at once"
    told = [("first-word", "100")]
    for seconds, percent in ((3 * HOUR, "50"), (HOUR + 48 * 60, "80"), (HOUR + 12 * 60, "100")):
        office.ahead(seconds - 1)
        assert office.duties.warn() == 0
        office.ahead(1)
        assert office.duties.warn() == 1
        told.append(("initial", percent))
        assert office.warnings(office.lead, case) == told
        assert office.anew().warn() == 0, "what was told stays told when the node starts anew"
        (line,) = [each for each in office.duties.pressing(office.lead, 9) if each.step.key == "initial"]
        assert line.report.told == int(percent)
    assert office.report(held, "initial").standing is Standing.OVERDUE
    assert office.report(held, "supplementary").standing is Standing.RUNNING
    assert office.audited().count("duty.warn") == 4
    assert office.warnings(office.who(Role.POLICY), case) == [], "who reads another track hears of none"


def test_a_node_that_was_off_tells_only_the_highest_and_once(office: Office) -> None:
    case = office.open()
    office.start(case)
    office.ahead(5 * HOUR)
    assert office.anew().warn() == 2 and office.anew().warn() == 0
    assert sorted(office.warnings(office.lead, case)) == [("first-word", "100"), ("initial", "80")]


def test_what_is_stopped_tells_nothing_and_goes_on_where_it_would_be(office: Office) -> None:
    case = office.open()
    held = office.start(case)
    duty = held.duty.id
    assert code(lambda: office.duties.set_stopped(office.lead, duty, 1, " ", stopped=True)) == "no-reason"
    stopped = office.duties.set_stopped(office.lead, duty, 1, "No NCII entity after all", stopped=True)
    assert stopped.duty.stopped and code(lambda: office.duties.set_stopped(office.lead, duty, 2, "x", stopped=True))
    office.ahead(7 * HOUR)
    assert office.duties.warn() == 0 and office.duties.list(office.lead)[0] == []
    assert len(office.duties.list(office.lead, Sought(state="stopped"))[0]) == 3
    assert office.report(held, "initial").standing is Standing.STOPPED
    assert code(lambda: office.duties.set_stopped(office.lead, duty, 1, "x", stopped=False)) == "changed-meanwhile"
    office.duties.set_stopped(office.lead, duty, 2, "It is one", stopped=False)
    assert office.duties.warn() == 2 and office.report(held, "initial").standing is Standing.OVERDUE
    assert [each.because for each in office.duties.versions(office.lead, duty)] == [
        "It is one",
        "No NCII entity after all",
        "",
    ]
    assert {"duty.start", "duty.stop", "duty.resume"} <= set(office.audited())


def test_later_versions_of_a_regime_change_no_running_clock(office: Office) -> None:
    office.folder.mkdir()
    file = office.folder / "ours.toml"
    file.write_text(OWN.format(within="6h"), "utf-8")
    case = office.open()
    held = office.start(case, "ours")
    file.write_text(OWN.format(within="1h"), "utf-8")
    assert office.duties.regimes()["ours"].steps[0].seconds == HOUR
    now = office.duties.get(office.lead, held.duty.id)
    assert now.duty.regime.steps[0].seconds == 6 * HOUR and now.reports[0].due == office.at + 6 * HOUR * SECOND
    file.unlink()
    assert office.duties.get(office.lead, held.duty.id).duty == now.duty


def test_who_may_begin_a_clock_and_who_sees_it(office: Office) -> None:
    case = office.open()
    assert code(lambda: office.start(case, who=office.who(Role.POLICY))) == "role-missing"
    assert code(lambda: office.start(case, track=Track.POLICY)) == "bad-track"
    assert code(lambda: office.start(case, track=Track.LEGAL)) == "role-missing"
    assert code(lambda: office.start(case, "nothing")) == "bad-regime"
    assert code(lambda: office.start(case, why=" ")) == "no-reason"
    assert code(lambda: office.start(case, known_by="")) == "no-person"
    assert code(lambda: office.start(case, known=Moment(office.at + HOUR * SECOND))) == "bad-moment"
    technical = office.start(case)
    secret = office.start(case, who=office.legal, why="CANARY")
    assert technical.duty.track is Track.TECHNICAL and secret.duty.track is Track.LEGAL
    seen = {
        role: {each.duty.id for each in office.duties.list(office.who(role), Sought(state="any"))[0]}
        for role in (Role.LEGAL, Role.LEAD, Role.ANALYST, Role.POLICY, Role.COMMUNICATIONS)
    }
    assert seen[Role.LEGAL] == {technical.duty.id, secret.duty.id}
    assert seen[Role.LEAD] == seen[Role.ANALYST] == {technical.duty.id}
    assert not seen[Role.POLICY] and not seen[Role.COMMUNICATIONS]
    assert code(lambda: office.duties.get(office.lead, secret.duty.id)) == "unknown-duty"
    assert code(lambda: office.duties.get(office.lead, "duty_0")) == "unknown-duty"
    assert code(lambda: office.duties.list(office.who(Role.ADMINISTRATOR))) == "role-missing"
    assert office.duties.pressing(office.who(Role.ADMINISTRATOR), 4) == []
    assert "CANARY" not in str(office.bodies(office.lead, case))
    legal_reads = office.duties.get(office.legal, technical.duty.id)
    assert not legal_reads.writes
    assert code(lambda: office.duties.set_stopped(office.legal, technical.duty.id, 1, "x", stopped=True))


def test_what_is_named_or_marked_higher_is_seen_by_none_of_the_others(office: Office) -> None:
    red = office.open("RED", tlp=TLP.RED)
    office.start(red)
    low = office.who(Role.LEAD, clearance=TLP.AMBER)
    named = office.open("Named")
    office.start(named)
    office.cases.name_to(office.lead, named.id, [], named=True)
    office.ahead(7 * HOUR)
    office.duties.warn()
    for sought in (Sought(), Sought(state="any"), Sought(told=True)):
        assert office.duties.list(low, sought)[0] == [] and office.duties.count(low, sought) == 0
    assert office.duties.tally(low).owed == 0 and office.duties.pressing(low, 9) == []
    assert office.duties.tally(office.lead).owed == 6 == office.duties.count(office.lead)


def test_clocks_of_a_case_that_is_read_in_another_run_on_and_part_with_it(office: Office) -> None:
    one, two = office.open("One"), office.open("Two")
    held = office.start(two)
    two = office.cases.merge(office.lead, two.id, one.id)
    (seen,) = office.duties.of_case(office.lead, office.cases.get(office.lead, one.id))
    assert seen.duty == held.duty and seen.writes and seen.opened.case.number == 2
    assert office.duties.get(office.lead, held.duty.id, one.id).duty == held.duty
    duty = held.duty.id
    office.duties.write(office.lead, duty, "initial", 0, {})
    office.duties.send(office.lead, duty, "initial", 1, Channel.PORTAL)
    assert code(lambda: office.start(two)) == "merged"
    office.cases.unmerge(office.lead, two.id)
    assert office.duties.of_case(office.lead, office.cases.get(office.lead, one.id)) == []
    assert code(lambda: office.duties.get(office.lead, duty, one.id)) == "unknown-duty"
    assert office.duties.get(office.lead, duty, two.id).duty == held.duty


def test_lists_go_on_where_they_ended_and_narrow(office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr("kouprey.response.service.duties.PAGE", 2)
    for number in range(3):
        office.start(office.open(f"Case {number}"), "eu-nis2" if number else MALAYSIA)
    found: list[str] = []
    after = None
    while True:
        lines, more = office.duties.list(office.lead, after=after)
        found += [each.report.id for each in lines]
        if not more:
            break
        last = lines[-1].report
        after = (last.due or 999_999_999_999_999_999, last.id)
    assert len(found) == len(set(found)) == 9
    assert office.duties.count(office.lead, Sought(regime="eu-nis2")) == 6
    assert code(lambda: office.duties.list(office.lead, Sought(state="moon"))) == "bad-field"
    lines, _ = office.duties.list(office.lead, Sought(state="overdue"))
    assert [each.step.key for each in lines] == ["first-word"]


def test_cases_with_an_overdue_report_are_named_to_whoever_may_see_the_clock(office: Office) -> None:
    one, two, other = office.open("One"), office.open("Two"), office.open("Other")
    office.start(one)
    office.start(two, who=office.legal)
    cases = [each.id for each in (one, two, other)]
    office.ahead(7 * HOUR)
    assert office.duties.overdue_of(office.legal, cases) == {one.id, two.id}
    assert office.duties.overdue_of(office.lead, cases) == {one.id}, "a clock on the legal track is not theirs to read"
    assert office.duties.overdue_of(office.lead, cases[1:]) == frozenset()
    office.cases.merge(office.lead, one.id, other.id)
    assert office.duties.overdue_of(office.lead, [other.id]) == {other.id}, "it is worked on where it is read"


def test_exercises_are_no_matter_of_the_figures(office: Office) -> None:
    office.start(office.open("A drill", kind=Kind.EXERCISE))
    assert office.duties.tally(office.lead).owed == 0 and office.duties.count(office.lead) == 3


def test_a_report_that_must_be_revised_is_counted_as_that_alone(office: Office) -> None:
    duty = office.start(office.open()).duty.id
    for step in ("first-word", "initial"):
        office.duties.write(office.lead, duty, step, 0, {})
    office.duties.send(office.lead, duty, "first-word", 1, Channel.TELEPHONE)
    sent = office.duties.send(office.lead, duty, "initial", 1, Channel.PORTAL)
    before = office.duties.tally(office.lead)
    assert (before.kept, before.revision) == (1, 0)
    office.duties.answer(
        office.lead, duty, "initial", sent.id, Verdict.REVISION, at=Moment(office.at), words="Which sector?"
    )
    wanted = office.duties.tally(office.lead)
    assert (wanted.owed, wanted.kept, wanted.late, wanted.revision) == (before.owed, 0, 0, 1)
    assert office.duties.count(office.lead, Sought(state="revision")) == 1
    office.ahead(HOUR)
    office.duties.write(office.lead, duty, "initial", 1, {"sector": "Energy"})
    office.duties.send(office.lead, duty, "initial", 2, Channel.PORTAL)
    assert office.duties.tally(office.lead) == before, "the first sending says whether it was in time"


def test_an_act_of_the_clock_names_nobody_else(office: Office) -> None:
    case = office.open()
    held = office.start(case)
    office.duties.warn()
    items, _ = office.cases.items(office.lead, office.cases.get(office.lead, case.id), (Sort.ACT,))
    assert {each.made_by for each in items if each.body.did == "duty.warn"} == {"node"}  # type: ignore[union-attr]  # acts
    assert isinstance(held.duty, Duty)
