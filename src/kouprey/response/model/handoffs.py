"""Nouns of hand-offs: messages, the course they make, clocks, and why somebody declines."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.preserving import Hop, Preserve
from kouprey.response.model.sealed import Opener, SealedItem


class Side(StrEnum):
    """Whose part it is: who asks, or who is asked."""

    ASKING = "asking"
    ASKED = "asked"


class Verb(StrEnum):
    """What a message does. `heard` is said by the asking side of what the other one told by telephone."""

    REQUEST = "request"
    ACKNOWLEDGE = "acknowledge"
    HEARD = "heard"
    ACCEPT = "accept"
    DECLINE = "decline"
    QUERY = "query"
    ANSWER = "answer"
    START = "start"
    PROGRESS = "progress"
    REPORT = "report"
    CONFIRM = "confirm"
    CONTEST = "contest"
    SETTLE = "settle"
    REROUTE = "reroute"
    WITHDRAW = "withdraw"


class Stage(StrEnum):
    """Where a hand-off stands; made of its messages, never kept by itself. Being late is no stage."""

    REQUESTED = "requested"
    ACKNOWLEDGED = "acknowledged"
    NEEDS_INFO = "needs-info"
    ACCEPTED = "accepted"
    ACTING = "acting"
    REPORTED = "reported"
    DISPUTED = "disputed"
    DECLINED = "declined"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    REROUTED = "rerouted"


ENDED = frozenset({Stage.CLOSED, Stage.WITHDRAWN, Stage.REROUTED})
"""Stages after which nothing more is expected."""

LEGAL_KINDS = frozenset({"preserve", "disclose"})
"""Kinds that only the legal track sees and speaks in; `HANDOFF_KINDS` of agreements has all."""


class Lack(StrEnum):
    """What a hand-off ought to rest on, and does not: a legal basis that is owed, a clause in force that allows it."""

    BASIS = "basis"
    CLAUSE = "clause"


class Decline(StrEnum):
    """Why somebody will not do it. `not-competent` names who is."""

    NOT_COMPETENT = "not-competent"
    NO_LEGAL_BASIS = "no-legal-basis"
    INSUFFICIENT_INFORMATION = "insufficient-information"
    OVER_BROAD = "over-broad"
    SOVEREIGNTY = "sovereignty"
    CONFLICTS_WITH_INVESTIGATION = "conflicts-with-investigation"
    CAPACITY = "capacity"
    DUPLICATE = "duplicate"
    NOT_FOUND = "not-found"


class Urgency(StrEnum):
    """How much it presses; deadlines follow from the agreement, not from this word."""

    ROUTINE = "routine"
    URGENT = "urgent"
    EMERGENCY = "emergency"


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """Deadlines as instants, signed with the request; 0 where there is none.

    A query may stop `decide` and `report` for `pause_s` seconds at most, all queries together.
    """

    acknowledge: Instant = 0
    decide: Instant = 0
    report: Instant = 0
    pause_s: int = 0


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was said. `id` is the SHA-256 of its bytes in hexadecimal; a request's names the hand-off.

    `seen` are the newest messages its author knew of. `role` and `person` say who spoke for the party, `via` how it
    came where not by node ("phone", "mail"), `number` the case number of whoever speaks, `text` what is said.
    `reason` is a `Decline`, `other` the party a decline or reroute names. `items` are files under seal. Of a request to
    preserve `until` is until when it is preserved, or is asked to be, and `route` where the trail leads on. `basis` is
    a legal basis that is filed after the request. `also_role` and `also_person` say who has released it beside.
    """

    id: str
    handoff: str
    verb: Verb
    author: str
    at: Instant
    seen: tuple[str, ...]
    text: str = ""
    role: str = ""
    person: str = ""
    via: str = ""
    number: str = ""
    reason: str = ""
    other: str = ""
    items: tuple[SealedItem, ...] = ()
    until: Instant = 0
    route: tuple[Hop, ...] = ()
    basis: str = ""
    also_role: str = ""
    also_person: str = ""


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody of ours wants to ask, before anything is checked: of whom, under which agreement, in what words.

    `report_within_s` asks for a report within so many seconds, 0 for no date; other deadlines follow from clause 15.
    `ground` says why it cannot wait for the paper (an emergency to disclose in).
    """

    agreement: str
    to: str
    kind: str
    title: str
    text: str
    tlp: TLP = TLP.AMBER
    urgency: Urgency = Urgency.URGENT
    refs: tuple[str, ...] = ()
    report_within_s: int = 0
    basis: str = ""
    number: str = ""
    instead_of: str = ""
    readers: tuple[Opener, ...] = ()
    preserve: Preserve | None = None
    ground: str = ""


class HandOff(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for: its id, under which agreement, of whom, and what it is about.

    `refs` are ids of STIX objects and values, `basis` the legal instrument and reference, `instead_of` the hand-off
    that it replaces. `tlp` is that of all its messages. `readers` will open what is disclosed. `preserve` is what a
    request to preserve says, None in one of a node that knows none; `ground` why an emergency waits for no paper.
    """

    id: str
    agreement: str
    asking: str
    asked: str
    kind: str
    urgency: Urgency
    title: str
    text: str
    tlp: TLP
    at: Instant
    due: Due = Due()
    refs: tuple[str, ...] = ()
    basis: str = ""
    instead_of: str = ""
    exercise: str = ""
    readers: tuple[Opener, ...] = ()
    preserve: Preserve | None = None
    ground: str = ""

    @property
    def parties(self) -> tuple[str, str]:
        return self.asking, self.asked

    def side_of(self, party: str) -> Side | None:
        """Whose part a party has in it, None for a stranger."""
        if party == self.asking:
            return Side.ASKING
        return Side.ASKED if party == self.asked else None


class Step(NamedTuple):
    """A message in the course: the stage it led to; `counted` is false where it came too late to count."""

    message: Message
    stage: Stage
    counted: bool


class Clock(NamedTuple):
    """One deadline: until when, when it was met (0 while it is not), for how long it stood still so far.

    `frozen`: it stopped for good at that instant, unmet, and is charged to nobody.
    """

    name: str
    due: Instant
    met: Instant
    paused: int
    frozen: Instant = 0

    def late_at(self, now: Instant) -> bool:
        """Whether it is, or was, overdue: computed, never kept."""
        return (self.met or self.frozen or now) > self.due


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a hand-off: every message in its order, where it stands, and its clocks.

    `waiting` name messages whose forerunners have not come yet; `forked` are parties that said two things as if each
    were the only one; `settled` who agreed to end a dispute. `until` is until when it is preserved, 0 for not; `longer`
    what was asked last after that. `lacking`: files were given in an emergency, and their legal basis is not filed yet.
    """

    stage: Stage
    steps: tuple[Step, ...]
    clocks: tuple[Clock, ...]
    heads: tuple[str, ...]
    waiting: tuple[str, ...] = ()
    forked: tuple[str, ...] = ()
    settled: tuple[str, ...] = ()
    until: Instant = 0
    longer: Instant = 0
    lacking: bool = False

    @property
    def ended(self) -> bool:
        return self.stage in ENDED
