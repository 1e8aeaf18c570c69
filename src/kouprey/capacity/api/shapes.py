"""What the REST interface of capacity gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from msgspec import Struct

from kouprey.capacity.model import Competency
from kouprey.kernel.web.api import Time, time_of

T = TypeVar("T", bound=Struct)
_TIMES = frozenset(
    (
        *("starts", "ends", "deadline", "made_at", "marked_at", "due", "done_at", "issued_at", "revoked_at"),
        *("checked_at", "since", "not_before", "not_after", "withdrawn_at"),
    )
)


class ProgrammeShown(Struct, kw_only=True):
    """A programme."""

    id: str
    agreement: str
    theme: str
    year: int
    budget: str
    answers: tuple[str, ...]
    made_at: Time


class ActivityShown(Struct, kw_only=True):
    """The newest version of an activity."""

    id: str
    host: str
    agreement: str
    version: int
    kind: str
    title: str
    theme: str
    starts: Time
    ends: Time
    deadline: Time
    zone: str
    seats: int
    place: str
    online: str
    languages: tuple[str, ...]
    competencies: tuple[Competency, ...]
    note: str
    state: str
    why: str


class Listed(Struct, kw_only=True):
    """Programmes of ours, and activities of everybody's."""

    programmes: tuple[ProgrammeShown, ...]
    activities: tuple[ActivityShown, ...]


class SeatShown(Struct, kw_only=True):
    """One nominee, and how they stand."""

    party: str
    nominee: str
    name: str
    role: str
    mail: str
    rank: int
    state: str
    code: str


class AttendanceShown(Struct, kw_only=True):
    """That somebody was there on a day, and who says so."""

    party: str
    nominee: str
    day: str
    how: str
    marked_by: str
    marked_at: Time


class OutcomeShown(Struct, kw_only=True):
    """What came of it for one person."""

    party: str
    nominee: str
    pre: int
    post: int
    feedback: tuple[int, ...]


class FollowUpShown(Struct, kw_only=True):
    """What is to be done, by whom and until when."""

    id: str
    text: str
    owner: str
    due: Time
    done_at: Time


class PointsShown(Struct, kw_only=True):
    """Points, the rule that gave them and where it was read."""

    holder: str
    activity: str
    rule: str
    source: str
    seen: str
    day: str
    given: int
    counted: int


class Whole(Struct, kw_only=True):
    """An activity with everything the reader may know of it."""

    activity: ActivityShown
    seats: tuple[SeatShown, ...]
    attendance: tuple[AttendanceShown, ...]
    outcomes: tuple[OutcomeShown, ...]
    points: tuple[PointsShown, ...]
    follow_ups: tuple[FollowUpShown, ...]


class Rooms(Struct, kw_only=True):
    """Day -> the code to show in the room."""

    rooms: dict[str, str]


class Marked(Struct, kw_only=True):
    """How many were new, and how many were here already."""

    new: int
    known: int


class WishShown(Struct, kw_only=True):
    """What a party needs or offers."""

    party: str
    need: bool
    competency: Competency
    count: int
    note: str


class Wishes(Struct, kw_only=True):
    """Of every party."""

    wishes: tuple[WishShown, ...]


class AchievementShown(Struct, kw_only=True):
    """What a badge says, and how it is earned."""

    id: str
    name: str
    description: str
    criteria: str
    kind: str
    times: int
    least: int
    competencies: tuple[Competency, ...]


class BadgeShown(Struct, kw_only=True):
    """A badge; the signed document is at /badges/{id}/badge.json, for everybody."""

    id: str
    achievement: str
    holder: str
    issued_at: Time
    revoked_at: Time
    why: str


class KeyShown(Struct, kw_only=True):
    """A key that signs badges, and when."""

    key: str
    not_before: Time
    not_after: Time


class Candidate(Struct, kw_only=True):
    """Somebody who has earned an achievement and has no badge of it."""

    achievement: str
    party: str
    nominee: str
    name: str
    mean: int


class Badges(Struct, kw_only=True):
    """What can be earned, who has earned it, what was given, and the keys that sign."""

    achievements: tuple[AchievementShown, ...]
    candidates: tuple[Candidate, ...]
    badges: tuple[BadgeShown, ...]
    keys: tuple[KeyShown, ...]


class CertificateShown(Struct, kw_only=True):
    """What another body has certified, and who of ours has looked at the proof."""

    id: str
    holder: str
    issuer: str
    title: str
    number: str
    valid_until: str
    proof: str
    scheme: str
    checked_by: str
    checked_at: Time
    withdrawn_at: Time


class Record(Struct, kw_only=True):
    """One's own record."""

    seats: tuple[SeatShown, ...]
    badges: tuple[BadgeShown, ...]
    points: tuple[PointsShown, ...]


class Certificates(Struct, kw_only=True):
    """As far as the reader may see."""

    certificates: tuple[CertificateShown, ...]


class Feed(Struct, kw_only=True):
    """The secret address of a calendar, shown once."""

    address: str


class Sheet(Struct, kw_only=True):
    """A PDF (base64)."""

    pdf: str


class Answered(Struct, kw_only=True):
    """What can be said of a badge: valid, revoked, unknown, over or refused; `since` when its state was last known."""

    answer: str
    name: str
    issuer: str
    issued_by: str
    since: Time
    why: str
    result: str
    holder: bool | None


class MeasuresShown(Struct, kw_only=True):
    """How capacity works under an agreement, in counts."""

    agreement: str
    offered: int
    used: int
    finished: int
    gain: int
    measured: int
    due: int
    on_time: int


def show(shape: type[T], value: object, **more: Any) -> T:
    """A value in a shape: fields of the same names, instants as times."""
    given = {}
    for name in shape.__struct_fields__:
        held = more[name] if name in more else getattr(value, name)
        given[name] = time_of(held) if name in _TIMES else str(held) if isinstance(held, str) else held
    return shape(**given)


def show_all(shape: type[T], values: Iterable[object]) -> tuple[T, ...]:
    """Each of them."""
    return tuple(show(shape, each) for each in values)
