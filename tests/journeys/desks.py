"""Desks before served nodes: people of each role in a real browser, who press what the pages offer, by keys alone."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from browser import hands
from browser.stage import Stage, open_context, sign_in
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from kouprey.node.actors import Actor

SLOW = 60.0
"""Seconds somebody waits for what comes over a link, or by a job of a node, loading the page again and again."""


@dataclass
class Desk:
    """Somebody at one node."""

    page: Page
    origin: str

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    @property
    def text(self) -> str:
        return self.main.inner_text()

    def go(self, path: str) -> Desk:
        self.page.goto(self.origin + path)
        return self

    def panel(self, title: str) -> Locator:
        """A part of the page by its heading."""
        return self.main.locator("section", has=self.page.get_by_role("heading", name=title, exact=True)).last

    def fold(self, summary: str, within: Locator | None = None) -> Locator:
        """What lies behind a line that can be opened, open."""
        line = self.page.locator("summary", has_text=re.compile(rf"^\s*{re.escape(summary)}\s*$"))
        found = (within or self.main).locator("details", has=line).last
        if found.get_attribute("open") is None:
            hands.press(found.locator("summary").first)
        return found

    def write(self, label: str, text: str, within: Locator | None = None) -> None:
        hands.write((within or self.main).get_by_label(label), text)

    def choose(self, label: str, option: str, within: Locator | None = None) -> None:
        hands.choose((within or self.main).get_by_label(label), option)

    def send(self, button: str, within: Locator | None = None, *, link: bool = False) -> None:
        """Press what brings another page."""
        with self.page.expect_navigation():
            hands.press((within or self.main).get_by_role("link" if link else "button", name=button, exact=True).first)

    def fetch(self, link: str, into: Path, *, button: bool = False) -> Path:
        """Press what brings a file, and keep it."""
        with self.page.expect_download() as download:
            hands.press(self.main.get_by_role("button" if button else "link", name=link, exact=True).first)
        file = into / download.value.suggested_filename
        download.value.save_as(file)
        return file

    def until(self, path: str, *wanted: str, seconds: float = SLOW) -> str:
        """Load a page until all of this stands on it; what it says then."""
        end = time.monotonic() + seconds
        while True:
            text = self.go(path).text
            missing = [each for each in wanted if each not in text]
            if not missing:
                return text
            assert time.monotonic() < end, f"{missing} never stood on {path}:\n{text}"
            self.page.wait_for_timeout(500)


@dataclass
class Desks:
    """Who sits where; `pictures` is the folder for a picture of each scenario's end, None for none."""

    browser: Browser
    pictures: Path | None = None
    _sitting: dict[tuple[str, str], Desk] = field(default_factory=dict)

    def sit(self, actor: Actor, role: Role, *, anew: bool = False) -> Desk:
        """Somebody with this one role at this node, signed in; `anew`: once more."""
        key = (actor.party, str(role))
        if anew or key not in self._sitting:
            stage = Stage({actor.cast.key: actor})
            link = stage.link(actor.cast.key, f"{role} {actor.cast.key}".title(), (role,), TLP.RED)
            desk = self.stranger(actor)
            sign_in(desk.page, link)
            self._sitting[key] = desk
        return self._sitting[key]

    def stranger(self, actor: Actor) -> Desk:
        """Somebody without an account."""
        page = open_context(self.browser).new_page()
        page.set_default_timeout(30_000)
        return Desk(page, actor.url)

    def picture(self, scenario: str, **desks: Desk) -> None:
        """How it ended, as each of them sees it."""
        for name, desk in desks.items() if self.pictures else ():
            # What sticks to the edge of the window would else stand in the middle of the picture.
            desk.page.evaluate("scrollTo(0, 0)")
            desk.page.screenshot(path=self.pictures / f"{scenario}.{name}.png", full_page=True)

    def close(self) -> None:
        for context in self.browser.contexts:
            context.close()


def open_case(desk: Desk, title: str, **given: str) -> str:
    """Open a case by its page: the path of it."""
    desk.go("/cases/new")
    desk.write("In a few words", title)
    for label, option in given.items():
        desk.choose(label.replace("_", " "), option)
    desk.send("Open the case")
    return desk.page.url.removeprefix(desk.origin).partition("?")[0]


def note(desk: Desk, case: str, text: str) -> None:
    desk.go(case)
    form = desk.fold("A note", desk.panel("Write down"))
    desk.write("In words", text, form)
    desk.send("Write down", form)


def ask(desk: Desk, whom: str, title: str, text: str, *, refs: str = "", number: str = "") -> str:
    """Ask a partner by the page for it: the path of the hand-off. `whom`: how the choice begins."""
    desk.go("/handoffs/new")
    desk.choose("Whom, and for what", whom)
    desk.write("In a sentence", title)
    desk.write("All of it", text)
    if refs:
        desk.write("It is about", refs)
    if number:
        desk.write("Our case number", number)
    desk.send("Ask")
    return desk.page.url.removeprefix(desk.origin).partition("?")[0]


def say(desk: Desk, path: str, verb: str, text: str = "", **choices: str) -> None:
    """Say something on the page of a hand-off; `verb` is the word on its line and on its button."""
    desk.go(path)
    form = desk.fold(verb, desk.panel("What you can say"))
    for label, option in choices.items():
        name = label.replace("_", " ")
        field = form.get_by_label(name)
        (hands.choose if field.evaluate("(each) => each.localName") == "select" else hands.write)(field, option)
    if text:
        desk.write("In words", text, form)
    desk.send(verb, form)
