"""Somebody releases and declines what waits for their word, with keys alone."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser import hands
from browser.conftest import Opened
from browser.stage import Stage
from kouprey.agreements.model import ApprovalRule, Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role

if TYPE_CHECKING:
    from playwright.sync_api import Page

LIAISON = (Role.LIAISON,)


@pytest.fixture(scope="module")
def waiting(stage: Stage) -> Iterator[list[str]]:
    """Two open things of the ministry that wait for a liaison, under an agreement by which everything does."""
    ministry, operator = stage.actors["ministry"], stage.actors["operator"]
    with ministry.services() as services:
        agreements = services.get(Agreements)
        terms = Terms(tlp_ceiling="green", approvals=(ApprovalRule(tlp="clear", role="liaison"),))
        others = [fiction.OPERATOR.party]
        drafted = agreements.draft("Zoned exchange", others, terms, starts=wall_clock() - 10**6, by="test")
        signed = agreements.sign(drafted.agreement, by="test")
    with operator.services() as services:
        theirs = services.get(Agreements)
        theirs.receive_note(signed.note, signed.document_bytes, by="test")
        both = theirs.sign(drafted.agreement, by="test")
    with ministry.services() as services:
        services.get(Agreements).receive_note(both.note, both.document_bytes, by="test")
        exchange = services.get(Exchange)
        heads = exchange.list_objects(exchange.operator(), types=("indicator",), limit=200).heads
        ids = [head.stix_id for head in heads if head.tlp <= TLP.GREEN][:40]
        report = exchange.publish(drafted.agreement, ids, by="test")
        assert len(report.waiting) >= 2, report
        yield [each.title for each in exchange.list_approvals(exchange.operator())]


def axe(page: Page) -> list[Any]:
    page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run('main', {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})")
    return [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]


def test_one_is_released_and_one_declined_with_keys_alone(visit: Opened, waiting: list[str]) -> None:
    page = visit("/approvals", roles=LIAISON)
    before = page.locator(".ap-mark").count()
    assert before >= 2
    hands.tick(page.locator(".ap-mark").first)
    hands.press(page.get_by_role("button", name="Release those marked"))
    expect(page.locator("body")).to_contain_text("1 is sent.")
    expect(page.locator(".ap-mark")).to_have_count(before - 1)
    hands.tick(page.locator(".ap-mark").first)
    hands.write(page.get_by_label("Why not"), "Not before the ministry has spoken.")
    hands.press(page.get_by_role("button", name="Decline those marked"))
    expect(page.locator("main")).to_contain_text("Not before the ministry has spoken.")
    expect(page.locator(".ap-mark")).to_have_count(before - 2)
    hands.press(page.get_by_role("button", name="Undo").first)
    expect(page.locator(".ap-mark")).to_have_count(before - 1)


@pytest.mark.parametrize(("theme", "width", "language"), [("light", 1440, "en"), ("dark", 390, "km")])
@pytest.mark.parametrize("path", ["/approvals", "/concerns"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    visit: Opened, waiting: list[str], path: str, theme: str, width: int, language: str
) -> None:
    page = visit(path, roles=LIAISON, theme=theme, width=width, language=language)
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
