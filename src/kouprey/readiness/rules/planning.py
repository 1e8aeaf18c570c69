"""The cheapest way to a threshold: exact, by best-first branch and bound over measures and their prerequisites."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush

from kouprey.kernel.words.errors import Refused
from kouprey.readiness.model import Framework, Measure, Objective, Plan

NODES = 400_000
"""Steps of the search after which it is given up; the largest of our cases takes some hundred."""
_EDGE = 1e-9


def cost_of(measure: Measure, objective: Objective) -> float:
    """What a measure takes of what is to be saved: days of work, US dollars, or days until it is done."""
    match objective:
        case Objective.EFFORT:
            return measure.effort_days
        case Objective.MONEY:
            return measure.cost_usd
        case Objective.TIME:
            return float(measure.lead_days)


def plan(
    framework: Framework,
    held: Mapping[str, float],
    target: float,
    *,
    base: float,
    objective: Objective = Objective.EFFORT,
    without: Sequence[str] = (),
    weights: Mapping[str, float] | None = None,
) -> Plan:
    """The measures that lead from `base` to `target` for the least, those in `without` left out.

    `held` are the values of indicators already had; `weights` what an indicator gives, its points where absent.
    Of plans that cost the same the one that gives more in other frameworks is taken. Refused (`too-many`) where the
    search would take too long.
    """
    worth = weights if weights is not None else {each.id: each.most for each in framework.indicators}
    open_ = [each for each in framework.measures if each.id not in without and _gain(each, held, worth) > _EDGE]
    names = {each.id for each in open_}
    done = {each.id for each in framework.measures if each.id not in without} - names
    ordered = _ordered([each for each in open_ if _reachable(each, names | done, open_)], objective)
    need = target - base
    chosen = _search(ordered, held, worth, need, objective, done) if need > _EDGE else ()
    if chosen is None:
        return Plan(steps=(), cost=0.0, reached=base, target=target, possible=False)
    steps = tuple(each for each in ordered if each.id in chosen)
    return Plan(
        steps=steps,
        cost=sum(cost_of(each, objective) for each in steps),
        reached=base + sum(_gain(each, held, worth) for each in steps),
        target=target,
        possible=True,
        also=tuple(sorted({other for each in steps for other in each.also})),
    )


def _gain(measure: Measure, held: Mapping[str, float], worth: Mapping[str, float]) -> float:
    return sum(max(worth.get(each, 0.0) - held.get(each, 0.0), 0.0) for each in measure.gives)


def _reachable(measure: Measure, known: set[str], every: Sequence[Measure]) -> bool:
    """Whether all it needs, however far down, can be done or is done."""
    by_id, seen, waiting = {each.id: each for each in every}, set[str](), [measure.id]
    while waiting:
        each = waiting.pop()
        if each in seen:
            continue
        seen.add(each)
        if each not in known:
            return False
        waiting += by_id[each].requires if each in by_id else ()
    return True


def _ordered(measures: Sequence[Measure], objective: Objective) -> list[Measure]:
    """Cheap ones first, each behind what it needs."""
    by_id, found = {each.id: each for each in measures}, dict[str, Measure]()

    def visit(each: Measure) -> None:
        if each.id not in found:
            for before in each.requires:
                if before in by_id:
                    visit(by_id[before])
            found.setdefault(each.id, each)

    for each in sorted(measures, key=lambda one: (cost_of(one, objective), one.id)):
        visit(each)
    return list(found.values())


def _search(
    ordered: Sequence[Measure],
    held: Mapping[str, float],
    worth: Mapping[str, float],
    need: float,
    objective: Objective,
    done: set[str],
) -> frozenset[str] | None:
    """The ids of the cheapest set, or None. The bound does the last measure in part, so that it is never too high."""
    gains = [_gain(each, held, worth) for each in ordered]
    costs = [cost_of(each, objective) for each in ordered]
    rates = [
        sorted((costs[n] / gains[n], gains[n]) for n in range(start, len(ordered))) for start in range(len(ordered) + 1)
    ]

    def bound(start: int, missing: float) -> float:
        total = 0.0
        for rate, gain in rates[start]:
            if missing <= _EDGE:
                break
            part = min(gain, missing)
            total, missing = total + rate * part, missing - part
        return total if missing <= _EDGE else float("inf")

    # Of equal cost the one with more gains elsewhere, then the one with fewer measures.
    heap: list[tuple[float, int, int, int, float, float, frozenset[str]]] = []
    count = 0
    heappush(heap, (bound(0, need), 0, 0, count, 0.0, need, frozenset()))
    at = {0: 0}
    for _ in range(NODES):
        if not heap:
            return None
        least, side, size, number, spent, missing, chosen = heappop(heap)
        if least == float("inf"):
            return None
        if missing <= _EDGE:
            return chosen
        place = at.pop(number)
        if place == len(ordered):
            continue
        measure = ordered[place]
        if all(each in chosen or each in done for each in measure.requires):
            count += 1
            left, paid = missing - gains[place], spent + costs[place]
            row = (paid + bound(place + 1, left), side - len(measure.also), size + 1, count, paid, left)
            heappush(heap, (*row, chosen | {measure.id}))
            at[count] = place + 1
        if (without := spent + bound(place + 1, missing)) < float("inf"):
            count += 1
            heappush(heap, (without, side, size, count, spent, missing, chosen))
            at[count] = place + 1
    raise Refused(
        "This plan would take too long to find.",
        f"After {NODES:,} steps it was not found.",
        "Choose a nearer target, or leave some measures out.",
        code="too-many",
    )
