"""A real browser on real nodes: the whole story is played once, and people of its parties sign in."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor
from kouprey.node.cuts import ProcessCut
from kouprey.node.fiction import CAST
from kouprey.node.story import Story
from kouprey.people.model import Role
from kouprey.people.service import People

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
    "--disable-component-update",
    "--disable-quic",
]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, driven by Playwright."""
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@dataclass
class Stage:
    """The three nodes of the story, running, after its last chapter."""

    story: Story
    actors: dict[str, Actor]

    def link(self, actor: str, name: str, roles: tuple[Role, ...], clearance: TLP) -> str:
        """The address that signs a new person of this party in, once."""
        with self.actors[actor].services() as services:
            people = services.get(People)
            person = people.save_person(name, roles, clearance, by="test")
            return f"{self.actors[actor].url}/sign-in/{people.make_sign_in_link(person, by='test')}"


@pytest.fixture(scope="session")
def stage(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Played once for all; tests that change much found a node of their own (`fresh_node`)."""
    folder = tmp_path_factory.mktemp("stage")
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
    verifier = Path(__file__).parents[2] / "examples" / "verify_ledger.py"
    story = Story(actors, verifier=verifier, cut=ProcessCut())
    try:
        for chapter in story.chapters:
            story.play(chapter)
        yield Stage(story, actors)
    finally:
        story.stop()


Opened = Callable[..., "Page"]


@pytest.fixture
def visit(chromium: Browser, stage: Stage) -> Iterator[Opened]:
    """Sign in at one of the three nodes and open a path of it.

    `visit("/intelligence", actor="ministry", roles=(Role.ADMINISTRATOR,), clearance=TLP.RED, language="en",
    theme="light", width=1440)` -> a Playwright page. Whatever the browser's console or the page complains of, and any
    request that would leave the node, fails the test.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def open_it(
        path: str,
        *,
        actor: str = "ministry",
        roles: tuple[Role, ...] = tuple(Role),
        clearance: TLP = TLP.RED,
        language: str = "en",
        theme: str = "light",
        width: int = 1440,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if theme == "dark" else "light",
            extra_http_headers={"Accept-Language": language},
            permissions=["clipboard-read", "clipboard-write"],
        )
        contexts.append(context)
        origin = stage.actors[actor].url

        def watch(request: Any) -> None:
            if not request.url.startswith((origin, "data:", "blob:", "about:")):
                wrong.append(f"asked for {request.url}")

        page = context.new_page()
        page.on("request", watch)
        page.on("pageerror", lambda error: wrong.append(f"script failed: {error}"))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.goto(stage.link(actor, "Chan Tester", roles, clearance))
        page.click("main form button")
        page.wait_for_url(f"{origin}/")
        if path != "/":
            page.goto(origin + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not wrong, wrong
