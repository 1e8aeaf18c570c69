"""Templates: what a case of a kind begins with, kept from one that went well."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import PAP, TLP
from kouprey.response.model.calls import Call
from kouprey.response.model.cases import Kind, Severity, Track


class TemplateTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that a new case gets, on its track.

    `due_s` is how many seconds after the case was opened it is due, 0 for no time; `after` and `under` are places (from
    0) of other tasks; `who` is a person of ours or a party, "" for whoever takes it.
    """

    track: Track
    title: str
    text: str = ""
    who: str = ""
    due_s: int = 0
    after: tuple[int, ...] = ()
    under: int | None = None
    calls: tuple[Call, ...] = ()


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A template in one of its versions.

    `title` and `summary` are those of the new case, "" to be said then. `tlp` is its own marking and the lowest of
    every case that is opened by it. `watchers` are persons who watch such a case from the start.
    """

    id: str
    name: str
    description: str = ""
    title: str = ""
    summary: str = ""
    kind: Kind = Kind.INCIDENT
    type: str = ""
    severity: Severity = Severity.UNKNOWN
    tlp: TLP = TLP.AMBER_STRICT
    pap: PAP = PAP.CLEAR
    cross_border: bool = False
    sectors: tuple[str, ...] = ()
    watchers: tuple[str, ...] = ()
    tasks: tuple[TemplateTask, ...] = ()
    retired: bool = False
    exercise: str = ""
    version: int = 1
    changed_at: Instant = 0
    changed_by: str = ""
