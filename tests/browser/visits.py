"""Pages that no plain link leads to: addresses with a query, and pages that answer a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Page

SEEDS = (
    "/intelligence?q=lantern",
    "/intelligence?q=nothing-is-called-so",
    "/intelligence?type=indicator",
    "/design",
    "/no-such-page",
)
"""Addresses to look at beside those the pages link to."""

MAIL = """Dear colleagues, the messages to editors come from hxxp://paper-news[.]example/login and 198[.]51[.]100[.]7;
the attachment has the MD5 44d88612fea8a8f36de82e1278abb02f. Please block mail from lantern@paper-news.example."""


def read_text(page: Page, origin: str) -> None:
    """Values found in a pasted mail, before any is kept."""
    page.goto(f"{origin}/intelligence/text")
    page.locator("main textarea").first.fill(MAIL)
    page.locator("main form button").last.click()
    page.wait_for_load_state()


VISITS: dict[str, Callable[[Page, str], None]] = {"text-read": read_text}
"""What is shown after a form was sent, by name; each leaves nothing behind that would change the next picture."""
