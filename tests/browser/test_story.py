"""The told tour, from its first page to its last, on three real nodes: with the keyboard alone, and partly by hand."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser import hands
from kouprey.node import fiction
from kouprey.node.book import Book, read_book
from kouprey.node.chapters import CHAPTERS
from kouprey.node.tour import STEPS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

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


@pytest.fixture
def demo(chromium: Browser, tmp_path: Path) -> Iterator[Demo]:
    """`kouprey demo` as people start it, on three free ports."""
    port = _three_ports()
    folder = tmp_path / "story"
    words = [sys.executable, "-m", "kouprey", "demo", "--folder", str(folder), "--port", str(port)]
    with (tmp_path / "demo.log").open("wb") as log:
        running = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            told = Demo(folder, port)
            told.wait("the three nodes stand", lambda book: book.told() == 1)
            yield told
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)
    assert running.returncode == 0, (tmp_path / "demo.log").read_text("utf-8")[-2000:]


def _three_ports() -> int:
    """The first of three neighbouring ports that are free now."""
    for first in range(20000 + os.getpid() % 10000, 40000, 3):
        try:
            for port in range(first, first + 3):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise OSError("no three free ports")


@pytest.fixture
def page(chromium: Browser, demo: Demo) -> Iterator[Page]:
    """A browser that complains of what pages complain of, and of every request that leaves the three nodes."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    wrong: list[str] = []
    opened = context.new_page()

    def watch(request: Any) -> None:
        if not request.url.startswith((*demo.ours, "data:", "blob:", "about:")):
            wrong.append(f"asked for {request.url}")

    opened.on("request", watch)
    opened.on("pageerror", lambda error: wrong.append(f"script failed: {error}"))
    # While a story begins again its nodes are away, and the page that waits for them is told so.
    away = "net::ERR_CONNECTION_REFUSED"
    opened.on(
        "console", lambda said: wrong.append(said.text) if said.type == "error" and away not in said.text else None
    )
    yield opened
    context.close()
    assert not wrong, wrong


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
    assert page.title().startswith(_nick(step.party)), page.title()


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


def begin(page: Page, demo: Demo) -> None:
    page.goto(f"{demo.url}/story")
    is_clean(page)
    press(page, "Take the tour")
    arrive(page, 0)


def test_the_whole_tour_by_keyboard(page: Page, demo: Demo) -> None:
    begin(page, demo)
    for place in range(len(STEPS)):
        if place:
            # Enter is enough: the focus is where the story goes on.
            assert "Next" in focused(page), f"{STEPS[place].chapter}: {focused(page)!r} on {page.url}"
            page.keyboard.press("Enter")
            arrive(page, place)
        points_at_what_it_speaks_of(page, place)
        if place in (0, len(STEPS) - 1):
            is_clean(page)
    book = demo.wait("the story is told", lambda book: book.ended)
    assert [chapter.played for chapter in book.chapters] == [True] * len(CHAPTERS)
    page.locator("#end").wait_for()
    numbers = dict(book.numbers)
    assert numbers["notes marked TLP:RED that have left the operator"] == "0"
    assert numbers["still waiting to be confirmed"] == "0"
    for label, count in numbers.items():
        assert count in page.locator("#end dl > div", has_text=label).inner_text()
    press(page, "Start again")
    page.wait_for_url(f"{demo.url}/story", timeout=PATIENCE)
    assert demo.wait("it begins anew", lambda book: book.told() == 1).ended is False


def test_the_tour_goes_on_without_script(chromium: Browser, demo: Demo) -> None:
    """Forms, links and a page that looks again by itself: from one node to the next, over a chapter that is played."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo.url}/story")
    hands.press(page.get_by_role("link", name="Take the tour"))
    last = place_of("agreement", before=False)
    reached = 0
    for _ in range(200):
        page.wait_for_timeout(300)
        told = page.locator(".tour-text")
        enter = page.locator("form[action^='/sign-in/'] button")
        if enter.count():
            hands.press(enter)
        elif told.count() and told.inner_text() == STEPS[reached].text:
            # Nothing is outlined without script, so what to look at is said above the page.
            assert STEPS[reached].caption in page.locator(".tour-look").inner_text()
            if reached == last:
                break
            hands.press(page.locator(".tour-actions .primary"))
            reached += 1
    assert reached == last
    assert page.url.startswith(demo.ours[1])
    context.close()


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


@pytest.mark.long
def test_some_chapters_by_hand(page: Page, demo: Demo) -> None:
    begin(page, demo)
    advance(page, 1, place_of("agreement", before=True))

    number = by_hand(page, demo, "agreement")
    for signed, actor in enumerate(("operator", "neighbour")):
        ticked(demo, number, signed)
        page.goto(f"{demo.url}/story/hand/{number}")
        open_task(page)
        assert page.url.startswith(f"http://{actor}.")
        press(page, "Read and sign")
        page.wait_for_url(re.compile("/sign$"))
        # Whoever signs says that the words were compared.
        for box in page.locator("main form input[type=checkbox]").all():
            hands.tick(box)
        press(page, "Sign")
        page.wait_for_url(re.compile("/agreements/agr_[0-9a-f]+$"))
    go_on(page, demo, number)
    arrive(page, place_of("agreement", before=False))

    advance(page, place_of("findings", before=True), place_of("sighting", before=True))
    number = by_hand(page, demo, "sighting")
    page.get_by_text("The ministry has not reported this server yet.").first.wait_for()
    open_task(page)
    press(page, "Tell of it")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("sighting", before=False))
    points_at_what_it_speaks_of(page, place_of("sighting", before=False))

    advance(page, place_of("mail", before=True), place_of("mail", before=True))
    number = by_hand(page, demo, "mail")
    press(page, "Copy the mail")
    open_task(page)
    hands.reach(page.locator("#f-text"))
    page.keyboard.insert_text(fiction.MAIL)
    press(page, "Find values")
    page.wait_for_load_state()
    tab_to(page, "example/invite")
    page.keyboard.type("malicious")
    hands.write(page.locator("#f-name"), "By hand")
    press(page, "Save")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("mail", before=False))

    advance(page, place_of("bank", before=True), place_of("bank", before=True))
    number = by_hand(page, demo, "bank")
    open_task(page)
    hands.write(page.locator("#f-networks"), fiction.BANK_NETWORK)
    press(page, "Save")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("bank", before=False))
    points_at_what_it_speaks_of(page, place_of("bank", before=False))

    # The story goes on from what was done by hand, to its end.
    advance(page, place_of("cut", before=True), len(STEPS) - 1)
    assert demo.wait("the story is told", lambda book: book.ended)


@pytest.mark.long
def test_what_grows_on_the_exchange_by_hand(page: Page, demo: Demo) -> None:
    """A hunt, an answer to a rumour, a training and evidence of readiness, pressed as the tour says it."""
    begin(page, demo)
    advance(page, 1, place_of("hunt", before=True))
    number = by_hand(page, demo, "hunt")
    open_task(page)
    press(page, "A calendar file that is a program")
    page.wait_for_url(re.compile("/rules/[0-9a-f]+$"))
    press(page, "Keep the sighting")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("hunt", before=False))

    advance(page, place_of("dossier", before=False), place_of("rumour", before=True))
    number = by_hand(page, demo, "rumour")
    open_task(page)
    press(page, "Approve these words")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("rumour", before=False))

    advance(page, place_of("training", before=True), place_of("training", before=True))
    number = by_hand(page, demo, "training")
    open_task(page)
    hands.reach(page.locator("#f-people"))
    page.keyboard.insert_text("Chenda Keo\nVisal Som\nMaly Tep")
    press(page, "Nominate")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("training", before=False))

    advance(page, place_of("measures", before=True), place_of("readiness", before=True))
    number = by_hand(page, demo, "readiness")
    open_task(page)
    hands.press(page.locator("form[action='/readiness/ncsi-3/9.3'] button"))
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("readiness", before=False))
    advance(page, place_of("proof", before=True), len(STEPS) - 1)
    assert demo.wait("the story is told", lambda book: book.ended)


@pytest.mark.long
def test_how_an_agreement_lives_by_hand(page: Page, demo: Demo) -> None:
    """What one party does alone, and what needs a second person, pressed as the tour says it."""
    begin(page, demo)
    advance(page, 1, place_of("tighten", before=True))
    number = by_hand(page, demo, "tighten")
    open_task(page)
    press(page, "Tighten")
    page.wait_for_url(re.compile("/tighten$"))
    hands.reach(page.locator("#f-tlp_ceiling"))
    page.keyboard.type("TLP:GREEN")
    press(page, "Tighten at once")
    page.wait_for_url(re.compile("/agreements/agr_[0-9a-f]+$"))
    go_on(page, demo, number)
    arrive(page, place_of("tighten", before=False))
    points_at_what_it_speaks_of(page, place_of("tighten", before=False))

    advance(page, place_of("release", before=True), place_of("release", before=True))
    number = by_hand(page, demo, "release")
    open_task(page)
    hands.tick(page.locator(".ap-mark").first)
    press(page, "Release those marked")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("release", before=False))

    advance(page, place_of("measures", before=True), place_of("measures", before=True))
    number = by_hand(page, demo, "measures")
    open_task(page)
    with page.expect_download():
        hands.press(page.locator('a[href*="paper=km"]'))
    go_on(page, demo, number)
    arrive(page, place_of("measures", before=False))
    advance(page, place_of("proof", before=True), len(STEPS) - 1)
    assert demo.wait("the story is told", lambda book: book.ended)
