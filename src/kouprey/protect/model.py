"""Nouns of protect: shields, what is in them and what was left out, releases, outlets, and what must not be blocked."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class Part(StrEnum):
    """What a shield lists."""

    NAMES = "names"
    ADDRESSES = "addresses"


class Format(StrEnum):
    """A file of a release, by the name it has in addresses."""

    NAMES = "names.txt"
    ADDRESSES = "addresses.txt"
    RPZ = "rpz.zone"
    UNBOUND = "unbound.conf"
    NFTABLES = "nftables.nft"
    SURICATA = "suricata.rules"


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """Which indicators a shield is made of: those in force that this node may see up to `tlp`, and may act upon.

    `sources` are parties, () for all. `confidence` (0 to 100): an indicator that says none has 0.
    """

    parts: tuple[Part, ...] = tuple(Part)
    collection: str = "main"
    sources: tuple[str, ...] = ()
    confidence: int = 0
    tlp: TLP = TLP.AMBER_STRICT


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """When a person is asked, and for how long something holds.

    `growth`: per cent of the last release that may come without a person's word. `canary`: events of the last day that
    what comes may have blocked without it. `life_days`: an indicator is listed for so long after its last version, or
    until it says. `valid_days`: a release that is not followed by another is old then.
    """

    growth: int = 20
    canary: int = 0
    life_days: int = 90
    valid_days: int = 7


class Shield(msgspec.Struct, frozen=True, kw_only=True):
    """A list in the making and in force.

    `held` is the serial that was gone back to, 0 for none: as long, entries leave and none comes. `position` is how
    far indicators were read, `due` when they are read again at the latest, `checked_at` when they were (0: never).
    """

    name: str
    title: str
    query: Query
    limits: Limits
    made_at: Instant = 0
    made_by: str = ""
    retired: bool = False
    held: int = 0
    position: Instant = 0
    due: Instant = 0
    checked_at: Instant = 0


class Entry(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One value to block, by which indicator, and until when (microseconds).

    `kind` is domain-name, ipv4-addr, ipv6-addr, ipv4-net or ipv6-net; `text` its one written form.
    """

    kind: str
    text: str
    indicator: str
    ends: Instant

    @property
    def key(self) -> tuple[str, str]:
        """What makes it one."""
        return self.kind, self.text


class Why(StrEnum):
    """Why something is left out."""

    UNSAFE = "unsafe"
    LONG = "long"
    SUFFIX = "suffix"
    RESERVED = "reserved"
    WIDE = "wide"
    OWN = "own"
    NEVER = "never"
    PARENT = "parent"
    COVERS = "covers"
    WARNED = "warned"
    BARRED = "barred"


class Left(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One value that is left out. `by` says what it met: a name, a network or a list."""

    kind: str
    text: str
    indicator: str
    why: Why
    by: str


class Verdict(msgspec.Struct, frozen=True):
    """Why one value is not listed, and what it met."""

    why: Why
    by: str


class Allowance(msgspec.Struct, frozen=True, kw_only=True):
    """What people of this node decided of a value. `insists`: it is listed although a list warns; else never.

    Of a name that is never listed, what is below it is not either, unless `alone`.
    """

    text: str
    insists: bool = False
    alone: bool = False
    reason: str = ""
    at: Instant = 0
    by: str = ""


class Ask(StrEnum):
    """Why a person is asked before a release."""

    FIRST = "first"
    GROWTH = "growth"
    CANARY = "canary"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """What a program said of a file: `found` is False where it is not installed or may not run here.

    `said` is what it says of a file that it cannot read, cut.
    """

    format: Format
    program: str
    found: bool
    passed: bool
    said: str = ""


class Trial(msgspec.Struct, frozen=True, kw_only=True):
    """What a list would have blocked of the events of a day: events and hosts, and those of entries that are new.

    `hours` counts what would have been blocked in each of them, the oldest first; `values` and `hosts_most` are those
    met most, with counts.
    """

    since: Instant
    until: Instant
    seen: int = 0
    events: int = 0
    hosts: int = 0
    new_events: int = 0
    new_hosts: int = 0
    hours: tuple[int, ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    hosts_most: tuple[tuple[str, int], ...] = ()


class File(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a release: bytes, SHA-256 in hexadecimal, and how many entries stand in it."""

    format: Format
    size: int
    sha256: str
    entries: int


class State(StrEnum):
    """Where a release stands."""

    WAITING = "waiting"
    CURRENT = "current"
    PAST = "past"
    REFUSED = "refused"
    FAILED = "failed"


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A list that was made: in force, before or after that, or waiting for a person's word.

    `digest` names what is in it. `tlp`: how far it went then; who is not cleared so far learns nothing of it. `added`
    and `gone` are against the release before. `left` counts what was left out by its reason, `other` the indicators
    that name nothing a shield lists. `back_to` is the serial whose content it has.
    """

    shield: str
    serial: int
    state: State
    made_at: Instant
    until: Instant
    digest: str
    tlp: TLP
    names: int
    addresses: int
    added: int
    gone: int
    left: Mapping[str, int]
    other: int = 0
    asks: tuple[Ask, ...] = ()
    trial: Trial
    checks: tuple[Check, ...]
    files: tuple[File, ...]
    back_to: int = 0
    decided_at: Instant = 0
    decided_by: str = ""
    reason: str = ""

    @property
    def total(self) -> int:
        """Entries."""
        return self.names + self.addresses


class Outlet(msgspec.Struct, frozen=True, kw_only=True):
    """A device that fetches a shield: its token reads that shield and nothing else. `used_at` is to the hour."""

    id: str
    shield: str
    title: str
    made_at: Instant
    made_by: str
    ended: bool = False
    used_at: Instant = 0


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What this node signs of a release (docs/spec/shield.md)."""

    v: int
    kind: str
    party: str
    shield: str
    serial: int
    made_at: str
    until: str
    names: int
    addresses: int
    files: tuple[File, ...]
