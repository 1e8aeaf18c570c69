"""What a node can prove: facts against what indicators ask for, and who says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from kouprey.kernel.words.proof import Proof, Prover
from kouprey.kernel.words.time import DAY, Instant
from kouprey.readiness.model import Answer, Asked, Framework, Indicator, Proposal, State, Weights

SMALL = 5
"""Counts below this are told to those who may see everything alone (docs/decisions/0012-measures.md)."""
CONFIRMS = ("policy", "lead", "auditor", "administrator")
"""Roles whose people confirm what the node proposes, claim, and publish."""


def proven(asked: Asked, provers: Mapping[str, Prover], now: Instant) -> Proof | None:
    """What the node has done of what is asked for, if that is enough; None where it is not, or nobody counts it."""
    count = provers.get(asked.query)
    if count is None:
        return None
    proof = count(now - asked.within_days * DAY if asked.within_days else 0)
    return proof if proof.count >= asked.count else None


def proposals(
    frameworks: Iterable[Framework],
    provers: Mapping[str, Prover],
    answered: Collection[tuple[str, str]],
    now: Instant,
) -> list[Proposal]:
    """What could be confirmed now, for indicators of which nobody has said anything that holds."""
    found = []
    for framework in frameworks:
        for indicator in framework.indicators:
            if (framework.id, indicator.id) not in answered:
                proofs = ((asked, proven(asked, provers, now)) for asked in indicator.evidence)
                found += [
                    _proposal(framework, indicator, asked, proof) for asked, proof in proofs if proof is not None
                ][:1]
    return found


def _proposal(framework: Framework, indicator: Indicator, asked: Asked, proof: Proof) -> Proposal:
    return Proposal(
        framework=framework.id,
        indicator=indicator.id,
        title=indicator.title,
        query=asked.query,
        proof=proof,
        days=asked.within_days,
    )


def values_of(answers: Iterable[Answer], *, public: bool) -> dict[str, float]:
    """Indicator -> value, of what persons have confirmed or claimed; with `public`, of what everybody can read."""
    counts = {State.PUBLIC} if public else {State.PUBLIC, State.CONFIRMED, State.CLAIMED}
    return {each.indicator: each.value for each in answers if each.state in counts}


def weightings(framework: Framework, gaps: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """What an indicator of each pillar may weigh: `low`, `likely` and `high`, from what its country still lacks there.

    Owners who do not publish weights leave a range: the gap of a pillar shared out among its indicators, halved, and
    half as much again; never more than the gap.
    """
    found: dict[str, dict[str, float]] = {}
    for name, factor in (("low", 0.5), ("likely", 1.0), ("high", 1.5)):
        found[name] = {}
        for group, gap in gaps.items():
            inside = [each for each in framework.indicators if each.group == group]
            for each in inside:
                found[name][each.id] = min(gap, factor * gap / len(inside))
    return found


def estimated(framework: Framework) -> bool:
    """Whether its weights are ours."""
    return framework.weights is Weights.ESTIMATE


def is_level(framework: Framework, indicator: Indicator, value: float) -> bool:
    """Whether an indicator can have this value: all or nothing of its points, or a whole level."""
    if framework.aggregate in ("profile", "stages"):
        return value == int(value) and 0 <= value <= indicator.most
    return value in (0.0, indicator.most) or (framework.weights is Weights.ESTIMATE and 0 <= value <= indicator.most)
