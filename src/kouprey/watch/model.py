"""Nouns of watch: sources, events as they are kept, alerts, and what became of a batch."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import SECOND, Instant

HOUR: Instant = 3600 * SECOND
SPAN: Instant = 300 * SECOND
"""Events are counted in steps of this length."""


class Format(StrEnum):
    """How a source writes its events. AUTO is settled by the first batch."""

    AUTO = "auto"
    ZEEK = "zeek-json"
    SURICATA = "suricata-eve"
    ECS = "ecs"
    PLAIN = "plain"


class Event(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What a sensor saw, flat: telemetry of this node, which bears no label and crosses no border.

    `at` is the sensor's time (microseconds), or that of its arrival where the sensor's cannot be true. `host` is who
    acted inside: an address or a name, "" where nobody is named. `values` are (kind, value) with the kinds of
    observables: domain-name, url (without its scheme), ipv4-addr, ipv6-addr, md5, sha1, sha256.
    """

    at: Instant
    source: str
    host: str
    values: tuple[tuple[str, str], ...]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A sensor that sends here. `tells`: what it finds is told as a sighting without a person's word.

    `last_at` is when the last batch came, 0 for none yet; `events` and `refused` count lines since the beginning.
    """

    name: str
    format: Format
    tells: bool = False
    added_at: Instant = 0
    added_by: str = ""
    retired: bool = False
    last_at: Instant = 0
    events: int = 0
    refused: int = 0


class Segment(msgspec.Struct, frozen=True, kw_only=True):
    """A file of events of one source and one hour of arrival. Only its first `size` bytes count.

    `first_at` and `last_at` are the earliest and the latest time of an event in it.
    """

    source: str
    hour: Instant
    size: int
    events: int
    first_at: Instant
    last_at: Instant


class Refusal(msgspec.Struct, frozen=True):
    """A line that was not taken: its number in the batch, from 1, and why."""

    line: int
    why: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a batch: lines taken, lines refused (the first of them with their reasons), and hits.

    `hits` are of indicators that whoever sent it may see. `repeated`: the batch had come before; nothing was taken
    again, and this is what was said then, without hits.
    """

    batch: str
    format: Format
    taken: int
    refused: int
    hits: int
    refusals: tuple[Refusal, ...] = ()
    repeated: bool = False


class How(StrEnum):
    """Why a value matches an indicator's: it is the same, a name below it, or an address within it."""

    EXACT = "exact"
    BELOW = "below"
    WITHIN = "within"


class Match(msgspec.Struct, frozen=True, gc=False):
    """A value of an event that an indicator names: by which of its values (`named`), and how."""

    indicator: str
    kind: str
    named: str
    how: How


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    """Hits of one indicator at one host within one hour.

    `value` is what was seen first, `named` and `named_kind` what the indicator names, `line` the first line as it came,
    cut. `told` is how many of `count` were told in sightings, `sighting` the last of those. `past`: found in the kept
    past. `dismissed_at` is 0 for one that is open.
    """

    id: str
    indicator: str
    named_kind: str
    named: str
    how: How
    kind: str
    value: str
    host: str
    source: str
    hour: Instant
    count: int
    first_at: Instant
    last_at: Instant
    raised_at: Instant
    line: str = ""
    past: bool = False
    told: int = 0
    sighting: str = ""
    dismissed_at: Instant = 0
    dismissed_by: str = ""
    reason: str = ""


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """Hits that were just found and are to be raised: an alert in the making."""

    match: Match
    kind: str
    value: str
    host: str
    source: str
    hour: Instant
    count: int
    first_at: Instant
    last_at: Instant
    line: str = ""


class Follower(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is followed: which (device and inode), how far, and what its first bytes were (`head`, SHA-256)."""

    source: str
    path: str
    file: str
    head: str
    head_size: int
    offset: int
    at: Instant


class Kept(msgspec.Struct, frozen=True):
    """How long, and how much, is kept: days, and bytes of all files together."""

    days: int
    size: int
