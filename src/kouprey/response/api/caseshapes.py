"""What the endpoints about cases take and give."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from kouprey.kernel.web.api import Asked, Time, time_of
from kouprey.kernel.web.attachments import BYTES
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.tlp import parse_pap, parse_tlp
from kouprey.response.model.cases import Case, Item, Kind, Moment, Phase, Severity, Sort, Track
from kouprey.response.rules.measuring import spans
from kouprey.response.store.cases import Wanted
from kouprey.response.wire.casewords import read_moment, write_moment

Text = Annotated[str, Meta(max_length=20_000)]
Short = Annotated[str, Meta(max_length=200)]


class Which(Asked, frozen=True, kw_only=True):
    """Which cases: by words of the title or the number, and by what they are; `state` open, closed or any.

    `before` is the `before` of the answer before.
    """

    text: Short = ""
    phase: str = ""
    category: str = ""
    severity: str = ""
    cross_border: bool | None = None
    state: str = "open"
    before: str = ""


class NewCase(Asked, frozen=True, kw_only=True):
    """A case to open. `from_object` takes title, link and observables of an object, `strategy` its tasks.

    With a `template` its fields count where none is named, and of two markings the higher one.
    """

    title: Short = ""
    summary: Text = ""
    kind: Kind = Kind.INCIDENT
    type: str = ""
    severity: Severity = Severity.UNKNOWN
    severity_why: Text = ""
    tlp: str = "amber+strict"
    pap: str = "clear"
    cross_border: bool = False
    sectors: Annotated[tuple[Short, ...], Meta(max_length=50)] = ()
    from_object: str = ""
    from_handoff: str = ""
    strategy: str = ""
    template: str = ""


class Change(Asked, frozen=True, kw_only=True):
    """What is changed; `version` is the one that was looked at. `moments`: name -> time with its offset."""

    version: int
    title: Short | None = None
    summary: Text | None = None
    kind: Kind | None = None
    phase: Phase | None = None
    type: str | None = None
    severity: Severity | None = None
    severity_why: Text | None = None
    tlp: str | None = None
    pap: str | None = None
    cross_border: bool | None = None
    sectors: tuple[Short, ...] | None = None
    lead: str | None = None
    moments: dict[str, str] | None = None


class NewItem(Asked, frozen=True, kw_only=True):
    """A task, note, fact, observable or link; each takes the fields it has. `version` only where one is changed."""

    sort: Sort
    track: Track = Track.TECHNICAL
    version: int = 0
    title: Short = ""
    text: Text = ""
    who: Short = ""
    due: str = ""
    state: str = ""
    result: Text = ""
    at: str = ""
    offset: str = ""
    precision: str = ""
    source: Text = ""
    technique: Short = ""
    kind: Short = ""
    note: Text = ""
    to: Short = ""
    ref: Text = ""
    changed: bool = False


class Shown(Asked, frozen=True, kw_only=True):
    """Whether an item is out of sight; `version` is the one that was looked at."""

    version: int
    hidden: bool


class Into(Asked, frozen=True, kw_only=True):
    """The case in which this one is read from now on, "" to part them."""

    case: str


class Members(Asked, frozen=True, kw_only=True):
    """Whom alone the case is for; `named` false gives it back to everybody whose role allows it."""

    named: bool
    persons: Annotated[tuple[str, ...], Meta(max_length=500)] = ()


class Adopted(Asked, frozen=True, kw_only=True):
    """A strategy whose steps become tasks."""

    strategy: str
    track: Track = Track.TECHNICAL


class HandedIn(Asked, frozen=True, kw_only=True):
    """What is known of a file that is handed in."""

    name: Short
    track: Track = Track.TECHNICAL
    media_type: Short = BYTES
    source: Text = ""
    seal: Short = ""
    location: Short = ""


class When(Asked, frozen=True, kw_only=True):
    """Which items: what is worked on, or what happened; `before` is that of the answer before."""

    happened: bool = False
    hidden: bool = False
    before: str = ""


class CaseShown(Struct, kw_only=True):
    """A case; `spans` are seconds from one moment to another, null while one is not known."""

    id: str
    number: int
    version: int
    title: str
    summary: str
    kind: str
    phase: str
    category: str
    type: str
    severity: str
    severity_why: str
    tlp: str
    pap: str
    cross_border: bool
    sectors: tuple[str, ...]
    named: bool
    lead: str
    exercise: str
    origin: str
    merged: bool
    opened: Time
    changed: Time
    moments: dict[str, str]
    spans: dict[str, int | None]


class CaseList(Struct, kw_only=True):
    """Cases, what changed last first; `before` goes on, "" at the end."""

    cases: tuple[CaseShown, ...]
    before: str


class ItemShown(Struct, kw_only=True):
    """Something that stands in a case; `body` has the fields of its sort."""

    id: str
    case: str
    version: int
    sort: str
    track: str
    at: Time
    made: Time
    made_by: str
    hidden: bool
    body: dict[str, Any]


class ItemList(Struct, kw_only=True):
    """What stands in a case, the latest first; `before` goes on, "" at the end."""

    items: tuple[ItemShown, ...]
    before: str


class Measure(Struct, kw_only=True):
    """How many cases have a span and how many do not; median and ninetieth part in seconds."""

    known: int
    missing: int
    median_s: int
    p90_s: int


class Times(Struct, kw_only=True):
    """Class of incidents ("" for all) -> span -> its measure."""

    classes: dict[str, dict[str, Measure]]


def shown(case: Case) -> CaseShown:
    """A case as it is given."""
    return CaseShown(
        id=case.id,
        number=case.number,
        version=case.version,
        title=case.title,
        summary=case.summary,
        kind=case.kind,
        phase=case.phase,
        category=case.category,
        type=case.type,
        severity=case.severity,
        severity_why=case.severity_why,
        tlp=case.tlp.word,
        pap=case.pap.word,
        cross_border=case.cross_border,
        sectors=case.sectors,
        named=case.named,
        lead=case.lead,
        exercise=case.exercise,
        origin=case.origin,
        merged=bool(case.merged_into),
        opened=time_of(case.opened_at),
        changed=time_of(case.changed_at),
        moments={name: write_moment(each) for name, each in case.moments.items()},
        spans={each.name: each.seconds for each in spans(case.moments)},
    )


def item_shown(item: Item) -> ItemShown:
    """An item as it is given."""
    body = msgspec.to_builtins(item.body)
    body.pop("type", None)
    return ItemShown(
        id=item.id,
        case=item.case,
        version=item.version,
        sort=item.sort,
        track=item.track,
        at=time_of(item.at),
        made=time_of(item.made_at),
        made_by=item.made_by,
        hidden=item.hidden,
        body=body,
    )


def words_of(asked: NewItem) -> dict[str, str]:
    """What an item is read from."""
    given = {name: getattr(asked, name) for name in asked.__struct_fields__}
    words = {name: value for name, value in given.items() if isinstance(value, str)}
    return words | {"changed": "yes" if asked.changed else ""}


def head_of(asked: NewCase) -> dict[str, Any]:
    """The fields of the case to open, but its title."""
    same = ("summary", "kind", "type", "severity", "severity_why", "cross_border", "sectors")
    return {name: getattr(asked, name) for name in same} | {"tlp": parse_tlp(asked.tlp), "pap": parse_pap(asked.pap)}


def changes_of(asked: Change) -> tuple[dict[str, Any], dict[str, Moment]]:
    """The fields of a case that are changed, and its times."""
    given = {
        name: value
        for name in asked.__struct_fields__
        if name not in ("version", "moments") and (value := getattr(asked, name)) is not None
    }
    for name, read in (("tlp", parse_tlp), ("pap", parse_pap)):
        if name in given:
            given[name] = read(given[name])
    return given, {name: read_moment(text) for name, text in (asked.moments or {}).items()}


def wanted_of(asked: Which) -> Wanted:
    """Which cases are asked for; Damaged for a state there is none of."""
    if asked.state not in ("open", "closed", "any"):
        raise Damaged("There is no such state.", remedy="One of open, closed, any.", code="bad-field")
    return Wanted(
        text=asked.text,
        phase=asked.phase,
        category=asked.category,
        severity=asked.severity,
        cross_border=asked.cross_border,
        closed={"open": False, "closed": True, "any": None}[asked.state],
    )
