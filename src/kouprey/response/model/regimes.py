"""Regimes: what a law or an agreement wants reported about an incident, to whom, and by when."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant


class After(StrEnum):
    """What a step's time runs from: when we knew of the incident, or when another step was sent."""

    KNOWN = "known"
    SENT = "sent"


FIELDS: Mapping[str, str] = {
    "person": "person",
    "entity": "party",
    "sector": "",
    "lead": "",
    "type": "class",
    "what": "title",
    "severity": "severity",
    "found_at": "found",
    "method": "",
    "hosts": "",
    "actor": "",
    "artefacts": "observables",
    "related": "related",
    "techniques": "",
    "impact": "",
    "action": "done",
    "malicious": "",
    "cross_border": "cross_border",
    "cause": "",
}
"""Key of a line of a form -> what of a case fills it in, "" where only a person knows."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One report that is owed.

    It is due `seconds` or `months` (calendar, UTC) after what `after` says; `step` names the step whose sending that
    is. `cites` is the paragraph that asks for it, `fields` the lines of its form (`FIELDS`).
    """

    key: str
    title: str
    cites: str
    after: After = After.KNOWN
    step: str = ""
    seconds: int = 0
    months: int = 0
    fields: tuple[str, ...] = ()


class Regime(msgspec.Struct, frozen=True, kw_only=True):
    """A set of such reports: data with where it comes from, which version of the text, and when to look at it again.

    `review_by` is a day (UTC midnight); after it a page says that the regime may be out of date. `checked` says who has
    compared it with the text of the law, "" for nobody yet.
    """

    key: str
    title: str
    place: str
    version: str
    sources: tuple[str, ...]
    review_by: Instant
    note: str = ""
    checked: str = ""
    to: str = ""
    steps: tuple[Step, ...] = ()


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """A step of a running regime: due when, sent when (0: not yet), or waiting for another step (`due` 0)."""

    step: Step
    due: Instant
    sent: Instant = 0
