"""Who reads and who writes which track of a case, by role; who opens, changes, joins and closes cases."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum

from kouprey.people.model import Role
from kouprey.response.model.cases import Track

WORKING = frozenset({Role.ANALYST, Role.DUTY_OFFICER, Role.LEAD, Role.LIAISON})
LEADS = frozenset({Role.LEAD, Role.LIAISON})

WRITES: Mapping[Track, frozenset[Role]] = {
    Track.TECHNICAL: WORKING,
    Track.LEGAL: frozenset({Role.LEGAL}),
    Track.POLICY: frozenset({Role.POLICY, Role.LEAD}),
    Track.DIPLOMATIC: frozenset({Role.DIPLOMAT, Role.LIAISON}),
    Track.COMMUNICATION: frozenset({Role.COMMUNICATIONS, Role.LEAD}),
}
READS: Mapping[Track, frozenset[Role]] = {
    Track.TECHNICAL: WORKING | {Role.LEGAL},
    Track.LEGAL: frozenset({Role.LEGAL}),
    Track.POLICY: frozenset({Role.POLICY, Role.LEAD, Role.LIAISON, Role.DIPLOMAT}),
    Track.DIPLOMATIC: frozenset({Role.DIPLOMAT, Role.LIAISON, Role.LEAD, Role.POLICY}),
    Track.COMMUNICATION: frozenset({Role.COMMUNICATIONS, Role.LEAD, Role.LIAISON, Role.DUTY_OFFICER}),
}
"""Track -> who reads it. Nobody is in all: what is for the prosecutor is for legal officers alone."""


class Deed(StrEnum):
    """What is done to a whole case."""

    OPEN = "open"
    CHANGE = "change"
    MERGE = "merge"
    CLOSE = "close"
    MEMBERS = "members"


DEEDS: Mapping[Deed, frozenset[Role]] = {
    Deed.OPEN: WORKING | {Role.LEGAL, Role.COMMUNICATIONS},
    Deed.CHANGE: WORKING,
    Deed.MERGE: WORKING - {Role.ANALYST},
    Deed.CLOSE: LEADS,
    Deed.MEMBERS: LEADS | {Role.LEGAL},
}


READERS = frozenset(role for roles in READS.values() for role in roles)
"""Roles that see cases at all: whoever keeps the node, its people or its audit is none of them."""


def readable(roles: Collection[str]) -> tuple[Track, ...]:
    """Tracks that somebody with these roles reads, in their order."""
    return tuple(track for track in Track if not READS[track].isdisjoint(roles))


def writable(roles: Collection[str]) -> tuple[Track, ...]:
    """Tracks on which somebody with these roles writes; they read all of them."""
    return tuple(track for track in Track if not WRITES[track].isdisjoint(roles))


def may(roles: Collection[str], deed: Deed) -> bool:
    """Whether somebody with these roles may do this to a case they see."""
    return not DEEDS[deed].isdisjoint(roles)
