"""How a strategy did goes back to its author; the case that used it stays where it is."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.service import Exchange
from kouprey.kernel.words.errors import KoupreyError
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.response.model.cases import Act, Note, Sort, Track
from kouprey.response.model.outcomes import Verdict
from kouprey.response.service import Cases, HandOffs, Outcomes, Strategies
from response.conftest import Office
from response.service.test_strategies import keep, reader

CANARY = "canary-9c1f-the-case-that-stays-home"


def given(offices: Any) -> tuple[Office, Office, str, Any]:
    """The operator's strategy at the ministry, and a case there that has taken it up."""
    ministry, operator, agreement = offices
    strategy = keep(operator)
    operator.node.services.get(Exchange).publish(agreement, [strategy], by="test")
    operator.parcel(ministry)
    who = ministry.handoffs.operator()
    tasks = ministry.node.services.get(Strategies).get(who, strategy).tasks
    cases = ministry.node.services.get(Cases)
    case = cases.open_by(who, f"Case {CANARY}", strategy, tasks, summary=CANARY)
    cases.add(who, case.id, Track.TECHNICAL, Note(text=CANARY))
    items, _ = cases.items(who, cases.get(who, case.id), (Sort.TASK,))
    cases.finish(who, items[-1].id, 1, CANARY)
    cases.finish(who, items[-2].id, 1, CANARY)
    return ministry, operator, strategy, case


def code_of(call: Any) -> str:
    with pytest.raises(KoupreyError) as caught:
        call()
    return str(caught.value.code)


def test_an_outcome_returns_to_the_author_and_nothing_of_the_case(offices: Any) -> None:
    ministry, operator, strategy, case = given(offices)
    who, outcomes = ministry.handoffs.operator(), ministry.node.services.get(Outcomes)
    number = str(case.number)
    letter = outcomes.draft(who, strategy, "partly", words="Step 3 needs the registrar.", case=number)
    assert letter.parties == (operator.party,)
    steps = len(ministry.node.services.get(Strategies).get(who, strategy).tasks)
    assert letter.text == (
        f"Used on an incident: it worked in part; 2 of {steps} steps done.\nStep 3 needs the registrar."
    )
    assert outcomes.list(who, strategy) == ([], False), "a draft is not kept"
    made = outcomes.tell(who, strategy, "partly", words="Step 3 needs the registrar.", case=number, by="test")
    assert [each.queued for each in made.reports]
    ministry.parcel(operator)
    (told,), more = operator.node.services.get(Outcomes).list(reader(operator), strategy)
    assert (told.outcome.verdict, told.outcome.done, told.outcome.steps) == (Verdict.PARTLY, 2, steps)
    assert told.sources == (ministry.party,) and not more
    everywhere = b"".join(path.read_bytes() for path in operator.folder.rglob("*") if path.is_file())
    assert CANARY.encode() not in everywhere, "something of the case has left"
    here = b"".join(path.read_bytes() for path in ministry.folder.rglob("*") if path.is_file())
    assert CANARY.encode() in here


def test_the_case_keeps_in_its_history_that_it_was_told(offices: Any) -> None:
    ministry, _, strategy, case = given(offices)
    who, cases = ministry.handoffs.operator(), ministry.node.services.get(Cases)
    ministry.node.services.get(Outcomes).tell(who, strategy, "worked", case=str(case.number), by="test")
    acts, _ = cases.items(who, cases.get(who, case.id), (Sort.ACT,))
    newest = acts[0].body
    assert isinstance(newest, Act) and newest.did == "case.outcome"
    assert newest.detail == {"strategy": strategy, "outcome": "worked"}


def test_without_a_count_or_a_case_only_the_verdict_is_told(offices: Any) -> None:
    ministry, _, strategy, case = given(offices)
    who, outcomes = ministry.handoffs.operator(), ministry.node.services.get(Outcomes)
    for told in ({"case": str(case.number), "counted": False}, {}):
        assert outcomes.draft(who, strategy, "failed", **told).text == "Used on an incident: it did not work."


def test_what_cannot_be_told_is_refused_and_nothing_kept(offices: Any) -> None:
    ministry, _, strategy, _case = given(offices)
    who, outcomes = ministry.handoffs.operator(), ministry.node.services.get(Outcomes)
    other = ministry.node.services.get(Cases).open(who, "Another")

    def tell(verdict: str = "worked", **told: Any) -> Any:
        return outcomes.tell(who, strategy, verdict, by="test", **told)

    assert code_of(lambda: tell("splendid")) == "bad-verdict"
    assert code_of(lambda: tell(words="x" * 5_001)) == "too-long"
    assert code_of(lambda: tell(case=str(other.number))) == "not-taken-up"
    assert code_of(lambda: tell(case="999")) == "unknown-case"
    low = reader(ministry, TLP.CLEAR)
    assert code_of(lambda: outcomes.list(low, strategy)) == "unknown-object"
    assert outcomes.list(who, strategy) == ([], False)


def test_a_case_on_a_track_that_is_not_theirs_was_not_taken_up_for_them(offices: Any) -> None:
    ministry, _, strategy, _ = given(offices)
    who, cases = ministry.handoffs.operator(), ministry.node.services.get(Cases)
    tasks = ministry.node.services.get(Strategies).get(who, strategy).tasks
    case = cases.open_by(who, "Quiet", strategy, tasks, track=Track.LEGAL)
    analyst = HandOffs.speaker(reader(ministry), (str(Role.ANALYST),))
    outcomes = ministry.node.services.get(Outcomes)
    assert code_of(lambda: outcomes.draft(analyst, strategy, "worked", case=str(case.number))) == "not-taken-up"
