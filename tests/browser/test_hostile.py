"""What others wrote is text, wherever a page shows it: nothing runs, and nothing is asked of anybody else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import pytest

from browser.hostile import PAYLOADS, objects
from browser.stage import Stage, open_context, sign_in
from browser.walking import doors_of, find_pages
from kouprey.node.actors import Actor
from kouprey.node.fiction import Cast

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

FILE = "<img src=x onerror=window.done=1>.json"
ALIVE = """() => {
  const wrong = [];
  if (window.done) wrong.push('something ran');
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || name === 'style' || name === 'srcdoc') wrong.push(`${element.localName} ${name}`);
      if (/^(href|src|action|xlink:href|data|poster|srcset)$/.test(name)) {
        const own = /^([/#?]|data:image|blob:)/.test(value) || value.startsWith(location.origin);
        if (!own || value.startsWith('//')) wrong.push(`${element.localName} ${name}=${value}`);
      }
    }
    if (/^(iframe|object|embed|base|video|audio|math|marquee)$/.test(element.localName)) wrong.push(element.localName);
    if (element.localName === 'script' && !element.src.startsWith(location.origin)) wrong.push('a script');
    if (element.localName === 'meta' && element.httpEquiv) wrong.push('meta');
  }
  return wrong;
}"""


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A node whose party, people, files, objects and whatever else has a name are hostile."""
    folder = tmp_path_factory.mktemp("besieged")
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    cast = Cast("ministry", "cert.sovan.example", PAYLOADS[11], "Sophea", "liaison")
    actor = Actor(cast, folder / "node", f"127.0.0.1:{port}", f"http://ministry.localhost:{port}")
    at = actor.command
    at(
        "init",
        str(actor.folder),
        "--party",
        cast.party,
        "--name",
        cast.name,
        "--listen",
        actor.address,
        "--url",
        actor.url,
    )
    actor.start()
    try:
        file = folder / FILE
        body = {"type": "bundle", "id": "bundle--6a1d0c5e-2f4b-4f7e-9a57-1f7a0f6b9d21", "objects": objects()}
        file.write_bytes(msgspec.json.encode(body))
        at("import", str(file), "--tlp", "green")
        target = str(body["objects"][-2]["id"])
        at("person", "invite", PAYLOADS[16], "--role", "analyst", "--clearance", "green")
        at("collection", "create", "named", "--title", PAYLOADS[0], "--description", PAYLOADS[20])
        at("search", "script", "--save", PAYLOADS[16], "--shared")
        at("note", target, PAYLOADS[0])
        at("opinion", target, "disagree", "--because", PAYLOADS[53])
        at("hold", "add", "--object", target, "--because", PAYLOADS[1])
        at("retention", "add", PAYLOADS[16], "--collection", "named", "--days", "400", "--because", PAYLOADS[0])
        yield Stage({"ministry": actor})
    finally:
        actor.stop()


def test_there_are_enough_of_them() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60
    together = msgspec.json.encode(objects()).decode()
    assert all(msgspec.json.encode(each).decode()[1:-1] in together for each in PAYLOADS)


def test_nothing_runs_and_nothing_is_asked_of_others(
    chromium: Browser, besieged: Stage, request: pytest.FixtureRequest
) -> None:
    """Every page, one object of each type, and each payload as an indicator; with --long all there are."""
    every = request.config.getoption("--long")
    origin = besieged.actors["ministry"].url
    wrong: list[str] = []
    context = open_context(chromium)
    page = context.new_page()
    page.on("request", lambda asked: _own(asked.url, origin) or wrong.append(f"{page.url} asked for {asked.url}"))
    page.on("dialog", lambda dialog: (wrong.append(f"{page.url} said {dialog.message}"), dialog.dismiss()))
    page.on("console", lambda said: wrong.append(f"{page.url} {said.text}") if "Refused" in said.text else None)
    sign_in(page, besieged.link("ministry", PAYLOADS[17]))
    addresses = [address for _, address in find_pages(context, origin, doors_of(besieged), 2 if every else 1)]
    addresses += [f"/intelligence/{each['id']}" for each in objects() if each["type"] == "indicator" or every]
    addresses += ["/intelligence?q=script", "/intelligence?q=%3Cscript%3Ewindow.done%3D1%3C/script%3E"]
    shown = 0
    for address in dict.fromkeys(addresses):
        page.goto(origin + address)
        wrong += [f"{address}: {each}" for each in page.evaluate(ALIVE)]
        shown += "window.done=1" in page.content()
    context.close()
    assert not wrong, "\n".join(wrong[:60])
    # They were shown, so that pages without them do not pass.
    assert shown > len(PAYLOADS)


def _own(url: str, origin: str) -> bool:
    return url.startswith((origin, "data:", "blob:", "about:"))


def test_a_hostile_text_is_read_as_it_was_written(chromium: Browser, besieged: Stage) -> None:
    origin = besieged.actors["ministry"].url
    context = open_context(chromium)
    page: Page = context.new_page()
    sign_in(page, besieged.link("ministry", "Sophea"))
    report = next(each for each in objects() if each["type"] == "report" and each["name"] == PAYLOADS[0])
    page.goto(f"{origin}/intelligence/{report['id']}")
    assert page.locator("h1").inner_text() == PAYLOADS[0]
    context.close()
