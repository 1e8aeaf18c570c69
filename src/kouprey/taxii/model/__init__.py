"""The nouns of the TAXII door: what a client asks for and is given, and what became of what it sent."""

from __future__ import annotations

import msgspec

from kouprey.exchange.model import PageRow
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant


class NotAcceptable(Damaged):
    """The client accepts no media type we speak."""

    code = "not-acceptable"
    http_status = 406


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """The match filters of a request (TAXII 2.1 section 3.4.1); an empty tuple is a filter that was not given.

    `versions` mixes the words first, last and all with instants.
    """

    ids: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    versions: tuple[str | Instant, ...] = ()
    specs: tuple[str, ...] = ()


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What the query string of a request says; `cursor` is the text of `next`, "" when there was none."""

    added_after: Instant | None = None
    limit: int | None = None
    cursor: str = ""
    match: Match = Match()


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """Where a client goes on: after which position, and with which limit and filters it began."""

    after: Instant
    limit: int
    match: Match


class View(msgspec.Struct, frozen=True, kw_only=True):
    """A page as a client is given it.

    `first` and `last` are the dates of the first and last row; of an empty page both are the date up to which nothing
    was found, so that a client which polls from `last` never goes back. `next` is "" on the last page.
    """

    rows: tuple[PageRow, ...]
    first: Instant
    last: Instant
    next: str = ""


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one object of an envelope; `version` is as its author wrote it, "" where it has none."""

    stix_id: str
    version: str
    refused: bool = False
    message: str = ""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an envelope that was received at `at`; nothing is ever pending."""

    id: str
    at: Instant
    fates: tuple[Fate, ...]
