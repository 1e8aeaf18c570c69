"""The pages of the story follow its book, their buttons leave wishes, and the bar of the tour stands above them."""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from inprocess import AppClient
from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.door import page
from kouprey.kernel.web.site import Site
from kouprey.node import fiction
from kouprey.node.banner import Banner
from kouprey.node.book import (
    AGAIN,
    BOOK,
    HAND,
    PLAY,
    SHORT,
    TURN,
    WHOLE,
    Book,
    Member,
    Page,
    Stop,
    Task,
    Tie,
    Wish,
    keep_place,
    read_place,
    read_way,
    said,
    take_wish,
    write_book,
)
from kouprey.node.chapters import CHAPTERS
from kouprey.node.demo import stops
from kouprey.node.hands import HANDED
from kouprey.node.pages import routes
from kouprey.node.tour import STEPS
from kouprey.people.service import People

HERE = "http://ministry.localhost:8420"
THERE = "http://operator.localhost:8421"
ORIGIN = {"Origin": HERE}
EVIL = "<script>alert(1)</script>"
SECRET = "s" * 43


class Door(People):
    """Knows one link, and the operator's card."""

    def __init__(self) -> None:
        self.spent = False

    def find_link_holder(self, secret: str) -> Any:
        return None if self.spent or secret != SECRET else SimpleNamespace(name="Sophea")

    def get_party(self, party: str) -> Any:
        return SimpleNamespace(card=SimpleNamespace(identities=("identity--5f8a3b0e-3a6e-4f0e-9d57-0c4f3c5d7a10",)))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def people() -> Door:
    return Door()


@pytest.fixture
def client(folder: Path, people: Door) -> AppClient:
    data = folder / "ministry"
    site = Site(
        node_id="ab12",
        party="cert.sovan.example",
        party_name="Ministry",
        version="0.0.0",
        origins=(HERE,),
        sign=lambda data: b"k" * 32,
        templates=("kouprey.node",),
        banner=Banner(data),
    )
    node = cast(Any, SimpleNamespace(data=data, services=SimpleNamespace(get=lambda kind: people)))
    plain = page("/partners/card", lambda request: request.render("frame.html"), open=True)
    return AppClient(build_app(site, [*routes(node), plain]), base_url=HERE, follow_redirects=False)


def book(told: int, **more: Any) -> Book:
    """A book of which so many chapters were played."""
    keys = [script.key for script in CHAPTERS]
    return Book(
        chapters=[
            Page(script.key, script.title, script.text, [said("seen")], list(script.look), played=n < told)
            for n, script in enumerate(CHAPTERS)
        ],
        stops=stops({"agreement": "agr_1", "server": "s", "report": "r", "witness": "w", "warning": "x"}, keys),
        members=[
            Member(each.key, each.name, each.nick, each.person, url, f"{url}/sign-in/{SECRET}", 7, True)
            for each, url in zip(fiction.CAST, (HERE, THERE, "http://neighbour.localhost:8422"), strict=True)
        ],
        **more,
    )


def states(text: str) -> list[str]:
    return re.findall(r'<li class="story-chapter ([a-z]+)"', text)


def place_of(key: str, *, before: bool) -> int:
    return next(
        n for n, stop in enumerate(book(0).stops) if CHAPTERS[stop.chapter].key == key and stop.before is before
    )


def test_before_it_begins_the_page_says_how_to_begin(client: AppClient) -> None:
    answer = client.get("/story")
    assert answer.status_code == 200 and "scripts/run" in answer.text
    assert 'action="/story"' not in answer.text and 'class="tour-bar"' not in answer.text


def test_chapters_are_told_with_their_state(client: AppClient, folder: Path) -> None:
    write_book(folder, book(2))
    text = client.get("/story").text
    assert states(text) == ["played", "played", "next", *["ahead"] * (len(CHAPTERS) - 3)]
    assert f"2 / {len(CHAPTERS)}" in text
    write_book(folder, book(2, playing=2))
    text = client.get("/story/now").text
    assert "<html" not in text and states(text)[:4] == ["played", "played", "playing", "ahead"]
    assert re.search(r"<button[^>]* disabled", text), "nobody turns two pages at once"


def test_the_button_turns_the_page(client: AppClient, folder: Path) -> None:
    write_book(folder, book(1))
    assert client.post("/story", headers=ORIGIN).headers["location"] == "/story"
    assert take_wish(folder) == Wish(PLAY, -1)
    assert client.post("/story", headers={"Origin": "http://stranger.example"}).status_code == 403
    assert take_wish(folder) is None


def test_a_failure_and_an_end_are_told(client: AppClient, folder: Path) -> None:
    failed = book(1)
    failed.chapters[1].failed = "The story does not hold."
    write_book(folder, failed)
    text = client.get("/story").text
    assert states(text)[:2] == ["played", "failed"] and "The story does not hold." in text
    write_book(folder, book(11, ended=True, numbers=[("parcels made and read", "3")], folder="/srv/story"))
    text = client.get("/story").text
    assert "What you have seen, in numbers" in text and "/srv/story" in text and "kouprey init" in text
    assert 'action="/story"' not in text and 'action="/story/again"' in text
    assert client.post("/story/again", headers=ORIGIN).status_code == 200
    assert take_wish(folder) == Wish(AGAIN, -1)


def test_the_picture_says_in_words_what_it_shows(client: AppClient, folder: Path) -> None:
    ties = [Tie("ministry", "operator", "works"), Tie("ministry", "neighbour", "cut", (3, 0))]
    write_book(folder, book(8, ties=ties))
    text = client.get("/story").text
    assert "Ministry – Operator: the link works" in text
    assert re.search(r"Ministry – Neighbour: the line is cut,\s+3 waiting", text)
    assert text.count('class="place of-') == 3 and 'class="tie-of cut"' in text


def test_the_book_is_only_text(client: AppClient, folder: Path) -> None:
    told = book(1)
    told.chapters[0] = Page("nodes", EVIL, EVIL, [said(EVIL), said("%(x)s", x=EVIL)], [("operator", "/", EVIL)], True)
    told.chapters[1].failed = EVIL
    told.members[1].name = told.members[1].nick = told.members[1].person = EVIL
    told.stops[0] = Stop(0, "ministry", "/story", EVIL, EVIL, EVIL, '"><script>')
    told.numbers = [(EVIL, EVIL)]
    told.ended = True
    told.folder = EVIL
    write_book(folder, told)
    for path in ("/story", "/story/now", "/story/step/2", "/story/bar?here=/story"):
        text = client.get(path).text
        assert EVIL not in text and '"><script>' not in text, path
    assert html.escape(EVIL) in client.get("/story").text


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"chapters": 3}', b"\xff"])
def test_a_book_that_cannot_be_read_is_none(client: AppClient, folder: Path, damaged: bytes) -> None:
    (folder / BOOK).write_bytes(damaged)
    assert client.get("/story").status_code == 200
    assert client.get("/partners/card").status_code == 200


def test_the_story_is_told_in_khmer(client: AppClient, folder: Path) -> None:
    write_book(folder, book(1))
    client.cookies.set("kouprey-ab12-language", "km")
    text = client.get("/story").text
    assert '<html lang="km"' in text and "តំណដាច់" in text and "The link is cut" not in text
    assert book(1).stops[0].text not in client.get("/partners/card").text


def test_a_step_is_told_on_its_page_and_remembered(client: AppClient, folder: Path) -> None:
    write_book(folder, book(2))
    place = place_of("cards", before=True)
    entered = client.get(f"/story/step/{place}")
    assert entered.status_code == 200 and f'action="/sign-in/{SECRET}"' in entered.text
    assert 'name="next" value="/partners/card"' in entered.text
    text = client.get("/partners/card").text
    stop = book(2).stops[place]
    assert stop.text in text and stop.caption in text and f'data-target="{stop.target}"' in text
    assert read_place(folder, book(2)) == place
    # Whoever looks around finds the way back.
    away = client.get("/story/bar?here=/partners").text
    assert stop.text not in away and "Go on with the tour" in away


def test_a_step_of_another_party_is_told_at_its_node(client: AppClient, folder: Path) -> None:
    write_book(folder, book(3))
    place = place_of("agreement", before=False)
    client.cookies.set("kouprey-ab12-language", "km")
    answer = client.get(f"/story/step/{place}")
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{THERE}/story/step/{place}?lang=km&theme=auto"
    # After a form, a browser would not follow there: the page does.
    waiting = client.get(f"/story/step/{place}?wait=1")
    assert waiting.status_code == 200 and f'data-go="{THERE}/story/step/{place}?' in waiting.text


def test_language_and_theme_come_along(client: AppClient, folder: Path) -> None:
    write_book(folder, book(3))
    answer = client.get("/story/at?to=/ledger&lang=km&theme=dark")
    kept = answer.headers.get_list("set-cookie")
    assert any("-language=km" in each for each in kept) and any("-theme=dark" in each for each in kept)
    assert not client.get("/story/at?to=/ledger&lang=xx&theme=loud").headers.get_list("set-cookie")


def test_a_step_whose_chapter_was_not_played_has_it_played(client: AppClient, folder: Path) -> None:
    write_book(folder, book(2))
    place = place_of("agreement", before=False)
    keep_place(folder, place - 1)
    assert f'action="/story/step/{place}"' in client.get("/story/bar?here=/agreements").text
    assert "Show me" in client.get(f"/story/step/{place}").text
    answer = client.post(f"/story/step/{place}", headers=ORIGIN)
    assert answer.headers["location"] == f"/story/step/{place}?wait=1"
    assert take_wish(folder) == Wish(PLAY, 2)
    assert f'data-wait="/story/step/{place}?wait=1"' in client.get(f"/story/step/{place}?wait=1").text
    # What is told before a chapter needs only those that come earlier.
    client.post(f"/story/step/{place_of('publish', before=True)}", headers=ORIGIN)
    assert take_wish(folder) == Wish(PLAY, 3)


def test_a_short_tour_passes_by_what_the_whole_one_tells(client: AppClient, folder: Path) -> None:
    write_book(folder, book(len(CHAPTERS)))
    place = next(n for n, step in enumerate(STEPS) if step.party == "ministry" and STEPS[n + 1].deeper)
    then = next(n for n, step in enumerate(STEPS) if n > place and not step.deeper)
    assert then > place + 1
    bar = f"/story/bar?here={book(0).stops[place].path}"
    for words, way, following in (
        ("Go on with the tour", "", then),
        ("Take the whole tour", WHOLE, place + 1),
        ("Take the short tour", SHORT, then),
    ):
        assert words in client.get("/story").text
        client.get(f"/story/step/{place}{'?way=' * bool(way)}{way}")
        assert f'href="/story/step/{following}"' in client.get(bar).text, way
    client.get(f"/story/step/{place}?way=another")
    assert read_way(folder) == SHORT


@pytest.mark.parametrize("step", ["-1", str(len(STEPS)), "999", "1e1", "x", "１", "9999999999"])
def test_there_are_no_other_steps(client: AppClient, folder: Path, step: str) -> None:
    write_book(folder, book(len(CHAPTERS)))
    assert client.get(f"/story/step/{step}").status_code == 404


def test_a_link_that_was_spent_is_waited_for(client: AppClient, folder: Path, people: Door) -> None:
    write_book(folder, book(1))
    people.spent = True
    text = client.get("/story/at?to=/ledger").text
    assert "/sign-in/" not in text and "One moment" in text and "data-wait" in text


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "\\evil"])
def test_nobody_is_led_elsewhere(client: AppClient, folder: Path, to: str) -> None:
    write_book(folder, book(1))
    assert 'name="next" value="/"' in client.get("/story/at", params={"to": to}).text


def test_a_chapter_is_done_by_hand(client: AppClient, folder: Path) -> None:
    write_book(folder, book(2))
    number = [script.key for script in CHAPTERS].index("agreement")
    keep_place(folder, place_of("agreement", before=True))
    assert "Do it yourself" in client.get(f"/story/hand/{number}").text
    assert client.post(f"/story/hand/{number}", headers=ORIGIN).headers["location"] == f"/story/hand/{number}"
    assert take_wish(folder) == Wish(HAND, number)
    told = book(2, hand=number)
    told.chapters[number].tasks = [
        Task("As Rith: sign.", "operator", "/agreements", said("%(party)s has not signed yet.", party="Borei"), False),
        Task("As Anan: sign the same memorandum.", "neighbour", "/agreements", None, True),
    ]
    write_book(folder, told)
    for text in (client.get(f"/story/hand/{number}").text, client.get("/story/bar?here=/agreements").text):
        assert "Borei has not signed yet." in text and f"{THERE}/story/at?to=/agreements" in text
        assert re.search(r'<li class="[^"]*done">', text) and "Show me" in text
    told.chapters[number].played, told.hand = True, -1
    write_book(folder, told)
    after = place_of("agreement", before=False)
    assert f'href="/story/step/{after}"' in client.get(f"/story/hand/{number}", headers={"X-Fragment": "yes"}).text


def test_what_nobody_can_do_by_hand_is_not_offered(client: AppClient, folder: Path) -> None:
    write_book(folder, book(7))
    number = [script.key for script in CHAPTERS].index("cut")
    assert client.get(f"/story/hand/{number}").status_code == client.get("/story/hand/99").status_code == 404
    ahead = [script.key for script in CHAPTERS].index("proof")
    assert "has not come to this chapter yet" in client.get(f"/story/hand/{ahead}").text


def test_what_hands_need_is_handed_over(client: AppClient, folder: Path) -> None:
    write_book(folder, book(3))
    file = client.get("/story/material/paper-lantern.json")
    assert file.json()["type"] == "bundle" and "attachment" in file.headers["content-disposition"]
    assert client.get("/story/material/other.json").status_code == 404
    mail = [script.key for script in CHAPTERS].index("mail")
    assert html.escape(fiction.MAIL.splitlines()[0]) in client.get(f"/story/hand/{mail}").text


def test_a_ledger_is_given_to_the_verifier(client: AppClient, folder: Path) -> None:
    write_book(folder, book(10, hand=10))
    assert client.post("/story/proof", headers=ORIGIN, data={"x": "y"}).status_code == 400
    sent = client.post("/story/proof", headers=ORIGIN, files={"ledger": ("a.ledger", b"lines")})
    assert sent.headers["location"] == "/story/hand/10"
    assert (folder / HANDED).read_bytes() == b"lines"
    assert not list(folder.glob("*.new")) and not (folder / TURN).exists()
