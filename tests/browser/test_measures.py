"""Whether the agreement works, by the keyboard: the answer, another quarter, the paper; and what the law wants."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal
from zipfile import ZipFile

import pytest
from playwright.sync_api import expect

from browser.conftest import Opened, Stage
from browser.hands import press, write
from browser.test_admin import check
from kouprey.agreements.service import Agreements
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role
from kouprey.performance.service import Performance

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.fixture
def agreement(stage: Stage) -> str:
    """The agreement of the story, with what was exchanged under it summed up."""
    with stage.actors["ministry"].services() as services:
        services.get(Performance).sum_up(1_000)
        return next(each.agreement for each in services.get(Agreements).standings().values() if each.signed)


def go(page: Page, role: Literal["link", "button"], name: str) -> None:
    """Follow a link or press a button by the keyboard."""
    press(page.get_by_role(role, name=name, exact=True).first)
    page.wait_for_load_state()


def test_the_answer_stands_first_and_the_paper_is_taken(visit: Opened, agreement: str) -> None:
    page = visit(f"/agreements/{agreement}", roles=(Role.LEAD,), clearance=TLP.RED)
    go(page, "link", "Is it working?")
    expect(page.locator("h1")).to_have_text("Is the agreement working?")
    expect(page.locator(".verdict p")).to_have_text(re.compile(r"\.$"))
    check(page)
    go(page, "button", "Show")
    expect(page).to_have_url(re.compile(r"quarter=\d{4}-Q\d"))
    with page.expect_download() as download:
        press(page.locator('a[href*="paper=km"]'))
    with ZipFile(download.value.path()) as archive:
        assert sorted(name.rsplit(".", 1)[1] for name in archive.namelist()) == ["note", "pdf"]


@pytest.mark.parametrize("width", [1440, 390])
def test_khmer_in_the_dark_and_on_a_phone(visit: Opened, agreement: str, width: int) -> None:
    page = visit(
        f"/agreements/{agreement}/measures",
        roles=(Role.ANALYST,),
        clearance=TLP.GREEN,
        language="km",
        theme="dark",
        width=width,
    )
    check(page)
    expect(page.locator('a[href*="paper="]')).to_have_count(0)


def test_the_record_and_the_assessment(visit: Opened, agreement: str) -> None:
    page = visit("/processing", roles=(Role.LEGAL,), clearance=TLP.RED)
    check(page)
    go(page, "link", "Data-protection impact")
    check(page)
    write(page.get_by_label("Risks for these people, and what is done"), "That somebody is named without need.")
    with page.expect_download() as download:
        press(page.locator('button[value="en"][name="paper"]'))
    assert download.value.suggested_filename == "impact.pdf" and agreement
