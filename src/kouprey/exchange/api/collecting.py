"""Endpoints about collections: what clients read."""

from __future__ import annotations

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from kouprey.exchange.model import EVERYBODY
from kouprey.exchange.model import Collection as Held
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with

ONE = "/collections/{collection}"
UNKNOWN = {"unknown-collection": 404}
WORDS = {"bad-title": 400, "bad-description": 400}


class Collection(Struct, kw_only=True):
    """What clients read; `taxii` is its address. Who reads it is told to our own party alone."""

    id: str
    name: str
    title: str
    description: str
    strict: bool
    agreement: str
    taxii: str
    readers: tuple[str, ...] | UnsetType = UNSET
    writable: bool | UnsetType = UNSET
    archived_at: Time | UnsetType = UNSET


class Collections(Struct, kw_only=True):
    """All that the reader may know of."""

    collections: tuple[Collection, ...]


class NewCollection(Asked, frozen=True, kw_only=True):
    """A collection to be made; `strict`: nothing joins it that breaks the standard."""

    name: str
    title: str = ""
    description: str = ""
    strict: bool = False
    readers: tuple[str, ...] = (EVERYBODY,)
    writable: bool = True


class ChangedCollection(Asked, frozen=True, kw_only=True):
    """What is to be different; what is left out stays. `readers` are party ids, or `*` for every party."""

    title: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    strict: bool | UnsetType = UNSET
    readers: tuple[str, ...] | UnsetType = UNSET
    writable: bool | UnsetType = UNSET


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    return [
        api(
            "GET",
            "/collections",
            desk.collections,
            gives=Collections,
            group="Collections",
            roles=roles_with(Permission.READ),
            own=False,
            does=("GET /collections",),
            summary="The collections that you may know of.",
        ),
        *_changing(desk),
        api(
            "POST",
            "/collections",
            desk.create,
            takes=NewCollection,
            gives=Collection,
            status=201,
            group="Collections",
            roles=roles_with(Permission.PUBLISH),
            fails={"bad-name": 400, "name-taken": 409, **WORDS, "unknown-party": 404},
            does=("POST /collections",),
            summary="Make a collection.",
        ),
    ]


def _changing(desk: _Desk) -> list[Door]:
    told: dict[str, Any] = {"group": "Collections", "gives": Collection}
    changed: dict[str, Any] = {**told, "roles": roles_with(Permission.PUBLISH), "repeatable": True}
    return [
        api(
            "GET",
            ONE,
            desk.one,
            roles=roles_with(Permission.READ),
            fails=UNKNOWN,
            does=("GET /collections/{collection}",),
            summary="One collection, by name or id.",
            **told,
        ),
        api(
            "PATCH",
            ONE,
            desk.change,
            takes=ChangedCollection,
            fails={**UNKNOWN, **WORDS, "unknown-party": 404, "of-agreement": 409},
            does=("POST /collections/{collection}",),
            summary="Change its words, who reads it, and whether programs may give to it.",
            **changed,
        ),
        api(
            "POST",
            f"{ONE}/archive",
            desk.archive,
            fails={**UNKNOWN, "needed": 409},
            does=("POST /collections/{collection}/archive",),
            summary="Clients find it no more, until that is taken back; what is in it stays.",
            **changed,
        ),
        api(
            "DELETE",
            f"{ONE}/archive",
            desk.restore,
            fails=UNKNOWN,
            does=("POST /collections/{collection}/restore",),
            summary="Clients find it again.",
            **changed,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def collections(self, request: Request) -> Collections:
        found = self._exchange.list_collections(request.reader, archived=True)
        return Collections(collections=tuple(_told(request, each) for each in found))

    def one(self, request: Request) -> Collection:
        return _told(request, self._exchange.get_collection(request.path_params["collection"], request.reader))

    def create(self, request: Request, asked: NewCollection) -> Collection:
        made = self._exchange.create_collection(
            asked.name,
            title=asked.title,
            description=asked.description,
            strict=asked.strict,
            readers=asked.readers,
            writable=asked.writable,
            by=request.reader.name,
        )
        return _told(request, made)

    def change(self, request: Request, asked: ChangedCollection) -> Collection:
        made = self._exchange.change_collection(
            request.path_params["collection"],
            title=None if asked.title is UNSET else asked.title,
            description=None if asked.description is UNSET else asked.description,
            strict=None if asked.strict is UNSET else asked.strict,
            readers=None if asked.readers is UNSET else asked.readers,
            writable=None if asked.writable is UNSET else asked.writable,
            by=request.reader.name,
        )
        return _told(request, made)

    def archive(self, request: Request) -> Collection:
        made = self._exchange.archive_collection(request.path_params["collection"], by=request.reader.name)
        return _told(request, made)

    def restore(self, request: Request) -> Collection:
        made = self._exchange.restore_collection(request.path_params["collection"], by=request.reader.name)
        return _told(request, made)


def _told(request: Request, held: Held) -> Collection:
    made = Collection(
        id=held.id,
        name=held.name,
        title=held.title,
        description=held.description,
        strict=held.strict,
        agreement=held.agreement,
        taxii=f"{request.site.origins[0]}/taxii2/api/collections/{held.id}/",
    )
    if request.reader.local:
        made.readers, made.writable, made.archived_at = held.readers, held.writable, time_of(held.archived_at)
    return made
