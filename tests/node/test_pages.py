"""The story page: it follows the book, and its button turns the page."""

from __future__ import annotations

import html
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest
from starlette.testclient import TestClient

from kouprey.kernel.web.app import build_app
from kouprey.kernel.web.site import Site
from kouprey.node.demo import BOOK, TURN, Book, Page
from kouprey.node.pages import routes

HERE = "http://ministry.localhost:8420"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def client(folder: Path) -> TestClient:
    site = Site(
        node_id="ab12",
        party="cert.sovan.example",
        party_name="Ministry",
        version="0.0.0",
        origins=(HERE,),
        sign=lambda data: b"k" * 32,
        templates=("kouprey.node",),
    )
    node = cast(Any, SimpleNamespace(data=folder / "ministry"))
    return TestClient(build_app(site, routes(node)), base_url=HERE, follow_redirects=False)


def write(folder: Path, book: Book) -> None:
    (folder / BOOK).write_bytes(msgspec.json.encode(book))


def states(text: str) -> list[str]:
    return re.findall(r'<li class="story-chapter ([a-z]+)"', text)


def chapters(*played: bool) -> list[Page]:
    return [
        Page(title=f"Chapter {n}", text="What happens.", seen=[f"seen {n}"] if each else [], played=each)
        for n, each in enumerate(played)
    ]


def test_before_it_begins_the_page_says_how_to_begin(client: TestClient) -> None:
    answer = client.get("/story")
    assert answer.status_code == 200 and "scripts/run" in answer.text
    assert '<form method="post" action="/story">' not in answer.text


def test_chapters_are_told_with_their_state(client: TestClient, folder: Path) -> None:
    write(folder, Book(chapters=chapters(True, True, False, False)))
    text = client.get("/story").text
    assert states(text) == ["played", "played", "next", "ahead"]
    assert "seen 0" in text and "2 / 4" in text
    write(folder, Book(chapters=chapters(True, True, False, False), playing=2))
    text = client.get("/story/chapters").text
    assert "<html" not in text and states(text) == ["played", "played", "playing", "ahead"]
    assert re.search(r"<button[^>]* disabled", text), "nobody turns two pages at once"


def test_the_button_turns_the_page_once(client: TestClient, folder: Path) -> None:
    write(folder, Book(chapters=chapters(True, False)))
    assert client.post("/story", headers={"Origin": HERE}).headers["location"] == "/story"
    assert (folder / TURN).exists()
    (folder / TURN).unlink()
    assert client.post("/story", headers={"Origin": "http://stranger.example"}).status_code == 403
    assert not (folder / TURN).exists()


def test_a_failure_and_an_end_are_told(client: TestClient, folder: Path) -> None:
    failed = chapters(True, False)
    failed[1].failed = "The story does not hold."
    write(folder, Book(chapters=failed))
    text = client.get("/story").text
    assert states(text) == ["played", "failed"] and "The story does not hold." in text
    write(folder, Book(chapters=chapters(True, True), ended=True))
    text = client.get("/story").text
    assert "The three nodes are yours" in text and '<form method="post" action="/story">' not in text


def test_the_book_is_only_text(client: TestClient, folder: Path) -> None:
    page = Page(title=EVIL, text=EVIL, seen=[EVIL], look=[(EVIL, "http://operator.localhost:8421/ledger")], played=True)
    people = [(EVIL, EVIL, "http://ministry.localhost:8420/sign-in/secret")]
    write(folder, Book(chapters=[page], people=people))
    text = client.get("/story").text
    assert EVIL not in text and text.count(html.escape(EVIL)) >= 5
    assert 'href="http://ministry.localhost:8420/sign-in/secret"' in text


@pytest.mark.parametrize("damaged", [b"", b"{", b"[]", b'{"chapters": 3}', b"\xff"])
def test_a_book_that_cannot_be_read_is_none(client: TestClient, folder: Path, damaged: bytes) -> None:
    (folder / BOOK).write_bytes(damaged)
    assert client.get("/story").status_code == 200


def test_the_story_is_told_in_khmer(client: TestClient, folder: Path) -> None:
    write(folder, Book(chapters=[Page(title="The link is cut", text="x")]))
    client.cookies.set("kouprey-ab12-language", "km")
    text = client.get("/story").text
    assert '<html lang="km"' in text and "តំណដាច់" in text and "The link is cut" not in text
