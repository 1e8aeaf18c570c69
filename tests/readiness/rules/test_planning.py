"""The cheapest way to a threshold: as good as trying everything, in an order that keeps what each needs."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.errors import Refused
from kouprey.readiness.model import Objective
from kouprey.readiness.rules import planning
from kouprey.readiness.rules.evaluating import evaluate
from kouprey.readiness.rules.planning import plan
from kouprey.readiness.wire.framework import shipped
from readiness.frameworks import indicator, measure, small


@st.composite
def puzzles(draw: Any) -> tuple[Any, float]:
    """Up to nine measures, some of which need one before them, and what is wanted."""
    count = draw(st.integers(1, 9))
    body = ""
    points = [draw(st.integers(1, 4)) for _ in range(count)]
    for n in range(count):
        body += indicator(f"i{n}", "a", points[n])
    for n in range(count):
        needs = f'["m{draw(st.integers(0, n - 1))}"]' if n and draw(st.booleans()) else "[]"
        body += measure(f"m{n}", f"i{n}", draw(st.sampled_from([0, 1, 2, 3, 5, 8, 13])), requires=needs)
    return small("points", body), draw(st.integers(1, sum(points)))


@given(puzzles())
def test_nothing_cheaper_reaches_it(puzzle: Any) -> None:
    framework, target = puzzle
    points = {each.id: each.most for each in framework.indicators}
    best = min(
        sum(each.effort_days for each in chosen)
        for size in range(len(framework.measures) + 1)
        for chosen in combinations(framework.measures, size)
        if sum(points[each.gives[0]] for each in chosen) >= target
        and all(set(each.requires) <= {other.id for other in chosen} for each in chosen)
    )
    found = plan(framework, {}, target, base=0)
    assert found.possible and found.cost == best and found.reached >= target
    before: set[str] = set()
    for step in found.steps:
        assert set(step.requires) <= before
        before.add(step.id)


def test_half_of_the_index_from_five_indicators_on() -> None:
    framework = shipped()["ncsi-3"]
    held = {each.id: each.most for each in framework.indicators if each.id in {"9.1", "9.4", "9.5", "6.2", "11.1"}}
    base = evaluate(framework, held).value
    found = plan(framework, held, 60, base=base)
    assert found.possible and found.reached >= 60 and base == 14
    names = [each.id for each in found.steps]
    assert not {*names} & held.keys() and names.index("10.1") < names.index("10.2")
    without = plan(framework, held, 60, base=base, without=(names[0],))
    assert names[0] not in [each.id for each in without.steps] and without.cost >= found.cost
    money, time = (plan(framework, held, 60, base=base, objective=each) for each in (Objective.MONEY, Objective.TIME))
    assert sum(each.cost_usd for each in money.steps) <= sum(each.cost_usd for each in found.steps)
    assert time.cost <= sum(each.lead_days for each in found.steps)


def test_what_cannot_be_reached_is_said() -> None:
    framework = small("points", indicator("i", "a", 2) + indicator("k", "a", 8) + measure("m", "i", 1))
    assert not plan(framework, {}, 5, base=0).possible
    assert plan(framework, {"i": 2}, 2, base=2).steps == ()
    blocked = small("points", indicator("i", "a", 2) + measure("m", "i", 1) + measure("n", "i", 5, requires='["m"]'))
    assert not plan(blocked, {}, 2, base=0, without=("m",)).possible, "what needs it cannot be done either"


def test_a_search_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "NODES", 3)
    with pytest.raises(Refused) as told:
        plan(shipped()["ncsi-3"], {}, 110, base=0)
    assert told.value.code == "too-many"
