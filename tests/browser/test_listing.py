"""Somebody acts on many, with the keyboard alone."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from browser.conftest import Opened
from browser.hands import choose, press, reach, tick, write
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role


def test_three_are_marked_by_keyboard_noted_and_that_is_undone(visit: Opened) -> None:
    page = visit("/intelligence?type=indicator")
    bar = page.locator(".l-bulk")
    expect(bar).to_be_hidden()
    boxes = page.locator('input[name="id"]')
    reach(boxes.first)
    for _ in range(2):
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_text("3 marked")).to_be_visible()
    choose(page.get_by_label("What shall be done"), "Write a note")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Write a note")
    expect(page.get_by_text("Nothing has happened yet")).to_be_visible()
    write(page.get_by_label("Note"), "Looked at, at three in the morning.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Do it with 3 objects")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 notes are kept.")).to_be_visible()
    press(page.get_by_role("button", name="Undo"))
    expect(page.get_by_text("Taken back for 3 objects.")).to_be_visible()
    page.goto(page.url.partition("/intelligence")[0] + "/intelligence?type=note&revoked=yes")
    expect(page.locator(".l-table tbody tr")).to_have_count(3)


def test_all_of_a_page_are_marked_and_what_a_facet_holds_is_found(visit: Opened) -> None:
    page = visit("/intelligence", roles=(Role.ANALYST,), clearance=TLP.AMBER)
    boxes = page.locator('input[name="id"]')
    tick(page.get_by_label("Mark all on this page"))
    expect(page.get_by_text(f"{boxes.count()} marked", exact=True)).to_be_visible()
    tick(boxes.first)
    expect(page.get_by_text(f"{boxes.count() - 1} marked", exact=True)).to_be_visible()
    assert page.get_by_label("Mark all on this page").evaluate("box => box.indeterminate")


def test_nothing_is_clipped_and_axe_finds_nothing(visit: Opened) -> None:
    from axe_playwright_python.sync_playwright import Axe

    for theme, width in (("light", 1440), ("dark", 390)):
        page = visit("/", theme=theme, width=width)
        for path in ("/", "/intelligence?type=indicator", "/intelligence/many", "/intelligence/searches"):
            page.goto(page.url.partition("/intelligence")[0].rstrip("/") + path)
            assert _beyond(page) <= 0, (path, width)
            found = Axe().run(
                page, context=[["main"]], options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}
            )
            assert found.violations_count == 0, (path, theme, found.generate_report())


def _beyond(page: Any) -> int:
    """How many pixels the page is wider than its window."""
    wide: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wide
