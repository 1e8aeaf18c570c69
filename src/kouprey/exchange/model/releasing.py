"""Nouns of releasing: what waits for the word of persons before it goes to partners."""

from __future__ import annotations

from typing import Literal

import msgspec

from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

ApprovalState = Literal["waiting", "sent", "declined", "withdrawn", "barred"]
"""`barred`: it was released, and may not go after all."""


class Voice(msgspec.Struct, frozen=True, kw_only=True):
    """A person has released it, being of these roles then."""

    person: str
    roles: tuple[str, ...]
    at: Instant


class Lack(msgspec.Struct, frozen=True, kw_only=True):
    """How many more persons of a role have to release it."""

    role: str
    persons: int


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """One body of one version that was to go to the other parties of an agreement, and how that stands.

    `because`: why it was declined or may not go, as grounds. Of an `emergency`, `review_by` is the instant before which
    somebody else reviews it, `reviewed_at` 0 until that happened. `title` is the body's.
    """

    id: str
    agreement: str
    version: int
    body: int
    stix_id: str
    type: str
    title: str
    tlp: TLP
    kind: str
    parties: tuple[str, ...]
    asked_by: str
    asked_at: Instant
    state: ApprovalState
    ended_by: str = ""
    ended_at: Instant = 0
    because: tuple[Reason, ...] = ()
    emergency: bool = False
    review_by: Instant = 0
    reviewed_by: str = ""
    reviewed_at: Instant = 0
    review: str = ""
    voices: tuple[Voice, ...] = ()
    lacks: tuple[Lack, ...] = ()

    def is_overdue(self, now: Instant) -> bool:
        """Whether its review is late; computed, because clocks differ."""
        return self.emergency and not self.reviewed_at and now > self.review_by


class Spoken(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one approval when somebody spoke: `state` as it is now, or why nothing was done."""

    id: str
    stix_id: str
    state: ApprovalState | Literal["left"]
    because: tuple[Reason, ...] = ()
