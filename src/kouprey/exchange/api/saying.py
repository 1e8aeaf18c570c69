"""Endpoints by which somebody says something: seen, a note, an opinion, and that two objects are one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from kouprey.exchange.api.shapes import Merged, Report, instant_of, wrong
from kouprey.exchange.api.shown import report
from kouprey.exchange.model.weighing import Merge
from kouprey.exchange.model.weighing import Said as Kept
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with


class Sighting(Asked, frozen=True, kw_only=True):
    """What was seen: an object by its `id`, or a `value`, which sights the indicators that name it.

    `count` 0 says that it was looked for and not seen.
    """

    value: Annotated[str, Meta(max_length=4_000)] = ""
    kind: str = ""
    id: str = ""
    count: Annotated[int, Meta(ge=0, le=1_000_000)] = 1
    first_seen: Time = ""
    last_seen: Time = ""
    note: Annotated[str, Meta(max_length=5_000)] = ""


class Said(Struct, kw_only=True):
    """An object of ours was made about `target`; one report for each agreement whose parties are told."""

    id: str
    target: str
    reports: tuple[Report, ...]


class Sighted(Struct, kw_only=True):
    """The sightings that were made."""

    sightings: tuple[Said, ...]


class Note(Asked, frozen=True, kw_only=True):
    """A note."""

    text: str


class Opinion(Asked, frozen=True, kw_only=True):
    """Whether one agrees, and why."""

    opinion: Literal["strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"]
    because: str = ""


class NewMerge(Asked, frozen=True, kw_only=True):
    """That `id` means the same as `into`, under which we speak of it."""

    id: str
    into: str
    because: str


class Pair(Asked, frozen=True, kw_only=True):
    """Two objects, whichever way they were merged."""

    id: str
    into: str


class Merges(Struct, kw_only=True):
    """The merges that stand."""

    merges: tuple[Merged, ...]


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Saying", "roles": roles_with(Permission.WRITE)}
    page, unknown = "POST /intelligence/{stix_id}", {"unknown-object": 404}
    return [
        api(
            "POST",
            "/sightings",
            desk.sight,
            takes=Sighting,
            gives=Sighted,
            status=201,
            form=True,
            fails={**unknown, "unknown-value": 404, "not-sightable": 409, "bad-times": 400, "no-identity": 409},
            does=(f"{page}/sight",),
            summary="Say that something was seen, and tell whoever told us of it.",
            **told,
        ),
        api(
            "POST",
            "/objects/{id}/notes",
            desk.note,
            takes=Note,
            gives=Said,
            status=201,
            form=True,
            fails={**unknown, "no-text": 400, "too-long": 400, "no-identity": 409},
            does=(f"{page}/note",),
            summary="Write a note about an object, and tell whoever told us of it.",
            **told,
        ),
        api(
            "POST",
            "/objects/{id}/opinions",
            desk.opine,
            takes=Opinion,
            gives=Said,
            status=201,
            form=True,
            fails={**unknown, "too-long": 400, "no-identity": 409},
            does=(f"{page}/opinion",),
            summary="Agree with an object or not, and tell whoever told us of it.",
            **told,
        ),
        *_merging(desk),
    ]


def _merging(desk: _Desk) -> list[Door]:
    told: dict[str, Any] = {"group": "Saying", "roles": roles_with(Permission.WRITE)}
    page, unknown = "POST /intelligence/{stix_id}", {"unknown-object": 404}
    return [
        api(
            "POST",
            "/merges",
            desk.merge,
            takes=NewMerge,
            gives=Merged,
            status=201,
            fails={**unknown, "no-reason": 400},
            does=(f"{page}/merge",),
            summary="Take two objects for the same; neither changes, and it can be taken back.",
            **told,
        ),
        api(
            "DELETE",
            "/merges",
            desk.unmerge,
            takes=Pair,
            fails={"unknown-merge": 404},
            does=(f"{page}/unmerge",),
            summary="Take a merge back.",
            **told,
        ),
        api(
            "GET",
            "/merges",
            desk.merges,
            gives=Merges,
            summary="What is taken for the same here.",
            group="Saying",
            roles=roles_with(Permission.READ),
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def sight(self, request: Request, asked: Sighting) -> Sighted:
        if bool(asked.value) == bool(asked.id):
            raise wrong("value", "Either a value or an id says what was seen.", "Send one of both.")
        who = request.reader
        said: dict[str, Any] = {
            "who": who,
            "by": who.name,
            "count": asked.count,
            "first_seen": instant_of(asked.first_seen, "first_seen"),
            "last_seen": instant_of(asked.last_seen, "last_seen"),
            "description": asked.note,
        }
        if asked.id:
            made = [self._exchange.sight(asked.id, **said)]
        else:
            made = self._exchange.spot(asked.value, kind=asked.kind, **said)
        return Sighted(
            sightings=tuple(
                Said(id=each.stix_id, target=each.target, reports=tuple(map(report, each.reports))) for each in made
            )
        )

    def note(self, request: Request, asked: Note) -> Said:
        who = request.reader
        return _said(self._exchange.note(request.path_params["id"], asked.text, who=who, by=who.name))

    def opine(self, request: Request, asked: Opinion) -> Said:
        who, stix_id = request.reader, request.path_params["id"]
        return _said(self._exchange.opine(stix_id, asked.opinion, who=who, by=who.name, because=asked.because))

    def merge(self, request: Request, asked: NewMerge) -> Merged:
        who = request.reader
        return _merged(self._exchange.merge(asked.id, asked.into, because=asked.because, who=who, by=who.name))

    def unmerge(self, request: Request, asked: Pair) -> None:
        self._exchange.unmerge(asked.id, asked.into, who=request.reader, by=request.reader.name)

    def merges(self, request: Request) -> Merges:
        return Merges(merges=tuple(map(_merged, self._exchange.list_merges(request.reader))))


def _said(made: Kept) -> Said:
    return Said(id=made.stix_id, target=made.target, reports=tuple(map(report, made.reports)))


def _merged(made: Merge) -> Merged:
    return Merged(id=made.stix_id, into=made.into, because=made.because, by=made.by, at=time_of(made.at))
