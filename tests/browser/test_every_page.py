"""Every page there is: nothing cut off, covered or wider than the screen, and nothing axe has to say against it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from zlib import crc32

import pytest

from browser.judging import violations
from browser.measuring import measure
from browser.pages import find_unvisited
from browser.stage import Stage, open_context, sign_in
from browser.visits import VISITS, begin
from browser.walking import doors_of, find_pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def looked_at(chromium: Browser, stage: Stage, request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """What is wrong with each page, by kind of fault; with --long of more objects."""
    examples = 2 if request.config.getoption("--long") else 1
    wrong: dict[str, list[str]] = {
        "axe": [],
        "clipped": [],
        "overlapping": [],
        "scrolling": [],
        "outgoing": [],
        "unvisited": [],
    }
    origin = stage.actors["ministry"].url
    context = open_context(chromium)
    context.on(
        "request",
        lambda request: (
            None if request.url.startswith((origin, "data:", "blob:")) else wrong["outgoing"].append(request.url)
        ),
    )
    first = context.new_page()
    sign_in(first, stage.link("ministry"))
    doors, seeds = doors_of(stage), [*begin(first, origin), urlsplit(stage.link("ministry")).path]
    page, found = context.new_page(), []
    for door, address in find_pages(context, origin, doors, examples, seeds, page, alike=examples == 1):
        found.append(door)
        if examples > 1 or _is_due(door):
            judge(page, address, wrong)
        page.set_viewport_size({"width": 1440, "height": 900})
    wrong["unvisited"] += find_unvisited(doors, found)
    for name, play in VISITS.items():
        page.set_viewport_size({"width": 1440, "height": 900})
        play(page, origin)
        judge(page, name, wrong)
    context.close()
    return wrong


def _is_due(door: str) -> bool:
    """Every page is opened in every run of the tests, and half of them are judged: the others on the day after."""
    return (crc32(door.encode()) + datetime.now(UTC).toordinal()) % 2 == 0


def judge(page: Page, address: str, wrong: dict[str, list[str]]) -> None:
    wrong["axe"] += [f"{address}  {each}" for each in violations(page)]
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        faults = measure(page)
        for kind in ("clipped", "overlapping", "scrolling"):
            wrong[kind] += [f"{address} at {width}  {each}" for each in getattr(faults, kind)]


@pytest.mark.parametrize("kind", ["axe", "clipped", "overlapping", "scrolling", "outgoing", "unvisited"])
def test_no_page_has_this_fault(looked_at: dict[str, list[str]], kind: str) -> None:
    assert not looked_at[kind], "\n".join(looked_at[kind])
