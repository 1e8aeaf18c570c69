"""Nouns of readiness: frameworks, answers, what a node can prove, and plans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec

from kouprey.kernel.words.proof import Proof
from kouprey.kernel.words.time import Instant


class Aggregate(StrEnum):
    """How answers become one result: a sum, a sum of capped pillars, a minimum profile, the lowest stage."""

    POINTS = "points"
    PILLARS = "pillars"
    PROFILE = "profile"
    STAGES = "stages"


class Rights(StrEnum):
    """Whose words a framework file holds: facts and names alone, our own wording, or those of its user."""

    FACTS = "facts"
    PARAPHRASED = "paraphrased"
    OWN = "own"


class Weights(StrEnum):
    """Whether its owner publishes what an indicator weighs, or we estimate it."""

    PUBLISHED = "published"
    ESTIMATE = "estimate"


class State(StrEnum):
    """How far an answer is proven: said, proposed by the node, confirmed by a person, or shown to everybody."""

    CLAIMED = "claimed"
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    PUBLIC = "public"


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """A tier: from `at` on, or, for a profile, from these levels of indicators on."""

    id: str
    title: str
    at: float = 0.0
    levels: Mapping[str, int] = {}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a node could prove an indicator by: a `query` with at least `count` in `within_days` (0: ever)."""

    query: str
    count: int = 1
    within_days: int = 0


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """One question of a framework. `most`: its points or its highest level. `requires`: indicators before it."""

    id: str
    group: str
    title: str
    most: float
    requires: tuple[str, ...] = ()
    evidence: tuple[Asked, ...] = ()


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """Something to be done that gives indicators, with what it takes; amounts are estimates of the file's author.

    `gives` are indicators of its own framework, `also` those of others as `framework:indicator`.
    """

    id: str
    title: str
    gives: tuple[str, ...]
    effort_days: float
    cost_usd: float = 0.0
    lead_days: int = 0
    requires: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """What a framework's owner says of a country, by group."""

    country: str
    name: str
    values: Mapping[str, float]

    @property
    def total(self) -> float:
        """The sum of its groups."""
        return sum(self.values.values())


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """A pillar or capacity; `most` caps it where the framework says so."""

    id: str
    title: str
    most: float = 0.0


class Framework(msgspec.Struct, frozen=True, kw_only=True):
    """A framework file (docs/spec/framework.md)."""

    id: str
    title: str
    version: str
    source: str
    retrieved: date
    rights: Rights
    aggregate: Aggregate
    weights: Weights = Weights.PUBLISHED
    unit: str = "points"
    most: float = 0.0
    note: str = ""
    groups: tuple[Group, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    measures: tuple[Measure, ...] = ()
    figures: tuple[Figure, ...] = ()

    def figure(self, country: str) -> Figure | None:
        """What is said of a country (ISO 3166 alpha-3), if anything."""
        return next((each for each in self.figures if each.country == country), None)


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of an indicator now: its newest version. `public`: the evidence statement that shows it.

    `counted` and `days` are what the node had counted, in so many days (0: ever), when it was proposed.
    """

    id: str
    framework: str
    indicator: str
    value: float
    state: State
    by: str
    at: Instant
    note: str = ""
    evidence: str = ""
    query: str = ""
    counted: int = 0
    days: int = 0
    public: str = ""


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """What this node can prove and nobody has confirmed; `proof` counts in the last `days` (0: ever)."""

    framework: str
    indicator: str
    title: str
    query: str
    proof: Proof
    days: int


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """An evidence statement as everybody may read it: a count and a period, and nothing of what was counted."""

    id: str
    party: str
    framework: str
    indicator: str
    title: str
    query: str
    counted: int
    days: int
    at: Instant
    by: str
    note: str
    withdrawn_at: Instant = 0


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """What answers come to: the result, the tier reached, the next one, and how much is missing for it.

    `groups` are (id, reached, most). For a profile `missing` are (indicator, level now, level wanted).
    """

    value: float
    most: float
    tier: Threshold | None
    next: Threshold | None
    gap: float
    groups: tuple[tuple[str, float, float], ...] = ()
    missing: tuple[tuple[str, int, int], ...] = ()


class Stand(msgspec.Struct, frozen=True, kw_only=True):
    """How a framework stands here.

    `owner`: as its owner says of the chosen country, if he does; `ours`: by all that was claimed or confirmed;
    `public`: by what everybody can read; `proposed`: how much the node could prove besides.
    """

    framework: Framework
    owner: Standing | None
    ours: Standing
    public: Standing
    proposed: int


class Objective(StrEnum):
    """What a plan spends as little of as it can."""

    EFFORT = "effort"
    MONEY = "money"
    TIME = "time"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The cheapest measures that reach a threshold, in an order that keeps prerequisites; no `steps` when nothing does.

    `range`: in how many of the weightings they reach it, of how many. `also`: what they give in other frameworks.
    """

    steps: tuple[Measure, ...]
    cost: float
    reached: float
    target: float
    possible: bool
    range: tuple[int, int] = (1, 1)
    also: tuple[str, ...] = ()
