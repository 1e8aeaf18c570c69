"""Programmes, activities, who is nominated for them, and who has a seat."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class Kind(StrEnum):
    """What an activity is."""

    TRAINING = "training"
    SEMINAR = "seminar"
    STUDY_VISIT = "study-visit"
    CONFERENCE = "conference"
    FORUM = "forum"
    EXERCISE = "exercise"
    EXAM = "certification-exam"


class ItsState(StrEnum):
    """Where an activity is in its life."""

    OPEN = "open"
    CANCELLED = "cancelled"


class SeatState(StrEnum):
    """What became of a nomination."""

    NOMINATED = "nominated"
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    WITHDRAWN = "withdrawn"


class Sort(StrEnum):
    """What a message between nodes is."""

    ACTIVITY = "activity"
    NOMINATION = "nomination"
    SEATS = "seats"
    REGISTER = "register"
    NEEDS = "needs"


LATER = (SeatState.WAITING, SeatState.OFFERED)
"""Who may still get a seat."""


class Competency(msgspec.Struct, frozen=True, kw_only=True):
    """A target by the code of a framework: `nice` (work roles of NIST SP 800-181r1) or `ecsf` (profiles of ENISA)."""

    framework: str
    code: str


class Programme(msgspec.Struct, frozen=True, kw_only=True):
    """What a party plans for a year: `answers` are the recommendations it answers, in words."""

    id: str
    agreement: str
    theme: str
    year: int
    budget: str = ""
    answers: tuple[str, ...] = ()
    tlp: TLP = TLP.GREEN
    made_by: str = ""
    made_at: Instant = 0


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """A version of an activity as its host publishes it.

    `id` follows from host and nonce, so that nobody can claim another's. `seats` are those of each party, `zone` a name
    of the IANA database, `starts` before `ends` and `deadline` (of nominations) instants. The highest version counts.
    """

    id: str
    nonce: str
    host: str
    agreement: str
    version: int
    kind: Kind
    title: str
    starts: Instant
    ends: Instant
    zone: str
    deadline: Instant
    seats: int
    theme: str = ""
    place: str = ""
    online: str = ""
    languages: tuple[str, ...] = ()
    competencies: tuple[Competency, ...] = ()
    note: str = ""
    state: ItsState = ItsState.OPEN
    why: str = ""
    tlp: TLP = TLP.GREEN
    exercise: str = ""


class Nominee(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody a party nominates; `id` is that party's name for them, the same in all its nominations."""

    id: str
    name: str
    role: str = ""
    mail: str = ""


class Nomination(msgspec.Struct, frozen=True, kw_only=True):
    """Everybody a party nominates for an activity now, the first to be seated first; the highest version counts.

    `accepted`: those of them who take a seat that was offered.
    """

    activity: str
    host: str
    party: str
    version: int
    people: tuple[Nominee, ...] = ()
    accepted: tuple[str, ...] = ()


class SeatPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What the host has decided for one party, by ids of its nominees; `passes` are what each shows at the door."""

    activity: str
    host: str
    party: str
    version: int
    confirmed: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    offered: tuple[str, ...] = ()
    passes: dict[str, str] = {}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """That a party needs (or offers) training in a competency for so many people."""

    need: bool
    competency: Competency
    count: int
    note: str = ""


class WishList(msgspec.Struct, frozen=True, kw_only=True):
    """All that a party needs and offers now; the highest version counts."""

    party: str
    version: int
    wishes: tuple[Wish, ...] = ()


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is kept: its bytes as signed, from whom and under which agreement, `party` whom it speaks of.

    `publication` is where ours stand in our lanes, `origin` and `entry_index` in which entry it came.
    """

    sort: Sort
    agreement: str
    about: str
    author: str
    party: str
    version: int
    came_at: Instant
    label_set: int
    body: bytes
    publication: int = 0
    said_by: str = ""
    origin: str = ""
    entry_index: int = 0
    erased: bool = False


class Seat(msgspec.Struct, frozen=True, kw_only=True):
    """One nominee as the messages say: in which state, at which place of their party's list (1 is first).

    `changes` is how often their state has changed since they were nominated.
    """

    party: str
    person: Nominee
    rank: int
    state: SeatState
    changes: int = 0
    code: str = ""


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """An activity and everybody who is nominated for it, by party and rank."""

    activity: Activity
    seats: tuple[Seat, ...] = ()
    lists: dict[str, Nomination] = {}
    plans: dict[str, SeatPlan] = {}

    def of(self, *states: SeatState) -> tuple[Seat, ...]:
        """Those in one of these states."""
        return tuple(each for each in self.seats if each.state in states)
