"""An agreement from template to its second version, by keyboard: drafted, commented, amended, compared and signed."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.stage import Stage, open_context, sign_in
from browser.test_writing import axe
from kouprey.agreements.service import Agreements
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor
from kouprey.node.fiction import Cast
from kouprey.people.model import Role

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

OPERATOR = "operator.example"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A ministry whose node runs, and an operator whose papers are carried by hand; each trusts the other's card."""
    folder = tmp_path_factory.mktemp("pact")
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    actors = {
        key: Actor(Cast(key, f"{key}.example", key.title(), "Sophea", "liaison"), folder / key, f"127.0.0.1:{at}", url)
        for key, at, url in (("ministry", port, f"http://ministry.localhost:{port}"), ("operator", 1, ""))
    }
    for actor in actors.values():
        words = ["--party", actor.party, "--name", actor.cast.name]
        words += ["--listen", actor.address, "--url", actor.url] if actor.url else []
        actor.command("init", str(actor.folder), *words)
    trust(folder, actors["ministry"], actors["operator"])
    actors["ministry"].start()
    try:
        yield Stage(actors)
    finally:
        actors["ministry"].stop()


def trust(folder: Path, *actors: Actor) -> None:
    from kouprey.people.service import People

    notes = {}
    for actor in actors:
        with actor.services() as services:
            notes[actor.party] = services.get(People).home().note
    for actor in actors:
        with actor.services() as services:
            for party, note in notes.items():
                if party != actor.party:
                    services.get(People).trust(note, by="test")


def countersign(stage: Stage, agreement: str) -> None:
    """The operator takes what the ministry has, signs it, and the ministry takes that."""
    ministry, operator = stage.actors["ministry"], stage.actors["operator"]

    def carry(source: Actor, target: Actor) -> None:
        with source.services() as services:
            papers = services.get(Agreements).agreement_notes(agreement)
        with target.services() as services:
            for note, attachment in papers:
                services.get(Agreements).receive_note(note, attachment, by=source.party)

    carry(ministry, operator)
    with operator.services() as services:
        services.get(Agreements).sign(agreement, by="test")
    carry(operator, ministry)


def tab_to(page: Page, name: str) -> None:
    """Go on with Tab until the field, link or button of this label has the focus."""
    told = "e => (e.labels?.[0]?.innerText || e.getAttribute('aria-label') || e.innerText || '').trim()"
    for _ in range(150):
        page.keyboard.press("Tab")
        if page.evaluate(f"({told})(document.activeElement)").startswith(name):
            return
    raise AssertionError(f"Tab never comes to {name!r}")


def press(page: Page, name: str, key: str = "Enter") -> None:
    """Come to it with Tab and press it; with Enter another page follows."""
    tab_to(page, name)
    if key != "Enter":
        page.keyboard.press(key)
        return
    with page.expect_navigation():
        page.keyboard.press(key)


def test_from_template_to_the_second_version_by_keyboard(chromium: Browser, pair: Stage) -> None:
    context = open_context(chromium)
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    origin = pair.actors["ministry"].url
    sign_in(page, pair.link("ministry", "Chan Tester", (Role.LIAISON,), TLP.RED))

    page.goto(f"{origin}/agreements/new")
    assert axe(page) == []
    press(page, "Memorandum on the exchange")
    expect(page.locator("#f-text_km")).to_have_value(re.compile("ភាគី"))
    press(page, "Operator", "Space")
    press(page, "Keep the draft")
    expect(page.locator("h1")).to_have_text("Memorandum on the exchange of cyber-threat intelligence")
    expect(page.locator("main")).to_contain_text("What happens next")
    assert axe(page) == []

    press(page, "Read and sign")
    press(page, "I have read it", "Space")
    press(page, "Sign")
    expect(page.locator("main")).to_contain_text("Now it is the turn of Operator to sign.")

    tab_to(page, "About")
    page.keyboard.type("2 Highest")
    tab_to(page, "Comment")
    page.keyboard.type("AMBER is high for a beginning.")
    press(page, "Send the comment")
    expect(page.locator("#clause-2")).to_contain_text("AMBER is high for a beginning.")
    assert axe(page) == []

    agreement = page.url.split("/agreements/")[1].split("?")[0]
    countersign(pair, agreement)
    page.goto(f"{origin}/agreements/{agreement}")
    expect(page.locator("main")).to_contain_text("It is in force")
    press(page, "Loosen or amend")
    tab_to(page, "Highest marking")
    page.keyboard.type("TLP:GREEN")
    press(page, "Keep the draft")
    press(page, "What changed since the version before")
    change = page.locator(".pact-change", has_text="Highest marking")
    expect(change).to_contain_text("tightened")
    expect(change.locator(".pact-two > div").first).to_contain_text("TLP:AMBER")
    expect(change.locator(".pact-two > div").last).to_contain_text("TLP:GREEN")
    assert axe(page) == []
    press(page, "Back to the agreement")
    press(page, "Read and sign")
    press(page, "I have read it", "Space")
    press(page, "Sign")
    countersign(pair, agreement)
    page.goto(f"{origin}/agreements/{agreement}")
    expect(page.locator("#clause-2")).to_contain_text("TLP:GREEN")

    press(page, "Tighten")
    assert axe(page) == []
    press(page, "sightings", "Space")
    press(page, "Tighten at once")
    expect(page.locator("main")).to_contain_text("Tightened by Ministry:")
    press(page, "Leave the agreement")
    press(page, "We leave this agreement for good", "Space")
    assert axe(page) == []
    press(page, "Leave the agreement")
    expect(page.locator("main")).to_contain_text("We have left it.")
    with page.expect_download() as download:
        tab_to(page, "Download as PDF")
        page.keyboard.press("Enter")
    assert download.value.suggested_filename.endswith("-2-en.pdf")
    context.close()
    assert not wrong, wrong
