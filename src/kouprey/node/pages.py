"""The pages of the story; a node that is not part of a story does not have them.

They are open to everybody on this machine, and let anybody in as the people of the story: everything in it is fiction.
"""

from __future__ import annotations

from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.responses import HTMLResponse, RedirectResponse, Response

from kouprey.kernel.web.door import MIB, Door, page
from kouprey.kernel.web.language import LANGUAGES, mark
from kouprey.kernel.web.request import THEMES, Request, own_path
from kouprey.kernel.words.errors import Damaged, Unknown
from kouprey.node import fiction
from kouprey.node.assemble import Node
from kouprey.node.banner import Banner, look_of, told
from kouprey.node.book import (
    AGAIN,
    HAND,
    PLAY,
    SHORT,
    WHOLE,
    Book,
    keep_place,
    keep_way,
    read_book,
    read_place,
    read_way,
    turn_page,
)
from kouprey.node.by_hand import HANDS
from kouprey.node.hands import HANDED
from kouprey.people.service import People

LEDGER_CAP = 20 * MIB


def routes(node: Node) -> list[Door]:
    """The story, its tour, and what is done by hand."""
    tour = _Tour(node)
    return [
        page("/story", tour.show, open=True),
        page("/story", tour.go_on, "POST", open=True),
        page("/story/now", tour.now, open=True),
        page("/story/bar", tour.bar, open=True),
        page("/story/at", tour.at, open=True),
        page("/story/step/{step}", tour.step, open=True),
        page("/story/step/{step}", tour.play, "POST", open=True),
        page("/story/hand/{chapter}", tour.hand, open=True),
        page("/story/hand/{chapter}", tour.begin_by_hand, "POST", open=True),
        page("/story/material/{name}", tour.material, open=True),
        page("/story/proof", tour.prove, "POST", open=True, cap=LEDGER_CAP, part=LEDGER_CAP),
        page("/story/again", tour.again, "POST", open=True),
    ]


class _Tour:
    """The pages over the book of one story, at one of its nodes."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._folder = node.data.parent
        self._key = node.data.name
        self._banner = Banner(node.data)

    def show(self, request: Request) -> Response:
        return _keep_look(request, self._story(request, "node/story.html"))

    def now(self, request: Request) -> Response:
        return self._story(request, "node/story_now.html")

    def _story(self, request: Request, template: str) -> Response:
        book = read_book(self._folder)
        return request.render(
            template,
            book=book,
            place=read_place(self._folder, book),
            whole=read_way(self._folder) == WHOLE,
            look=look_of(request),
            hands=HANDS,
            told=told,
        )

    def go_on(self, request: Request) -> Response:
        """The next chapter, for those who watch without the tour."""
        turn_page(self._folder)
        return request.redirect("/story", mark("The next chapter begins."))

    def bar(self, request: Request) -> Response:
        request.site.pages.speak(request)
        here = own_path(request.query_params.get("here", "/"))
        return HTMLResponse(self._banner.fragment(request, here))

    def step(self, request: Request) -> Response:
        """Tell a step: at its node and on its page, once its chapter was played."""
        book, place = self._place(request)
        way = request.query_params.get("way")
        if way in (SHORT, WHOLE):
            keep_way(self._folder, way)
        if book.lacks(place) >= 0:
            return request.render("node/turn.html", book=book, place=place, ready="", waits=_waits(request))
        stop = book.stops[place]
        own = stop.party == self._key
        member = book.member(stop.party)
        if member is None:
            raise Unknown(mark("There is no such step."), "", mark("Go back to the story."), code="no-step")
        address = f"/story/step/{place}" if own else f"{member.url}/story/step/{place}?{look_of(request)}"
        if _waits(request):
            # A form may not lead to another node: browsers follow its answer on this one only.
            return request.render("node/turn.html", book=book, place=place, ready=address, waits=True)
        keep_place(self._folder, place)
        if not own:
            return RedirectResponse(address, status_code=303)
        return self._let_in(request, stop.path)

    def play(self, request: Request) -> Response:
        """Have played what a step needs."""
        book, place = self._place(request)
        if book.lacks(place) >= 0:
            stop = book.stops[place]
            turn_page(self._folder, PLAY, stop.chapter - stop.before)
        return request.redirect(f"/story/step/{place}?wait=1")

    def at(self, request: Request) -> Response:
        """A page of this node, for whoever comes from another one."""
        return self._let_in(request, own_path(request.query_params.get("to", "/")))

    def _let_in(self, request: Request, path: str) -> Response:
        """Lead to the page; who is not signed in yet is asked to spend the link of this party's person first."""
        if request.identity is not None or path.startswith("/story"):
            return _keep_look(request, request.redirect(path))
        member = read_book(self._folder).member(self._key)
        secret = member.link.rpartition("/")[2] if member is not None else ""
        if secret and self._node.services.get(People).find_link_holder(secret) is None:
            # It was spent a moment ago, and the teller makes another.
            secret = ""
        return _keep_look(request, request.render("node/enter.html", member=member, secret=secret, to=path))

    def hand(self, request: Request) -> Response:
        """What to do by hand in a chapter, and what of it is done."""
        book, chapter = self._chapter(request)
        after = next(n for n, stop in enumerate(book.stops) if stop.chapter == chapter and not stop.before)
        before = next(n for n, stop in enumerate(book.stops) if stop.chapter == chapter)
        template = "node/hand_now.html" if request.headers.get("x-fragment") else "node/hand.html"
        return request.render(
            template,
            book=book,
            chapter=book.chapters[chapter],
            number=chapter,
            before=before,
            after=after,
            material=HANDS[book.chapters[chapter].key].material,
            mail=fiction.MAIL,
            look=look_of(request),
            told=told,
            ready=chapter == book.told(),
        )

    def begin_by_hand(self, request: Request) -> Response:
        book, chapter = self._chapter(request)
        if not book.chapters[chapter].played and book.hand != chapter:
            turn_page(self._folder, HAND, chapter)
        return request.redirect(f"/story/hand/{chapter}")

    def material(self, request: Request) -> Response:
        """What the hands need: the findings of the SOC, as its people would hand them over."""
        member = read_book(self._folder).member("operator")
        if request.path_params["name"] != "paper-lantern.json" or member is None or not member.running:
            raise Unknown(mark("There is no such file."), "", mark("Go back to the story."), code="no-file")
        author = self._author()
        body = fiction.bundle(fiction.operator_findings(author))
        headers = {"Content-Disposition": 'attachment; filename="paper-lantern.json"'}
        return Response(body, media_type="application/json", headers=headers)

    def _author(self) -> str:
        """The identity that the operator's objects name; every node of the story knows the operator's card."""
        people = self._node.services.get(People)
        return str(people.get_party(fiction.OPERATOR.party).card.identities[0])

    def prove(self, request: Request) -> Response:
        """Take a ledger that somebody has exported, for the verifier."""
        file = request.fields.get("ledger")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Damaged(mark("No ledger was sent."), "", mark("Choose the file you exported."), code="no-file")
        _keep_file(self._folder / HANDED, file)
        book = read_book(self._folder)
        return request.redirect(f"/story/hand/{max(book.hand, 0)}", mark("The verifier has it."), "info")

    def again(self, request: Request) -> Response:
        turn_page(self._folder, AGAIN)
        return request.render("node/again.html")

    def _place(self, request: Request) -> tuple[Book, int]:
        book = read_book(self._folder)
        text = request.path_params["step"]
        if not _is_number(text) or int(text) >= len(book.stops):
            raise Unknown(mark("There is no such step."), "", mark("Go back to the story."), code="no-step")
        return book, int(text)

    def _chapter(self, request: Request) -> tuple[Book, int]:
        book = read_book(self._folder)
        text = request.path_params["chapter"]
        known = _is_number(text) and int(text) < len(book.chapters)
        if not known or book.chapters[int(text)].key not in HANDS:
            raise Unknown(
                mark("Nothing of this chapter is done by hand."), "", mark("Go back to the story."), code="no-hands"
            )
        return book, int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 3


def _waits(request: Request) -> bool:
    return "wait" in request.query_params


def _keep_look(request: Request, response: Response) -> Response:
    """Language and theme come along from the node where they were chosen."""
    for name, known, wanted in (("language", LANGUAGES, "lang"), ("theme", THEMES, "theme")):
        value = request.query_params.get(wanted, "")
        if value in known:
            request.site.sessions.keep(response, name, value)
    return response


def _keep_file(path: Path, file: UploadFile) -> None:
    fresh = path.with_name(f"{path.name}.new")
    with fresh.open("wb") as out:
        while chunk := file.file.read(MIB):
            out.write(chunk)
    fresh.replace(path)
