"""Nouns of notices: that something waits for somebody of ours, never what it says."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant


class About(StrEnum):
    """What somebody is told of: a hand-off came or goes on, a clock nears, a task is theirs, a case they watch."""

    HANDOFF = "handoff"
    CLOCK = "clock"
    TASK = "task"
    CASE = "case"


class Often(StrEnum):
    """How often a mail says that something waits."""

    OFF = "off"
    HOURLY = "hourly"
    DAILY = "daily"


class Posted(StrEnum):
    """How the last mail stands; `handing` is one of which nobody knows whether it went: it is not sent again."""

    NONE = "none"
    HANDING = "handing"
    SENT = "sent"
    WAITS = "waits"
    FAILED = "failed"


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to be told of, and how: on pages always, by mail to `address` as `often` says.

    `mailed` is the fact up to which mail has told, `due` when the next mail is tried, `error` why the last one failed.
    """

    told: tuple[About, ...] = tuple(About)
    often: Often = Often.OFF
    address: str = ""
    language: str = "en"
    mailed: int = 0
    state: Posted = Posted.NONE
    due: Instant = 0
    attempts: int = 0
    error: str = ""


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """That something happened: `count` times since it was read last, `said` was the last of it; `read_at` 0 if unread.

    `title` and `number` are of the case or the hand-off as its reader sees it now; they are not kept.
    """

    id: str
    person: str
    kind: About
    about: str
    item: str
    track: str
    said: str
    fact: int
    count: int
    at: Instant
    read_at: Instant
    title: str = ""
    number: int = 0


class Hook(msgspec.Struct, frozen=True, kw_only=True):
    """The one address that is told that something waits, and the secret by which it knows who says so."""

    url: str
    secret: bytes

    def __repr__(self) -> str:
        # Never the secret: what is shown ends in logs.
        return f"Hook({self.url!r})"


class Called(msgspec.Struct, frozen=True, kw_only=True):
    """How far that address was told, when it is told next, and why not the last time."""

    told: int
    due: Instant = 0
    attempts: int = 0
    error: str = ""
