"""The stage of browser tests and of scripts/shots: the three nodes of the story, running, and a browser before them."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from browser.hands import press
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor
from kouprey.node.cuts import ProcessCut
from kouprey.node.fiction import CAST
from kouprey.node.story import Story
from kouprey.people.model import Role
from kouprey.people.service import People

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))), None
)
"""The shell before the whole browser: the same engine in a fifth of the time, for each new person opens a window."""
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
    "--disable-quic",
]
VERIFIER = Path(__file__).parents[2] / "examples" / "verify_ledger.py"


@dataclass
class Stage:
    """Nodes that run: the three of the story after its last chapter, or others without one."""

    actors: dict[str, Actor]
    story: Story | None = None

    def link(
        self, actor: str, name: str = "Chan Tester", roles: tuple[Role, ...] = tuple(Role), clearance: TLP = TLP.RED
    ) -> str:
        """The address that signs a new person of this party in, once."""
        with self.actors[actor].services() as services:
            people = services.get(People)
            person = people.save_person(name, roles, clearance, by="test")
            return f"{self.actors[actor].url}/sign-in/{people.make_sign_in_link(person, by='test')}"


@contextmanager
def open_stage(folder: Path) -> Iterator[Stage]:
    """Play the whole story in `folder` and keep its nodes running."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in CAST]
    ports = [each.getsockname()[1] for each in held]
    for each in held:
        each.close()
    actors = {
        cast.key: Actor(
            cast=cast,
            folder=folder / cast.key,
            address=f"127.0.0.1:{port}",
            url=f"http://{cast.key}.localhost:{port}",
            environment={"KOUPREY_LINK_INTERVAL": "1"},
        )
        for cast, port in zip(CAST, ports, strict=True)
    }
    story = Story(actors, verifier=VERIFIER, cut=ProcessCut())
    try:
        for chapter in story.chapters:
            story.play(chapter)
        yield Stage(actors, story)
    finally:
        story.stop()


@contextmanager
def open_chromium() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


def open_context(browser: Browser, *, language: str = "en", theme: str = "light", width: int = 1440) -> BrowserContext:
    """A browser of one person: nothing in it yet."""
    return browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        # What is measured must not be on its way.
        reduced_motion="reduce",
        extra_http_headers={"Accept-Language": language},
        permissions=["clipboard-read", "clipboard-write"],
    )


def sign_in(page: Page, link: str) -> None:
    """Spend a one-time link, as a person does."""
    page.goto(link)
    press(page.locator("main form button").first)
    page.wait_for_url(lambda url: "/sign-in" not in url)
