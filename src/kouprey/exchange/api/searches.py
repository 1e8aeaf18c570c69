"""Endpoints about saved searches."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from kouprey.exchange.api.searching import Wanted, search_of
from kouprey.exchange.api.shapes import Level, instant_of, level
from kouprey.exchange.model.searching import News, SavedSearch
from kouprey.exchange.service import Exchange
from kouprey.kernel.web.api import Asked, Time, api, time_of
from kouprey.kernel.web.door import Door
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.people.model import Permission, roles_with


class Sought(Struct, kw_only=True):
    """What a saved search looks for, in the words of GET /objects."""

    q: str
    type: tuple[str, ...]
    tlp: tuple[Level, ...]
    source: tuple[str, ...]
    collection: str
    since: Time
    until: Time
    findings: str
    revoked: bool | None
    conflict: bool
    in_force: bool


class Saved(Struct, kw_only=True):
    """A saved search; `own` may be changed, `news` is how many hits are new since `looked`."""

    id: str
    name: str
    own: bool
    shared: bool
    search: Sought
    saved_at: Time
    looked: Time
    news: int
    more_news: bool


class SavedList(Struct, kw_only=True):
    """Your own, then what others share."""

    searches: tuple[Saved, ...]


class NewSearch(Asked, frozen=True, kw_only=True):
    """A search to keep under a name; `looked` is the `news` of the newest hit you have seen."""

    name: str
    search: Wanted = Wanted()
    shared: bool = False
    looked: Time = ""


class Changed(Asked, frozen=True, kw_only=True):
    """Its name, and whether others see it."""

    name: str
    shared: bool


class Looked(Asked, frozen=True, kw_only=True):
    """The `news` of the newest hit that was seen."""

    looked: Time


def doors(services: Services) -> list[Door]:
    """The endpoints."""
    desk = _Desk(services.get(Exchange))
    told: dict[str, Any] = {"group": "Saved searches", "roles": roles_with(Permission.READ)}
    one, page = "/searches/{search}", "/intelligence/searches"
    unknown = {"unknown-search": 404}
    own, named = {**unknown, "not-yours": 403}, {"bad-name": 400, "name-taken": 409}
    return [
        api(
            "GET",
            "/searches",
            desk.list,
            gives=SavedList,
            does=(f"GET {page}",),
            summary="Saved searches, with how much is new in each.",
            **told,
        ),
        api(
            "POST",
            "/searches",
            desk.save,
            takes=NewSearch,
            gives=Saved,
            status=201,
            fails={**named, "too-many-searches": 409, "unknown-collection": 404},
            does=(f"POST {page}",),
            summary="Keep a search under a name.",
            **told,
        ),
        api(
            "PATCH",
            one,
            desk.change,
            takes=Changed,
            gives=Saved,
            repeatable=True,
            fails={**own, **named},
            does=(f"POST {page}/{{search}}/change",),
            summary="Rename a search of yours, share it, or take it back.",
            **told,
        ),
        api(
            "POST",
            f"{one}/looked",
            desk.looked,
            takes=Looked,
            repeatable=True,
            fails=unknown,
            does=(f"POST {page}/{{search}}/looked",),
            summary="Say up to where you have seen the hits.",
            **told,
        ),
        *_ending(desk, told),
    ]


def _ending(desk: _Desk, told: dict[str, Any]) -> list[Door]:
    one, page = "/searches/{search}", "/intelligence/searches"
    unknown = {"unknown-search": 404}
    return [
        api(
            "DELETE",
            one,
            desk.delete,
            fails={**unknown, "not-yours": 403},
            does=(f"POST {page}/{{search}}/delete",),
            summary="Delete a search of yours; for a day it can be brought back.",
            **told,
        ),
        api(
            "POST",
            f"{one}/restore",
            desk.restore,
            gives=Saved,
            fails={**unknown, "name-taken": 409},
            does=(f"POST {page}/{{search}}/restore",),
            summary="Bring a deleted search back.",
            **told,
        ),
    ]


class _Desk:
    """What these endpoints ask of the exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def list(self, request: Request) -> SavedList:
        who = request.reader
        held = self._exchange.list_saved(who, by=who.name)
        news = self._exchange.count_news(who, held, by=who.name)
        return SavedList(searches=tuple(self._told(request, each, news[each.id]) for each in held))

    def save(self, request: Request, asked: NewSearch) -> Saved:
        who = request.reader
        made = self._exchange.save_search(
            who,
            asked.name,
            search_of(asked.search),
            by=who.name,
            shared=asked.shared,
            looked=instant_of(asked.looked, "looked") or 0,
        )
        return self._one(request, made)

    def change(self, request: Request, asked: Changed) -> Saved:
        who, search = request.reader, request.path_params["search"]
        made = self._exchange.change_search(who, search, name=asked.name, shared=asked.shared, by=who.name)
        return self._one(request, made)

    def looked(self, request: Request, asked: Looked) -> None:
        who, search = request.reader, request.path_params["search"]
        self._exchange.mark_looked(who, search, instant_of(asked.looked, "looked") or 0, by=who.name)

    def delete(self, request: Request) -> None:
        who = request.reader
        self._exchange.delete_search(who, request.path_params["search"], by=who.name)

    def restore(self, request: Request) -> Saved:
        who = request.reader
        return self._one(request, self._exchange.restore_search(who, request.path_params["search"], by=who.name))

    def _one(self, request: Request, each: SavedSearch) -> Saved:
        who = request.reader
        return self._told(request, each, self._exchange.count_news(who, [each], by=who.name)[each.id])

    def _told(self, request: Request, each: SavedSearch, news: News) -> Saved:
        who, filters = request.reader, each.search.filters
        return Saved(
            id=each.id,
            name=each.name,
            own=each.person == who.name,
            shared=each.shared,
            search=Sought(
                q=each.search.text,
                type=each.search.types,
                tlp=tuple(level(one) for one in filters.levels),
                source=filters.sources,
                collection=each.search.collection,
                since=time_of(filters.since or 0),
                until=time_of(filters.until or 0),
                findings=filters.findings,
                revoked=filters.revoked,
                conflict=filters.conflict,
                in_force=filters.in_force,
            ),
            saved_at=time_of(each.saved_at),
            looked=time_of(self._exchange.looked(who, each.id, by=who.name)),
            news=news.count,
            more_news=news.more,
        )
