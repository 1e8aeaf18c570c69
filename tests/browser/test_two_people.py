"""Two people at two nodes, from nothing to a first exchange, in the browser and by keys alone.

How long people take is worked out, not measured: by the keystroke-level model (Card, Moran and Newell, 1980) with a
mouse, and reading every word they are asked to read. Whoever makes the way longer than five minutes learns it here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser import hands
from browser.hands import reach
from browser.stage import Stage, open_context, sign_in
from journeys.conftest import FAST, free_ports
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor
from kouprey.node.fiction import Cast
from kouprey.people.model import Role

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CERT = Cast("cert", "cert.anew.example", "Example CERT", "Sophea", "liaison")
OPERATOR = Cast("operator", "operator.anew.example", "Example Operator", "Rith", "liaison")
ROLES = (Role.ADMINISTRATOR, Role.LIAISON, Role.ANALYST)
STIX = (
    '{"type": "indicator", "spec_version": "2.1", "id": "indicator--2f4f2c5e-5b0f-4f0a-8a3c-6a1d0c3f7b22",'
    ' "created": "2026-11-20T08:00:00.000Z", "modified": "2026-11-20T08:00:00.000Z",'
    ' "name": "A server that sends false invitations", "pattern": "[domain-name:value = \'invitations.example\']",'
    ' "pattern_type": "stix", "valid_from": "2026-11-20T08:00:00Z"}'
)


THINK, POINT, CLICK, HOME, KEY = 1.35, 1.1, 0.2, 0.4, 0.28
"""Seconds of the keystroke-level model; a key as somebody types who is no secretary."""
READ = 60 / 238
"""Seconds for a word read silently (Brysbaert, 2019, of 190 studies)."""
SAY = 60 / 150
"""Seconds for a word said over the telephone."""
spent: dict[Page, float] = {}
"""Seconds that the person before each page has spent."""


def act(page: Page, letters: int = 0) -> None:
    spent[page] = spent.get(page, 0) + THINK + POINT + CLICK + (letters and 2 * HOME + letters * KEY)


def press(thing: Locator) -> None:
    act(thing.page)
    hands.press(thing)


def tick(box: Locator) -> None:
    act(box.page)
    hands.tick(box)


def pick(radio: Locator) -> None:
    act(radio.page)
    hands.pick(radio)


def write(field: Locator, text: str) -> None:
    act(field.page, len(text))
    hands.write(field, text)


def paste(field: Locator, text: str) -> None:
    act(field.page, 2)
    reach(field)
    field.page.keyboard.insert_text(text)


def read(page: Page, what: Locator) -> None:
    spent[page] = spent.get(page, 0) + READ * len(what.inner_text().split())


def meet(*pages: Page) -> None:
    """What comes next waits for all of them."""
    late = max(spent.get(page, 0) for page in pages)
    spent.update(dict.fromkeys(pages, late))


@pytest.fixture
def two(chromium: Browser, tmp_path: Path) -> Iterator[tuple[tuple[Page, Actor], tuple[Page, Actor]]]:
    """Two nodes with nothing in them, and a person signed in at each."""
    made = []
    for cast, port in zip((CERT, OPERATOR), free_ports(2), strict=True):
        url = f"http://127.0.0.1:{port}" if cast is CERT else f"http://localhost:{port}"
        actor = Actor(cast, tmp_path / cast.key, f"127.0.0.1:{port}", url, environment=FAST)
        words = ["--party", actor.party, "--name", cast.name, "--listen", actor.address, "--url", url]
        actor.command("init", str(actor.folder), *words)
        actor.start()
        page = open_context(chromium).new_page()
        sign_in(page, Stage({cast.key: actor}).link(cast.key, cast.person, ROLES, TLP.RED))
        made.append((page, actor))
    yield made[0], made[1]
    for page, actor in made:
        page.context.close()
        actor.stop()


def go(page: Page, name: str) -> None:
    """To a part of the node by the navigation."""
    press(page.get_by_role("navigation", name="Main").get_by_role("link", name=name, exact=True))
    page.wait_for_load_state()


def card_of(page: Page, actor: Actor) -> str:
    """What a person copies from the page of their card, and sends to the other one."""
    act(page)
    page.goto(f"{actor.url}/partners/card")
    act(page, 2)
    return page.locator(".code code", has_text="kouprey.dev/card").first.inner_text()


def trust(page: Page, card: str, url: str) -> None:
    """Take the other's card, compare its words, and say where their node is."""
    go(page, "Partners")
    press(page.get_by_role("main").get_by_role("link", name=re.compile("Trust a card")).first)
    paste(page.get_by_label("Paste it"), card)
    press(page.get_by_role("button", name="Look at it"))
    # Eight words are said, and said again.
    spent[page] += 2 * 8 * SAY
    tick(page.get_by_label(re.compile("We compared the words by voice")))
    press(page.get_by_role("button", name="Trust it"))
    write(page.get_by_label("Address", exact=True), url)
    tick(page.get_by_label(re.compile("It is on a private network")))
    press(page.get_by_role("button", name="Keep the address"))
    expect(page.get_by_role("main")).to_contain_text(url)


def test_from_nothing_to_a_first_exchange(two: tuple[tuple[Page, Actor], tuple[Page, Actor]]) -> None:
    (cert, here), (operator, there) = two
    theirs, ours = card_of(operator, there), card_of(cert, here)
    trust(cert, theirs, there.link_url)
    trust(operator, ours, here.link_url)
    meet(cert, operator)

    go(cert, "Agreements")
    press(cert.get_by_role("main").get_by_role("link", name=re.compile("Draft")).first)
    write(cert.get_by_label("Title", exact=True), "First exchange")
    tick(cert.get_by_label(re.compile("Example Operator")))
    press(cert.get_by_role("button", name=re.compile("^Keep the draft")))
    sign(cert)
    meet(cert, operator)
    go(operator, "Agreements")
    proposal = operator.get_by_role("main").get_by_role("link", name=re.compile("First exchange"))
    for _ in range(60):
        if proposal.count():
            break
        operator.wait_for_timeout(500)
        operator.reload()
    press(proposal.first)
    sign(operator)
    expect(operator.get_by_role("main")).to_contain_text("in force")
    meet(cert, operator)

    go(cert, "Intelligence")
    press(cert.get_by_role("main").get_by_role("link", name=re.compile("Import")).first)
    paste(cert.locator("main textarea").first, STIX)
    pick(cert.get_by_role("radio", name=re.compile("^TLP:GREEN")))
    press(cert.get_by_role("button", name="Import", exact=True))
    expect(cert.locator(".import-head")).to_contain_text("done", timeout=60_000)
    press(cert.get_by_role("link", name="What came in"))
    press(cert.get_by_role("link", name="A server that sends false invitations"))
    press(cert.get_by_role("main").get_by_role("link", name=re.compile("^Publish")).first)
    press(cert.get_by_role("button", name=re.compile("^Publish")))
    meet(cert, operator)
    go(operator, "Intelligence")
    arrived = operator.get_by_role("link", name="A server that sends false invitations")
    for _ in range(60):
        if arrived.count():
            break
        operator.wait_for_timeout(500)
        operator.reload()
    press(arrived.first)
    expect(operator.get_by_role("main")).to_contain_text("Example CERT")

    assert spent[operator] < 300, "two people would take longer than five minutes"


def sign(page: Page) -> None:
    """Read the paper, tick that it was read, and sign."""
    press(page.get_by_role("main").get_by_role("link", name="Read and sign").first)
    read(page, page.locator("article.paper"))
    tick(page.get_by_role("main").get_by_role("checkbox").first)
    press(page.get_by_role("button", name="Sign", exact=True))
    page.wait_for_load_state()
