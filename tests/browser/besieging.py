"""A node in which whatever has a name is hostile, and somebody who looks at its pages for what came alive."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from browser.hands import give, press, reach
from browser.hostile import EVENT, PAYLOADS, objects
from browser.stage import Stage, open_context, sign_in
from kouprey.node.actors import Actor
from kouprey.node.fiction import Cast

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Response

FILE = "<img src=x onerror=window.done=1>.json"

_ALIVE = """() => {
  const wrong = [];
  if (window.done) wrong.push('something ran');
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('on') || name === 'style' || name === 'srcdoc') wrong.push(`${element.localName} ${name}`);
      if (/^(href|src|action|formaction|xlink:href|data|poster|srcset)$/.test(name)) {
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
_STRICT = ("default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "form-action 'self'")


@contextmanager
def open_besieged(folder: Path) -> Iterator[Stage]:
    """A node whose party, people, files, objects and whatever else has a name are hostile."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    cast = Cast("ministry", "cert.sovan.example", PAYLOADS[11], "Sophea", "liaison")
    actor = Actor(cast, folder / "node", f"127.0.0.1:{port}", f"http://ministry.localhost:{port}")
    at = actor.command
    named = ["--party", cast.party, "--name", cast.name, "--listen", actor.address, "--url", actor.url]
    at("init", str(actor.folder), *named)
    actor.start()
    try:
        file = folder / FILE
        body = {"type": "bundle", "id": "bundle--6a1d0c5e-2f4b-4f7e-9a57-1f7a0f6b9d21", "objects": objects()}
        file.write_bytes(msgspec.json.encode(body))
        at("import", str(file), "--tlp", "green")
        event = folder / f"event {FILE}"
        event.write_bytes(msgspec.json.encode(EVENT))
        at("misp", "import", str(event), "--tlp", "green")
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


class Watch:
    """A browser of somebody who is signed in; `wrong` says what came alive on the pages it looked at, and where."""

    def __init__(self, chromium: Browser, besieged: Stage) -> None:
        self.origin = besieged.actors["ministry"].url
        self.wrong: list[str] = []
        self.context = open_context(chromium)
        self.page: Page = self.context.new_page()
        self.page.on("request", lambda asked: self._own(asked.url) or self._say(f"asked for {asked.url}"))
        self.page.on("dialog", lambda dialog: (self._say(f"said {dialog.message}"), dialog.dismiss()))
        self.page.on("console", lambda said: self._say(said.text) if "Refused" in said.text else None)
        self.page.on("response", self._judge)
        sign_in(self.page, besieged.link("ministry", PAYLOADS[17]))

    def look(self, address: str) -> str:
        """Open a page, and wait for what its scripts make of it; what it shows, as markup."""
        self.page.goto(self.origin + address)
        self.examine()
        if address.partition("?")[0].endswith("/graph"):
            self._choose_in_graph()
            self.examine()
        if address == "/intelligence/import":
            self.give_files()
        return self.page.content()

    def examine(self) -> None:
        """Look at the page as it is now."""
        from playwright.sync_api import Error

        try:
            found = self.page.evaluate(_ALIVE)
        except Error:
            found = ["it went elsewhere by itself"]
        for each in found:
            self._say(each)

    def give_files(self) -> None:
        """Choose files with a hostile name, on the page of imports."""
        file = {"name": FILE, "mimeType": "text/plain", "buffer": b"See https://bad.example/x"}
        give(self.page.locator("#f-file"), file, file)
        self.page.locator("[data-dropped] li").first.wait_for()
        self.examine()

    def _choose_in_graph(self) -> None:
        """What the picture tells of the object it begins with, and of the next: drawn, listed, and read beside it."""
        page = self.page
        if not page.locator("#graph").count():
            return
        page.wait_for_selector("#graph[data-laid=yes][data-listed]", timeout=30_000)
        self.examine()
        reach(page.locator("canvas"))
        for _ in range(2):
            page.keyboard.press("ArrowRight")
            page.locator(".graph-facts > *").first.wait_for()
            self.examine()
        for more in page.locator(".graph-ties summary").all():
            press(more)

    def _own(self, url: str) -> bool:
        return url.startswith((self.origin, "data:", "blob:", "about:"))

    def _judge(self, answer: Response) -> None:
        if "text/html" in answer.headers.get("content-type", ""):
            policy = answer.headers.get("content-security-policy", "no policy")
            if not all(each in policy.split("; ") for each in _STRICT):
                self._say(f"policy: {policy}" if policy != "no policy" else policy)

    def _say(self, what: str) -> None:
        self.wrong.append(f"{self.page.url.removeprefix(self.origin)}: {what}")
