"""What people do most, one deed a test, with the keyboard alone: no place is reached but by Tab and by keys."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from browser.conftest import Opened, Stage
from browser.hands import choose, give, pick, press, reach, write
from kouprey.kernel.words.tlp import TLP
from kouprey.node import fiction
from kouprey.people.model import Role
from kouprey.people.service import People

if TYPE_CHECKING:
    from playwright.sync_api import Page

ANALYST = (Role.ANALYST,)
PASSWORD = "nine lanterns over a quiet weir"
PAPER = "Paper Lantern: what we know on the third day"
SERVER = f"/intelligence/{fiction.stix_id('indicator', 'server-1')}"
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""An authenticator that is there, knows its person, and is touched at once."""


def sign_out(page: Page) -> None:
    press(page.locator(".account summary"))
    press(page.get_by_role("button", name="Sign out", exact=True))
    expect(page.locator("h1")).to_contain_text("Sign in to")


def test_somebody_signs_in_by_password(visit: Opened) -> None:
    page = visit("/me", roles=ANALYST, name="Bopha Password")
    write(page.get_by_label("New password"), PASSWORD)
    write(page.get_by_label("Once more"), PASSWORD)
    press(page.get_by_role("button", name="Set the password"))
    expect(page.get_by_role("status").first).to_contain_text("password")
    sign_out(page)
    write(page.get_by_label("Your name"), "Bopha Password")
    write(page.get_by_label("Password", exact=True), PASSWORD)
    press(page.get_by_role("button", name="Sign in", exact=True))
    expect(page.locator(".account-name")).to_have_text("Bopha Password")
    page.goto(page.url.rstrip("/") + "/me")
    expect(page.get_by_role("table", name="Sessions")).to_contain_text("by a password")


def test_somebody_signs_in_by_passkey(visit: Opened) -> None:
    page = visit("/me", roles=ANALYST, name="Bopha Passkey")
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    write(page.get_by_label("What to call it"), "The key on my ring")
    press(page.get_by_role("button", name="Add a passkey"))
    expect(page.get_by_role("table", name="Passkeys")).to_contain_text("The key on my ring")
    sign_out(page)
    # No failure is told before there was one.
    expect(page.locator("[data-failed]")).to_be_hidden()
    press(page.get_by_role("button", name="Sign in with a passkey"))
    expect(page.locator(".account-name")).to_have_text("Bopha Passkey")
    page.goto(page.url.rstrip("/") + "/me")
    expect(page.get_by_role("table", name="Sessions")).to_contain_text("by a passkey")


def test_somebody_finds(visit: Opened) -> None:
    page = visit("/", roles=ANALYST)
    page.keyboard.press("/")
    page.keyboard.type("lantern")
    page.keyboard.press("Enter")
    page.wait_for_url("**/intelligence?q=lantern")
    many = page.locator(".l-table tbody tr").count()
    press(page.get_by_role("main").get_by_role("link", name=re.compile("^Report")))
    page.wait_for_url("**type=report**")
    found = page.locator(".l-table tbody tr")
    assert 0 < found.count() < many
    expect(page.get_by_role("link", name=PAPER)).to_be_visible()


def test_somebody_reads(visit: Opened) -> None:
    page = visit("/intelligence?q=lantern&type=report", roles=ANALYST)
    press(page.get_by_role("link", name=PAPER))
    expect(page.locator("h1")).to_have_text(PAPER)
    press(page.get_by_role("navigation", name="On this page").get_by_role("link").last)
    assert "#" in page.url
    page.keyboard.press("Alt+ArrowLeft")


def write_indicator(page: Page, value: str) -> None:
    press(page.get_by_role("main").get_by_role("link", name=re.compile("^Indicator")))
    expect(page.locator("h1")).to_have_text("New indicator")
    write(page.get_by_label("What to look for"), value)
    write(page.get_by_label("How you know"), "Met in the log of our own gateway.")


def test_somebody_creates_an_indicator(visit: Opened) -> None:
    page = visit("/intelligence/new", roles=ANALYST)
    write_indicator(page, "203.0.113.171")
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_role("status").first).to_contain_text("The indicator is kept here")
    expect(page.locator("h1")).to_contain_text("203.0.113.171")


def test_somebody_marks_it(visit: Opened) -> None:
    page = visit("/intelligence/new", roles=ANALYST)
    write_indicator(page, "203.0.113.172")
    pick(page.get_by_role("radio", name=re.compile("^TLP:GREEN")))
    chosen = page.locator(".marking-level", has=page.locator("input:checked"))
    expect(chosen).to_contain_text("these would see it")
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator("h1")).to_contain_text("203.0.113.172")
    expect(page.locator(".page-header .tlp")).to_have_text("TLP:GREEN")


def test_somebody_asks_who_sees_it_and_why(visit: Opened) -> None:
    page = visit(SERVER, actor="operator")
    press(page.get_by_role("navigation", name="On this page").get_by_role("link", name="Who may see it"))
    why = page.get_by_role("table", name="Who may see it, and why")
    expect(why).to_be_in_viewport()
    press(why.get_by_role("link", name="clause 2"))
    expect(page).to_have_url(re.compile(r"/agreements/.*#clause-2$"))
    expect(page.locator("#clause-2")).to_be_in_viewport()


def test_somebody_imports_a_file(visit: Opened) -> None:
    page = visit("/intelligence/import", roles=ANALYST)
    thing = fiction.stix_id("tool", "chosen-by-keys")
    times = '"created": "2026-11-20T00:00:00.000Z", "modified": "2026-11-20T00:00:00.000Z"'
    line = f'{{"type": "tool", "spec_version": "2.1", "id": "{thing}", {times}, "name": "Chosen by keys"}}'
    file = {"name": "chosen.ndjson", "mimeType": "application/x-ndjson", "buffer": f'{line}\n{{"id": "x"}}\n'.encode()}
    give(page.get_by_label(re.compile("^Choose files")), file)
    assert page.locator("#f-file").evaluate("(field) => field.files[0].name") == "chosen.ndjson"
    press(page.get_by_role("button", name="Import", exact=True))
    page.wait_for_url(re.compile("/intelligence/imports/"))
    expect(page.locator(".import-head")).to_contain_text("done", timeout=60_000)
    expect(page.get_by_role("row").filter(has_text="line 2")).to_be_visible()
    press(page.get_by_role("link", name="What came in"))
    expect(page.get_by_role("link", name="Chosen by keys", exact=True)).to_be_visible()


def test_somebody_takes_it_back(visit: Opened) -> None:
    page = visit("/intelligence/new", roles=ANALYST)
    write_indicator(page, "203.0.113.173")
    press(page.get_by_role("button", name="Save", exact=True))
    press(page.get_by_role("button", name="Undo"))
    expect(page.get_by_role("main")).to_contain_text("Its author has revoked it")


def test_somebody_switches_the_language_and_back(visit: Opened) -> None:
    page = visit("/partners", roles=ANALYST)
    press(page.get_by_role("button", name="ខ្មែរ").locator("visible=true"))
    expect(page.locator("html")).to_have_attribute("lang", "km")
    expect(page.locator("h1")).to_have_text(re.compile("[\u1780-\u17ff]"))
    assert page.url.endswith("/partners")
    press(page.get_by_role("button", name="English").locator("visible=true"))
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_somebody_revokes_a_token(visit: Opened, stage: Stage) -> None:
    with stage.actors["ministry"].services() as services:
        people = services.get(People)
        token, _ = people.create_token(people.home_id, Role.FEED, TLP.GREEN, by="test")
    page = visit("/people", roles=(Role.ADMINISTRATOR,))
    press(page.locator(f"main a[href$='{token.user}']").first)
    press(page.get_by_role("button", name="Revoke", exact=True))
    expect(page.locator(".page-header .pill")).to_have_text("revoked")
    reach(page.get_by_role("button", name="Undo"))


def test_somebody_narrows_what_a_token_may_read(visit: Opened, stage: Stage) -> None:
    with stage.actors["ministry"].services() as services:
        people = services.get(People)
        token, _ = people.create_token(people.home_id, Role.FEED, TLP.AMBER, by="test")
    page = visit(f"/people/tokens/{token.user}", roles=(Role.ADMINISTRATOR,))
    choose(page.get_by_label("Cleared up to"), "TLP:GREEN")
    press(page.get_by_role("button", name="Save", exact=True))
    expect(page.locator(".panel .tlp").first).to_have_text("TLP:GREEN")
