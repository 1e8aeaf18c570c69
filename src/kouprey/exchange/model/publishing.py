"""Nouns of publishing by a rule: the rule, what it would do, and what it did day by day."""

from __future__ import annotations

from typing import Literal

import msgspec

from kouprey.exchange.model.searching import Search
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.time import Instant

PublishingState = Literal["proposed", "running", "paused", "ended"]
RuleFate = Literal["queued", "waiting", "refused"]
"""Given; asked to be released; held back."""


class PublishingRule(msgspec.Struct, frozen=True, kw_only=True):
    """What `search` finds is given under an agreement by itself, with the rights and the clearance of `person`.

    `what` is the name of the saved search that was copied; `audience` a group of the agreement, "" for all its parties;
    `sightings` gives sightings of what is found too. Beyond `limit` objects on one day it pauses itself. `because` says
    why it is paused; its first code is "by-person" unless it paused itself. `reached` is the position up to which
    everything was looked at.
    """

    id: str
    name: str
    what: str
    search: Search
    agreement: str
    audience: str = ""
    sightings: bool = False
    limit: int
    state: PublishingState
    because: tuple[Reason, ...] = ()
    person: str
    made_at: Instant
    began_at: Instant = 0
    reached: Instant = 0

    @property
    def paused_itself(self) -> bool:
        """Whether nobody paused it but the node."""
        return self.state == "paused" and self.because[:1] != () and self.because[0].code != "by-person"


class RuleSample(msgspec.Struct, frozen=True, kw_only=True):
    """An object that a rule gave, held back, or would."""

    stix_id: str
    type: str
    title: str


class RuleGround(msgspec.Struct, frozen=True, kw_only=True):
    """Why so many are held back or wait, and some of them."""

    because: tuple[Reason, ...]
    count: int
    samples: tuple[RuleSample, ...]


class DryRun(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of what the search finds now: how many go, wait for their release, were given, are held back.

    `more` says that only the newest were looked at. `hinders` is why nothing would go at all as things stand.
    """

    looked: int
    more: bool
    goes: int
    waits: int
    already: int
    held: int
    pruned: int
    samples: tuple[RuleSample, ...]
    waiting: tuple[RuleGround, ...]
    grounds: tuple[RuleGround, ...]
    parties: tuple[str, ...]
    hinders: str = ""


class RuleDay(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule did on one day (UTC, in days since 1970), of what the reader may see; `undone` of those given."""

    day: int
    given: int
    waiting: int
    held: int
    undone: int


class RuleItem(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule did with one object; `undone_at` is 0 unless its recall was sent."""

    stix_id: str
    type: str
    title: str
    fate: RuleFate
    because: tuple[Reason, ...]
    at: Instant
    undone_at: Instant = 0


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """What undoing a day came to: recalls sent, requests for release withdrawn, and what stayed with its reason."""

    recalled: int
    withdrawn: int
    left: tuple[tuple[str, str], ...] = ()
    more: bool = False
