"""The story page of the demo; a node that is not part of a story does not have it."""

from __future__ import annotations

from starlette.responses import Response

from kouprey.kernel.web.door import Door, page
from kouprey.kernel.web.language import mark
from kouprey.kernel.web.request import Request
from kouprey.node.assemble import Node
from kouprey.node.demo import read_book, turn_page


def routes(node: Node) -> list[Door]:
    """The story, open to everybody on this machine: everything in it is fiction."""
    folder = node.data.parent

    def show(request: Request) -> Response:
        return request.render("node/story.html", book=read_book(folder))

    def fragment(request: Request) -> Response:
        return request.render("node/story_chapters.html", book=read_book(folder))

    def go_on(request: Request) -> Response:
        turn_page(folder)
        return request.redirect("/story", mark("The next chapter begins."))

    return [
        page("/story", show, open=True),
        page("/story/chapters", fragment, open=True),
        page("/story", go_on, "POST", open=True),
    ]
