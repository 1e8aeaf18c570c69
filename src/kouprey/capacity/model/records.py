"""What people have done and hold: three kinds of record that are never one another."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.capacity.model.activities import Competency
from kouprey.kernel.words.time import Instant


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """That somebody was there on a day (ISO date at the place); `marked_by` is "self", or whoever has marked them."""

    activity: str
    party: str
    nominee: str
    day: str
    how: str
    marked_by: str
    marked_at: Instant
    came_at: Instant = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it for one person: scores of 0 to 100 before and after (-1: none), answers of 1 to 5 ("" = none)."""

    activity: str
    party: str
    nominee: str
    pre: int = -1
    post: int = -1
    feedback: tuple[int, ...] = ()
    by: str = ""
    at: Instant = 0


class FollowUp(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done after an activity, by whom, until when; `done_at` is 0 while it is open."""

    id: str
    activity: str
    text: str
    owner: str
    due: Instant
    made_by: str = ""
    made_at: Instant = 0
    done_by: str = ""
    done_at: Instant = 0


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of whom records are kept: a nominee of `party`; `person` is the account of one of ours, "" for none."""

    party: str
    id: str
    name: str
    role: str = ""
    mail: str = ""
    person: str = ""


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What another body has certified, never this node: only here may its name stand.

    `valid_until` is an ISO date, `proof` an address or a file's hash, `checked_by` whoever has looked at it, "" until.
    """

    id: str
    holder: str
    issuer: str
    title: str
    number: str
    valid_until: str
    proof: str = ""
    scheme: str = ""
    recorded_by: str = ""
    recorded_at: Instant = 0
    checked_by: str = ""
    checked_at: Instant = 0
    withdrawn_at: Instant = 0


class CpdRule(msgspec.Struct, frozen=True, kw_only=True):
    """`points` a `unit` of an activity, at most `ceiling` a year (0: no ceiling)."""

    id: str
    points: int
    unit: str
    ceiling: int = 0


class CpdScheme(msgspec.Struct, frozen=True, kw_only=True):
    """Continuing education as a scheme counts it, of which source and date."""

    id: str
    name: str
    version: str
    source: str
    seen: str
    hours: int
    years: int
    least_a_year: int
    rules: tuple[CpdRule, ...]


class CpdEntry(msgspec.Struct, frozen=True, kw_only=True):
    """Points of somebody for an activity: what the rule gives, and what its ceiling of the year left of it."""

    holder: str
    activity: str
    rule: str
    source: str
    seen: str
    day: str
    given: int
    counted: int
    at: Instant = 0


class Achievement(msgspec.Struct, frozen=True, kw_only=True):
    """What our own badge says: reached with `times` activities of `kind` ("" = any) at `least` points or more."""

    id: str
    name: str
    description: str
    criteria: str
    kind: str = ""
    times: int = 1
    least: int = 0
    competencies: tuple[Competency, ...] = ()
    made_by: str = ""
    made_at: Instant = 0


class Badge(msgspec.Struct, frozen=True, kw_only=True):
    """A signed badge, byte for byte as it was given; `index` is its place in the status list."""

    id: str
    achievement: str
    holder: str
    index: int
    issued_at: Instant
    issued_by: str
    raw: bytes
    revoked_at: Instant = 0
    revoked_by: str = ""
    why: str = ""


class KeyLine(msgspec.Struct, frozen=True, kw_only=True):
    """A key that signs badges: it counts for what was signed from `not_before` until before `not_after` (0: still)."""

    key: str
    not_before: Instant
    not_after: Instant = 0


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """What a party's badges are checked by: its names (DIDs), its keys, and its signed status list with its time."""

    party: str
    version: int
    dids: tuple[str, ...]
    keys: tuple[KeyLine, ...]
    status: bytes = b""
    came_at: Instant = 0


class Answer(StrEnum):
    """What can be said of a badge."""

    VALID = "valid"
    REVOKED = "revoked"
    UNKNOWN = "unknown"
    OVER = "over"
    REFUSED = "refused"


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """An answer: `since` is when the state was last known (0: never), `issuer` the party whose key it is, if known."""

    answer: Answer
    name: str = ""
    issuer: str = ""
    issued_by: str = ""
    since: Instant = 0
    why: str = ""
    result: str = ""


class Measures(msgspec.Struct, frozen=True, kw_only=True):
    """How capacity works under an agreement, in counts; -1 where nothing can be said."""

    agreement: str
    offered: int
    used: int
    finished: int
    gain: int
    measured: int
    due: int
    on_time: int
