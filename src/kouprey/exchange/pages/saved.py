"""Saved searches on pages: beside the search, opened with what is new in them, and a page to look after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from kouprey.exchange.model.searching import News, SavedSearch
from kouprey.exchange.pages.choosing import Active, active_chips
from kouprey.exchange.pages.naming import Names, may, reader_of
from kouprey.exchange.pages.query import Query, query_of, read_words
from kouprey.exchange.pages.reading import plainly
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.saving import LONGEST_NAME
from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import _, in_words
from kouprey.kernel.web.request import Request
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import KoupreyError, Unknown
from kouprey.kernel.words.time import Instant
from kouprey.people.model import Permission, roles_with
from kouprey.people.service import People

PATH = "/intelligence/searches"
OFFERED = 12
"""Saved searches beside the search; all of them have a page."""
LISTED = 300


@dataclass(frozen=True)
class Offer:
    """A saved search to open: its name, whose it is ("" for one's own), what is new in it, and its list."""

    search: SavedSearch
    name: str
    whose: str
    news: News
    url: str


@dataclass(frozen=True)
class Opened:
    """The saved search that the list shows, how far the person had looked, and what is new since."""

    search: SavedSearch
    name: str
    looked: Instant
    news: News


@dataclass(frozen=True)
class Row:
    """A saved search on the page that looks after them; `own` may be changed."""

    offer: Offer
    own: bool
    chips: Sequence[Active]


def offered(exchange: Exchange, names: Names, who: Reader, person: str, most: int = OFFERED) -> list[Offer]:
    """Saved searches with how much is new in each for this reader."""
    held = exchange.list_saved(who, by=person)[:most]
    news = exchange.count_news(who, held, by=person)
    return [
        Offer(
            each,
            plainly(each.name),
            "" if each.person == person else names.person(each.person),
            news[each.id],
            query_of(each.search).url(saved=each.id),
        )
        for each in held
    ]


def opened(exchange: Exchange, who: Reader, request: Request, query: Query) -> Opened | None:
    """The saved search that the address names, as long as the list is still the one that was saved."""
    named = request.query_params.get("saved", "")[:60]
    if not named:
        return None
    try:
        search = exchange.get_saved(who, named, by=who.name)
    except Unknown:
        return None
    if query_of(search.search) != query:
        return None
    news = exchange.count_news(who, [search], by=who.name)[search.id]
    return Opened(search, plainly(search.name), exchange.looked(who, search.id, by=who.name), news)


def doors(services: Services) -> list[Door]:
    """The page of saved searches, and the forms that save, change, delete and restore one."""
    view = _View(services)

    def show(request: Request) -> Response:
        return view.show(request)

    def save(request: Request) -> Response:
        return view.save(request)

    def looked(request: Request) -> Response:
        return view.looked(request)

    def change(request: Request) -> Response:
        return view.change(request)

    def delete(request: Request) -> Response:
        return view.delete(request)

    def restore(request: Request) -> Response:
        return view.restore(request)

    readers, one = roles_with(Permission.READ), f"{PATH}/{{search}}"
    return [
        page(PATH, show, roles=readers),
        page(PATH, save, "POST", roles=readers),
        page(f"{one}/looked", looked, "POST", roles=readers),
        page(f"{one}/change", change, "POST", roles=readers),
        page(f"{one}/delete", delete, "POST", roles=readers),
        page(f"{one}/restore", restore, "POST", roles=readers),
    ]


class _View:
    """What the pages ask of the services."""

    def __init__(self, services: Services) -> None:
        self._exchange = services.get(Exchange)
        self._people = services.get(People)

    def show(self, request: Request) -> Response:
        who = reader_of(request)
        names = Names(self._people)
        titles = {each.id: each.title for each in self._exchange.list_collections(who)}
        rows = [
            Row(each, not each.whose, active_chips(query_of(each.search.search), names, titles))
            for each in offered(self._exchange, names, who, who.name, most=LISTED)
        ]
        return request.render(
            "exchange/searches.html",
            rows=rows,
            most=LISTED,
            longest=LONGEST_NAME,
            may_publish=may(request, Permission.PUBLISH),
            deleted=request.query_params.get("deleted", "")[:60],
        )

    def save(self, request: Request) -> Response:
        who, query = reader_of(request), read_words(request.field("search", longest=20_000))
        try:
            made = self._exchange.save_search(
                who,
                request.field("name", longest=1_000),
                query.search,
                by=who.name,
                shared=request.field("shared") == "yes",
                looked=_position(request.field("looked")),
            )
        except KoupreyError as error:
            return request.redirect(query.url(), in_words(error), "bad")
        said = _("Saved as %(name)s. It is listed above the filters.") % {"name": made.name}
        return request.redirect(query_of(made.search).url(saved=made.id), said)

    def looked(self, request: Request) -> Response:
        who = reader_of(request)
        search = self._exchange.get_saved(who, request.path_params["search"], by=who.name)
        self._exchange.mark_looked(who, search.id, _position(request.field("looked")), by=who.name)
        return request.redirect(query_of(search.search).url(saved=search.id))

    def change(self, request: Request) -> Response:
        who = reader_of(request)
        try:
            self._exchange.change_search(
                who,
                request.path_params["search"],
                name=request.field("name", longest=1_000),
                shared=request.field("shared") == "yes",
                by=who.name,
            )
        except KoupreyError as error:
            return request.redirect(PATH, in_words(error), "bad")
        return request.redirect(PATH, _("Changed."))

    def delete(self, request: Request) -> Response:
        who = reader_of(request)
        gone = self._exchange.delete_search(who, request.path_params["search"], by=who.name)
        return request.redirect(f"{PATH}?deleted={gone.id}")

    def restore(self, request: Request) -> Response:
        who = reader_of(request)
        try:
            back = self._exchange.restore_search(who, request.path_params["search"], by=who.name)
        except KoupreyError as error:
            return request.redirect(PATH, in_words(error), "bad")
        return request.redirect(PATH, _("%(name)s is there again.") % {"name": back.name})


def _position(text: str) -> Instant:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
