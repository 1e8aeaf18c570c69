"""A case written as a STIX 2.1 bundle: an incident with its events, tasks, values and notes.

The incident extension suite of OASIS cti-stix-common-objects, version 2.0: incident core (2.1), event (2.2), task
(2.4), their vocabularies (4.6, 5.3, 5.5, 5.9, 5.10), and the scale of criticality (appendix B). What the suite has no
place for (the offset in which a time was said, how it is known, our own taxonomy) stands in an extension of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from types import MappingProxyType
from typing import Any
from uuid import UUID

import msgspec

from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.time import Instant, format_instant
from kouprey.kernel.words.tlp import STIX_MARKINGS
from kouprey.response.model import Lack
from kouprey.response.model.cases import (
    Body,
    Case,
    Fact,
    Item,
    Kind,
    Link,
    LinkTo,
    Moment,
    Note,
    Phase,
    Seen,
    Severity,
    Task,
    TaskState,
)
from kouprey.response.wire.casewords import offset_text

INCIDENT = "extension-definition--ef765651-680c-498d-9894-99799f2fa126"
EVENT = "extension-definition--4ca6de00-5b0d-45ef-a1dc-ea7279ea910e"
TASK = "extension-definition--2074a052-8be4-4932-849e-f5e7798e0030"
OURS = "extension-definition--7d2ad1ea-3f0b-4c34-8d0c-52a1c14f36b5"
"""The extension of ours, of properties: on incidents, events and tasks."""
TLP_2 = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
"""By which a marking definition states a TLP 2.0 level (OASIS cti-stix-common-objects)."""
MARKING = {level: stix_id for stix_id, level in STIX_MARKINGS.items()}
"""Level -> its TLP 2.0 marking definition: later entries of the table are those."""
MAKER = "identity--2f4f3c4c-3f52-4a5b-9b1e-6a0f6f9e5d11"
_MADE = "2026-11-01T00:00:00.000Z"
_MARKED = "2022-10-01T00:00:00.000Z"
OUTCOMES: Mapping[TaskState, str] = {
    TaskState.OPEN: "pending",
    TaskState.DOING: "ongoing",
    TaskState.DONE: "successful",
    TaskState.DROPPED: "cancelled",
}
CRITICALITY: Mapping[Severity, int] = {
    Severity.LOW: 15,
    Severity.MEDIUM: 40,
    Severity.HIGH: 70,
    Severity.CRITICAL: 95,
}
"""Severity -> its value on the scale of five (appendix B); what is unknown has none."""
TYPES: Mapping[str, str] = {
    "ddos": "denial-of-service",
    "dos": "denial-of-service",
    "scanner": "network-scanning",
    "spam": "spam",
    "exploit": "exploit",
    "ids-alert": "exploit-attempt",
    "infected-system": "infected-by-known-malware",
    "phishing": "dissemination-phishing-emails",
    "system-compromise": "compromised-system",
    "data-leak": "data-exfiltration",
    "data-loss": "deletion-information",
    "misconfiguration": "misconfiguration",
    "unauthorised-information-access": "unauthorized-access-information",
    "unauthorised-information-modification": "modification-information",
    "unauthorised-use-of-resources": "illegitimate-use-resources",
    "copyright": "copyrighted-content",
}
"""Type of incident -> the word of `event-type-ov` (4.4) that says the same."""


class Author(msgspec.Struct, frozen=True, kw_only=True):
    """Who writes a bundle: the STIX identity of a party, its id and its name."""

    identity: str
    party: str
    name: str


def write_case(
    author: Author,
    case: Case,
    items: Sequence[Item],
    values: Mapping[str, Mapping[str, Any]],
    lacks: Mapping[str, Sequence[Lack]] = MappingProxyType({}),
) -> bytes:
    """The bundle of a case with these items; `values` are objects of observables by the id of their item.

    `lacks` are hand-offs that it leads to and that do not rest on what they ought to; the bundle says so of each.

    The same case of the same party has the same ids. Of evidence nothing goes, nor who of our people did what.
    """
    changed = max([case.changed_at, *(each.made_at for each in items)])
    page = _Page(author, case, changed)
    made = [
        page.incident(items, values, lacks),
        *(page.event(each, each.body) for each in items if isinstance(each.body, Fact)),
        *(page.task(each, each.body) for each in items if isinstance(each.body, Task)),
        *(page.note(each, each.body) for each in items if isinstance(each.body, Note)),
        *page.related(items, values),
    ]
    objects = [*page.frame(), *made]
    digest = sha256(b"".join(msgspec.json.encode(each) for each in objects)).digest()
    return msgspec.json.encode({"type": "bundle", "id": f"bundle--{_uuid(digest)}", "objects": objects})


class _Page:
    """What all objects of one bundle share: who says it, how it is marked, and when."""

    def __init__(self, author: Author, case: Case, changed: Instant) -> None:
        self._author, self._case, self._changed = author, case, changed
        self._incident = self._id("incident", case.id)

    def frame(self) -> list[dict[str, Any]]:
        """Who speaks, the marking, and the definition of the extension of ours with who has made it."""
        level = self._case.tlp
        marking = {
            "type": "marking-definition",
            "spec_version": "2.1",
            "id": MARKING[level],
            "created": _MARKED,
            "name": level.text,
            "extensions": {TLP_2: {"extension_type": "property-extension", "tlp_2_0": level.word}},
        }
        opened = stamp(self._case.opened_at)
        named = {"created": opened, "modified": opened, "name": self._author.name}
        maker = {"created": _MADE, "modified": _MADE, "name": "Kouprey"}
        definition = {
            "type": "extension-definition",
            "spec_version": "2.1",
            "id": OURS,
            "created_by_ref": MAKER,
            "created": _MADE,
            "modified": _MADE,
            "name": "Cases of Kouprey",
            "description": "In whose time something was said, how it is known, and the classification of incidents.",
            "schema": "docs/how-to/work-a-case.md",
            "version": "1.0",
            "extension_types": ["property-extension"],
        }
        return [marking, _identity(self._author.identity, named), _identity(MAKER, maker), definition]

    def incident(
        self,
        items: Sequence[Item],
        values: Mapping[str, Mapping[str, Any]],
        lacks: Mapping[str, Sequence[Lack]],
    ) -> dict[str, Any]:
        case = self._case
        suite: dict[str, Any] = {
            "extension_type": "property-extension",
            "determination": _determination(case),
            "investigation_status": {Phase.REPORTED: "new", Phase.CLOSED: "closed"}.get(case.phase, "open"),
        }
        if case.severity in CRITICALITY:
            suite["criticality"] = CRITICALITY[case.severity]
        if case.type in TYPES:
            suite["incident_types"] = [TYPES[case.type]]
        if events := [{"event_ref": self._id("event", each.id)} for each in items if isinstance(each.body, Fact)]:
            suite["events"] = events
        if tasks := self._order(items):
            suite["tasks"] = tasks
        made = self._made("incident", self._incident, case.opened_at, self._changed) | {"name": case.title}
        if case.summary:
            made["description"] = case.summary
        if case.exercise or case.kind is Kind.EXERCISE:
            made["labels"] = ["exercise"]
        if tickets := [each for item in items if (each := _ticket(item.body))]:
            made["external_references"] = tickets
        return made | {"extensions": {INCIDENT: suite, OURS: _ours_of(case, items, values, lacks)}}

    def event(self, item: Item, body: Fact) -> dict[str, Any]:
        made = self._made("event", self._id("event", item.id), item.made_at, item.made_at)
        ours = {"offset": offset_text(body.moment), "source": body.source, "technique": body.technique}
        return made | {
            "status": "occurred",
            "description": body.text,
            "start_time": format_instant(body.moment.at),
            "start_time_fidelity": str(body.moment.precision),
            "extensions": {EVENT: {"extension_type": "new-sdo"}, OURS: _ours(ours)},
        }

    def task(self, item: Item, body: Task) -> dict[str, Any]:
        made = self._made("task", self._id("task", item.id), min(item.at, item.made_at), item.made_at)
        made |= {"outcome": OUTCOMES[body.state], "name": body.title}
        made |= {"start_time": format_instant(min(item.at, item.made_at)), "start_time_fidelity": "second"}
        if body.state in (TaskState.DONE, TaskState.DROPPED):
            made |= {"end_time": format_instant(item.made_at), "end_time_fidelity": "second"}
        if body.text:
            made["description"] = body.text
        ours = {"result": body.result, "due": format_instant(body.due) if body.due else ""}
        return made | {"extensions": {TASK: {"extension_type": "new-sdo"}, OURS: _ours(ours)}}

    def note(self, item: Item, body: Note) -> dict[str, Any]:
        made = self._made("note", self._id("note", item.id), item.made_at, item.made_at)
        return made | {"content": body.text, "object_refs": [self._incident]}

    def related(self, items: Sequence[Item], values: Mapping[str, Mapping[str, Any]]) -> Iterable[dict[str, Any]]:
        """Observables, each with what the incident has to do with it, and the objects that the case leads to."""
        given: set[str] = set()
        for item in items:
            body = item.body
            if isinstance(body, Seen) and item.id in values:
                value = dict(values[item.id])
                if value["id"] not in given:
                    given.add(value["id"])
                    yield self._value(value)
                yield self._relation(item, value["id"], body.note)
            elif isinstance(body, Link) and body.to is LinkTo.OBJECT and stix_type(body.ref):
                yield self._relation(item, body.ref, body.note)

    def _value(self, value: dict[str, Any]) -> dict[str, Any]:
        marked = {"object_marking_refs": [MARKING[self._case.tlp]]}
        if "created" in value or value["type"] != "vulnerability":
            return value | marked
        opened = stamp(self._case.opened_at)
        return value | marked | {"created": opened, "modified": opened, "created_by_ref": self._author.identity}

    def _relation(self, item: Item, target: str, note: str) -> dict[str, Any]:
        made = self._made("relationship", self._id("relationship", item.id), item.made_at, item.made_at)
        made |= {"relationship_type": "related-to", "source_ref": self._incident, "target_ref": target}
        return made | ({"description": note} if note else {})

    def _order(self, items: Sequence[Item]) -> list[dict[str, Any]]:
        """Tasks with those that come after them: a sequence stands in the incident, not in relationships (2.4.1)."""
        tasks = {each.id: each.body for each in items if isinstance(each.body, Task)}
        nexts: dict[str, list[str]] = {}
        for after, body in tasks.items():
            for before in body.after:
                if before in tasks:
                    nexts.setdefault(before, []).append(after)
        later = {each for every in nexts.values() for each in every}
        made = []
        for task in tasks:
            entry: dict[str, Any] = {"task_ref": self._id("task", task)}
            if task in later:
                entry["sequence_start"] = False
            if task in nexts:
                entry["next_steps"] = [
                    {"task_ref": self._id("task", each), "condition_type": "required", "transition_type": "completion"}
                    for each in nexts[task]
                ]
            made.append(entry)
        return made

    def _made(self, kind: str, stix_id: str, created: Instant, modified: Instant) -> dict[str, Any]:
        return {
            "type": kind,
            "spec_version": "2.1",
            "id": stix_id,
            "created_by_ref": self._author.identity,
            "created": stamp(created),
            "modified": stamp(max(created, modified)),
            "object_marking_refs": [MARKING[self._case.tlp]],
        }

    def _id(self, kind: str, key: str) -> str:
        """Bits of a hash in the layout of version 4, which STIX wants (2.9)."""
        named = "\0".join((kind, self._author.party, key))
        return f"{kind}--{_uuid(sha256(named.encode()).digest())}"


def stamp(instant: Instant) -> str:
    """STIX 2.1 section 3.2: milliseconds are what `created` and `modified` have."""
    return format_instant(instant)[:-4] + "Z"


def vulnerability(party: str, name: str) -> dict[str, Any]:
    """The vulnerability of a CVE id (4.18): STIX has no observable of it."""
    digest = sha256(f"vulnerability\0{party}\0{name}".encode()).digest()
    return {
        "type": "vulnerability",
        "spec_version": "2.1",
        "id": f"vulnerability--{_uuid(digest)}",
        "name": name,
        "external_references": [{"source_name": "cve", "external_id": name}],
    }


def _uuid(digest: bytes) -> UUID:
    return UUID(bytes=digest[:16], version=4)


def _identity(stix_id: str, named: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "identity", "spec_version": "2.1", "id": stix_id, **named, "identity_class": "organization"}


def _determination(case: Case) -> str:
    """`suspected` until somebody has looked (2.1): what is only reported, looked into or played is that."""
    return "confirmed" if case.kind is Kind.INCIDENT and case.phase is not Phase.REPORTED else "suspected"


def _ticket(body: Body) -> dict[str, str]:
    if not isinstance(body, Link) or body.to is not LinkTo.TICKET:
        return {}
    return {"source_name": "ticket", "external_id": body.ref} | ({"description": body.note} if body.note else {})


def _ours(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"extension_type": "property-extension", **{name: value for name, value in given.items() if value}}


def _ours_of(
    case: Case, items: Sequence[Item], values: Mapping[str, Mapping[str, Any]], lacks: Mapping[str, Sequence[Lack]]
) -> dict[str, Any]:
    rest = [
        {"kind": each.body.kind, "text": each.body.text, "note": each.body.note}
        for each in items
        if isinstance(each.body, Seen) and each.id not in values
    ]
    return _ours(
        {
            "number": case.number,
            "kind": str(case.kind),
            "phase": str(case.phase),
            "severity": str(case.severity),
            "severity_why": case.severity_why,
            "incident_type": case.type,
            "cross_border": case.cross_border,
            "sectors": list(case.sectors),
            "pap": case.pap.word,
            "moments": {name: _moment(each) for name, each in case.moments.items()},
            "other_values": rest,
            "lacking": [{"handoff": each, "lacks": list(map(str, lacks[each]))} for each in sorted(lacks)],
        }
    )


def _moment(moment: Moment) -> dict[str, str]:
    return {"time": format_instant(moment.at), "offset": offset_text(moment), "fidelity": str(moment.precision)}
