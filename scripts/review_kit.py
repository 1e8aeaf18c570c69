"""A folder for somebody who checks a translation: all texts in a table, and pictures of the pages they stand on."""

from __future__ import annotations

import csv
import re
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import catalogues

from kouprey.kernel.web.language import LANGUAGES, own_name
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor
from kouprey.node.cuts import ProcessCut
from kouprey.node.fiction import CAST
from kouprey.node.story import Story
from kouprey.people.model import Role
from kouprey.people.service import People

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
HEAD = ("text", "translation", "where", "pictures", "comment")
SHORTEST = 4
"""Characters of a translation that is looked for on pictures: shorter ones stand in the middle of other words."""


def rows(code: str, seen: Mapping[str, str]) -> Iterator[tuple[str, str, str, str, str]]:
    """Every text with its translation. `seen`: name of a picture -> the words on it."""
    known = catalogues.translated(code, catalogues.folders())
    told = [text for text in catalogues.collect_told() if catalogues.forms_of(text, known)]
    for text in (*catalogues.collect(), *told):
        forms = catalogues.forms_of(text, known)
        pictures = [name for name, words in seen.items() if any(appears(form, words) for form in forms)]
        message = f"{text.message}\n{text.many}" if text.many else text.message
        yield message, "\n".join(forms), " ".join(text.places), " ".join(pictures), ""


def appears(form: str, words: str) -> bool:
    """Whether a translation stands among words, whatever its blanks are filled with."""
    parts = [re.escape(" ".join(part.split())) for part in re.split(r"%\(\w+\)s|\{\d\}", form)]
    if sum(map(len, parts)) < SHORTEST:
        return False
    return re.search(".{0,80}?".join(parts), words) is not None


def write(file: Path, table: Iterable[tuple[str, ...]]) -> int:
    """As spreadsheets open it: with the mark by which they know UTF-8. How many texts."""
    lines = list(table)
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out).writerows([HEAD, *lines])
    return len(lines)


@contextmanager
def ministry() -> Iterator[tuple[str, str]]:
    """A node that has lived the whole story: its address, and a link that signs somebody in who may do everything."""
    with tempfile.TemporaryDirectory() as folder:
        held = [socket.create_server(("127.0.0.1", 0)) for _ in CAST]
        ports = [each.getsockname()[1] for each in held]
        for each in held:
            each.close()
        actors = {
            cast.key: Actor(
                cast=cast,
                folder=Path(folder) / cast.key,
                address=f"127.0.0.1:{port}",
                url=f"http://{cast.key}.localhost:{port}",
            )
            for cast, port in zip(CAST, ports, strict=True)
        }
        story = Story(actors, verifier=catalogues.ROOT / "examples" / "verify_ledger.py", cut=ProcessCut())
        try:
            for chapter in story.chapters:
                story.play(chapter)
            with actors["ministry"].services() as services:
                people = services.get(People)
                person = people.save_person("Reviewer", tuple(Role), TLP.RED, by="review")
                secret = people.make_sign_in_link(person, by="review")
            yield actors["ministry"].url, f"{actors['ministry'].url}/sign-in/{secret}"
        finally:
            story.stop()


def shoot(code: str, folder: Path) -> dict[str, str]:
    """Pictures of every page in a language; name of a picture -> the words on it."""
    from playwright.sync_api import sync_playwright

    from browser.pages import PAGES

    seen: dict[str, str] = {}
    folder.mkdir(parents=True, exist_ok=True)
    with ministry() as (origin, link), sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, extra_http_headers={"Accept-Language": code})
        page.goto(link)
        page.click("main form button")
        page.wait_for_url(f"{origin}/")
        for path in PAGES:
            page.goto(origin + path)
            name = f"{path.strip('/').replace('/', '-') or 'overview'}.png"
            page.screenshot(path=folder / name, full_page=True)
            seen[name] = " ".join(str(page.evaluate("document.body.textContent")).split())
        browser.close()
    return seen


def main(arguments: list[str]) -> int:
    """LANGUAGE [FOLDER]."""
    if not arguments or arguments[0] not in LANGUAGES:
        print(f"review-kit: name a language: {', '.join(LANGUAGES)}", file=sys.stderr)
        return 2
    code = arguments[0]
    folder = Path(arguments[1] if len(arguments) > 1 else f"review-{code}")
    folder.mkdir(parents=True, exist_ok=True)
    seen: dict[str, str] = {}
    if CHROMIUM is None:
        print("review-kit: no Chromium is installed, so there are no pictures", file=sys.stderr)
    else:
        seen = shoot(code, folder / "pictures")
    count = write(folder / "texts.csv", rows(code, seen))
    print(f"{own_name(code)}: {count} texts in {folder / 'texts.csv'}, {len(seen)} pictures")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
