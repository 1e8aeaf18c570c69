"""What stays of what was erased, and what must not be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from kouprey.exchange.model.searching import Search
from kouprey.kernel.words.time import Instant

HoldKind = Literal["object", "collection", "search"]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """A publication of what was erased: its number, and to whom it went when under which agreement."""

    number: int
    agreement: str
    parties: tuple[str, ...]
    at: Instant


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """A body that was erased; `because`, `by` and `given` are for our own people, and empty for anybody else.

    `lifted_at` is 0 while no body of this version is taken in again.
    """

    stix_id: str
    type: str
    instant: Instant
    version_text: str
    sha256: bytes
    received_at: Instant
    sources: tuple[str, ...]
    given: tuple[Given, ...]
    because: str
    by: str
    at: Instant
    lifted_at: Instant


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """That something must not be erased: an object, or whatever is in a collection or found by a search.

    `what` is a STIX id, or the id of a collection or of the saved search of which `search` is a copy.
    """

    id: str
    kind: HoldKind
    what: str
    because: str
    by: str
    at: Instant
    search: Search = Search()


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list kept outside backups: a version that was erased, or (`lifted`) may come again.

    `because` and `by` are left out of lists that are kept elsewhere.
    """

    stix_id: str
    type: str
    instant: Instant
    version_text: str
    sha256: tuple[str, ...]
    at: Instant
    because: str = ""
    by: str = ""
    lifted: bool = False


class EraseReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an erasure removed: versions, bodies, and bodies of entries in lanes.

    `given` are the parties that were given any of it and have it still; `scrubbed` whether nothing of it is left in
    the free space of the database (else the node goes on with that).
    """

    stix_id: str
    versions: int
    bodies: int
    entries: int
    given: Sequence[str]
    scrubbed: bool
