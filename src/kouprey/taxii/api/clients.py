"""The REST interface of clients: what each asked and was sent; and for a program, its own part of it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kouprey.kernel.web.api import Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.errors import Forbidden
from kouprey.people.model import Permission, Token, roles_with
from kouprey.people.service import People
from kouprey.taxii.model.clients import Day, Standing, Turned
from kouprey.taxii.rules import sees_figures
from kouprey.taxii.service import Clients as Held

DAYS = 30


class Place(Struct, kw_only=True):
    """Where a client stands in a collection (its id); figures are 0 and `reached` "" for whoever may not know them."""

    party: str
    collection: str
    first_at: Time
    asked_at: Time
    types: tuple[str, ...]
    filters: str
    reached: Time
    requests: int
    objects: int


class OfDay(Struct, kw_only=True):
    """What it asked and was sent on a day."""

    day: Time
    requests: int
    objects: int


class Refused(Struct, kw_only=True):
    """How often it was refused for a reason, within 30 days."""

    code: str
    status: int
    times: int
    last_at: Time


class Client(Struct, kw_only=True):
    """A token, where it stands, its last 30 days, and what it was refused."""

    user: str
    name: str
    party: str
    active: bool
    places: tuple[Place, ...]
    days: tuple[OfDay, ...]
    refused: tuple[Refused, ...]


class Named(Struct, kw_only=True):
    """A client in the list; `asked_at` "" for one that never asked."""

    user: str
    name: str
    party: str
    active: bool
    asked_at: Time


class Clients(Struct, kw_only=True):
    """By user."""

    clients: tuple[Named, ...]


def routes(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services)
    told: dict[str, Any] = {"group": "Clients", "roles": roles_with(Permission.AUDIT)}
    return [
        api("GET", "/clients", desk.list, gives=Clients, does=("GET /clients",), summary="List them.", **told),
        api(
            "GET",
            "/clients/{user}",
            desk.show,
            gives=Client,
            fails={"unknown-token": 404},
            does=("GET /clients/{user}",),
            summary="What a client asked over TAXII, and what it was sent.",
            **told,
        ),
        api(
            "GET",
            "/client",
            desk.own,
            gives=Client,
            group="Clients",
            roles=roles_with(Permission.READ),
            fails={"not-a-client": 403},
            own=False,
            scoped=True,
            summary="The same of the token that asks.",
        ),
    ]


class _Desk:
    """What these endpoints ask of the service."""

    def __init__(self, services: Services) -> None:
        self._clients = services.get(Held)
        self._people = services.get(People)

    def list(self, _: Request) -> Clients:
        last: dict[str, Standing] = {}
        for each in self._clients.list_standings(limit=500):
            last.setdefault(each.client, each)
        tokens = sorted(self._people.list_tokens(), key=lambda token: token.user)
        return Clients(
            clients=tuple(
                Named(
                    user=token.user,
                    name=token.name,
                    party=token.party,
                    active=token.active,
                    asked_at=time_of(last[token.user].asked_at if token.user in last else 0),
                )
                for token in tokens
            )
        )

    def show(self, request: Request) -> Client:
        token = self._clients.get_token(request.path_params["user"])
        return self._client(token, sees_figures(request.reader))

    def own(self, request: Request) -> Client:
        name = request.reader.name
        token = next((each for each in self._people.list_tokens() if each.user == name), None)
        if token is None:
            raise Forbidden(
                "You are no client.",
                "Only a program with a token is.",
                "Ask GET /clients about others.",
                code="not-a-client",
            )
        # It was sent all of this itself.
        return self._client(token, True)

    def _client(self, token: Token, sees: bool) -> Client:
        return Client(
            user=token.user,
            name=token.name,
            party=token.party,
            active=token.active,
            places=tuple(_place(each, sees) for each in self._clients.list_standings(client=token.user)),
            days=tuple(map(_day, self._clients.list_days(token.user, DAYS))) if sees else (),
            refused=tuple(map(_refused, self._clients.list_turned(token.user, DAYS))),
        )


def _place(held: Standing, sees: bool) -> Place:
    return Place(
        party=held.party,
        collection=held.collection,
        first_at=time_of(held.first_at),
        asked_at=time_of(held.asked_at),
        types=held.types,
        filters=held.filters,
        reached=time_of(held.reached) if sees else "",
        requests=held.requests if sees else 0,
        objects=held.objects if sees else 0,
    )


def _day(held: Day) -> OfDay:
    return OfDay(day=time_of(held.day), requests=held.requests, objects=held.objects)


def _refused(held: Turned) -> Refused:
    return Refused(code=held.code, status=held.status, times=held.times, last_at=time_of(held.last_at))
