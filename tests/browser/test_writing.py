"""Somebody writes, sees who will read it, and takes things in, as people do: with keys, and by dropping a file."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.conftest import Opened
from browser.hands import press, reach, tick, write
from browser.stage import sign_in
from kouprey.people.model import Role

if TYPE_CHECKING:
    from playwright.sync_api import Page

ANALYST = (Role.ANALYST,)


def expect_score(page: Page, score: int) -> None:
    """Wait for it: what was pressed answers with another page."""
    expect(page.locator("#coach svg").first).to_have_attribute("aria-label", re.compile(rf"^{score}\b"))


def axe(page: Page) -> list[Any]:
    """What is wrong with the content of a page for people who use it in other ways."""
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run('main', {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]


MORE_LOOKS = (("dark", 1440), ("light", 390))


def test_an_indicator_is_written_with_keys_alone_and_taken_back(visit: Opened) -> None:
    page = visit("/intelligence/new", roles=ANALYST)
    press(page.get_by_role("main").get_by_role("link", name=re.compile("^Indicator")))
    expect(page.locator("h1")).to_have_text("New indicator")
    expect_score(page, 10)
    write(page.get_by_label("What to look for"), "hxxps://portal[.]wick[.]example/in")
    expect(page.locator("#coach")).to_contain_text("URL")
    tick(page.get_by_label(re.compile("^Malicious")).first)
    expect(page.locator("#coach svg").first).to_have_attribute("aria-label", "25 of 100")
    write(page.get_by_label("How you know"), "Found in the configuration of a sample of our own.")
    expect(page.locator("#coach svg").first).to_have_attribute("aria-label", "50 of 100")
    expect(page.locator("[data-coach-said]")).to_contain_text("50 of 100")
    write(page.get_by_label("Find by name or identifier").first, "wick")
    expect(page.locator(".picks input").first).to_be_attached()
    tick(page.locator(".picks input").first)
    expect(page.locator("#coach svg").first).to_have_attribute("aria-label", "65 of 100")
    write(page.get_by_label("What to do"), "Block it, and look back in the logs.")
    reach(page.get_by_role("radio", name=re.compile(r"^TLP:AMBER\+STRICT")))
    chosen = page.locator(".marking-level", has=page.locator("input:checked"))
    expect(chosen).to_contain_text("it could go to nobody")
    page.keyboard.press("ArrowUp")
    expect(chosen).to_contain_text("TLP:AMBER")
    expect(chosen).to_contain_text("these would see it")
    expect(chosen).to_contain_text("Borei Telecom Group")
    expect(page.locator(".marking-readers:visible")).to_have_count(1)
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("status").first).to_contain_text("The indicator is kept here")
    expect(page.locator("main")).to_contain_text("What to do: Block it, and look back in the logs.")
    press(page.get_by_role("button", name="Undo"))
    expect(page.locator("main")).to_contain_text("Its author has revoked it")


def test_an_edit_shows_what_changes_before_it_is_saved(visit: Opened) -> None:
    page = visit("/intelligence/new/report", roles=ANALYST)
    write(page.get_by_label("Title"), "A report to be changed")
    write(page.get_by_label("What happened", exact=True), "Mails with a copied sign-in page.")
    press(page.get_by_role("button", name="Save"))
    press(page.get_by_role("link", name="Edit"))
    write(page.get_by_label("What to do"), "Search the logs of mail.")
    press(page.get_by_role("button", name="See what changes"))
    expect(page.locator(".diff")).to_contain_text("What to do: Search the logs of mail.")
    press(page.get_by_role("button", name="Save this version"))
    expect(page.locator("main")).to_contain_text("The new version is kept")
    press(page.get_by_role("button", name="Undo"))
    expect(page.locator("main")).to_contain_text("The former version is the newest again")
    expect(page.locator(".told-text").first).not_to_contain_text("Search the logs of mail.")


@pytest.mark.mouse("Dropping is the mouse's own; test_deeds.py chooses a file by keys.")
def test_a_file_is_dropped_followed_and_its_refusals_are_read(visit: Opened) -> None:
    page = visit("/intelligence/import", roles=ANALYST)
    made = [
        {
            "type": "tool",
            "spec_version": "2.1",
            "id": f"tool--00000000-0000-4000-8000-{number:012}",
            "created": "2026-11-20T00:00:00.000Z",
            "modified": "2026-11-20T00:00:00.000Z",
            "name": f"Dropped tool {number}",
        }
        for number in range(6_000)
    ]
    lines = [json.dumps(each) for each in made]
    lines.insert(4_500, '{"type": "tool", "id": "nonsense"}')
    # What a browser tells a page when somebody lets a file go over it.
    carried = page.evaluate_handle(
        """([name, content]) => {
            const carried = new DataTransfer();
            carried.items.add(new File([content], name));
            return carried;
        }""",
        ["dropped.ndjson", "\n".join(lines)],
    )
    for event in ("dragover", "drop"):
        page.dispatch_event("[data-drop]", event, {"dataTransfer": carried})
    assert page.locator("#f-file").evaluate("e => e.files[0].name") == "dropped.ndjson"
    press(page.get_by_role("button", name="Import", exact=True))
    page.wait_for_url(re.compile("/intelligence/imports/"))
    expect(page.locator(".import-head")).to_contain_text("done", timeout=60_000)
    expect(page.locator(".metrics")).to_contain_text("6,000")
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="bad-id")).to_contain_text("line 4,501")
    with page.expect_download() as download:
        press(page.get_by_role("link", name="As a table (CSV)"))
    assert "bad-id" in download.value.path().read_text("utf-8")
    press(page.get_by_role("link", name="What came in"))
    expect(page.get_by_role("link", name="Dropped tool 5999", exact=True)).to_be_visible()


def test_a_pasted_text_takes_the_road_that_fits_it(visit: Opened) -> None:
    page = visit("/intelligence/import", roles=ANALYST)
    page.evaluate("navigator.clipboard.writeText('See hxxps://paste[.]example/x in the mails of today.')")
    page.keyboard.press("Control+V")
    expect(page.locator("#f-text")).to_have_value(re.compile("paste"))
    press(page.get_by_role("button", name="Import", exact=True))
    expect(page.locator("h1")).to_have_text("Choose values")


def test_forms_work_without_script(chromium: Any, stage: Any) -> None:
    from kouprey.kernel.words.tlp import TLP

    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, stage.link("ministry", "Bopha Plain", ANALYST, TLP.RED))
    page.goto(f"{stage.actors['ministry'].url}/intelligence/new/indicator")
    # All levels say who would read them, since nothing follows the choice.
    assert page.locator(".marking-readers:visible").count() == 5
    write(page.get_by_label("What to look for"), "198.51.100.77")
    write(page.get_by_label("How you know"), "Found in the configuration of a sample of our own.")
    press(page.get_by_role("button", name="Look at it").last)
    expect_score(page, 35)
    press(page.get_by_role("button", name="Save"))
    expect(page.locator("h1")).to_have_text("198.51.100.77")
    context.close()


LOOKS = [("light", 1440), ("dark", 390), *(pytest.param(*each, marks=pytest.mark.long) for each in MORE_LOOKS)]


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_nobody_is_kept_out_by_these_pages(visit: Opened, theme: str, width: int) -> None:
    page = visit("/intelligence/new", roles=ANALYST, theme=theme, width=width)
    origin = page.url.removesuffix("/intelligence/new")
    for path in (
        "/intelligence/new",
        "/intelligence/new/indicator?value=203.0.113.7",
        "/intelligence/new/report",
        "/intelligence/new/sighting",
        "/intelligence/new/note",
        "/intelligence/import",
        "/intelligence/imports",
    ):
        page.goto(origin + path)
        assert axe(page) == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, path
