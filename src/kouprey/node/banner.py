"""The bar of the tour above every page of a demo node: whose node this is, which step is told, and how to go on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup

from kouprey.kernel.web.language import _
from kouprey.kernel.web.request import Request
from kouprey.node.book import Book, Member, Page, Said, Stop, read_book, read_place, read_way
from kouprey.node.by_hand import HANDS


@dataclass(frozen=True)
class Bar:
    """What the bar shows. `told`: this page is the one of the step. `hand`: its chapter is being done by hand.

    `after`: the step that follows, -1 behind the last; `lacks`: it needs a chapter that was not played yet. `aside`: a
    page of the story itself, not of a node. `on`: the step that whoever looks around goes on with.
    """

    book: Book
    own: Member
    place: int
    stop: Stop
    chapter: Page
    told: bool
    hand: bool
    can: bool
    after: int
    lacks: bool
    here: str
    aside: bool
    on: int


class Banner:
    """Renders the bar for a node of the story whose data directory this is."""

    def __init__(self, data: Path) -> None:
        self._folder = data.parent
        self._key = data.name

    def __call__(self, request: Request) -> str:
        """The bar with its place on the page; "" before the story has begun."""
        return self._render(request, "node/tour.html", request.url.path, request.url.query)

    def fragment(self, request: Request, here: str) -> str:
        """What is in that place, for a page of this node that asks again."""
        address = urlsplit(here)
        return self._render(request, "node/tour_bar.html", address.path, address.query)

    def _render(self, request: Request, template: str, path: str, query: str) -> str:
        bar = self.bar(path, query)
        if bar is None:
            return ""
        found = request.site.pages.environment.get_template(template)
        return Markup(found.render(bar=bar, look=look_of(request), told=told))

    def bar(self, path: str, query: str) -> Bar | None:
        """What the bar says above this page, None while there is no story to tell."""
        book = read_book(self._folder)
        own = book.member(self._key)
        if own is None or not book.stops or not book.chapters:
            return None
        place = read_place(self._folder, book)
        stop = book.stops[place]
        chapter = book.chapters[stop.chapter]
        wanted = urlsplit(stop.path)
        told = stop.party == self._key and (path, query) == (wanted.path, wanted.query)
        after = book.after(place, read_way(self._folder))
        return Bar(
            book=book,
            own=own,
            place=place,
            stop=stop,
            chapter=chapter,
            told=told,
            hand=book.hand == stop.chapter and not chapter.played,
            can=stop.before and chapter.key in HANDS and not chapter.played,
            after=after,
            lacks=after >= 0 and book.lacks(after) >= 0,
            here=f"{path}?{query}" if query else path,
            aside=path.startswith("/story") and not told,
            # What a step announces is behind whoever has done it by hand.
            on=after if stop.before and chapter.played and after >= 0 else place,
        )


def told(line: Said) -> str:
    """A sentence of the book in the language of the answer."""
    text = _(line.text)
    return text % line.values if line.values else text


def look_of(request: Request) -> str:
    """The language and theme chosen here, for the address of another node, whose cookies know nothing of it."""
    return urlencode({"lang": request.language, "theme": request.theme})
