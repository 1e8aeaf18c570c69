"""The REST interface of the TAXII servers from which we pull."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.people.model import Permission, roles_with
from kouprey.taxii.model.pulling import Pull as Walk
from kouprey.taxii.model.pulling import Remote, SignIn
from kouprey.taxii.service import Remotes
from kouprey.taxii.service.pulling import Wishes

ONE = "/sources/{source}"
UNKNOWN = {"unknown-source": 404}
_YEAR = 366 * 86_400
Seconds = Annotated[int, Meta(ge=0, le=_YEAR)]
Name = Annotated[str, Meta(min_length=1, max_length=120)]


class NewSource(Asked, frozen=True, kw_only=True):
    """A collection to pull from; said again for the same address, what is left out stays as it is.

    Sign in with `token`, or with `user` and `password`; nothing of these is ever given back.
    """

    url: Annotated[str, Meta(min_length=1, max_length=2_000)]
    collection: Annotated[str, Meta(min_length=1, max_length=200)]
    name: Name | UnsetType = UNSET
    token: str | UnsetType = UNSET
    user: str | UnsetType = UNSET
    password: str = ""
    tlp: str | UnsetType = UNSET
    into: str | UnsetType = UNSET
    types: tuple[str, ...] | UnsetType = UNSET
    every: Seconds | UnsetType = UNSET
    overlap: Seconds | UnsetType = UNSET
    allow_private: bool | UnsetType = UNSET


class Pull(Struct, kw_only=True):
    """A walk: what it met, and what stopped it, if anything did."""

    began_at: Time
    ended_at: Time
    pages: int
    objects: int
    new: int
    repeats: int
    conflicts: int
    refused: int
    trouble: str


class Source(Struct, kw_only=True):
    """A collection we pull from; times in seconds."""

    id: str
    name: str
    url: str
    collection: str
    tlp: str
    types: tuple[str, ...]
    every: int
    overlap: int
    paused: bool
    failures: int
    reached: Time
    due_at: Time


class Refusal(Struct, kw_only=True):
    """An object that was not taken in."""

    at: Time
    object: str
    why: str


class Whole(Source, kw_only=True):
    """With its walks and refusals, the newest first."""

    pulls: tuple[Pull, ...]
    refusals: tuple[Refusal, ...]


class Listed(Struct, kw_only=True):
    """By name."""

    sources: tuple[Source, ...]


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Remotes))
    return [*_keeping(desk), *_pulling(desk)]


def _keeping(desk: _Desk) -> list[Door]:
    told: dict[str, Any] = {"group": "Sources", "roles": roles_with(Permission.LINK)}
    return [
        api("GET", "/sources", desk.list, gives=Listed, does=("GET /sources",), summary="List them.", **told),
        api(
            "POST",
            "/sources",
            desk.save,
            takes=NewSource,
            gives=Source,
            status=201,
            fails={"bad-url": 400, "bad-collection": 400, "name-taken": 409},
            does=("POST /sources",),
            secret=True,
            summary="Keep a TAXII 2.1 collection to pull from, or change how it is pulled.",
            **told,
        ),
        api(
            "GET",
            ONE,
            desk.show,
            gives=Whole,
            fails=UNKNOWN,
            does=("GET /sources/{source}",),
            summary="A source with its walks and what was not taken in.",
            **told,
        ),
        api(
            "DELETE",
            ONE,
            desk.remove,
            fails=UNKNOWN,
            does=("POST /sources/{source}/remove",),
            summary="Forget a source; what came from it stays.",
            **told,
        ),
    ]


def _pulling(desk: _Desk) -> list[Door]:
    told: dict[str, Any] = {"group": "Sources", "roles": roles_with(Permission.LINK)}
    return [
        api(
            "POST",
            f"{ONE}/pull",
            desk.pull,
            gives=Source,
            status=202,
            fails={**UNKNOWN, "paused": 409},
            does=("POST /sources/{source}/pull",),
            repeatable=True,
            summary="Let the running node pull from it now; GET it for what comes of it.",
            **told,
        ),
        api(
            "POST",
            f"{ONE}/pause",
            desk.pause,
            gives=Source,
            fails=UNKNOWN,
            does=("POST /sources/{source}/pause",),
            repeatable=True,
            summary="Pull from it no more, until that is taken back.",
            **told,
        ),
        api(
            "DELETE",
            f"{ONE}/pause",
            desk.resume,
            gives=Source,
            fails=UNKNOWN,
            does=("POST /sources/{source}/resume",),
            repeatable=True,
            summary="Pull from it again.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the service."""

    def __init__(self, remotes: Remotes) -> None:
        self._remotes = remotes

    def list(self, _: Request) -> Listed:
        return Listed(sources=tuple(self._source(each) for each in self._remotes.list_remotes()))

    def save(self, request: Request, asked: NewSource) -> Source:
        made = self._remotes.save(asked.url, asked.collection, by=request.reader.name, **_wishes(asked))
        return self._source(made)

    def show(self, request: Request) -> Whole:
        remote = self._remotes.get_remote(request.path_params["source"])
        held = self._source(remote)
        return Whole(
            **{name: getattr(held, name) for name in Source.__struct_fields__},
            pulls=tuple(_pull(each) for each in self._remotes.list_pulls(remote)),
            refusals=tuple(
                Refusal(at=time_of(each.at), object=each.object, why=each.why)
                for each in self._remotes.list_refusals(remote)
            ),
        )

    def remove(self, request: Request) -> None:
        self._remotes.remove(request.path_params["source"], by=request.reader.name)

    def pull(self, request: Request) -> Source:
        return self._source(self._remotes.ask(request.path_params["source"], by=request.reader.name))

    def pause(self, request: Request) -> Source:
        return self._paused(request, True)

    def resume(self, request: Request) -> Source:
        return self._paused(request, False)

    def _paused(self, request: Request, paused: bool) -> Source:
        name = request.path_params["source"]
        return self._source(self._remotes.pause(name, paused=paused, by=request.reader.name))

    def _source(self, remote: Remote) -> Source:
        place = self._remotes.get_place(remote)
        return Source(
            id=remote.id,
            name=remote.name,
            url=remote.url,
            collection=remote.collection,
            tlp=remote.tlp.word,
            types=remote.types,
            every=remote.every // SECOND,
            overlap=remote.overlap // SECOND,
            paused=remote.paused,
            failures=place.failures,
            reached=time_of(place.reached),
            due_at=time_of(place.due_at),
        )


def _wishes(asked: NewSource) -> Wishes:
    wishes: Wishes = {}
    if asked.name is not UNSET:
        wishes["name"] = asked.name
    if asked.token is not UNSET:
        wishes["sign_in"] = SignIn(token=asked.token)
    if asked.user is not UNSET:
        wishes["sign_in"] = SignIn(user=asked.user, password=asked.password)
    if asked.tlp is not UNSET:
        wishes["tlp"] = _level(asked.tlp)
    if asked.into is not UNSET:
        wishes["into"] = asked.into
    if asked.types is not UNSET:
        wishes["types"] = asked.types
    if asked.every is not UNSET:
        wishes["every"] = asked.every * SECOND
    if asked.overlap is not UNSET:
        wishes["overlap"] = asked.overlap * SECOND
    if asked.allow_private is not UNSET:
        wishes["allow_private"] = asked.allow_private
    return wishes


def _level(text: str) -> TLP:
    try:
        return parse_tlp(text)
    except ValueError as error:
        raise Damaged(
            "The field 'tlp' is wrong.",
            f"{error}.",
            "Write amber, for example.",
            code="bad-field",
            detail={"field": "tlp"},
        ) from None


def _pull(walk: Walk) -> Pull:
    return Pull(
        began_at=time_of(walk.began_at),
        ended_at=time_of(walk.ended_at),
        pages=walk.pages,
        objects=walk.objects,
        new=walk.new,
        repeats=walk.repeats,
        conflicts=walk.conflicts,
        refused=walk.refused,
        trouble=walk.trouble,
    )
