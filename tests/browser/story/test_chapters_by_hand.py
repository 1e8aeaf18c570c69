"""Chapters of the story done by hand, with the keyboard alone, as the tour asks for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from browser import hands
from kouprey.node import fiction
from kouprey.node.tour import STEPS

if TYPE_CHECKING:
    from playwright.sync_api import Page

from browser.story.touring import (
    Demo,
    advance,
    arrive,
    begin,
    by_hand,
    go_on,
    open_task,
    place_of,
    points_at_what_it_speaks_of,
    press,
    tab_to,
    ticked,
)


@pytest.mark.long
def test_some_chapters_by_hand(page: Page, demo: Demo) -> None:
    begin(page, demo)
    advance(page, 1, place_of("agreement", before=True))

    number = by_hand(page, demo, "agreement")
    for signed, actor in enumerate(("operator", "neighbour")):
        ticked(demo, number, signed)
        page.goto(f"{demo.url}/story/hand/{number}")
        open_task(page)
        assert page.url.startswith(f"http://{actor}.")
        press(page, "Read and sign")
        page.wait_for_url(re.compile("/sign$"))
        # Whoever signs says that the words were compared.
        for box in page.locator("main form input[type=checkbox]").all():
            hands.tick(box)
        press(page, "Sign")
        page.wait_for_url(re.compile("/agreements/agr_[0-9a-f]+$"))
    go_on(page, demo, number)
    arrive(page, place_of("agreement", before=False))

    advance(page, place_of("findings", before=True), place_of("sighting", before=True))
    number = by_hand(page, demo, "sighting")
    page.get_by_text("The ministry has not reported this server yet.").first.wait_for()
    open_task(page)
    press(page, "Tell of it")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("sighting", before=False))
    points_at_what_it_speaks_of(page, place_of("sighting", before=False))

    advance(page, place_of("mail", before=True), place_of("mail", before=True))
    number = by_hand(page, demo, "mail")
    press(page, "Copy the mail")
    open_task(page)
    hands.reach(page.locator("#f-text"))
    page.keyboard.insert_text(fiction.MAIL)
    press(page, "Find values")
    page.wait_for_load_state()
    tab_to(page, "example/invite")
    page.keyboard.type("malicious")
    hands.write(page.locator("#f-name"), "By hand")
    press(page, "Save")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("mail", before=False))

    advance(page, place_of("bank", before=True), place_of("bank", before=True))
    number = by_hand(page, demo, "bank")
    open_task(page)
    hands.write(page.locator("#f-networks"), fiction.BANK_NETWORK)
    press(page, "Save")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("bank", before=False))
    points_at_what_it_speaks_of(page, place_of("bank", before=False))

    # The story goes on from what was done by hand, to its end.
    advance(page, place_of("cut", before=True), len(STEPS) - 1)
    assert demo.wait("the story is told", lambda book: book.ended)


@pytest.mark.long
def test_what_grows_on_the_exchange_by_hand(page: Page, demo: Demo) -> None:
    """A list that blocks, a hunt, an answer, a training and evidence of readiness, pressed as the tour says it."""
    begin(page, demo)
    advance(page, 1, place_of("shield", before=True))
    number = by_hand(page, demo, "shield")
    open_task(page)
    press(page, "Release it")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("shield", before=False))

    advance(page, place_of("hunt", before=True), place_of("hunt", before=True))
    number = by_hand(page, demo, "hunt")
    open_task(page)
    press(page, "A calendar file that is a program")
    page.wait_for_url(re.compile("/rules/[0-9a-f]+$"))
    press(page, "Keep the sighting")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("hunt", before=False))

    advance(page, place_of("dossier", before=False), place_of("rumour", before=True))
    number = by_hand(page, demo, "rumour")
    open_task(page)
    press(page, "Approve these words")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("rumour", before=False))

    advance(page, place_of("training", before=True), place_of("training", before=True))
    number = by_hand(page, demo, "training")
    open_task(page)
    hands.reach(page.locator("#f-people"))
    page.keyboard.insert_text("Chenda Keo\nVisal Som\nMaly Tep")
    press(page, "Nominate")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("training", before=False))

    advance(page, place_of("measures", before=True), place_of("readiness", before=True))
    number = by_hand(page, demo, "readiness")
    open_task(page)
    hands.press(page.locator("form[action='/readiness/ncsi-3/9.3'] button"))
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("readiness", before=False))
    advance(page, place_of("proof", before=True), len(STEPS) - 1)
    assert demo.wait("the story is told", lambda book: book.ended)


@pytest.mark.long
def test_how_an_agreement_lives_by_hand(page: Page, demo: Demo) -> None:
    """What one party does alone, and what needs a second person, pressed as the tour says it."""
    begin(page, demo)
    advance(page, 1, place_of("tighten", before=True))
    number = by_hand(page, demo, "tighten")
    open_task(page)
    press(page, "Tighten")
    page.wait_for_url(re.compile("/tighten$"))
    hands.reach(page.locator("#f-tlp_ceiling"))
    page.keyboard.type("TLP:GREEN")
    press(page, "Tighten at once")
    page.wait_for_url(re.compile("/agreements/agr_[0-9a-f]+$"))
    go_on(page, demo, number)
    arrive(page, place_of("tighten", before=False))
    points_at_what_it_speaks_of(page, place_of("tighten", before=False))

    advance(page, place_of("release", before=True), place_of("release", before=True))
    number = by_hand(page, demo, "release")
    open_task(page)
    hands.tick(page.locator(".ap-mark").first)
    press(page, "Release those marked")
    page.wait_for_load_state()
    go_on(page, demo, number)
    arrive(page, place_of("release", before=False))

    advance(page, place_of("handoff", before=True), place_of("measures", before=True))
    number = by_hand(page, demo, "measures")
    open_task(page)
    with page.expect_download():
        hands.press(page.locator('a[href*="paper=km"]'))
    go_on(page, demo, number)
    arrive(page, place_of("measures", before=False))
    advance(page, place_of("readiness", before=True), len(STEPS) - 1)
    assert demo.wait("the story is told", lambda book: book.ended)
