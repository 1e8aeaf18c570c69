"""What answers come to, by the aggregate of the framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kouprey.readiness.model import Aggregate, Figure, Framework, Standing, Threshold


def evaluate(framework: Framework, values: Mapping[str, float]) -> Standing:
    """Where somebody stands with these values of indicators; what is not named is nothing."""
    held = {each.id: _within(values.get(each.id, 0.0), each.most) for each in framework.indicators}
    groups = tuple(_of_group(framework, group.id, group.most, held) for group in framework.groups)
    match framework.aggregate:
        case Aggregate.PROFILE:
            return _profile(framework, held, groups)
        case Aggregate.STAGES:
            return _stages(framework, held, groups)
        case Aggregate.POINTS | Aggregate.PILLARS:
            return _summed(framework, sum(reached for _, reached, _ in groups), groups)


def evaluate_figure(framework: Framework, figure: Figure) -> Standing:
    """Where its owner says that a country stands."""
    groups = tuple((group.id, figure.values.get(group.id, 0.0), group.most) for group in framework.groups)
    return _summed(framework, figure.total, groups)


def _within(value: float, most: float) -> float:
    return min(max(value, 0.0), most)


def _of_group(framework: Framework, group: str, most: float, held: Mapping[str, float]) -> tuple[str, float, float]:
    inside = [each for each in framework.indicators if each.group == group]
    reached, possible = sum(held[each.id] for each in inside), sum(each.most for each in inside)
    capped = framework.aggregate is Aggregate.PILLARS and most > 0
    return group, min(reached, most) if capped else reached, most if capped else possible


def _summed(framework: Framework, value: float, groups: tuple[tuple[str, float, float], ...]) -> Standing:
    tier, following = _tiers(framework.thresholds, value)
    return Standing(
        value=value,
        most=framework.most,
        tier=tier,
        next=following,
        gap=following.at - value if following is not None else 0.0,
        groups=groups,
    )


def _tiers(thresholds: Sequence[Threshold], value: float) -> tuple[Threshold | None, Threshold | None]:
    """The highest reached, and the lowest that is not."""
    rising = sorted(thresholds, key=lambda each: each.at)
    reached = [each for each in rising if each.at <= value]
    return (reached[-1] if reached else None), next((each for each in rising if each.at > value), None)


def _profile(framework: Framework, held: Mapping[str, float], groups: tuple[tuple[str, float, float], ...]) -> Standing:
    tier: Threshold | None = None
    for threshold in framework.thresholds:
        short = [
            (each, int(held.get(each, 0.0)), level)
            for each, level in threshold.levels.items()
            if held.get(each, 0.0) < level
        ]
        if short:
            missing = sum(level - now for _, now, level in short)
            return Standing(
                value=sum(held.values()),
                most=framework.most,
                tier=tier,
                next=threshold,
                gap=missing,
                groups=groups,
                missing=tuple(short),
            )
        tier = threshold
    return Standing(value=sum(held.values()), most=framework.most, tier=tier, next=None, gap=0.0, groups=groups)


def _stages(framework: Framework, held: Mapping[str, float], groups: tuple[tuple[str, float, float], ...]) -> Standing:
    """A group stands where its lowest aspect does, and the whole where its lowest group does."""
    lowest = tuple(
        (group, min((held[each.id] for each in framework.indicators if each.group == group), default=0.0), most)
        for group, _, most in groups
    )
    return _summed(framework, min((value for _, value, _ in lowest), default=0.0), lowest)
