"""Nouns of cases: what one's own party works on, by itself; what crosses a border is a hand-off."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.response.model.calls import Call


class Kind(StrEnum):
    """What a case is: something that happened, what somebody reported, what is looked into, or an exercise."""

    INCIDENT = "incident"
    REPORT = "report"
    INVESTIGATION = "investigation"
    EXERCISE = "exercise"


class Phase(StrEnum):
    """How far the work is (after ISO/IEC 27035-1:2023, clause 5, in the words CSIRTs use)."""

    REPORTED = "reported"
    ANALYSED = "analysed"
    CONTAINED = "contained"
    RECOVERED = "recovered"
    CLOSED = "closed"


class Severity(StrEnum):
    """How bad it is; `severity_why` says why somebody thinks so."""

    UNKNOWN = "unknown"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Track(StrEnum):
    """Who works on it: everything of a case stands on one track, and each is read by the roles it is for."""

    TECHNICAL = "technical"
    LEGAL = "legal"
    POLICY = "policy"
    DIPLOMATIC = "diplomatic"
    COMMUNICATION = "communication"


class Precision(StrEnum):
    """How exactly a time is known."""

    DAY = "day"
    HOUR = "hour"
    MINUTE = "minute"
    SECOND = "second"


class Moment(msgspec.Struct, frozen=True, gc=False):
    """When something was: an instant, minutes east of UTC of whoever said so, and how exactly they knew it."""

    at: Instant
    offset: int = 0
    precision: Precision = Precision.MINUTE


MOMENTS = ("occurred", "detected", "reported", "acknowledged", "contained", "recovered", "closed")
"""Times of a case, in the order in which they usually come."""


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case in one of its versions.

    `number` is short and of this node alone; `category` and `type` are of the Reference Security Incident Taxonomy
    (`taxonomy.RSIT`), "" while nobody has said. `named`: only its members see it. `merged_into` is the case in which
    it is read now, "" for one that stands by itself. `lead` is a person of ours. `origin` says what it was opened from.
    """

    id: str
    number: int
    title: str
    summary: str = ""
    kind: Kind = Kind.INCIDENT
    phase: Phase = Phase.REPORTED
    category: str = ""
    type: str = ""
    severity: Severity = Severity.UNKNOWN
    severity_why: str = ""
    tlp: TLP = TLP.AMBER_STRICT
    pap: PAP = PAP.CLEAR
    cross_border: bool = False
    sectors: tuple[str, ...] = ()
    named: bool = False
    lead: str = ""
    exercise: str = ""
    origin: str = ""
    merged_into: str = ""
    opened_at: Instant = 0
    changed_at: Instant = 0
    version: int = 1
    moments: Mapping[str, Moment] = {}


class Timed(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is measured of a case, where thousands are: read out of its body, and nothing else of it."""

    kind: Kind = Kind.INCIDENT
    category: str = ""
    moments: Mapping[str, Moment] = {}


class Sort(StrEnum):
    """What stands in a case."""

    TASK = "task"
    NOTE = "note"
    FACT = "fact"
    OBSERVABLE = "observable"
    EVIDENCE = "evidence"
    LINK = "link"
    ACT = "act"


class TaskState(StrEnum):
    """Where a task stands."""

    OPEN = "open"
    DOING = "doing"
    DONE = "done"
    DROPPED = "dropped"


class Task(msgspec.Struct, frozen=True, kw_only=True, tag="task"):
    """Something to be done; `who` is a person of ours or a party, "" for whoever takes it, `due` 0 for no day.

    `after` are items that come before it; `origin` the strategy and step it became of; `result` what came of it.
    `under` is the task of which it is a part, "" for none; `calls` the requests that it may send. Both are of the day
    it was made, and nobody writes them.
    """

    title: str
    text: str = ""
    who: str = ""
    due: Instant = 0
    state: TaskState = TaskState.OPEN
    after: tuple[str, ...] = ()
    origin: str = ""
    result: str = ""
    under: str = ""
    calls: tuple[Call, ...] = ()


class Note(msgspec.Struct, frozen=True, kw_only=True, tag="note"):
    """What somebody thinks, in words."""

    text: str


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag="fact"):
    """Something that happened, when, and how that is known; `technique` is an ATT&CK id or ""."""

    text: str
    moment: Moment
    source: str = ""
    technique: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True, tag="observable"):
    """An observable of the exchange that plays a part in the case; what is said of it is said here alone."""

    kind: str
    text: str
    note: str = ""


class Evidence(msgspec.Struct, frozen=True, kw_only=True, tag="evidence"):
    """A file as it was handed in, kept byte for byte; `seal` and `location` of the thing it was taken from, if any."""

    name: str
    media_type: str
    size: int
    sha256: str
    source: str = ""
    seal: str = ""
    location: str = ""


class LinkTo(StrEnum):
    """What a link leads to."""

    OBJECT = "object"
    HANDOFF = "handoff"
    STRATEGY = "strategy"
    TICKET = "ticket"


class Link(msgspec.Struct, frozen=True, kw_only=True, tag="link"):
    """Something beside the case; a link gives nobody access to what it leads to. `changed`: it changed this case."""

    to: LinkTo
    ref: str
    note: str = ""
    changed: bool = False


class Act(msgspec.Struct, frozen=True, kw_only=True, tag="act"):
    """What somebody did in the case, written down by the node; `what` names the item, "" for the case itself."""

    did: str
    what: str = ""
    detail: Mapping[str, str] = {}


Body = Task | Note | Fact | Seen | Evidence | Link | Act


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something that stands in a case, in one of its versions; `at` is when it happened, `made_at` when it was written.

    `hidden`: taken out of sight, and still there.
    """

    id: str
    case: str
    version: int
    sort: Sort
    track: Track
    at: Instant
    made_at: Instant
    made_by: str
    hidden: bool
    body: Body


class CaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a list."""

    case: Case
    tasks: int
    """Tasks that are not done, on tracks that the reader sees."""


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """How long something took: from one moment of a case to another, in seconds; None while either is not known."""

    name: str
    start: str
    end: str
    seconds: int | None
