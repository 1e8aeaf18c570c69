"""The demo: its book survives being read while it is written, and it never removes what it has not made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kouprey.kernel.words.errors import Refused
from kouprey.node import demo
from kouprey.node.book import AGAIN, TURN, Wish, read_book, said, turn_page
from kouprey.node.chapters import CHAPTERS
from kouprey.node.demo import run_demo
from kouprey.node.fiction import CAST
from kouprey.node.story import Chapter, Story


class Told(Story):
    """A story whose chapters do nothing but be told, and whose people never wait."""

    def __init__(self, actors: Any, **more: Any) -> None:
        super().__init__(actors, **more)
        self.failing = ""
        self.played: list[str] = []
        for chapter in self.chapters:
            chapter.play = lambda chapter=chapter: self._tell(chapter)  # type: ignore[misc]  # mypy cannot infer a lambda with defaults

    def _tell(self, chapter: Chapter) -> list[str]:
        if chapter.key == self.failing:
            raise Refused("The story does not hold.", "Two and two are five.")
        self.played.append(chapter.key)
        if chapter.key == CHAPTERS[0].key:
            for actor in self.actors:
                actor.folder.mkdir(parents=True)
                self.invite(actor)
        return [said("%(chapter)s was seen", chapter=chapter.title)]

    def take_up(self) -> None:
        """There are no nodes to ask."""

    def invite(self, actor: Any) -> None:
        self.links[actor.cast.key] = f"{actor.url}/sign-in/secret"


@pytest.fixture
def stories(monkeypatch: pytest.MonkeyPatch) -> list[Told]:
    """Stories as they were begun; when one is told, somebody presses Ctrl-C."""
    begun: list[Told] = []

    def begin(actors: Any, **more: Any) -> Told:
        begun.append(Told(actors, **more))
        return begun[-1]

    def interrupt(teller: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "Story", begin)
    monkeypatch.setattr(demo._Teller, "_stay", interrupt)
    monkeypatch.setattr("kouprey.node.actors.Actor.start", lambda actor: 0.0)
    return begun


def play(folder: Path, **more: Any) -> list[str]:
    said: list[str] = []
    run_demo(folder, **{"fresh": False, "port": 9000, "play": True, "say": said.append, **more})
    return said


def test_all_chapters_are_played_and_written_down(tmp_path: Path, stories: list[Told]) -> None:
    said = play(tmp_path / "story")
    assert stories[0].played == [script.key for script in CHAPTERS]
    book = read_book(tmp_path / "story")
    assert book.ended and book.playing == -1
    assert [(page.title, list(map(str, page.seen)), page.played) for page in book.chapters] == [
        (script.title, [f"{script.title} was seen"], True) for script in CHAPTERS
    ]
    assert [(member.person, member.nick) for member in book.members] == [(cast.person, cast.nick) for cast in CAST]
    assert all(member.link.startswith(member.url) for member in book.members)
    assert {stop.party for stop in book.stops} == {member.key for member in book.members}
    assert not [stop.path for stop in book.stops if "<" in stop.path]
    assert any("http://ministry.localhost:9000" in line for line in said)
    assert not list((tmp_path / "story").glob("*.new"))


def test_a_story_that_was_told_is_taken_up_and_an_unfinished_one_begins_anew(
    tmp_path: Path, stories: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    play(tmp_path / "story")
    (tmp_path / "story" / "ministry" / "kouprey.db").write_text("held", "utf-8")
    play(tmp_path / "story")
    assert stories[1].played == [] and (tmp_path / "story" / "ministry" / "kouprey.db").exists()
    play(tmp_path / "story", fresh=True)
    assert stories[2].played and not (tmp_path / "story" / "ministry" / "kouprey.db").exists()

    def interrupt(teller: Any, number: int = 0) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(demo._Teller, "_wait", interrupt)
    play(tmp_path / "story", fresh=True, play=False)
    assert stories[3].played == [CHAPTERS[0].key] and not read_book(tmp_path / "story").ended
    play(tmp_path / "story")
    assert stories[4].played == [script.key for script in CHAPTERS]


def test_a_chapter_that_fails_is_told_on_its_page(
    tmp_path: Path, stories: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = demo.Story

    def failing(actors: Any, **more: Any) -> Any:
        story: Any = begin(actors, **more)
        story.failing = CHAPTERS[2].key
        return story

    monkeypatch.setattr(demo, "Story", failing)
    with pytest.raises(Refused, match="does not hold"):
        play(tmp_path / "story")
    pages = read_book(tmp_path / "story").chapters
    assert "Two and two are five" in pages[2].failed
    assert [page.played for page in pages[:4]] == [True, True, False, False]


@pytest.mark.parametrize("fresh", [False, True])
def test_a_foreign_folder_is_refused_and_untouched(tmp_path: Path, stories: list[Told], fresh: bool) -> None:
    (tmp_path / "thesis.odt").write_text("years of work", "utf-8")
    (tmp_path / "ministry").mkdir()
    with pytest.raises(Refused) as caught:
        play(tmp_path, fresh=fresh)
    assert caught.value.code == "not-a-story" and "--folder" in caught.value.remedy
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ministry", "thesis.odt"]
    assert stories == []


def test_beginning_anew_removes_the_story_and_nothing_beside_it(tmp_path: Path, stories: list[Told]) -> None:
    play(tmp_path)
    (tmp_path / "notes.txt").write_text("what I learned", "utf-8")
    turn_page(tmp_path)
    play(tmp_path, fresh=True)
    assert (tmp_path / "notes.txt").exists() and not (tmp_path / TURN).exists()
    assert stories[1].played


def test_the_parties_stand_side_by_side(tmp_path: Path, stories: list[Told]) -> None:
    play(tmp_path / "story", port=9100)
    assert [actor.address for actor in stories[0].actors] == [f"127.0.0.1:{port}" for port in (9100, 9101, 9102)]
    assert len({actor.url for actor in stories[0].actors}) == 3, "a cookie of one is not sent to the others"


def test_a_chapter_that_fails_before_somebody_who_watches_can_be_tried_again(
    tmp_path: Path, stories: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = demo.Story

    def failing(actors: Any, **more: Any) -> Any:
        story: Any = begin(actors, **more)
        story.failing = CHAPTERS[1].key
        return story

    asked: list[int] = []

    def wait(teller: Any, number: int) -> int:
        asked.append(number)
        if len(asked) == 2:
            assert "Two and two are five" in read_book(tmp_path / "story").chapters[1].failed
            teller._story.failing = ""
        return len(CHAPTERS) - 1

    monkeypatch.setattr(demo, "Story", failing)
    monkeypatch.setattr(demo._Teller, "_wait", wait)
    play(tmp_path / "story", play=False)
    assert asked == [1, 1] and read_book(tmp_path / "story").ended
    assert not any(page.failed for page in read_book(tmp_path / "story").chapters)


def test_a_story_can_begin_again_while_it_is_told(
    tmp_path: Path, stories: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    wait = demo._Teller._wait

    def wish(teller: Any, number: int) -> int:
        if len(stories) > 1:
            raise KeyboardInterrupt
        taken = iter([None, Wish(AGAIN)])
        monkeypatch.setattr(demo, "take_wish", lambda folder: next(taken))
        return wait(teller, number)

    monkeypatch.setattr(demo._Teller, "_wait", wish)
    monkeypatch.setattr(demo, "GLANCE", 1e9)
    said = play(tmp_path / "story", play=False)
    assert [story.played for story in stories] == [[CHAPTERS[0].key]] * 2
    assert any("begins again" in line for line in said)
    assert not read_book(tmp_path / "story").ended
