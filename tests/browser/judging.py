"""What axe finds against WCAG 2.2 AA on a page, in both themes."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[str]:
    """One line for each element that breaks a rule: the rule, its meaning, and where."""
    page.evaluate(_axe())
    found = _run(page, {"runOnly": {"type": "tag", "values": TAGS}})
    now = page.evaluate(
        "document.documentElement.dataset.theme"
        " || (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')"
    )
    other = "light" if now == "dark" else "dark"
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", other)
    # Colours that are on their way, although whoever looks has asked for less of that.
    page.evaluate("Promise.all(document.getAnimations().map((each) => each.finished.catch(() => 0))).then(() => 0)")
    found += [f"{other}: {each}" for each in _run(page, {"runOnly": {"type": "rule", "values": ["color-contrast"]}})]
    page.evaluate("(theme) => { document.documentElement.dataset.theme = theme; }", now)
    return found


def _run(page: Page, options: dict[str, Any]) -> list[str]:
    # Our styles come from the page's own server and need no second fetch.
    options = {**options, "resultTypes": ["violations"], "preload": False}
    answer = page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{rule['id']}: {rule['help']}: {node['target'][0]} {node['html'][:160]}"
        for rule in answer["violations"]
        for node in rule["nodes"][:5]
    ]
