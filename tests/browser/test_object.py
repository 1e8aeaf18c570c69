"""Somebody reads one object and one value, at night and by keyboard: what it is, what to do, who may see it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from browser.conftest import Opened
from browser.hands import press, write
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

SERVER = f"/intelligence/{fiction.stix_id('indicator', 'server-1')}"
REPORT = f"/intelligence/{fiction.stix_id('report', 'lantern-report')}"
VALUE = "/observables/ipv4-addr?value=198.51.100.7"
NEIGHBOUR = fiction.NEIGHBOUR.party


def rules_broken(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page, context="main", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found.response["violations"]]


def overflow(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


def test_at_a_glance_and_down_to_who_may_see_it(visit: Opened) -> None:
    page = visit(SERVER, actor="operator")
    glance = page.get_by_role("region", name="At a glance")
    for words in ("Trust", "Who says so", "Who may see it", "What to do"):
        expect(glance.get_by_role("heading", name=words)).to_be_visible()
    assert page.evaluate("document.querySelector('.glance').getBoundingClientRect().bottom < innerHeight")
    press(page.get_by_role("navigation", name="On this page").get_by_role("link", name="Who may see it"))
    table = page.get_by_role("table", name="Who may see it, and why")
    expect(table).to_be_in_viewport()
    press(table.get_by_role("link", name="clause 2").first)
    expect(page).to_have_url(re.compile(r"/agreements/.*#clause-2$"))


def test_as_a_partner_sees_it_and_back(visit: Opened) -> None:
    page = visit(SERVER, actor="operator")
    press(page.get_by_role("link", name="As they see it").first)
    expect(page.get_by_text("You see this as")).to_be_visible()
    expect(page.get_by_role("link", name="Erase")).to_have_count(0)
    expect(page.get_by_role("table", name="Who may see it, and why")).to_have_count(0)
    press(page.get_by_role("link", name="Back to your own view"))
    expect(page.get_by_role("table", name="Who may see it, and why")).to_be_visible()


def test_from_a_pattern_to_its_value_and_on(visit: Opened) -> None:
    page = visit(SERVER, actor="operator")
    press(page.get_by_role("link", name="198[.]51[.]100[.]7", exact=True).first)
    expect(page.locator("h1")).to_have_text("198[.]51[.]100[.]7")
    press(page.get_by_role("button", name="Copy the value as tools write it"))
    assert page.evaluate("navigator.clipboard.readText()") == "198.51.100.7"
    press(page.get_by_role("button", name="Copy the value in its harmless form").first)
    assert page.evaluate("navigator.clipboard.readText()") == "198[.]51[.]100[.]7"
    press(page.locator(".pivot").first)
    expect(page.locator("h1")).to_contain_text("198[.]51[.]")
    expect(page.get_by_role("heading", name="Within it")).to_be_visible()


def test_a_sighting_is_said_and_stands_in_what_happened(visit: Opened) -> None:
    page = visit(SERVER, actor="operator", roles=(Role.ANALYST,), clearance=TLP.AMBER)
    press(page.locator("summary", has_text="I have seen this"))
    write(page.get_by_label("How often"), "5")
    write(page.get_by_label("A note for them").first, "In the log of the proxy.")
    press(page.locator("#say form").first.get_by_role("button", name="Say so"))
    happened = page.locator("#happened")
    expect(happened.get_by_text("has seen it 5 times")).to_be_visible()
    expect(happened.get_by_text("In the log of the proxy.")).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "language", "width"),
    [
        ("dark", "km", 1440),
        *(pytest.param(*each, marks=pytest.mark.long) for each in (("light", "en", 1440), ("light", "km", 390))),
    ],
)
def test_nobody_is_shut_out(visit: Opened, theme: str, language: str, width: int) -> None:
    page = visit(SERVER, actor="operator", theme=theme, language=language, width=width)
    for path in (SERVER, f"{SERVER}?as={NEIGHBOUR}", REPORT, VALUE):
        page.goto(page.url.partition("/intelligence")[0].partition("/observables")[0] + path)
        assert overflow(page) == 0, path
        assert rules_broken(page) == [], path


def test_printed_it_keeps_what_it_says(visit: Opened) -> None:
    page = visit(SERVER, actor="operator")
    page.emulate_media(media="print")
    expect(page.get_by_role("navigation", name="On this page")).to_be_hidden()
    expect(page.get_by_role("heading", name="What it says")).to_be_visible()
    assert overflow(page) == 0
