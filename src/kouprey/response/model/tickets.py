"""Tickets at RTIR that belong to cases: what is told there, what came back, and what contradicts."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """RTIR as the administrator named it. `title`: up to which level titles go there, None for never.

    `subjects`: subject lines of what is written there are taken into the case.
    """

    url: str
    token: str
    queue: str = "Incidents"
    ceiling: TLP = TLP.AMBER_STRICT
    title: TLP | None = None
    subjects: bool = False

    def __repr__(self) -> str:
        # Never the token: what is shown ends in logs.
        return f"Desk({self.url!r}, {self.queue!r})"


class Clash(StrEnum):
    """What contradicts between a case and its ticket; nothing wins by itself."""

    NONE = ""
    ENDED_THERE = "ended-there"
    ENDED_HERE = "ended-here"


class Ticket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket of a case. `ticket` is its number there, "" until it was made; `followed` is false once it was let go.

    `op` marks what is being sent, "" for nothing; `told` is the phase that RTIR was told last. `status`, `updated` and
    `last` (newest transaction taken back, -1 where what was there before is left out) are what RTIR said at `seen_at`;
    `settled` a clash that was left as it is.
    `due` is when it is tried again, after `tries` in vain, and `error` why the last one failed.
    """

    id: str
    case: str
    ticket: str
    made_by: str
    made_at: Instant
    followed: bool = True
    op: str = ""
    told: str = ""
    status: str = ""
    updated: str = ""
    seen_at: Instant = 0
    last: int = 0
    settled: str = ""
    due: Instant = 0
    tries: int = 0
    error: str = ""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """One transaction of a ticket; `subject` is its subject line, where it has one."""

    id: int
    kind: str
    before: str = ""
    after: str = ""
    subject: str = ""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket as RTIR shows it: its status, and when it says that it was changed last."""

    ticket: str
    status: str
    updated: str
