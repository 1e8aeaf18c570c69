"""By stick, by hand and by keys alone: parcels made on one page, carried by two relays, read on another page.

They come shuffled and doubled, and one is withheld. The receiver's page names the gap, the sender's page takes the slip
as it was typed from the telephone, and in the end both pages show the same root.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser import hands
from browser.stage import Stage, open_context, sign_in
from journeys import sticks
from kouprey.federation.service import Federation
from kouprey.kernel.words.tlp import TLP
from kouprey.node.actors import Actor
from kouprey.people.model import Role

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Seat = tuple["Page", Actor]


@pytest.fixture
def seats(chromium: Browser, tmp_path: Path) -> Iterator[tuple[Seat, Seat, Seat]]:
    """The ministry and the operator with an agreement and no link, a relay who is a stranger to it; a person each."""
    actors = sticks.found(tmp_path, (sticks.MINISTRY, sticks.OPERATOR, sticks.RELAY))
    sticks.acquaint(*actors)
    agreement = sticks.agree(actors[0], actors[1], tmp_path)
    (tmp_path / "agreement").write_text(agreement)
    made = []
    for actor in actors:
        actor.start()
        page = open_context(chromium).new_page()
        page.set_default_timeout(60_000)
        sign_in(page, Stage({actor.cast.key: actor}).link(actor.cast.key, actor.cast.person, tuple(Role), TLP.RED))
        made.append((page, actor))
    yield made[0], made[1], made[2]
    for page, actor in made:
        page.context.close()
        actor.stop()


def parcels(seat: Seat) -> Page:
    page, actor = seat
    page.goto(f"{actor.url}/partners/parcels")
    return page


def make(seat: Seat, reader: Actor, stick: Path, *, slip: str = "") -> Path:
    """Choose what goes in, and keep the file that is downloaded under the name it has."""
    page = parcels(seat)
    hands.press(page.locator("main li", has_text=reader.cast.name).get_by_role("link", name="Choose what"))
    if slip:
        hands.write(page.get_by_label("Their slip"), slip)
    else:
        hands.choose(page.get_by_label("Without a slip"), "Only what no parcel")
    with page.expect_download() as download:
        hands.press(page.get_by_role("button", name="Make the parcel"))
    file = stick / download.value.suggested_filename
    download.value.save_as(file)
    return file


def drop(seat: Seat, file: Path) -> Page:
    page = parcels(seat)
    hands.give(page.get_by_label("The .kpx file"), str(file))
    with page.expect_navigation():
        hands.press(page.get_by_role("button", name="Read it"))
    return page


def lanes(seat: Seat, author: Actor) -> dict[str, tuple[int, str]]:
    """Tag -> (size, root) of the lanes of an author as the ledger's pages show them."""
    page, actor = seat
    with actor.services() as services:
        tags = [lane.tag for lane in services.get(Federation).ledger.list_lanes() if lane.author == author.party]
    shown = {}
    for tag in tags:
        page.goto(f"{actor.url}/ledger/{tag}")
        text = page.get_by_role("main").inner_text()
        size = re.search(r"Entries signed\s+(\d+)", text)
        # What is for checking stands folded.
        folded = [each.strip() for each in page.locator("details dd").all_text_contents()]
        root = next(filter(None, (re.fullmatch(r"[0-9a-f]{64}", each) for each in folded)), None)
        assert size and root, text
        shown[tag] = (int(size[1]), root[0])
    return shown


def test_parcels_by_two_relays_end_in_the_same_root(seats: tuple[Seat, Seat, Seat], tmp_path: Path) -> None:
    ministry, operator, relay = seats
    agreement = (tmp_path / "agreement").read_text()
    # Two relays: a node that is no party of the agreement, and a stick.
    by_node, by_stick = tmp_path / "by-node", tmp_path / "by-stick"
    for place in (by_node, by_stick):
        place.mkdir()
    made = []
    for number in range(5):
        sticks.publish(ministry[1], agreement, f"n{number}", number + 1, tmp_path)
        made.append(make(ministry, operator[1], (by_node, by_stick)[number % 2]))
        assert re.fullmatch(r"[0-9a-f]{32}\.kpx", made[-1].name), "the name tells nobody whom it is for"

    # The relay looks into what it carries, and sees nothing; what it passes on is what it got.
    before = made[0].read_bytes()
    expect(drop(relay, made[0]).get_by_role("main")).to_contain_text("cannot be opened")
    assert made[0].read_bytes() == before

    withheld = made[2]
    for file in (made[4], made[1], made[4], made[0], made[3], made[1]):
        page = drop(operator, file)
    main = page.get_by_role("main")
    expect(main).to_contain_text("3 entries are missing before others that came.")
    slip = page.locator("main code", has_text="please send").first.inner_text()
    first = re.fullmatch(r"please send ([0-9a-f]{12}) (\d+)-(\d+) of (\d+)", slip)
    assert first and int(first[3]) - int(first[2]) + 1 == 3, slip

    heard = " ".join(slip.upper().replace("0", "O").replace("-", " - "))
    heard = re.sub(r"(?<=\S) (?=\S)", "", heard).replace("   ", " ")
    answer = make(ministry, operator[1], by_stick, slip=heard)
    assert answer.name != withheld.name
    page = drop(operator, answer)
    expect(page.get_by_role("main")).to_contain_text("Everything in it was checked and kept.")
    expect(page.get_by_role("main")).not_to_contain_text("missing before others")
    assert re.search(
        r"please send [0-9a-f]{12} from \d+",
        page.locator("main code", has_text="please send").first.text_content().strip(),
    )

    given, taken = lanes(ministry, ministry[1]), lanes(operator, ministry[1])
    assert given == taken and len(given) == 1, "the same root on both pages"
    # The one that was withheld turns up in the end, and changes nothing.
    expect(drop(operator, withheld).get_by_role("main")).to_contain_text(re.compile(r"New entries\s*0"))
    assert lanes(operator, ministry[1]) == given
