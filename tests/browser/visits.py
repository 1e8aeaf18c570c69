"""Pages that no plain link leads to: addresses with a query, and pages that answer a form."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from browser.hands import press, reach, write

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SEEDS = (
    "/intelligence?q=lantern",
    "/intelligence?q=nothing-is-called-so",
    "/intelligence?type=indicator",
    "/design",
    "/no-such-page",
)
"""Addresses to look at beside those the pages link to."""

MAIL = """Dear colleagues, the messages to editors come from hxxp://paper-news[.]example/login and 198[.]51[.]100[.]7;
the attachment has the MD5 44d88612fea8a8f36de82e1278abb02f. Please block mail from lantern@paper-news.example."""


TABLE = """ip,first_seen,comment
198.51.100.23,2026-11-02,asked by the loader
198.51.100.24,2026-11-03,
not-an-address,2026-11-03,typed wrongly"""

STIX = """{"type": "indicator", "spec_version": "2.1", "id": "indicator--3a2b0a4e-0d0c-4f2b-8f0e-5f2f6f6a7b01",
"created": "2026-11-10T01:00:00.000Z", "modified": "2026-11-10T01:00:00.000Z", "name": "Loader of the third week",
"pattern": "[ipv4-addr:value = '192.0.2.201']", "pattern_type": "stix", "valid_from": "2026-11-10T01:00:00Z"}
{"type": "indicator", "spec_version": "2.1", "id": "indicator--not-an-identifier", "name": "Refused"}
"""


def begin(page: Page, origin: str) -> list[str]:
    """The addresses of what only the person who began it sees; done once by whoever looks at the pages."""
    made = [_take_in(page, origin), _act_on_many(page, origin), _save_text(page, origin)]
    seeds = [_full_case(page, origin), _report_that_was_sent(page, origin), _link_for_a_contact(page, origin)]
    made += [_scan_a_card(page, origin), "/reports/1", _tell_by_the_form(page, origin)]
    return [*made, *seeds, _request_of_a_step(page, origin), *_agreements(page, origin)]


def _scan_a_card(page: Page, origin: str) -> str:
    """Where the code on the card of a statement leads."""
    page.goto(f"{origin}/statements")
    newest = page.evaluate("async () => (await (await fetch('/statements/chain.json')).json()).statements.at(-1)")
    return f"/check/{newest['id']}/{newest['sha256'][:16]}"


def _full_case(page: Page, origin: str) -> str:
    """The case in which everything stands; a list begins with those that changed last."""
    page.goto(f"{origin}/cases?text=shows+another+text")
    found = page.locator("main td.main a", has_text="The page of the ministry shows another text")
    return str(found.first.get_attribute("href"))


def _request_of_a_step(page: Page, origin: str) -> str:
    """What a task sends, on the page of a case that few others lead to."""
    page.goto(f"{origin}/cases?text=page+of+the+port")
    page.goto(origin + str(page.locator("main td.main a").first.get_attribute("href")))
    return str(page.locator("main a[href*='/calls/']").first.get_attribute("href"))


def _report_that_was_sent(page: Page, origin: str) -> str:
    """The one on whose page everything stands: words, proof, and what the receiver said."""
    page.goto(f"{origin}/duties?state=sent")
    return urlsplit(page.locator("td.main a").first.get_attribute("href") or "").path


def _tell_by_the_form(page: Page, origin: str) -> str:
    """The page to which whoever told something comes back."""
    page.goto(f"{origin}/report")
    write(page.get_by_label("What happened"), "Our page shows another text.")
    _send(page.get_by_role("button", name="Send it"))
    return urlsplit(page.url).path


def _link_for_a_contact(page: Page, origin: str) -> str:
    """By which somebody without a node answers."""
    page.goto(f"{origin}/handoffs")
    with page.expect_navigation():
        press(page.get_by_role("link", name="Say who lost their accounts"))
    _send(page.get_by_role("button", name="Make a link"))
    text = page.locator("main code", has_text="/reply/").first.text_content() or ""
    return urlsplit(text).path


def _agreements(page: Page, origin: str) -> list[str]:
    """What leads from those in force, which is more than from a draft."""
    page.goto(f"{origin}/agreements")
    links = page.locator("main a[href^='/agreements/agr_']").evaluate_all("all => all.map(a => a.pathname)")
    signed = []
    for path in dict.fromkeys(link for link in links if link.count("/") == 2):
        page.goto(origin + path)
        if page.locator(f"main a[href='{path}/tighten']").count():
            acts = ("tighten", "leave", "changes", "measures", "given-before")
            signed += [path, *(f"{path}/{act}" for act in acts)]
    return signed


def _take_in(page: Page, origin: str) -> str:
    page.goto(f"{origin}/intelligence/import")
    _paste(page.locator("main textarea").first, STIX)
    _send(page.locator("main form button.primary"))
    page.wait_for_url(re.compile(r"/intelligence/imports/\w"))
    return urlsplit(page.url).path


def _act_on_many(page: Page, origin: str) -> str:
    """Keep everything that fits from being erased."""
    page.goto(f"{origin}/intelligence/many?q=gateway&all=yes&do=hold")
    _paste(page.locator("main textarea").first, "Asked for by the court of Sovan, file 14/26.")
    _send(page.locator("main form button.primary"))
    page.goto(f"{origin}/intelligence/many")
    return page.locator("main td a").first.get_attribute("href") or ""


def _send(button: Locator) -> None:
    # A key does not wait for what it begins, as a click of Playwright does.
    with button.page.expect_navigation():
        press(button)


def _paste(field: Locator, text: str) -> None:
    reach(field)
    field.page.keyboard.insert_text(text)


def read_text(page: Page, origin: str) -> None:
    """Values found in a pasted mail, before any is kept."""
    page.goto(f"{origin}/intelligence/text")
    _paste(page.locator("main textarea").first, MAIL)
    _send(page.locator("main form button").last)


def _save_text(page: Page, origin: str) -> str:
    read_text(page, origin)
    write(page.locator("main input[name=name]"), "A mail to editors")
    _send(page.locator("main form button.primary"))
    page.wait_for_url(re.compile(r"/intelligence/text/report--"))
    return urlsplit(page.url).path


def read_table(page: Page, origin: str) -> None:
    """What the rows of a pasted table would become."""
    page.goto(f"{origin}/intelligence/table")
    _paste(page.locator("main textarea").first, TABLE)
    _send(page.locator("main form button.primary"))


def review_many(page: Page, origin: str) -> None:
    """What would become of many objects."""
    page.goto(f"{origin}/intelligence/many?q=gateway&all=yes&do=publish")


def draft_wrongly(page: Page, origin: str) -> None:
    """A form that comes back with what was wrong in it."""
    page.goto(f"{origin}/agreements/new")
    page.locator("main form").first.evaluate("form => { form.noValidate = true; }")
    _send(page.locator("main form button.primary").last)


def sign_out(page: Page, origin: str) -> None:
    """The ways in, as somebody sees them who is not in."""
    for cookie in page.context.cookies(origin):
        if not cookie["name"].endswith(("-language", "-theme")):
            page.context.clear_cookies(name=cookie["name"])
    page.goto(f"{origin}/sign-in")


def follow_spent_link(page: Page, origin: str) -> None:
    """A link that was used before."""
    sign_out(page, origin)
    page.goto(f"{origin}/sign-in/{'A' * 43}")


def sign_in_wrongly(page: Page, origin: str) -> None:
    """A password that is not right."""
    sign_out(page, origin)
    write(page.locator("main input[name=name]"), "Chan Tester")
    write(page.locator("main input[type=password]"), "surely not this one")
    with page.expect_navigation():
        page.keyboard.press("Enter")


VISITS: dict[str, Callable[[Page, str], None]] = {
    "text-read": read_text,
    "table-read": read_table,
    "many-reviewed": review_many,
    "agreement-wrong": draft_wrongly,
    # Nobody is signed in from here on.
    "signed-out": sign_out,
    "link-spent": follow_spent_link,
    "password-wrong": sign_in_wrongly,
}
"""What is shown after a form was sent, by name; each leaves nothing behind that would change the next picture."""
REFUSING: Mapping[str, int] = {
    "/no-such-page": 404,
    "/intelligence/export": 400,
    "/sign-in/openid": 409,
    "/sign-in/openid/return": 409,
    "agreement-wrong": 400,
    "link-spent": 410,
    "password-wrong": 401,
}
"""Pages, and names of `VISITS`, that are shown because they refuse -> the status they do it with."""


def answers_wrongly(address: str, status: int) -> bool:
    """Whether a page answers otherwise than a page that is looked at may: with an error nobody has asked for."""
    return status != REFUSING.get(address.partition("?")[0], 200) and (status >= 400 or address in REFUSING)
