"""Nouns of proceedings: dossiers, who belongs to one, sealed items, grants, releases, holds, and events of custody."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from kouprey.kernel.words.time import DAY, Instant

BASIS_WITHIN: Instant = 3 * DAY
"""After an emergency release the basis is due within this."""


class Part(StrEnum):
    """What somebody is in a dossier."""

    CUSTODIAN = "custodian"
    READER = "reader"


class Purpose(StrEnum):
    """What an item is released for."""

    INVESTIGATION = "investigation"
    PROSECUTION = "prosecution"
    DEFENCE = "defence"
    COURT = "court"
    ASSISTANCE = "assistance"
    OVERSIGHT = "oversight"


class Kind(StrEnum):
    """What an item is: the title of its dossier, a thing, or what was made of a thing by leaving something out."""

    TITLE = "title"
    THING = "thing"
    REDACTION = "redaction"


class Disclosure(StrEnum):
    """Where an item stands in the list of what is disclosed."""

    UNDECIDED = "undecided"
    DISCLOSED = "disclosed"
    WITHHELD = "withheld"


class Act(StrEnum):
    """What happens to a dossier or item; each is one event of its ledger."""

    OPEN = "open"
    ADD_MEMBER = "add-member"
    REMOVE_MEMBER = "remove-member"
    SEAL = "seal"
    GRANT = "grant"
    IDENTIFY = "identify"
    COLLECT = "collect"
    ACQUIRE = "acquire"
    PRESERVE = "preserve"
    OFFER = "offer"
    RECEIVE = "receive"
    RELEASE = "release"
    FAIL = "release-failed"
    FILE_BASIS = "file-basis"
    REMIND = "remind"
    HOLD = "hold"
    LIFT_HOLD = "lift-hold"
    DISCLOSE = "disclose"
    WITHHOLD = "withhold"
    DISPOSE = "dispose"
    KEPT = "kept-by-hold"
    GIVE = "give"
    ARRIVE = "arrive"
    RECEIVED_THERE = "received-there"


STATED = (Act.IDENTIFY, Act.COLLECT, Act.ACQUIRE, Act.PRESERVE)
"""Acts that a person states, as they were done outside (the words of ISO/IEC 27037)."""


class ReaderKey(msgspec.Struct, frozen=True, kw_only=True):
    """An age recipient of a person; `until` is 0 while it is the one to seal to, `follows` the key it came after."""

    key: str
    person: str
    since: Instant
    until: Instant = 0
    follows: str = ""


class Dossier(msgspec.Struct, frozen=True, kw_only=True):
    """A dossier as the node knows it. Its title is sealed; `name` is three words that mean nothing.

    `party` and `ref` say whose it is and how it is named there: "" for one of our own.
    """

    id: str
    name: str
    by: str
    at: Instant
    party: str = ""
    ref: str = ""


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """That a person belongs to a dossier; `until` is 0 while they do."""

    dossier: str
    person: str
    part: Part
    at: Instant
    by: str
    why: str
    until: Instant = 0
    ended_by: str = ""
    ended_why: str = ""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """A sealed thing. `sha256` and `size` are those of the sealed body, which is padded to a bucket.

    `derived` is the item it was made of, "" for none; `holder` the person who has it in custody, and `offered` the one
    to whom that is offered. `party` is who gave it, "" for us, and `ref` what they
    call it. `keep_until` and `disposed_at` are 0 for none.
    """

    id: str
    dossier: str
    number: int
    kind: Kind
    sha256: str
    size: int
    at: Instant
    by: str
    derived: str = ""
    party: str = ""
    ref: str = ""
    holder: str = ""
    offered: str = ""
    offered_at: Instant = 0
    disclosure: Disclosure = Disclosure.UNDECIDED
    ground: str = ""
    keep_until: Instant = 0
    disposed_at: Instant = 0


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """The key of an item for one reader: sealed to `key`, and that to the node it is released by.

    `person` is one of ours, or "" for a reader `name` of the partner `party`. `ended_at` is 0 while it may be released.
    """

    item: str
    key: str
    box: bytes
    by: str
    at: Instant
    person: str = ""
    party: str = ""
    name: str = ""
    ended_at: Instant = 0


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """That the node took its seal off an item for a person, and why.

    An emergency has a `ground` and no `basis` until one is filed, by `due`; `filed_at` is 0 until then.
    """

    id: str
    dossier: str
    item: str
    person: str
    key: str
    at: Instant
    purpose: Purpose
    basis: str
    ground: str = ""
    due: Instant = 0
    filed_at: Instant = 0
    filed_by: str = ""

    @property
    def lacks_basis(self) -> bool:
        """Whether no basis was filed yet."""
        return not self.basis


class Hold(msgspec.Struct, frozen=True, kw_only=True):
    """That an item (or all, `item` "") must stay: who said so, why, how far it goes, and when it is looked at again."""

    id: str
    dossier: str
    item: str
    by: str
    at: Instant
    why: str
    scope: str
    review: Instant
    lifted_at: Instant = 0
    lifted_by: str = ""
    lifted_why: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a ledger as the database has it: what `raw` says stands beside it once more."""

    dossier: str
    position: int
    act: str
    item: str
    by: str
    at: Instant
    raw: bytes
    leaf: bytes


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a ledger. `raw` are the bytes its leaf is made of; they hold a salt and all that stands here."""

    dossier: str
    position: int
    act: str
    item: str
    by: str
    at: Instant
    detail: dict[str, Any]
    raw: bytes
    leaf: bytes


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A signed statement of a ledger's size and root, and the line of a partner who saw it, b"" for none."""

    dossier: str
    size: int
    note: bytes
    witness: str = ""
    line: bytes = b""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """That a partner was given an item, with a checkpoint of `size` events; `received_at` is 0 until they said so."""

    dossier: str
    item: str
    party: str
    agreement: str
    size: int
    at: Instant
    received_at: Instant = 0


class Handed(msgspec.Struct, frozen=True, kw_only=True):
    """Grants that a person made on their own machine, and the key each is for."""

    key: str
    box: bytes
    name: str = ""


class SealedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What `kouprey dossier seal` writes, without its body: that is `size` bytes from `start` on."""

    kind: Kind
    sha256: str
    size: int
    start: int
    grants: tuple[Handed, ...]


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What one member sees of a dossier."""

    dossier: Dossier
    own: Member
    members: tuple[Member, ...]
    items: tuple[Item, ...]
    grants: tuple[Grant, ...]
    releases: tuple[Release, ...]
    holds: tuple[Hold, ...]
    given: tuple[Given, ...]
    events: int

    @property
    def lacking(self) -> tuple[Release, ...]:
        """Releases without a basis."""
        return tuple(each for each in self.releases if each.lacks_basis)

    def item(self, item: str) -> Item | None:
        """One of its items."""
        return next((each for each in self.items if each.id == item), None)

    def held(self, item: str) -> tuple[Hold, ...]:
        """Holds in force that cover an item."""
        return tuple(each for each in self.holds if each.item in ("", item) and not each.lifted_at)
