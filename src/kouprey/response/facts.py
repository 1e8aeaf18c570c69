"""What has happened in response."""

from __future__ import annotations

import msgspec


class CaseActed(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody did something in a case; `item` is what it was done to, "" for the case itself."""

    case: str
    item: str
    track: str
    did: str
    by: str


class HandOffCame(msgspec.Struct, frozen=True, kw_only=True):
    """A partner said something of a hand-off; `kind` is what is asked in it, "" while the request has not come."""

    handoff: str
    kind: str
    verb: str


class ClockNeared(msgspec.Struct, frozen=True, kw_only=True):
    """A clock of a hand-off has reached so many per cent of its time."""

    handoff: str
    kind: str
    clock: str
    percent: int


class WordGiven(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody gave the first of two words to what would be said in a hand-off."""

    handoff: str
    kind: str
    by: str
