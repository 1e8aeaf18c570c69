"""Pictures and measures of every page of the story's ministry, after the story was played."""

from __future__ import annotations

import argparse
import html
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from browser.furnishing import furnish  # noqa: E402  # tests are found by the path above
from browser.measuring import Faults, measure  # noqa: E402  # tests are found by the path above
from browser.pages import find_unvisited  # noqa: E402  # tests are found by the path above
from browser.stage import CHROMIUM, Stage, open_chromium, open_context, open_stage, sign_in  # noqa: E402  # tests are found by the path above
from browser.visits import VISITS, answers_wrongly, begin  # noqa: E402  # tests are found by the path above
from browser.walking import doors_of, find_pages  # noqa: E402  # tests are found by the path above
from kouprey.constituents.service import Constituents  # noqa: E402  # tests are found by the path above
from kouprey.kernel.web.language import LANGUAGES  # noqa: E402  # tests are found by the path above

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playwright.sync_api import Browser, BrowserContext

    from kouprey.kernel.web.door import Door

THEMES = ("light", "dark")
WIDTHS = (1440, 390)
FAULTS = ("clipped", "overlapping", "scrolling")


class Shot(msgspec.Struct):
    """One picture and what was measured on it."""

    door: str
    address: str
    theme: str
    width: int
    language: str
    file: str
    status: int
    faults: Faults


def main() -> int:
    """Exit code 1 when anything is clipped, overlapping or scrolling sideways, or a page answers with an error."""
    words = argparse.ArgumentParser(prog="scripts/shots", description=__doc__)
    words.add_argument("--to", type=Path, default=ROOT / "build" / "shots", help="folder of the pictures")
    words.add_argument("--only", action="append", default=[], help="only addresses with this word; may be repeated")
    words.add_argument("--languages", default=",".join(LANGUAGES), help="codes, separated by commas")
    words.add_argument("--themes", default=",".join(THEMES))
    words.add_argument("--examples", type=int, default=1, help="pages of each door with a placeholder")
    words.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    given = words.parse_args()
    if CHROMIUM is None:
        print("shots: no Chromium is installed", file=sys.stderr)
        return 2
    given.to.mkdir(parents=True, exist_ok=True)
    shots: list[Shot] = []
    with tempfile.TemporaryDirectory() as folder, open_stage(Path(folder)) as stage, open_chromium() as browser:
        furnish(stage)
        doors = doors_of(stage)
        state = signed_in(browser, stage.link("ministry"))
        walking = context_of(browser, state, "en", "light", 1440)
        origin = stage.actors["ministry"].url
        page = walking.new_page()
        seeds = [*begin(page, origin), urlsplit(stage.link("ministry")).path]
        page.close()
        found = list(find_pages(walking, origin, doors, given.examples, seeds))
        walking.close()
        # Constituents see pages of their own, which nobody of the party does.
        pages = [each for each in found if wanted(each[1], given.only) and not each[1].startswith("/yours")]
        theirs, seen = hosted(browser, stage, doors, given.examples)
        theirs = [each for each in theirs if wanted(each[1], given.only)]
        print(f"{len(pages)} pages, {len(theirs)} of constituents", flush=True)
        if not given.only:
            unvisited = find_unvisited(doors, (door for door, _ in (*pages, *theirs)))
            print(f"never reached: {', '.join(unvisited) or 'none'}", flush=True)
        for language in given.languages.split(","):
            for theme in given.themes.split(","):
                for width in map(int, given.widths.split(",")):
                    with_state = context_of(browser, state, language, theme, width)
                    for door, address in pages:
                        shots.append(shoot(with_state, stage, door, address, theme, width, language, given.to))
                    for name, play in VISITS.items():
                        if wanted(name, given.only):
                            shots.append(
                                shoot(with_state, stage, name, name, theme, width, language, given.to, play=play)
                            )
                    with_state.close()
                    as_theirs = context_of(browser, seen, language, theme, width)
                    for door, address in theirs:
                        shots.append(shoot(as_theirs, stage, door, address, theme, width, language, given.to))
                    as_theirs.close()
                    print(f"{language} {theme} {width}: {len(shots)} pictures", flush=True)
    return report(given.to, shots)


def wanted(address: str, only: list[str]) -> bool:
    # The overview has no word in its address.
    return not only or any(word in ("overview" if address == "/" else address) for word in only)


def hosted(browser: Browser, stage: Stage, doors: Sequence[Door], examples: int) -> tuple[list[tuple[str, str]], Any]:
    """The pages of somebody whose constituent the ministry hosts, and their state of being signed in."""
    with stage.actors["ministry"].services() as services:
        _, secret = services.get(Constituents).invite("gazette.example", "Sok Dara (Gazette)", by="test")
    origin = stage.actors["ministry"].url
    state = signed_in(browser, f"{origin}/sign-in/{secret}")
    context = context_of(browser, state, "en", "light", 1440)
    pages = list(find_pages(context, origin, doors, examples, ["/yours", "/yours/search?q=192.0.2.20"]))
    context.close()
    return [each for each in pages if each[1].startswith("/yours")], state


def signed_in(browser: Browser, link: str) -> Any:
    context = open_context(browser)
    page = context.new_page()
    sign_in(page, link)
    state = context.storage_state()
    context.close()
    return state


def context_of(browser: Browser, state: Any, language: str, theme: str, width: int) -> BrowserContext:
    context = open_context(browser, language=language, theme=theme, width=width)
    # Not what a person has chosen, but what this picture shall show.
    cookies = [each for each in state["cookies"] if not each["name"].endswith(("-language", "-theme"))]
    context.add_cookies(cookies)
    for each in list(cookies):
        for name, value in (("language", language), ("theme", theme)):
            context.add_cookies([{**each, "name": f"{each['name']}-{name}", "value": value}])
    return context


def shoot(
    context: BrowserContext,
    stage: Stage,
    door: str,
    address: str,
    theme: str,
    width: int,
    language: str,
    to: Path,
    play: Any = None,
) -> Shot:
    page = context.new_page()
    statuses: list[int] = []
    page.on(
        "response", lambda answer: statuses.append(answer.status) if answer.request.is_navigation_request() else None
    )
    try:
        page.set_viewport_size({"width": width, "height": 900})
        origin = stage.actors["ministry"].url
        if play is None:
            page.goto(origin + address)
        else:
            play(page, origin)
        page.wait_for_timeout(120)
        faults = measure(page)
        name = re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")[:80] or "overview"
        file = f"{name}.{language}.{theme}.{width}.png"
        page.screenshot(path=to / file, full_page=False)
        return Shot(door, address, theme, width, language, file, statuses[-1], faults)
    finally:
        page.close()


def report(to: Path, shots: list[Shot]) -> int:
    (to / "report.json").write_bytes(msgspec.json.format(msgspec.json.encode(shots)))
    rows = "".join(
        f'<figure><img loading="lazy" src="{shot.file}"><figcaption>{html.escape(shot.address)} {shot.language} '
        f"{shot.theme} {shot.width} {html.escape(str(shot.faults) if shot.faults else '')}</figcaption></figure>"
        for shot in shots
    )
    (to / "index.html").write_text(
        "<!doctype html><meta charset=utf-8><style>body{display:flex;flex-wrap:wrap;gap:1rem}"
        f"figure{{margin:0;width:30rem}}img{{width:100%;border:1px solid #888}}</style>{rows}",
        "utf-8",
    )
    wrong = [
        (shot, f"{shot.address} answers {shot.status}") for shot in shots if answers_wrongly(shot.address, shot.status)
    ]
    kinds = {kind: [(shot, each) for shot in shots for each in getattr(shot.faults, kind)] for kind in FAULTS}
    for kind, found in {"answered with an error": wrong, **kinds}.items():
        print(f"{kind}: {len(found)}")
        told: dict[str, list[str]] = {}
        for shot, each in found:
            told.setdefault(f"{shot.door}  {each}", []).append(f"{shot.language}/{shot.theme}/{shot.width}")
        for what, where in list(told.items())[:80]:
            print(f"  {what}  [{', '.join(where[:4])}{' …' if len(where) > 4 else ''}]")
    print(f"{len(shots)} pictures in {to}; open index.html there")
    return int(bool(wrong) or any(shot.faults for shot in shots))


if __name__ == "__main__":
    sys.exit(main())
