"""What is looked for, what narrows it, and what stands around an object."""

from __future__ import annotations

from typing import Literal

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP

Findings = Literal["", "any", "must"]
"""Objects with any finding, or with one that says the standard is broken; "" asks for neither."""


class Filters(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What narrows a list: sources as they are shown, strictest levels, and positions (exclusive) of being news."""

    sources: tuple[str, ...] = ()
    levels: tuple[TLP, ...] = ()
    since: Instant | None = None
    until: Instant | None = None
    conflict: bool = False
    revoked: bool | None = None
    findings: Findings = ""
    in_force: bool = False
    """Neither revoked nor past the end that its author gave it."""
    received_before: Instant | None = None
    ended_before: Instant | None = None
    """The newest version first received, or past its author's end, before an instant; for rules of retention, which
    see everything."""


class Search(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is looked for: a query and what narrows it. What it finds depends on who runs it."""

    text: str = ""
    types: tuple[str, ...] = ()
    collection: str = ""
    filters: Filters = Filters()


class SavedSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search under a name; `person` is whose it is, `shared` shows it to everybody on the node."""

    id: str
    name: str
    person: str
    shared: bool
    search: Search
    saved_at: Instant


class News(msgspec.Struct, frozen=True, kw_only=True):
    """How many hits somebody has not looked at yet; `more` says that counting stopped there."""

    count: int
    more: bool


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """An object near another: `distance` in steps from where the walk began."""

    stix_id: str
    type: str
    title: str
    distance: int


class Relation(msgspec.Struct, frozen=True, kw_only=True):
    """`source` says `word` of `target`; `by` is the relationship that says so, "" for a property of the source."""

    source: str
    word: str
    target: str
    by: str = ""


class Neighbourhood(msgspec.Struct, frozen=True, kw_only=True):
    """What stands around an object, nearest first, without itself; `more` when a limit left something out.

    `same` are the objects it is merged with: relations that begin or end there are its own.
    """

    nodes: tuple[Neighbour, ...]
    relations: tuple[Relation, ...]
    more: bool
    same: tuple[str, ...] = ()
