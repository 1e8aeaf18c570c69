"""An administrator looks after a node: tokens, collections, settings, the first steps."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from browser.conftest import Opened, Stage
from browser.hands import choose, pick, press, write
from kouprey.kernel.words.tlp import TLP
from kouprey.node.founding import found
from kouprey.people.model import Role
from kouprey.people.service import People

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


def check(page: Page) -> None:
    """Nothing that axe finds, in both themes, and nothing wider than the screen."""
    for theme in ("light", "dark"):
        # Colours change at once, so that none is met on its way.
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]  # one of its words
        found = Axe().run(page, "main", options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
        assert not found.response["violations"], found.generate_report()
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, page.url


def push(page: Page, name: str) -> None:
    """The first button of this name."""
    press(page.get_by_role("button", name=name, exact=True).first)
    page.wait_for_load_state()


def test_a_token_is_revoked_and_let_in_again(visit: Opened, stage: Stage) -> None:
    with stage.actors["ministry"].services() as services:
        people = services.get(People)
        token, _ = people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="test")
    page = visit(f"/people/tokens/{token.user}", roles=(Role.ADMINISTRATOR,))
    expect(page.get_by_text("It reads every collection")).to_be_visible()
    check(page)
    push(page, "Revoke")
    expect(page.locator(".page-header .pill")).to_have_text("revoked")
    push(page, "Undo")
    expect(page.locator(".page-header .pill")).to_have_text("active")


def test_a_collection_is_made_changed_and_archived(visit: Opened) -> None:
    page = visit("/collections", roles=(Role.ADMINISTRATOR,))
    write(page.get_by_role("textbox", name="Title"), "For the browsers")
    page.keyboard.press("Tab")
    page.keyboard.type("browsers")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("For the browsers")
    check(page)
    pick(page.get_by_role("radio", name=re.compile("^Only our own")))
    push(page, "Save")
    expect(page.get_by_text("our own people and programs only")).to_be_visible()
    push(page, "Undo")
    expect(page.get_by_text("every partner, as far as")).to_be_visible()
    push(page, "Archive")
    expect(page.get_by_role("status").first).to_contain_text("is archived")
    push(page, "Undo")
    expect(page.locator("h1")).to_have_text("For the browsers")


def test_what_a_client_asked_is_told(visit: Opened, stage: Stage) -> None:
    with stage.actors["ministry"].services() as services:
        people = services.get(People)
        token, secret = people.create_token(people.home_id, Role.FEED, TLP.RED, by="test")
    page = visit("/clients", roles=(Role.AUDITOR,))
    headers = {"Authorization": f"Bearer {secret}", "Accept": "application/taxii+json;version=2.1"}
    address = f"http://{stage.actors['ministry'].address}/taxii2/api/collections/main/objects/"
    assert httpx.get(address, headers=headers).status_code == 200
    assert httpx.get(f"{address}?limit=none", headers=headers).status_code == 400
    for _ in range(20):
        page.goto(f"{stage.actors['ministry'].url}/clients/{token.user}")
        if page.get_by_text("A filter or a date in its question is wrong.").count():
            break
        page.wait_for_timeout(500)
    expect(page.get_by_text("A filter or a date in its question is wrong.")).to_be_visible()
    expect(page.get_by_role("link", name="Everything").first).to_be_visible()
    check(page)


def test_a_setting_is_changed_and_taken_back(visit: Opened) -> None:
    page = visit("/settings", roles=(Role.ADMINISTRATOR,))
    check(page)
    row = page.locator("#setting-log_level")
    press(row.locator("summary"))
    choose(row.get_by_label("What is logged"), "only what failed")
    press(row.get_by_role("button", name="Save"))
    expect(row.locator(".setting-value strong")).to_have_text("only what failed")
    push(page, "Undo")
    expect(row.locator(".setting-value strong")).not_to_have_text("only what failed")


@pytest.fixture
def fresh(chromium: Browser, tmp_path: Path) -> Iterator[Page]:
    """A browser at the link that `init` printed, of a node of its own."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    told = found(
        tmp_path / "node",
        party="cert.example",
        name="Example CERT",
        settings={"listen": f"127.0.0.1:{port}", "url": f"http://fresh.localhost:{port}"},
        identity="identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10",
        person="Administrator",
    )
    words = [sys.executable, "-m", "kouprey", "serve", "--data", str(tmp_path / "node")]
    server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    context = chromium.new_context(viewport={"width": 390, "height": 844})
    try:
        assert server.stdout is not None and server.stdout.readline()
        page = context.new_page()
        page.goto(told.link)
        yield page
    finally:
        context.close()
        server.terminate()
        server.wait(30)


def test_a_new_administrator_is_led_from_the_link_to_the_end(fresh: Page) -> None:
    page = fresh
    press(page.locator("main form button").first)
    expect(page.locator("h1")).to_have_text("First steps")
    check(page)
    write(page.get_by_role("textbox", name="Name"), "CERT of Sovan")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("Your card says CERT of Sovan now.")
    push(page, "I like it so")
    for step in ("sign-in", "colleagues"):
        press(page.locator(f"#step-{step}").get_by_role("button", name="Skip it"))
        expect(page.locator(f"#step-{step} .pill")).to_have_text("done")
    press(page.locator("#step-intelligence").get_by_role("button", name="Take the samples"))
    expect(page.locator("#step-intelligence .pill")).to_have_text("done")
    for step in ("partner", "agreement", "safe"):
        press(page.locator(f"#step-{step}").get_by_role("button", name="Skip it"))
        expect(page.locator(f"#step-{step} .pill")).to_have_text("done")
    expect(page.get_by_text("All is done.")).to_be_visible()
    expect(page.locator("nav a[href='/setup']")).to_have_count(0)
    page.goto(page.url.replace("/setup", "/settings"))
    press(page.locator("main a[href='/setup']"))
    expect(page.locator("h1")).to_have_text("First steps")
