"""What the REST interface of capacity takes."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from kouprey.kernel.web.api import Asked

Text = Annotated[str, Meta(max_length=5_000)]
Long = Annotated[str, Meta(max_length=500_000)]


class PlanAsked(Asked, frozen=True, kw_only=True):
    """A programme under an agreement."""

    agreement: str
    theme: str
    year: int
    budget: str = ""
    answers: tuple[Text, ...] = ()
    tlp: str = "green"


class ActivityAsked(Asked, frozen=True, kw_only=True):
    """An activity; times as `2026-12-01 09:00` at the place, competencies as `nice:PD-WRL-003 ecsf:2`."""

    kind: str
    title: str
    starts: str
    ends: str
    deadline: str
    zone: str
    seats: int
    place: str = ""
    online: str = ""
    languages: str = ""
    competencies: str = ""
    note: Text = ""


class Why(Asked, frozen=True, kw_only=True):
    """The reason, which everybody concerned is told."""

    why: Text


class PersonAsked(Asked, frozen=True, kw_only=True):
    """Somebody to nominate; `person` is the id of an account here, which does not leave."""

    name: str
    role: str = ""
    mail: str = ""
    person: str = ""


class NominationAsked(Asked, frozen=True, kw_only=True):
    """Everybody we nominate, the first to be seated first."""

    people: tuple[PersonAsked, ...]


class Marks(Asked, frozen=True, kw_only=True):
    """The code of a seat with a day, or a `list` kept without a network (columns code, day, at, marked_by)."""

    code: str = ""
    day: str = ""
    list: Long = ""


class OutcomeAsked(Asked, frozen=True, kw_only=True):
    """What came of it for one person; -1 for no score, no answers or five of 1 to 5."""

    party: str
    nominee: str
    pre: int = -1
    post: int = -1
    feedback: tuple[int, ...] = ()


class FollowUpAsked(Asked, frozen=True, kw_only=True):
    """What is to be done; `due` as `2026-12-01 09:00` at the place of the activity."""

    text: Text
    owner: str
    due: str


class Done(Asked, frozen=True, kw_only=True):
    """Whether it is done."""

    done: bool = True


class WishAsked(Asked, frozen=True, kw_only=True):
    """A need or an offer."""

    need: bool
    competency: str
    count: int
    note: str = ""


class WishesAsked(Asked, frozen=True, kw_only=True):
    """All that we need and offer now."""

    wishes: tuple[WishAsked, ...]


class AchievementAsked(Asked, frozen=True, kw_only=True):
    """What a badge says, and how it is earned."""

    name: str
    description: Text
    criteria: Text
    kind: str = ""
    times: int = 1
    least: int = 0
    competencies: tuple[str, ...] = ()


class BadgeAsked(Asked, frozen=True, kw_only=True):
    """Who has earned which achievement."""

    achievement: str
    party: str
    nominee: str


class CertificateAsked(Asked, frozen=True, kw_only=True):
    """What another body has certified; `holder` is an account of ours, "" for oneself."""

    issuer: str
    title: str
    number: str
    valid_until: str
    proof: str = ""
    scheme: str = ""
    holder: str = ""


class Withdrawn(Asked, frozen=True, kw_only=True):
    """Whether it counts no more."""

    withdrawn: bool = True


class FeedAsked(Asked, frozen=True, kw_only=True):
    """Of the whole party, or one's own."""

    whole: bool = False


class Shown(Asked, frozen=True, kw_only=True):
    """A badge that somebody shows, and where it came with one, a status list of its issuer."""

    badge: Long
    status: Long = ""
    identity: str = ""


def as_form(asked: ActivityAsked) -> dict[str, str]:
    """As a form gives it."""
    return {name: str(value) for name, value in msgspec.structs.asdict(asked).items()}
