"""How somebody goes through the told tour in a browser: demos, steps, and chapters done by hand."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser import hands
from kouprey.node import fiction
from kouprey.node.book import Book, read_book
from kouprey.node.chapters import CHAPTERS
from kouprey.node.tour import STEPS

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE = 60_000
"""Milliseconds for a chapter to be played on a busy machine."""


_FOCUSED = """() => {
  const e = document.activeElement;
  if (!e.matches('a, button, input, select, textarea, summary')) return '';
  return e.ariaLabel || e.innerText || e.labels?.[0]?.innerText || '';
}"""


class Demo:
    """A running demo: its first page, and its folder."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.url = f"http://ministry.localhost:{port}"
        self.ours = tuple(f"http://{cast.key}.localhost:{port + n}/" for n, cast in enumerate(fiction.CAST))

    def book(self) -> Book:
        return read_book(self.folder)

    def wait(self, what: str, holds: Callable[[Book], object]) -> Book:
        """The book as soon as it says so."""
        end = time.monotonic() + PATIENCE / 1000
        while not holds(self.book()):
            assert time.monotonic() < end, what
            time.sleep(0.1)
        return self.book()


def tab_to(page: Page, text: str, most: int = 90) -> None:
    """Press Tab until something with this text has the focus."""
    for _ in range(most):
        if text in focused(page):
            hands.see(page)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never came to {text!r} on {page.url}")


def focused(page: Page) -> str:
    """What has the focus, as somebody would hear it."""
    for _ in range(20):
        try:
            return str(page.evaluate(_FOCUSED))
        except Exception:
            # A page that is being left has no focus; the next one has.
            page.wait_for_timeout(100)
    return ""


def press(page: Page, text: str) -> None:
    """Go to something by Tab, and press Enter on it."""
    tab_to(page, text)
    page.keyboard.press("Enter")


def arrive(page: Page, place: int) -> None:
    """Wait until a step is told: chapters are played meanwhile, and each node asks once who we are."""
    step = STEPS[place]
    told = page.locator(".tour-text")
    for _ in range(60):
        page.wait_for_load_state()
        page.wait_for_timeout(250)
        if told.count() and told.inner_text() == step.text:
            break
        if "Continue as" in focused(page):
            page.keyboard.press("Enter")
    assert told.count() and told.inner_text() == step.text, f"{step.chapter}: {page.url}"
    # A script writes whose page it is before its title.
    page.wait_for_function("nick => document.title.startsWith(nick)", arg=_nick(step.party))


def _nick(key: str) -> str:
    return next(cast.nick for cast in fiction.CAST if cast.key == key)


def points_at_what_it_speaks_of(page: Page, place: int) -> None:
    """The first choice of the step is on its page, outlined, captioned and in sight."""
    step = STEPS[place]
    first = re.split(r",\s*(?![^(]*\))", step.target)[0]
    # Before an agreement is there, its page is empty.
    marked = page.locator(".tour-mark")
    # Live parts are written anew now and then, and outlined again a moment later.
    expect(marked, f"{step.chapter}: {step.target} on {page.url}").to_have_count(1)
    assert marked.evaluate("(e, s) => e.matches(s)", first), f"{step.chapter}: not {first}"
    if first != ".tour-tabs":
        assert page.locator(".tour-caption").inner_text() == step.caption
        page.wait_for_function(
            "() => { const r = document.querySelector('.tour-caption').getBoundingClientRect();"
            " return r.top >= 0 && r.bottom <= innerHeight; }"
        )


def is_clean(page: Page) -> None:
    """Axe has nothing against the bar and the content, in both themes; the frame around them is looked at elsewhere."""
    package = pytest.importorskip("axe_playwright_python")
    axe = Path(package.__file__).with_name("axe.min.js").read_text("utf-8")
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        page.evaluate(axe)
        found = page.evaluate("async () => (await axe.run({include: [['#tour'], ['main']]})).violations")
        assert not found, [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found]
    page.emulate_media(color_scheme="light", reduced_motion="no-preference")


def begin(page: Page, demo: Demo, words: str = "Take the whole tour") -> None:
    page.goto(f"{demo.url}/story")
    is_clean(page)
    press(page, words)
    arrive(page, 0)


def by_hand(page: Page, demo: Demo, chapter: str) -> int:
    """Ask to do a chapter by hand; its number."""
    number = next(n for n, each in enumerate(CHAPTERS) if each.key == chapter)
    press(page, "Do it yourself")
    page.wait_for_url(re.compile(f"/story/hand/{number}$"))
    demo.wait(f"{chapter} waits for a hand", lambda book: book.hand == number)
    page.locator("#hand [data-key^=task]").first.wait_for()
    is_clean(page)
    return number


def ticked(demo: Demo, number: int, count: int) -> None:
    """Wait until so many of the things to do are ticked."""
    demo.wait("what is done is ticked", lambda book: sum(task.done for task in book.chapters[number].tasks) == count)


def open_task(page: Page) -> None:
    """Follow the first thing that is left to do, from the page of what is to be done."""
    page.locator("#hand [data-key^=task]").first.wait_for()
    press(page, "Open it")
    for _ in range(60):
        page.wait_for_timeout(250)
        if "Continue as" in focused(page):
            page.keyboard.press("Enter")
        if "/story/" not in page.url:
            break
    page.wait_for_load_state()


def go_on(page: Page, demo: Demo, number: int) -> None:
    """The nodes have seen it: the story goes on where the chapter is told."""
    demo.wait("it is done", lambda book: book.chapters[number].played)
    page.goto(f"{demo.url}/story/hand/{number}")
    press(page, "Next")


def place_of(chapter: str, *, before: bool) -> int:
    return next(n for n, step in enumerate(STEPS) if step.chapter == chapter and step.before is before)


def advance(page: Page, first: int, last: int) -> None:
    for place in range(first, last + 1):
        tab_to(page, "Next")
        page.keyboard.press("Enter")
        arrive(page, place)
