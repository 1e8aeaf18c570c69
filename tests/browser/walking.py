"""From page to page through a node, as somebody signed in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from browser.crawling import EXAMPLES, crawl
from browser.stage import Stage
from browser.visits import SEEDS
from kouprey.kernel.web.door import Door
from kouprey.node.assemble import open_node
from kouprey.node.web import build_web

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page


def doors_of(stage: Stage, actor: str = "ministry") -> Sequence[Door]:
    """The doors of a node of the story."""
    node = open_node(stage.actors[actor].folder)
    try:
        return tuple(build_web(node).doors)
    finally:
        node.close()


def find_pages(
    context: BrowserContext,
    origin: str,
    doors: Sequence[Door],
    examples: int = EXAMPLES,
    seeds: Sequence[str] = (),
    page: Page | None = None,
    *,
    alike: bool = False,
) -> Iterator[tuple[str, str]]:
    """(path of the door, address) of every page that whoever is signed in can reach.

    `alike` as in `crawl`. A `page` that is given shows each address when it is told; what is done with it then is done
    before it goes on.
    """
    from playwright.sync_api import Error

    given, page = page, page or context.new_page()

    def look(path: str) -> list[str] | None:
        try:
            answer = page.goto(origin + path)
        except Error:
            # Something to download is no page.
            return None
        if answer is None or "text/html" not in answer.headers["content-type"]:
            return None
        if page.locator("main").count() == 0:
            # A part that a page fetches again.
            return None
        links: list[str] = page.evaluate("[...document.links].map((each) => each.getAttribute('href'))")
        return links

    yield from crawl(doors, look, [*SEEDS, *seeds], examples, alike=alike)
    if given is None:
        page.close()
