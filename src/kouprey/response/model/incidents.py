"""A case as it goes out and comes in: what a STIX bundle about an incident says, in the nouns of cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.cases import Fact, Kind, Link, Moment, Note, Phase, Severity, Task


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """A technical value: an object of the bundle that names it, or its kind and text; `note` is what is said of it."""

    value: Mapping[str, Any] = {}
    kind: str = ""
    text: str = ""
    note: str = ""


class Coming(msgspec.Struct, frozen=True, kw_only=True):
    """What a bundle says of an incident, before anything of it is kept.

    `id` is the STIX id of the incident. `tlp` is the strictest marking that anything in the bundle has. `tasks` stand
    under their STIX ids, which `Task.after` names too. `unread` says in words what was not understood: it is in the
    bytes of the bundle alone.
    """

    id: str
    title: str
    summary: str = ""
    kind: Kind = Kind.INCIDENT
    phase: Phase = Phase.REPORTED
    type: str = ""
    severity: Severity = Severity.UNKNOWN
    severity_why: str = ""
    cross_border: bool = False
    sectors: tuple[str, ...] = ()
    tlp: TLP = TLP.CLEAR
    moments: Mapping[str, Moment] = {}
    facts: tuple[Fact, ...] = ()
    tasks: Mapping[str, Task] = {}
    notes: tuple[Note, ...] = ()
    links: tuple[Link, ...] = ()
    values: tuple[Value, ...] = ()
    unread: tuple[str, ...] = ()
