"""The told tour, from its first page to its last, on three real nodes: with the keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser import hands
from kouprey.node.chapters import CHAPTERS
from kouprey.node.tour import STEPS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

from browser.story.touring import (
    PATIENCE,
    Demo,
    arrive,
    begin,
    focused,
    is_clean,
    place_of,
    points_at_what_it_speaks_of,
    press,
)


@pytest.mark.parametrize("whole", [pytest.param(False, marks=pytest.mark.long), True], ids=["short", "whole"])
def test_a_tour_by_keyboard(page: Page, demo: Demo, whole: bool) -> None:
    begin(page, demo, "Take the whole tour" if whole else "Take the tour")
    for place, step in enumerate(STEPS):
        if step.deeper and not whole:
            continue
        if place:
            # Enter is enough: the focus is where the story goes on.
            assert "Next" in focused(page), f"{step.chapter}: {focused(page)!r} on {page.url}"
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
    hands.press(page.get_by_role("link", name="Take the whole tour"))
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
