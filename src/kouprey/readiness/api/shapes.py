"""What the endpoints of readiness take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, time_of
from kouprey.readiness import model
from kouprey.readiness.service import LONGEST

Text = Annotated[str, Meta(max_length=LONGEST)]


class TierShown(Struct, kw_only=True):
    """A tier, and from where on it holds."""

    id: str
    title: str
    at: float


class GroupShown(Struct, kw_only=True):
    """What is reached of a group, of what is possible."""

    id: str
    reached: float
    max: float


class StandingShown(Struct, kw_only=True):
    """A result: `gap` is what is missing to the `next` tier."""

    value: float
    max: float
    tier: TierShown | None
    next: TierShown | None
    gap: float
    groups: tuple[GroupShown, ...]


class FrameworkShown(Struct, kw_only=True):
    """A framework: as its `owner` says of the chosen country, by `ours`, and by what is `public`."""

    id: str
    title: str
    version: str
    source: str
    retrieved: str
    weights: str
    owner: StandingShown | None
    ours: StandingShown
    public: StandingShown
    proposed: int


class ProposalShown(Struct, kw_only=True):
    """What this node can prove; `count` is null where it is below five and the reader is not cleared for everything."""

    framework: str
    indicator: str
    title: str
    query: str
    count: int | None
    days: int


class Overview(Struct, kw_only=True):
    """The country this node reports for ("" for none), each framework, and what waits to be confirmed."""

    country: str
    frameworks: tuple[FrameworkShown, ...]
    proposals: tuple[ProposalShown, ...]


class AnswerShown(Struct, kw_only=True):
    """What is said of an indicator; `statement` is the evidence that everybody can read, or ""."""

    value: float
    state: str
    by: str
    at: Time
    note: str
    evidence: str
    query: str
    statement: str


class IndicatorShown(Struct, kw_only=True):
    """An indicator and its answer, null while nothing is said."""

    id: str
    group: str
    title: str
    max: float
    answer: AnswerShown | None


class Indicators(Struct, kw_only=True):
    """All indicators of a framework."""

    framework: str
    indicators: tuple[IndicatorShown, ...]


class StatementShown(Struct, kw_only=True):
    """Evidence that everybody can read at `/evidence/ID`; `withdrawn` is "" while it counts."""

    id: str
    framework: str
    indicator: str
    at: Time
    withdrawn: Time


class Statements(Struct, kw_only=True):
    """All that were ever published."""

    statements: tuple[StatementShown, ...]


class MeasureShown(Struct, kw_only=True):
    """Something to be done; amounts are estimates of the framework file."""

    id: str
    title: str
    gives: tuple[str, ...]
    effort_days: float
    cost_usd: float
    lead_days: int
    also: tuple[str, ...]


class PlanShown(Struct, kw_only=True):
    """The cheapest measures to a target, in their order; `weightings` is in how many of how many they reach it."""

    possible: bool
    target: float
    reached: float
    cost: float
    measures: tuple[MeasureShown, ...]
    weightings: tuple[int, int]


class Sheet(Struct, kw_only=True):
    """A PDF (base64)."""

    pdf: str


class Country(Asked, frozen=True, kw_only=True):
    """ISO 3166 alpha-3; "" for none."""

    country: Annotated[str, Meta(max_length=3)]


class Claim(Asked, frozen=True, kw_only=True):
    """What is so, and what shows it; 0 takes an answer back."""

    value: float
    evidence: Text = ""
    note: Text = ""


class Confirm(Asked, frozen=True, kw_only=True):
    """A note that is kept with it."""

    note: Text = ""


class Wish(Asked, frozen=True, kw_only=True):
    """What to plan for: `target` 0 is the next tier; `without` are measures, between commas."""

    target: float = 0.0
    objective: Literal["effort", "money", "time"] = "effort"
    without: str = ""


class OnPaper(Asked, frozen=True, kw_only=True):
    """The language of the paper."""

    language: Literal["en", "km"] = "en"


def framework_shown(stand: model.Stand) -> FrameworkShown:
    """How a framework stands, as programs read it."""
    framework = stand.framework
    return FrameworkShown(
        id=framework.id,
        title=framework.title,
        version=framework.version,
        source=framework.source,
        retrieved=framework.retrieved.isoformat(),
        weights=str(framework.weights),
        owner=_standing(stand.owner) if stand.owner is not None else None,
        ours=_standing(stand.ours),
        public=_standing(stand.public),
        proposed=stand.proposed,
    )


def _standing(standing: model.Standing) -> StandingShown:
    return StandingShown(
        value=standing.value,
        max=standing.most,
        tier=_tier(standing.tier),
        next=_tier(standing.next),
        gap=standing.gap,
        groups=tuple(GroupShown(id=group, reached=reached, max=most) for group, reached, most in standing.groups),
    )


def _tier(threshold: model.Threshold | None) -> TierShown | None:
    return None if threshold is None else TierShown(id=threshold.id, title=threshold.title, at=threshold.at)


def answer_shown(answer: model.Answer) -> AnswerShown:
    """What is said of an indicator, as programs read it."""
    return AnswerShown(
        value=answer.value,
        state=str(answer.state),
        by=answer.by,
        at=time_of(answer.at),
        note=answer.note,
        evidence=answer.evidence,
        query=answer.query,
        statement=answer.public,
    )


def statement_shown(statement: model.Statement) -> StatementShown:
    """An evidence statement in a list."""
    return StatementShown(
        id=statement.id,
        framework=statement.framework,
        indicator=statement.indicator,
        at=time_of(statement.at),
        withdrawn=time_of(statement.withdrawn_at) if statement.withdrawn_at else "",
    )
