"""A dossier by hand: sealed on somebody's own machine, handed in on pages, released and opened again there."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from browser.hands import choose, give, press, write
from kouprey.people.model import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    Opened = Callable[..., Page]

PLAIN = b"account,signed in from,at\ncanary-0b7e,203.0.113.200,21:58\n"
ORDER = "Order 31/2026 of the court of Sovan"


def own(folder: Path, *words: str) -> Any:
    """A command on somebody's own machine: no node is asked."""
    command = [sys.executable, "-m", "kouprey", *words, "--json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def fetched(page: Page, folder: Path, press_it: Callable[[], None], name: str) -> Path:
    """What the browser saves when something is pressed."""
    with page.expect_download() as coming:
        press_it()
    file = folder / name
    coming.value.save_as(file)
    return file


def test_what_was_sealed_is_handed_in_released_and_opened_with_keys_alone(visit: Opened, tmp_path: Path) -> None:
    page = visit("/dossiers", roles=(Role.LEGAL,), name="Bopha Court")
    key = own(tmp_path, "dossier", "key", "-o", "me.key")
    press(page.get_by_role("link", name="Your key"))
    write(page.locator("#f-key"), key["key"])
    press(page.get_by_role("button", name="Add"))
    expect(page.get_by_text(key["words"])).to_be_visible()

    page.goto(page.url.rpartition("/")[0])
    write(page.locator("#f-why"), ORDER)
    press(page.get_by_role("button", name="Open the dossier"))
    told = page.locator(".code code").filter(has_text="dossier seal").first.inner_text()
    assert key["key"] in told and "Bopha" in told
    # As the page says it, with the file of the one who reads it.
    (tmp_path / "accounts.csv").write_bytes(PLAIN)
    words = [each if each != "FILE" else "accounts.csv" for each in shlex.split(told)[1:]]
    sealed = own(tmp_path, *words)
    raw = (tmp_path / sealed["file"]).read_bytes()
    assert PLAIN not in raw and b"canary-0b7e" not in raw
    give(page.locator("#f-file"), str(tmp_path / sealed["file"]))
    press(page.get_by_role("button", name="Hand it in"))

    press(page.get_by_role("link", name="Item 1").first)
    body = fetched(page, tmp_path, lambda: press(page.get_by_role("link", name="Fetch the sealed body")), "body.age")
    choose(page.locator("#f-purpose"), "Prosecution")
    write(page.locator("#f-basis").first, ORDER)
    released = fetched(
        page, tmp_path, lambda: press(page.get_by_role("button", name="Release its key")), "released.age"
    )
    (tmp_path / "opened").mkdir()
    own(tmp_path, "dossier", "open", body.name, released.name, "--key", "me.key", "--into", "opened")
    assert (tmp_path / "opened" / "accounts.csv").read_bytes() == PLAIN
    page.reload()
    expect(page.locator("main")).to_contain_text(ORDER)

    # Whoever administers the node is not shown that there is one; its address is asked in tests/proceedings/pages.
    other = visit("/dossiers", roles=(Role.ADMINISTRATOR,), name="Rotha Keeps")
    expect(other.locator("main")).to_contain_text("You belong to no dossier")
