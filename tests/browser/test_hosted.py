"""The first visit of somebody from a bank: from the link to the first feedback, by the keyboard alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.conftest import Opened, Stage
from browser.hands import press, write
from browser.stage import open_context, sign_in
from browser.test_admin import check, push
from kouprey.constituents.model import Constituent
from kouprey.constituents.pages.letters import Clerk
from kouprey.constituents.service import Constituents
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.words.tlp import TLP
from kouprey.people.model import Role

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BANK = "first-bank.example"
BEACON = "indicator--0b0b0b0b-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def hosted(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The ministry hosts a bank, and knows something of it."""
    at = "2026-11-19T09:00:00.000Z"
    made = {
        "type": "indicator",
        "spec_version": "2.1",
        "id": BEACON,
        "created": at,
        "modified": at,
        "name": "Beacon from a branch office",
        "description": "It calls every ten minutes.",
        "pattern": "[ipv4-addr:value = '192.0.2.77']",
        "pattern_type": "stix",
        "valid_from": at,
    }
    file = tmp_path_factory.mktemp("hosted") / "beacon.json"
    file.write_text(json.dumps(made))
    stage.actors["ministry"].command("import", str(file), "--tlp", "green")
    with stage.actors["ministry"].services() as services:
        every = services.get(Constituents)
        every.add(Constituent(id=BANK, name="First Bank"), by="test")
        every.set_networks(BANK, ["192.0.2.0/24", "first-bank.example"], by="test")
        every.add_contact(BANK, "Sok Dara", "security@first-bank.example", by="test")
    return stage


@contextmanager
def coming(chromium: Browser, stage: Stage, **look: Any) -> Iterator[Page]:
    """Somebody of the bank, signed in by a link; whatever the browser complains of fails the test."""
    actor = stage.actors["ministry"]
    with actor.services() as services:
        _, secret = services.get(Constituents).invite(BANK, "Sok Dara (First Bank)", by="test")
    context = open_context(chromium, **{"language": "en", "theme": "light", "width": 1440, **look})
    wrong: list[str] = []
    page = context.new_page()
    page.on("request", lambda asked: None if asked.url.startswith(actor.url) else wrong.append(asked.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    sign_in(page, f"{actor.url}/sign-in/{secret}")
    yield page
    context.close()
    assert not wrong, wrong


def test_from_the_link_to_the_first_feedback(chromium: Browser, hosted: Stage) -> None:
    with coming(chromium, hosted) as page:
        expect(page).to_have_url(f"{hosted.actors['ministry'].url}/yours")
        expect(page.get_by_role("heading", level=1)).to_have_text("What concerns you")
        assert [each.inner_text().strip() for each in page.locator("nav a").all()][:4] == [
            "What concerns you",
            "Threats",
            "Look a value up",
            "Your networks",
        ]
        check(page)
        press(page.get_by_role("link", name="Beacon from a branch office"))
        expect(page.get_by_text("It calls every ten minutes.")).to_be_visible()
        check(page)
        write(page.get_by_label("In your words"), "The proxy. It is clean again.")
        push(page, "We have fixed it")
        expect(page.get_by_text("The proxy. It is clean again.")).to_be_visible()
        press(page.get_by_role("link", name="Look a value up"))
        expect(page.get_by_role("searchbox", name="Value")).to_be_focused()
        page.keyboard.type("192.0.2.77")
        page.keyboard.press("Enter")
        expect(page.get_by_role("link", name="Beacon from a branch office")).to_be_visible()
        check(page)
        press(page.get_by_role("link", name="Your networks").first)
        write(page.get_by_label("What is to be different"), "198.51.100.0/24 is ours too.")
        push(page, "Tell us")
        expect(page.get_by_text("198.51.100.0/24 is ours too.")).to_be_visible()
        check(page)


@pytest.mark.parametrize("width", [1440, 390])
def test_every_page_of_theirs_in_khmer(chromium: Browser, hosted: Stage, width: int) -> None:
    with coming(chromium, hosted, language="km", theme="dark", width=width) as page:
        for path in (
            "/yours",
            "/yours/threats",
            "/yours/search?q=192.0.2.77",
            "/yours/own",
            f"/yours/{BEACON}",
        ):
            page.goto(hosted.actors["ministry"].url + path)
            expect(page.locator("html")).to_have_attribute("lang", "km")
            check(page)


def test_the_way_out_of_mail(chromium: Browser, hosted: Stage) -> None:
    """Whoever has the link of a mail needs no sign-in to pause it, and to have it again."""
    actor = hosted.actors["ministry"]
    with actor.services() as services:
        (contact,) = services.get(Constituents).contacts(BANK)
        link = Clerk(services.get(Keyring), actor.url).leave_link(contact)
    context = open_context(chromium, language="km", theme="light", width=390)
    page = context.new_page()
    page.goto(link)
    check(page)
    press(page.locator("main form button").first)
    expect(page.locator("main form button")).to_have_count(1)
    press(page.locator("main form button").first)
    expect(page.locator("main form button")).to_have_count(2)
    context.close()


def test_whoever_keeps_them_hears_of_it(visit: Opened, hosted: Stage) -> None:
    for width in (1440, 390):
        page = visit(f"/constituents/{BANK}", roles=(Role.ADMINISTRATOR,), width=width)
        check(page)
        page.goto(page.url.rpartition("/")[0])
        check(page)
        page.goto(f"{page.url}/table")
        check(page)
    page = visit(f"/constituents/{BANK}", roles=(Role.ADMINISTRATOR,), clearance=TLP.RED)
    write(page.get_by_label("Networks and names"), f"{BANK}\n192.0.2.0/24\n198.51.100.0/24")
    push(page, "Save the networks")
    expect(page.get_by_text("3 networks and names are theirs.")).to_be_visible()
    push(page, "Undo")
    expect(page.get_by_text("2 networks and names are theirs.")).to_be_visible()
