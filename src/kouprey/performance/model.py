"""Nouns of performance: what was counted, a measure, a report, and the manifest of a printed one."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

import msgspec

from kouprey.kernel.words.time import Instant

Quarter = int
"""Year * 4 + 0 to 3."""

SHOWN = (
    "share-back",
    "time-to-publish",
    "time-to-acknowledge",
    "context",
    "false-positives",
    "concentration",
    "availability",
    "outstanding-recalls",
)
"""The measures that are computed, in the order in which they are shown."""

MORE_IS_BETTER = frozenset({"share-back", "context", "availability"})

SMALL = 5
"""A count below it is not told to who may not see everything, and never printed."""

TREND = 8
"""Quarters that are shown together."""


class Said(NamedTuple):
    """What one entry says of an object, as far as measures need it; times in whole seconds since 1970, 0 for none."""

    stix_id: str
    flags: int = 0
    modified: int = 0
    relates: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


class Cell(NamedTuple):
    """A sum: so many of something in a quarter, by author; or so often so many seconds, over all authors."""

    quarter: Quarter
    what: str
    author: str
    seconds: int
    n: int


class State(StrEnum):
    """How a measure stands against its target."""

    MET = "met"
    MISSED = "missed"
    FEW = "too few to tell"
    UNTARGETED = "no target"


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A measure in one quarter: over `n` cases (None: fewer than five); `value` is None where nothing may be said.

    `p90`: of a time, what nine of ten do not exceed. `hidden`: it is not told because so few would be seen through it.
    """

    quarter: Quarter
    value: float | None
    n: int | None
    p90: float | None = None
    hidden: bool = False


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A measure now, its history (oldest first, itself the last), and how it stands against target and baseline."""

    measure: str
    unit: str
    target: float | None
    baseline: float | None
    now: Point
    trend: tuple[Point, ...]
    state: State


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one party gave in the quarter; None where so few are not told."""

    party: str
    gave: int | None
    indicators: int | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an agreement works. `whole`: counted over everything; else over what the reader may see.

    `hhi` is the Herfindahl-Hirschman index of the shares, from 0 to 1. `behind`: entries not yet summed up.
    """

    agreement: str
    title: str
    quarter: Quarter
    quarters: tuple[Quarter, ...]
    parties: tuple[str, ...]
    measures: tuple[Measured, ...]
    shares: tuple[Share, ...]
    hhi: float | None
    whole: bool
    behind: int
    at: Instant

    @property
    def verdict(self) -> Literal["works", "mixed", "fails", "unknown", "untargeted"]:
        """In one word: of the agreed measures that can be told, all, some or none reach their target."""
        aimed = [each for each in self.measures if each.target is not None]
        told = [each for each in aimed if each.state in (State.MET, State.MISSED)]
        if not aimed:
            return "untargeted"
        if not told:
            return "unknown"
        met = sum(each.state is State.MET for each in told)
        return "works" if met == len(told) else "mixed" if met else "fails"


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is signed of a printed report (docs/spec/report.md): the hash of the PDF, and the figures in it.

    `figures`: measure -> value, None where none is printed; `n`: measure -> cases, None for fewer than five.
    `figures_sha256` hashes `figures_of`, and stands in the PDF itself.
    """

    v: int
    kind: str
    party: str
    agreement: str
    version_sha256: str
    quarter: str
    language: str
    made_at: str
    pdf_sha256: str
    figures_sha256: str
    figures: dict[str, float | None]
    n: dict[str, int | None]


class Printed(NamedTuple):
    """A printed report: the PDF, and the signed note over its manifest."""

    name: str
    pdf: bytes
    note: bytes


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """One activity of processing: exchange under an agreement, keeping a collection, or letting people in.

    `days`: how long it is kept, 0 for no limit; `kept_by` names the rule that sees to it; `unkept`: an agreement
    limits it, and no rule in force keeps that limit. `count`: persons and programs, of access.
    """

    kind: Literal["agreement", "collection", "access"]
    title: str
    id: str = ""
    parties: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    onward: str = ""
    tlp: str = ""
    days: int = 0
    kept_by: str = ""
    unkept: bool = False
    erasure_days: int = 0
    since: Instant = 0
    count: int = 0


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """The record of processing of a node, as it stood at an instant."""

    party: str
    name: str
    at: Instant
    activities: tuple[Activity, ...]


EDITABLE = ("necessity", "subjects", "transfers", "risks", "opinion")
"""What people write in an impact assessment; all else follows from the terms."""

LONGEST = 10_000
"""Characters of one field of an assessment."""
