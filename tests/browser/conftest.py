"""A real browser on real nodes: the whole story is played once, and people of its parties sign in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from browser.furnishing import furnish
from browser.stage import CHROMIUM, Stage, open_chromium, open_context, open_stage, sign_in
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

Opened = Callable[..., "Page"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    pytest.importorskip("playwright.sync_api")
    with open_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def stage(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Played once for all, then some weeks of work; a test that changes much plays a story of its own."""
    with open_stage(tmp_path_factory.mktemp("stage")) as stage:
        furnish(stage)
        yield stage


@pytest.fixture
def visit(chromium: Browser, stage: Stage) -> Iterator[Opened]:
    """Sign in at one of the three nodes and open a path of it.

    `visit("/intelligence", actor="ministry", roles=(Role.ADMINISTRATOR,), clearance=TLP.RED, language="en",
    theme="light", width=1440, name="Chan Tester")` -> a Playwright page. Whatever the browser's console or
    the page complains of, and any request that would leave the node, fails the test.
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
        name: str = "Chan Tester",
    ) -> Page:
        context = open_context(chromium, language=language, theme=theme, width=width)
        contexts.append(context)
        origin = stage.actors[actor].url

        def watch(request: Any) -> None:
            if not request.url.startswith((origin, "data:", "blob:", "about:")):
                wrong.append(f"asked for {request.url}")

        page = context.new_page()
        page.on("request", watch)
        page.on("pageerror", lambda error: wrong.append(f"script failed: {error}"))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        sign_in(page, stage.link(actor, name, roles, clearance))
        if path != "/" or "/setup" in page.url:
            page.goto(origin + path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not wrong, wrong
