"""A real browser with a virtual authenticator adds a passkey and signs in by it, under the policy of our pages."""

from __future__ import annotations

from playwright.sync_api import expect

from browser.conftest import Opened
from browser.hands import press, write

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_is_added_and_signs_in(visit: Opened) -> None:
    page = visit("/me", name="Dara with a passkey")
    origin = page.url.removesuffix("/me")
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    asking = page.locator("form[data-passkey]")
    write(page.locator("#f-called"), "Test key")
    press(asking.get_by_role("button"))
    expect(page.locator("body")).to_contain_text("The passkey was added")
    expect(page.locator("main")).to_contain_text("Test key")
    page.context.clear_cookies()
    page.goto(f"{origin}/sign-in")
    expect(asking).to_be_visible()
    # No failure is told before one.
    expect(page.locator("[data-failed]")).to_be_hidden()
    press(asking.get_by_role("button"))
    page.wait_for_url(f"{origin}/")
    page.goto(f"{origin}/me")
    expect(page.locator("main")).to_contain_text("by a passkey")
