"""Endpoints for what people write: look at a draft, keep it, give it its next version, take it back, and who reads."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from kouprey.exchange.api.shapes import Ground, Level, instant_of, level, level_of
from kouprey.exchange.api.shown import grounds
from kouprey.exchange.model.writing import Draft, Kind, Looked, Prospect
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, Time, api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP, parse_pap
from kouprey.people.model import Permission, roles_with

Actions = Literal["clear", "green", "amber", "red"]
Prose = Annotated[str, Meta(max_length=20_000)]


class Writing(Asked, frozen=True, kw_only=True):
    """What to say. Each kind reads the fields it knows; `why` is how you know it, `action` what the reader should do.

    `links`: what an indicator indicates, what a report names, and the one object a sighting or a note is about; those
    two have the marking of what they are about. `since` and `until`: valid, seen first and last; published, for a
    report. A `pattern` goes before `values`. `audience`, written "agreement/name", seals it to an audience of an
    agreement.
    """

    kind: Kind
    name: Annotated[str, Meta(max_length=1_000)] = ""
    what: Prose = ""
    why: Prose = ""
    action: Prose = ""
    values: Annotated[tuple[Annotated[str, Meta(max_length=5_000)], ...], Meta(max_length=1_000)] = ()
    pattern: Annotated[str, Meta(max_length=100_000)] = ""
    types: tuple[str, ...] = ()
    phase: str = ""
    links: Annotated[tuple[str, ...], Meta(max_length=1_000)] = ()
    confidence: Annotated[int, Meta(ge=0, le=100)] | None = None
    since: Time = ""
    until: Time = ""
    count: Annotated[int, Meta(ge=0, le=1_000_000)] = 1
    tlp: Level = "amber+strict"
    pap: Actions = "clear"
    audience: Annotated[str, Meta(max_length=300)] = ""


class Revision(Writing, frozen=True, kw_only=True):
    """The next version of an object of ours: all of what it is to say. `seen` is the version you have changed."""

    seen: Time


class Revocation(Asked, frozen=True, kw_only=True):
    """What is taken back together with the object: relationships made with it."""

    with_it: tuple[str, ...] = ()


class Restoration(Asked, frozen=True, kw_only=True):
    """The version whose content is to be the newest again."""

    version: Time


class Trouble(Struct, kw_only=True):
    """Why a draft cannot be kept; `position` is a character of the pattern, from 0."""

    field: str
    code: str
    title: str
    detail: str
    remedy: str
    position: int | None


class Question(Struct, kw_only=True):
    """Something a reader asks; `weight` is what an answer adds to the score."""

    asks: str
    weight: int
    answered: bool


class Draughted(Struct, kw_only=True):
    """What a draft would become, what is wrong with it, and what a reader would still ask (`score` 0 to 100)."""

    object: dict[str, Any]
    problems: tuple[Trouble, ...]
    score: int
    questions: tuple[Question, ...]


class Made(Struct, kw_only=True):
    """What was kept: the object, and the relationships made, or taken back, with it."""

    id: str
    with_it: tuple[str, ...]


class Sees(Struct, kw_only=True):
    """Whether one party would see it."""

    party: str
    allowed: bool
    because: tuple[Ground, ...]


class Under(Struct, kw_only=True):
    """Who would see it, were it published to all of an agreement or an `audience` of it; it `goes` to all or none."""

    agreement: str
    title: str
    audience: str
    goes: bool
    parties: tuple[Sees, ...]


class OurOwn(Struct, kw_only=True):
    """Somebody of ours who is cleared for it."""

    name: str
    roles: tuple[str, ...]


class Hosted(Struct, kw_only=True):
    """A constituent hosted here: whether it would see it, without any publishing."""

    name: str
    allowed: bool
    because: tuple[Ground, ...]


class Reached(Struct, kw_only=True):
    """One level: our own people who are cleared for it, constituents who see it at once, and whom it would reach."""

    tlp: Level
    own: int
    under: tuple[Under, ...]
    persons: tuple[OurOwn, ...]
    hosted: tuple[Hosted, ...]


class Prospects(Struct, kw_only=True):
    """All levels."""

    levels: tuple[Reached, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Writing", "roles": roles_with(Permission.WRITE)}
    page = "POST /intelligence"
    draft = {"unknown-object": 404, "no-identity": 409}
    return [
        api(
            "POST",
            "/writings/look",
            desk.look,
            takes=Writing,
            gives=Draughted,
            reads=True,
            fails={"no-identity": 409},
            summary="See what a draft would become, what is wrong with it, and what a reader would still ask.",
            **told,
        ),
        api(
            "POST",
            "/writings",
            desk.write,
            takes=Writing,
            gives=Made,
            status=201,
            fails={**draft, "bad-pattern": 400, "no-value": 400, "above-clearance": 400, "not-sightable": 409},
            does=(f"{page}/new/{{form}}",),
            summary="Keep an indicator, report, sighting or note of our own.",
            **told,
        ),
        api(
            "GET",
            "/prospects",
            desk.prospects,
            gives=Prospects,
            summary="Who would see a thing of each level: how many of our people, and which parties, by which clause.",
            **told,
        ),
        *_versions(desk, told, {**draft, "not-ours": 409, "revoked-already": 409}),
    ]


def _versions(desk: _Desk, told: dict[str, Any], ours: dict[str, int]) -> list[Door]:
    page = "POST /intelligence"
    return [
        api(
            "POST",
            "/objects/{id}/revisions",
            desk.revise,
            takes=Revision,
            gives=Made,
            status=201,
            fails={**ours, "changed-meanwhile": 409, "unchanged": 409, "no-form": 409, "bad-pattern": 400},
            does=(f"{page}/{{stix_id}}/edit",),
            summary="Give an object of ours its next version; nobody edits what others have made.",
            **told,
        ),
        api(
            "POST",
            "/objects/{id}/revocation",
            desk.revoke,
            takes=Revocation,
            gives=Made,
            fails=ours,
            does=(f"{page}/{{stix_id}}/revoke",),
            summary="Take back what we have written: its next version says that it is revoked.",
            **told,
        ),
        api(
            "POST",
            "/objects/{id}/restoration",
            desk.restore,
            takes=Restoration,
            gives=Made,
            fails={**ours, "unknown-version": 404},
            does=(f"{page}/{{stix_id}}/restore",),
            summary="Let what an earlier version of an object of ours said be its newest.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def look(self, request: Request, asked: Writing) -> Draughted:
        return _draughted(self._exchange.look(_draft(asked), request.reader))

    def write(self, request: Request, asked: Writing) -> Made:
        made = self._exchange.write(_draft(asked), who=request.reader, by=request.reader.name)
        return Made(id=made.stix_id, with_it=made.with_it)

    def revise(self, request: Request, asked: Revision) -> Made:
        who = request.reader
        made = self._exchange.revise(
            request.path_params["id"], _draft(asked), seen=_version(asked.seen, "seen"), who=who, by=who.name
        )
        return Made(id=made.stix_id, with_it=made.with_it)

    def revoke(self, request: Request, asked: Revocation) -> Made:
        who = request.reader
        made = self._exchange.revoke(request.path_params["id"], with_it=asked.with_it, who=who, by=who.name)
        return Made(id=made.stix_id, with_it=made.with_it)

    def restore(self, request: Request, asked: Restoration) -> Made:
        who = request.reader
        version = _version(asked.version, "version")
        made = self._exchange.restore(request.path_params["id"], version, who=who, by=who.name)
        return Made(id=made.stix_id, with_it=made.with_it)

    def prospects(self, request: Request) -> Prospects:
        return Prospects(levels=tuple(map(_reached, self._exchange.list_prospects(request.reader))))


def _draft(asked: Writing) -> Draft:
    level_ = level_of(asked.tlp, "tlp")
    return Draft(
        kind=asked.kind,
        name=asked.name,
        what=asked.what,
        why=asked.why,
        action=asked.action,
        values=asked.values,
        pattern=asked.pattern,
        types=asked.types,
        phase=asked.phase,
        links=tuple(dict.fromkeys(asked.links)),
        confidence=asked.confidence,
        since=instant_of(asked.since, "since"),
        until=instant_of(asked.until, "until"),
        count=asked.count,
        tlp=TLP.AMBER_STRICT if level_ is None else level_,
        pap=parse_pap(asked.pap),
        audience=asked.audience,
    )


def _version(text: str, name: str) -> Instant:
    """The instant of a version; 0, which no version that could be edited has, where nothing is said."""
    return instant_of(text, name) or 0


def _draughted(looked: Looked) -> Draughted:
    return Draughted(
        object=looked.body,
        problems=tuple(
            Trouble(
                field=each.field,
                code=each.code,
                title=each.what,
                detail=each.why,
                remedy=each.remedy,
                position=each.position,
            )
            for each in looked.problems
        ),
        score=looked.appraisal.score,
        questions=tuple(msgspec.convert(msgspec.to_builtins(each), Question) for each in looked.appraisal.questions),
    )


def _reached(prospect: Prospect) -> Reached:
    return Reached(
        tlp=level(prospect.tlp),
        own=prospect.own,
        under=tuple(
            Under(
                agreement=each.agreement,
                title=each.title,
                audience=each.audience,
                goes=each.goes,
                parties=tuple(
                    Sees(party=one.party, allowed=one.decision.allowed, because=grounds(one.decision.because))
                    for one in each.parties
                ),
            )
            for each in prospect.under
        ),
        persons=tuple(OurOwn(name=each.name, roles=each.roles) for each in prospect.persons),
        hosted=tuple(
            Hosted(name=each.name, allowed=each.decision.allowed, because=grounds(each.decision.because))
            for each in prospect.hosted
        ),
    )
