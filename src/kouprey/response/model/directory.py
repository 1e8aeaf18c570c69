"""Nouns of the directory: profiles of teams, who is competent for what, shifts and drills."""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

import msgspec

from kouprey.kernel.words.time import Instant

DRILL = "drill"
"""The exercise that all drills belong to: its hand-offs are seen on the pages of drills, and nowhere in earnest."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(StrEnum):
    """When a team answers: around the clock, or in hours on days."""

    ALWAYS = "always"
    OFFICE = "office"


class Authority(StrEnum):
    """What a team may do about systems of its constituency (RFC 2350 section 3.4)."""

    FULL = "full"
    SHARED = "shared"
    NONE = "none"


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers now, by role and never by name: how they are reached, and until when."""

    role: str
    reach: str
    until: Instant


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What a team says of itself, in the order of RFC 2350 sections 1 to 7.

    `version` grows by one with each change; `at` is when it was written, `verified` when somebody of the team last
    checked all of it (0 for never). `opens` and `closes` are HH:MM in `zone`. `duty` is there while `duty_shown`.
    """

    party: str
    version: int = 0
    at: Instant = 0
    verified: Instant = 0
    name: str = ""
    address: str = ""
    zone: str = "UTC"
    phone: str = ""
    reach: str = ""
    mail: str = ""
    web: str = ""
    pgp: str = ""
    age: str = ""
    members: str = ""
    hours: Hours = Hours.OFFICE
    days: tuple[str, ...] = DAYS[:5]
    opens: str = "08:00"
    closes: str = "17:00"
    mission: str = ""
    constituency: str = ""
    asns: tuple[int, ...] = ()
    prefixes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()
    sponsor: str = ""
    authority: Authority = Authority.NONE
    authority_text: str = ""
    incidents: str = ""
    tlp: bool = True
    disclosure: str = ""
    authentication: str = ""
    services: str = ""
    forms: str = ""
    disclaimers: str = ""
    duty_shown: bool = False
    duty: Duty | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A profile as it is kept: under which agreements it came (none for ours), when, and who of ours wrote it."""

    profile: Profile
    agreements: tuple[str, ...]
    came_at: Instant
    written_by: str


class Asn(msgspec.Struct, frozen=True):
    """An autonomous system."""

    number: int


class Domain(msgspec.Struct, frozen=True):
    """A domain name in lower case, in its ASCII form."""

    name: str


Subject = Asn | Domain | IPv4Network | IPv6Network
"""What somebody can be competent for; one address is a network of one."""


class Claim(msgspec.Struct, frozen=True):
    """That `party` is competent for `subject`: it says so, or (`learned`) a person here applied a proposal."""

    party: str
    subject: Subject
    learned: bool = False


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """That `competent` is competent, as `said_by` has said when it declined a hand-off; `subjects` are its values."""

    message: str
    handoff: str
    title: str
    said_by: str
    competent: str
    subjects: tuple[str, ...]
    text: str
    at: Instant


class Decided(msgspec.Struct, frozen=True, kw_only=True):
    """What a person has made of a proposal: `applied` until `ended_at` (0 while it is), or dismissed."""

    message: str
    handoff: str
    said_by: str
    competent: str
    subjects: tuple[str, ...]
    applied: bool
    decided_by: str
    decided_at: Instant
    ended_by: str = ""
    ended_at: Instant = 0


class Shift(msgspec.Struct, frozen=True, kw_only=True):
    """Who of ours is on duty from `starts` until before `ends`; `withdrawn_at` is 0 while it counts."""

    id: str
    person: str
    role: str
    reach: str
    starts: Instant
    ends: Instant
    made_by: str = ""
    made_at: Instant = 0
    withdrawn_by: str = ""
    withdrawn_at: Instant = 0


class Gap(msgspec.Struct, frozen=True):
    """A time in which nobody is on duty."""

    starts: Instant
    ends: Instant


class Drill(msgspec.Struct, frozen=True, kw_only=True):
    """An exercise hand-off that measures a partner; times of our clock, 0 while it has not happened."""

    handoff: str
    party: str
    agreement: str
    sent_by: str
    sent_at: Instant
    delivered_at: Instant = 0
    acknowledged_at: Instant = 0
    closed_at: Instant = 0


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What the drills of a partner come to; seconds, None where there is none.

    `delivered` and `acknowledged` are of the last drill, `median` over those of the last `counted` that were answered;
    `unanswered` of them were closed without an answer. `success` is when one was last answered, 0 for never.
    """

    last: Drill | None
    delivered: int | None
    acknowledged: int | None
    median: int | None
    counted: int
    unanswered: int
    success: Instant
