"""Nouns of what was given before a party joined: what it lacks, what would go to it, and what was given to it."""

from __future__ import annotations

import msgspec

from kouprey.exchange.model import PublishReport
from kouprey.exchange.model.publishing import RuleGround
from kouprey.kernel.words.time import Instant


class Joined(msgspec.Struct, frozen=True, kw_only=True):
    """A party that came to an agreement with its version `version`, whose first moment is `since`.

    `lacks` counts what was given to the others before and still stands, as far as the reader sees; beyond 10,000 only
    `more` is said.
    """

    party: str
    version: int
    since: Instant
    lacks: int
    more: bool = False


class TypeLacks(msgspec.Struct, frozen=True, kw_only=True):
    """Of one type: how many were looked at, how many would go, wait for their release, and are held back."""

    type: str
    found: int
    goes: int
    waits: int
    held: int


class GivenBefore(msgspec.Struct, frozen=True, kw_only=True):
    """What a party lacks of what was given to the others under an agreement, and what the gate would let go to it.

    `found` objects were counted, `beyond` says that there are more; the first `looked` of them, oldest first, were
    asked about at the gate: `goes`, `waits` and `held` add up to it. `since` is 0 for all there was. `hinders` is why
    it would wait as things stand, or, when it is `stopped`, why nothing can be given at all.
    """

    agreement: str
    title: str
    party: str
    since: Instant
    found: int
    beyond: bool
    looked: int
    goes: int
    waits: int
    held: int
    pruned: int
    types: tuple[TypeLacks, ...]
    waiting: tuple[RuleGround, ...]
    grounds: tuple[RuleGround, ...]
    hinders: str = ""
    stopped: bool = False


class HandedOn(msgspec.Struct, frozen=True, kw_only=True):
    """What became of giving it; `more` says that the deed ended before the last: it goes on when it is done again."""

    party: str
    report: PublishReport
    waiting: tuple[RuleGround, ...]
    grounds: tuple[RuleGround, ...]
    more: bool
