"""Nouns of the situation: what is going on across borders now, as far as one reader sees it."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.cases import Case
from kouprey.response.model.handoffs import Lack


class Attack(StrEnum):
    """What is told apart among attacks on sites that everybody sees."""

    DEFACEMENT = "defacement"
    DDOS = "ddos"


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """Who says something: "party", "person", "file" or "token", and the id or name; `stix_id` is where it is said."""

    kind: str
    name: str
    stix_id: str


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody says who is behind something: never more than an assertion.

    `said_by` say so, with `confidence` from 0 to 100 as the object states it (STIX 2.1, section 3.2), None where it
    states none. `agree` and `disagree` are voices of opinions on the assertion. `tlp`: the highest of all it names.
    """

    relation: str
    actor: str
    actor_title: str
    confidence: int | None
    said_by: tuple[Voice, ...]
    agree: tuple[Voice, ...]
    disagree: tuple[Voice, ...]
    tlp: TLP


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign or intrusion set that came, or was seen, of late; `sectors` as its objects say (STIX 2.1, 10.8)."""

    stix_id: str
    type: str
    title: str
    at: Instant
    tlp: TLP
    sectors: tuple[str, ...] = ()
    attributions: tuple[Attribution, ...] = ()
    seen: bool = False

    @property
    def highest(self) -> TLP:
        """Its marking, or that of who is said to be behind it where that is higher."""
        return max([self.tlp, *(each.tlp for each in self.attributions)])


class Strike(msgspec.Struct, frozen=True, kw_only=True):
    """A defacement or denial of service: a case of ours (`number`), or an object that names one (`stix_id`)."""

    attack: Attack
    title: str
    at: Instant
    tlp: TLP
    number: int = 0
    stix_id: str = ""
    sectors: tuple[str, ...] = ()
    first: bool = False
    """Against a government or the media, as far as anybody says against whom."""


class Changing(msgspec.Struct, frozen=True, kw_only=True):
    """An object that changed the case of this `number`, by the word of whoever linked it."""

    number: int
    title: str
    stix_id: str
    object_title: str
    note: str
    tlp: TLP


class Traffic(msgspec.Struct, frozen=True, kw_only=True):
    """What goes between our party and one other: hand-offs that are open now, and what came and went in seven days."""

    party: str
    asked_of_us: int = 0
    asked_by_us: int = 0
    late: int = 0
    received: int = 0
    given: int = 0

    @property
    def total(self) -> int:
        return self.asked_of_us + self.asked_by_us + self.received + self.given


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """What the last 24 hours brought. `more`: a count stopped at what one page holds."""

    opened: int = 0
    changed: int = 0
    closed: int = 0
    handoffs: int = 0
    late: int = 0
    campaigns: int = 0
    objects: int = 0
    more: bool = False


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """An open hand-off, or one that is over and owes its legal basis: with whom, and what is due next (0: nothing).

    `ours`: we asked; `lacks`: what it ought to rest on, and does not.
    """

    id: str
    title: str
    other: str
    ours: bool
    kind: str
    stage: str
    urgency: str
    due: Instant
    late: bool
    tlp: TLP
    lacks: tuple[Lack, ...] = ()


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """All of it at an instant. `cases` is None for a reader whose roles see no cases.

    `seen` are sightings of each day of UTC from `first_day` (days since 1970) on. `by` made it.
    """

    at: Instant
    by: str
    home: str
    exercise: str
    cases: tuple[Case, ...] | None
    handoffs: tuple[Due, ...]
    campaigns: tuple[Campaign, ...]
    strikes: tuple[Strike, ...]
    changing: tuple[Changing, ...]
    traffic: tuple[Traffic, ...]
    first_day: int
    seen: tuple[int, ...]
    fresh: Fresh
    days: int
    more: bool = False

    @property
    def tlp(self) -> TLP:
        """The marking of the highest thing in it."""
        levels = [TLP.CLEAR, *(each.tlp for each in self.cases or ()), *(each.tlp for each in self.handoffs)]
        levels += [*(each.tlp for each in self.strikes), *(each.tlp for each in self.changing)]
        levels += [*(each.highest for each in self.campaigns)]
        return max(levels)


class Punctual(msgspec.Struct, frozen=True, kw_only=True):
    """How one clock of clause 15 went between us and one partner under one agreement.

    `asked`: the partner was asked, else we were. `seconds` each that was met took, from the request on and with the
    time a question stopped it; `late` of all that are over; `open` still run; `missing` ended without an answer.
    """

    party: str
    agreement: str
    asked: bool
    clock: str
    kind: str
    allowed_s: int
    seconds: tuple[int, ...] = ()
    late: int = 0
    open: int = 0
    missing: int = 0
