"""Somebody looks around, as people do."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.conftest import Opened
from browser.hands import press


def test_an_object_is_found_by_its_words_and_read(visit: Opened) -> None:
    page = visit("/")
    page.keyboard.press("/")
    page.keyboard.type("Paper Lantern")
    page.keyboard.press("Enter")
    press(page.get_by_role("link", name="Paper Lantern", exact=True))
    expect(page.locator("h1")).to_have_text("Paper Lantern")
