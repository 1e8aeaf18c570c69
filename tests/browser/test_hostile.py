"""What others wrote is text, wherever a page shows it: nothing runs, and nothing is asked of anybody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec
import pytest
from playwright.sync_api import expect

from browser.besieging import FILE, Watch, open_besieged
from browser.hands import press, reach
from browser.hostile import EVENT, PAYLOADS, objects
from browser.mutants import MUTANTS, Mutant, environment
from browser.stage import Stage
from browser.walking import doors_of, find_pages

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with open_besieged(tmp_path_factory.mktemp("besieged")) as stage:
        yield stage


@pytest.fixture
def watch(chromium: Browser, besieged: Stage) -> Iterator[Watch]:
    made = Watch(chromium, besieged)
    with closing(made.context):
        yield made


def test_there_are_enough_of_them() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60
    together = msgspec.json.encode(objects()).decode()
    assert all(msgspec.json.encode(each).decode()[1:-1] in together for each in PAYLOADS)
    colours = msgspec.json.encode(EVENT).decode()
    assert all(msgspec.json.encode(each).decode()[1:-1] in colours for each in PAYLOADS)


def test_nothing_runs_and_nothing_is_asked_of_others(
    watch: Watch, besieged: Stage, request: pytest.FixtureRequest
) -> None:
    """Every page, one object of each type, and every third payload as an indicator; with --long all there are.

    Each payload is in one of those objects anyway, and on lists.
    """
    every = request.config.getoption("--long")
    doors, examples = doors_of(besieged), 2 if every else 1
    addresses = [a for _, a in find_pages(watch.context, watch.origin, doors, examples, alike=not every)]
    of_payloads = [each for each in objects() if each["type"] == "indicator"]
    addresses += [f"/intelligence/{each['id']}" for each in (objects() if every else of_payloads[::3])]
    addresses += ["/intelligence?q=script", "/intelligence?q=%3Cscript%3Ewindow.done%3D1%3C/script%3E"]
    shown = sum("window.done=1" in watch.look(address) for address in dict.fromkeys(addresses))
    assert not watch.wrong, "\n".join(watch.wrong[:60])
    # They were shown, so that pages without them do not pass.
    assert shown > len(PAYLOADS) // 2


def test_the_graph_draws_and_lists_them(watch: Watch) -> None:
    """Of the object that all the others are related with, so that every payload is a name and a relation in it."""
    target = next(each for each in objects() if each["type"] == "malware")
    shown = watch.look(f"/intelligence/{target['id']}/graph")
    assert not watch.wrong, "\n".join(watch.wrong[:60])
    assert shown.count("window.done=1") > len(PAYLOADS)


def test_files_pasted_texts_and_searches_are_shown_as_text(watch: Watch, request: pytest.FixtureRequest) -> None:
    page = watch.page
    watch.look("/intelligence/import")
    expect(page.locator("[data-dropped] li")).to_have_text([FILE, FILE])
    press(page.get_by_role("button", name="Import", exact=True))
    expect(page.locator("h1")).not_to_have_text("Import")
    watch.examine()
    watch.look("/intelligence/imports")
    watch.look("/intelligence/text")
    reach(page.locator("main textarea").first)
    page.keyboard.insert_text("\n".join(f"https://bad.example/{quote(each)} {each}" for each in PAYLOADS))
    press(page.get_by_role("button", name="Find values"))
    expect(page.locator("h1")).to_have_text("Choose values")
    watch.examine()
    watch.look("/intelligence/new/indicator")
    reach(page.get_by_label("What to look for"))
    page.keyboard.insert_text(f"https://bad.example/{PAYLOADS[0]}")
    expect(page.locator("#coach")).to_contain_text("URL")
    watch.examine()
    for each in PAYLOADS if request.config.getoption("--long") else PAYLOADS[::3]:
        watch.look(f"/intelligence?q={quote(each)}")
    assert not watch.wrong, "\n".join(watch.wrong[:60])


def test_a_hostile_text_is_read_as_it_was_written(watch: Watch) -> None:
    report = next(each for each in objects() if each["type"] == "report" and each["name"] == PAYLOADS[0])
    watch.look(f"/intelligence/{report['id']}")
    assert watch.page.locator("h1").inner_text() == PAYLOADS[0]


@pytest.mark.long
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.name}: {mutant.wrong}")
def test_a_wrong_page_does_not_survive(mutant: Mutant, chromium: Browser, besieged: Stage, tmp_path: Path) -> None:
    """The node is started anew from a copy of the product that is wrong in one way, over the same data."""
    actor = besieged.actors["ministry"]
    actor.stop()
    actor.environment = environment(mutant, tmp_path)
    try:
        actor.start()
        watch = Watch(chromium, besieged)
        with closing(watch.context):
            for address in mutant.addresses:
                watch.look(address)
    finally:
        actor.stop()
        actor.environment = {}
        actor.start()
    found = "\n".join(watch.wrong)
    assert any(each in found for each in mutant.seen), f"not seen: {mutant.wrong}\n{found}"
