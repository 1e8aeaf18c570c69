"""The frame as people use it: keys, dialogs, live parts, what follows a person, and what a page costs."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page, expect

from browser.conftest import Opened, Stage
from browser.hands import press, reach
from browser.pages import PAGES
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
FOCUSED = "document.activeElement.closest('tbody tr')?.rowIndex ?? -1"


def keep(stage: Stage, actor: str, name: str, tlp: TLP) -> None:
    """Something new comes in at one of the nodes, as if a command had brought it."""
    thing = {
        "type": "malware",
        "spec_version": "2.1",
        "id": f"malware--{uuid4()}",
        "created": "2026-01-01T00:00:00.000Z",
        "modified": "2026-01-01T00:00:00.000Z",
        "is_family": False,
        "name": name,
    }
    body = BytesIO(json.dumps({"type": "bundle", "id": "bundle--1", "objects": [thing]}).encode())
    with stage.actors[actor].services() as services:
        report = services.get(Exchange).import_stream(body, name="test", tlp=tlp, by="operator")
        assert report.refused == 0


def test_places_are_reached_and_rows_are_walked_by_letters(visit: Opened) -> None:
    page = visit("/")
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/intelligence")
    for key, row in (("j", 1), ("j", 2), ("j", 3), ("k", 2)):
        page.keyboard.press(key)
        assert page.evaluate(FOCUSED) == row
    aim = page.evaluate("document.activeElement.href")
    page.keyboard.press("Enter")
    page.wait_for_url(aim)
    # Letters are letters while somebody types.
    page.keyboard.press("/")
    page.keyboard.type("gip?jk")
    assert page.input_value(".top input[type=search]") == "gip?jk" and page.url == aim


def test_pages_are_turned_by_letters(visit: Opened) -> None:
    page = visit("/intelligence")
    older = page.locator('.pager a[rel="next"]')
    expect(older).to_have_count(1)
    aim = str(older.evaluate("each => each.href"))
    page.keyboard.press("n")
    page.wait_for_url(aim)


def test_keys_are_listed_in_a_dialog_and_on_a_page(visit: Opened) -> None:
    page = visit("/partners")
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_text("To the row below or above")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/partners")
    page.goto(page.url.replace("/partners", "/keys"))
    expect(page.locator("main h1")).to_have_text("Keyboard shortcuts")


def test_letters_can_be_turned_off_for_good(visit: Opened) -> None:
    page = visit("/keys")
    press(page.get_by_role("button", name="Turn them off"))
    expect(page.get_by_role("button", name="Turn them on")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.keyboard.press("/")
    page.wait_for_timeout(300)
    assert page.url.endswith("/keys") and page.evaluate("document.activeElement.tagName") != "INPUT"
    press(page.get_by_role("button", name="Turn them on"))
    expect(page.get_by_role("button", name="Turn them off")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url("**/intelligence")


def test_what_comes_in_appears_by_itself_and_takes_nothing_from_under_the_hands(visit: Opened, stage: Stage) -> None:
    page = visit("/")
    page.wait_for_timeout(1500)
    reach(page.locator("main [data-live] a").first)
    aim = page.evaluate("document.activeElement.href")
    keep(stage, "ministry", "A stranger at the door", TLP.GREEN)
    expect(page.get_by_role("link", name="A stranger at the door")).to_be_visible(timeout=15_000)
    assert page.evaluate("document.activeElement.href") == aim
    expect(page.locator("#said")).to_have_text("A part of this page was brought up to date.")


def test_what_somebody_may_not_see_moves_nothing_on_their_page(visit: Opened, stage: Stage) -> None:
    page = visit("/", clearance=TLP.GREEN, roles=(Role.ANALYST,))
    page.wait_for_timeout(3000)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    keep(stage, "ministry", "Not for everybody", TLP.RED)
    page.wait_for_timeout(4000)
    assert asked == [] and page.get_by_text("Not for everybody").count() == 0


def test_a_part_says_when_its_node_is_away(visit: Opened) -> None:
    page = visit("/")
    page.wait_for_timeout(1500)
    page.route("**/overview/now", lambda route: route.fulfill(status=204, body=""))
    page.evaluate("document.querySelector('main [data-live]').classList.add('stale')")
    shown = page.evaluate("getComputedStyle(document.querySelector('main [data-live]'), '::before').content")
    assert "The node does not answer" in shown


def test_language_and_theme_follow_a_person_to_another_browser(chromium: Browser, stage: Stage) -> None:
    looks = "document.documentElement.lang + document.documentElement.dataset.theme"

    def sign_in() -> Page:
        page = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en").new_page()
        page.goto(stage.link("ministry", "Somebody Else", (Role.ANALYST,), TLP.GREEN))
        press(page.locator("main form button").first)
        page.wait_for_url("**/")
        return page

    first = sign_in()
    assert first.evaluate("document.documentElement.lang") == "en"
    first.goto(f"{first.url}partners")
    press(first.locator(".top-look button[lang=km]"))
    expect(first.locator("html")).to_have_attribute("lang", "km")
    press(first.locator(".top-look button[value=dark]"))
    expect(first.locator("html")).to_have_attribute("data-theme", "dark")
    assert first.evaluate(looks) == "kmdark" and first.url.endswith("/partners")
    other = sign_in()
    assert other.evaluate(looks) == "kmdark"
    for page in (first, other):
        page.context.close()


@pytest.mark.parametrize(("language", "said"), [("en", "Friday 5 March 2027"), ("km", "មីនា 2027")])
def test_the_day_of_a_field_is_said_in_the_words_of_the_reader(visit: Opened, language: str, said: str) -> None:
    """A browser writes 03/05 or 05/03, as its own country does."""
    page = visit("/agreements/new", language=language, name="Sok Reader")
    told = page.locator("label[for=f-starts] .day-said")
    # What stands in the field from the start is said too.
    expect(told).to_contain_text("20")
    reach(page.locator("#f-starts"))
    page.keyboard.type("03052027")
    expect(told).to_contain_text(said)


def test_a_toast_with_a_way_back_stays_until_it_is_closed(visit: Opened) -> None:
    page = visit("/design")
    toast = page.locator("[data-toast=stays]").first
    expect(toast.get_by_role("button", name="Undo")).to_be_visible()
    press(toast.get_by_role("button", name="Close"))
    expect(page.locator("[data-toast=stays]")).to_have_count(1)


def weight(page: Page) -> tuple[float, float]:
    """Bytes that came without fonts, and milliseconds to the first paint with content."""
    return tuple(  # type: ignore[return-value]  # two numbers
        page.evaluate(
            """() => {
          const files = performance.getEntriesByType('resource').filter((each) => !each.name.includes('/fonts/'));
          const page = performance.getEntriesByType('navigation');
          const paint = performance.getEntriesByName('first-contentful-paint')[0];
          return [[...files, ...page].reduce((sum, each) => sum + each.transferSize, 0), paint?.startTime ?? 0];
        }"""
        )
    )


@pytest.mark.parametrize("path", ["/", "/intelligence"])
def test_a_page_is_light(visit: Opened, path: str) -> None:
    page = visit(path)
    page.wait_for_timeout(500)
    size, _ = weight(page)
    assert 0 < size <= 250_000, size


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/design", "/keys", "/"])
def test_axe_finds_nothing(visit: Opened, path: str, theme: str) -> None:
    page = visit(path, theme=theme)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run().then(found => found.violations.map(each => each.id + ' ' + each.nodes[0].html))")
    assert found == []


def test_pages_are_known() -> None:
    assert {"/", "/intelligence", "/partners", "/keys", "/story"} <= set(PAGES) and "/live" not in PAGES
