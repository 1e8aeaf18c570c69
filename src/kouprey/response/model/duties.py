"""Duties: a regime that a case falls under since somebody knew, with its reports, what was sent, and what came back."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.response.model.cases import Case, Moment, Track
from kouprey.response.model.regimes import Regime, Step

UNKNOWN = "unknown"
"""What stands in a line of a form of which nobody has said anything."""
MORE = "more"
"""The line of every form that is for words no other line is for."""


class Channel(StrEnum):
    """By what a report went."""

    MAIL = "mail"
    PORTAL = "portal"
    TELEPHONE = "telephone"
    LETTER = "letter"
    HANDOFF = "hand-off"


class Verdict(StrEnum):
    """What the receiver said of what was sent."""

    NONE = "none"
    ACCEPTED = "accepted"
    REVISION = "revision-required"


class Standing(StrEnum):
    """Where a report stands: by its clock, or by its sending."""

    STOPPED = "stopped"
    WAITING = "waiting"
    RUNNING = "running"
    OVERDUE = "overdue"
    KEPT = "kept"
    LATE = "late"
    SENT = "sent"
    """Sent, where the law names no span: "at once" is neither kept nor missed."""


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """A regime on a case, in one of its versions.

    `regime` is the text of the rule as it was when the clock began. `known` is when it was known, `known_by` who knew
    it, in words, and `why` says why the case falls under it. `because` is the reason of the last stop or of going on.
    """

    id: str
    case: str
    track: Track
    regime: Regime
    known: Moment
    known_by: str
    why: str
    stopped: bool = False
    because: str = ""
    version: int = 1
    made_at: Instant = 0
    made_by: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Where one report of a duty stands. Instants in microseconds, 0 for not yet.

    `due` is 0 while it waits for another. `told`: the highest part of the clock that was told, in hundredths. `form`
    is the newest version of its words, 0 for none. `first_sent` says whether it was in time; `sent`, `sending` and
    `verdict` are of the newest sending.
    """

    duty: str
    place: int
    step: str
    final: bool = False
    begins: Instant = 0
    due: Instant = 0
    told: int = 0
    form: int = 0
    first_sent: Instant = 0
    sent: Instant = 0
    sending: str = ""
    verdict: Verdict = Verdict.NONE
    verdict_at: Instant = 0

    @property
    def id(self) -> str:
        """Of this report among those of all duties."""
        return f"{self.duty}.{self.step}"


class Form(msgspec.Struct, frozen=True, kw_only=True):
    """The words of a report in one version: line -> text."""

    version: int
    at: Instant
    by: str
    fields: Mapping[str, str]


class Sending(msgspec.Struct, frozen=True, kw_only=True):
    """What was sent, and how that is known: hex SHA-256 of the exact bytes, when, by what, by whom, and the receiver's
    reference number ("" for none). `form` is the version of the words."""

    id: str
    at: Moment
    channel: Channel
    sha256: str
    form: int
    reference: str = ""
    made_at: Instant = 0
    made_by: str = ""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the receiver said of a sending, when, and in which words."""

    verdict: Verdict
    at: Moment
    words: str = ""
    made_at: Instant = 0
    made_by: str = ""


class DutyLine(msgspec.Struct, frozen=True, kw_only=True):
    """A report with its duty and its case."""

    case: Case
    duty: Duty
    report: Report
    standing: Standing

    @property
    def step(self) -> Step:
        """What is owed."""
        return self.duty.regime.steps[self.report.place]


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How many reports are owed, how many of those are overdue, and how many were sent in time and late.

    `revision`: those that the receiver wants revised; they are work that is left, so they are counted as nothing else.
    """

    owed: int = 0
    overdue: int = 0
    kept: int = 0
    late: int = 0
    revision: int = 0


class Left(StrEnum):
    """Why a final report is left out of an export."""

    REVISION = "revision-required"
    UNSENT = "unsent"
    LATER = "sent-later"
    STOPPED = "stopped"


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """Final reports of a window of time, and those that are left out, each with its reason.

    Begins at `since`, ends before `until`; the newest sending of a report says whether it lies in it.
    """

    quarter: str
    since: Instant
    until: Instant
    lines: tuple[DutyLine, ...]
    omitted: tuple[tuple[DutyLine, Left], ...]
