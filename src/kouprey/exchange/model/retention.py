"""How long something is kept: rules that erase by age, what they would erase now, and what they did."""

from __future__ import annotations

from typing import Literal

import msgspec

from kouprey.exchange.model.searching import Search
from kouprey.kernel.words.time import Instant

Age = Literal["received", "news", "end"]
"""What the days count from: the first receipt of the newest version, the last time it was news here (a new version,
another source, or readers who may see it since), or the end that its author gave it."""

State = Literal["proposed", "in-force", "paused"]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """Objects that `search` finds go when they are older than `days`; nothing goes before a person has confirmed it.

    `what` says in words what the search is a copy of; `agreement` is set where the rule keeps the term of one.
    `confirmed_at` is 0 until then.
    """

    id: str
    name: str
    what: str
    search: Search
    age: Age
    days: int
    because: str
    agreement: str
    state: State
    made_by: str
    made_at: Instant
    confirmed_by: str = ""
    confirmed_at: Instant = 0


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """An object that a rule would erase: `since` is the instant its age counts from."""

    stix_id: str
    type: str
    title: str
    since: Instant


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule would erase now: how many by type, how many of these a hold keeps, and some of them.

    `more` says that counting stopped there.
    """

    count: int
    more: bool
    held: int
    by_type: dict[str, int]
    samples: tuple[Due, ...]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One walk of a rule; `ended_at` is 0 while it goes on. `failed` are objects that could not be erased, and stay."""

    id: int
    rule: str
    began_at: Instant
    ended_at: Instant
    erased: int
    held: int
    failed: int
    reached: Instant
    trouble: str = ""


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """That an agreement lets what came under it be kept for some days only; `rule` keeps that term, "" for none."""

    agreement: str
    title: str
    collection: str
    days: int
    rule: str
