"""Endpoints about collections: what clients read."""

from __future__ import annotations

from msgspec import Struct

from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, api
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with


class Collection(Struct, kw_only=True):
    """What clients read."""

    id: str
    name: str
    title: str
    description: str
    strict: bool
    agreement: str


class Collections(Struct, kw_only=True):
    """All that the reader may know of."""

    collections: tuple[Collection, ...]


class NewCollection(Asked, frozen=True, kw_only=True):
    """A collection to be made; `strict`: nothing joins it that breaks the standard."""

    name: str
    title: str = ""
    description: str = ""
    strict: bool = False


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
            summary="The collections that you may know of.",
        ),
        api(
            "POST",
            "/collections",
            desk.create,
            takes=NewCollection,
            gives=Collection,
            status=201,
            group="Collections",
            roles=roles_with(Permission.PUBLISH),
            fails={"bad-name": 400, "name-taken": 409},
            summary="Make a collection.",
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def collections(self, request: Request) -> Collections:
        found = self._exchange.list_collections(request.reader)
        return Collections(
            collections=tuple(
                Collection(
                    id=each.id,
                    name=each.name,
                    title=each.title,
                    description=each.description,
                    strict=each.strict,
                    agreement=each.agreement,
                )
                for each in found
            )
        )

    def create(self, request: Request, asked: NewCollection) -> Collection:
        made = self._exchange.create_collection(
            asked.name,
            title=asked.title,
            description=asked.description,
            strict=asked.strict,
            by=request.reader.name,
        )
        return Collection(
            id=made.id,
            name=made.name,
            title=made.title,
            description=made.description,
            strict=made.strict,
            agreement=made.agreement,
        )
