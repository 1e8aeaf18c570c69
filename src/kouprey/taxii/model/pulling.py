"""The nouns of pulling: a collection of somebody else, how far we are in it, and what a walk through it came to."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.time import SECOND, Instant
from kouprey.kernel.words.tlp import TLP

OVERLAP = 15 * 60 * SECOND
"""How far behind what was reached each walk begins, for what servers file late."""


class SignIn(msgspec.Struct, frozen=True, omit_defaults=True):
    """How we sign in at a server: a token, or a name and a password, or nothing."""

    token: str = ""
    user: str = ""
    password: str = ""


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """A collection of somebody else. `url` is that of its API root; `types` narrows, empty takes everything.

    `tlp` is the level of what carries no marking, `into` the id of a collection of ours, "" for the main one alone.
    `every` microseconds pass between two walks of the running node; with 0 it is pulled when somebody says so.
    """

    id: str
    name: str
    url: str
    collection: str
    sealed: bytes
    tlp: TLP
    into: str
    types: tuple[str, ...]
    since: Instant
    overlap: int
    every: int
    allow_private: bool
    paused: bool
    made_by: str
    made_at: Instant


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where the walk through a remote collection stands, in dates of its server (they decide nothing here).

    A walk began after `after` and goes on at `next`, the server's own words, or behind `after` when that is "".
    `latest` is the highest date it has met; `reached` that up to which an earlier walk had everything.
    """

    turn: int = 0
    after: Instant = 0
    next: str = ""
    latest: Instant = 0
    reached: Instant = 0
    failures: int = 0
    due_at: Instant = 0


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """What a walk came to; `ended_at` is 0 while it goes on, `trouble` "" unless it ended early."""

    id: int
    source: str
    began_at: Instant
    ended_at: Instant = 0
    pages: int = 0
    objects: int = 0
    new: int = 0
    repeats: int = 0
    conflicts: int = 0
    refused: int = 0
    trouble: str = ""


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """One object that was not taken in."""

    at: Instant
    object: str
    why: str


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """One answer of a server: the bytes of its objects, whether there is more, and how to ask for it.

    `first` and `last` are the dates its headers name, 0 where they do not; `broken` counts members that are no objects.
    """

    objects: tuple[bytes, ...]
    more: bool
    next: str
    first: Instant
    last: Instant
    broken: tuple[str, ...] = ()


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """A collection that a server says it has."""

    root: str
    id: str
    title: str
    readable: bool
