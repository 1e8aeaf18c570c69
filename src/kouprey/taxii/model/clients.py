"""The nouns of what clients ask and are sent: how each stands in a collection, its days, and what it was refused."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.time import Instant


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How a client stands in a collection (its id): what it asked last, how far it has come, and all it was sent.

    `client` is the user of a token, `party` whom it read for. `filters` is in short and names no object. `requests` and
    `objects` count since `first_at`.
    """

    client: str
    party: str
    collection: str
    first_at: Instant
    asked_at: Instant
    types: tuple[str, ...] = ()
    filters: str = ""
    reached: Instant = 0
    requests: int = 0
    objects: int = 0


class Day(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asked and was sent on one day; `day` is its first instant."""

    day: Instant
    requests: int
    objects: int


class Turned(msgspec.Struct, frozen=True, kw_only=True):
    """How often a client was refused for one reason; `client` is "" for whoever is none of ours."""

    client: str
    code: str
    status: int
    times: int
    last_at: Instant
