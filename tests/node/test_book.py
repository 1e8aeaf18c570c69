"""The book: it survives being read while it is written, and says what has to be played before a step can be told."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.node.book import (
    AGAIN,
    BOOK,
    HAND,
    PLACE,
    PLAY,
    SHORT,
    TURN,
    WAY,
    WHOLE,
    Book,
    Page,
    Stop,
    Wish,
    forget,
    keep_place,
    keep_way,
    read_book,
    read_place,
    read_way,
    resolve,
    said,
    take_wish,
    turn_page,
    write_book,
)


def book(played: list[bool], stops: list[tuple[int, bool]]) -> Book:
    """Chapters as they were played, and steps as (chapter, told before it)."""
    return Book(
        chapters=[Page(str(n), str(n), "", played=each) for n, each in enumerate(played)],
        stops=[Stop(chapter, "ministry", "/", "", "", "", "", before) for chapter, before in stops],
    )


@given(deeper=st.lists(st.booleans(), min_size=1, max_size=9))
def test_the_short_way_passes_by_what_is_deeper_and_the_whole_one_nothing(deeper: list[bool]) -> None:
    told = Book(stops=[Stop(0, "ministry", "/", "", "", "", "", deeper=each) for each in deeper])
    for way in (SHORT, WHOLE):
        passed, place = [], told.after(-1, way)
        while place >= 0:
            passed.append(place)
            place = told.after(place, way)
        assert passed == [n for n, each in enumerate(deeper) if way == WHOLE or not each]


def test_the_way_is_the_short_one_until_somebody_chooses(tmp_path: Path) -> None:
    assert read_way(tmp_path) == SHORT
    keep_way(tmp_path, WHOLE)
    assert read_way(tmp_path) == WHOLE
    (tmp_path / WAY).write_text("another", "ascii")
    assert read_way(tmp_path) == SHORT
    keep_way(tmp_path, WHOLE)
    forget(tmp_path)
    assert read_way(tmp_path) == SHORT


def test_before_the_story_the_book_is_empty_and_a_torn_one_too(tmp_path: Path) -> None:
    assert read_book(tmp_path) == Book()
    write_book(tmp_path, book([True], []))
    assert read_book(tmp_path).told() == 1
    (tmp_path / BOOK).write_bytes(msgspec.json.encode(book([True], []))[:-5])
    assert read_book(tmp_path) == Book()


def test_a_wish_is_heard_once_and_the_last_one_counts(tmp_path: Path) -> None:
    assert take_wish(tmp_path) is None
    turn_page(tmp_path)
    turn_page(tmp_path, HAND, 3)
    assert [path.name for path in tmp_path.iterdir()] == [TURN]
    assert take_wish(tmp_path) == Wish(HAND, 3)
    assert take_wish(tmp_path) is None
    turn_page(tmp_path, AGAIN)
    assert take_wish(tmp_path) == Wish(AGAIN)


def test_a_wish_that_cannot_be_read_turns_the_page(tmp_path: Path) -> None:
    (tmp_path / TURN).touch()
    assert take_wish(tmp_path) == Wish(PLAY, -1)


@pytest.mark.parametrize("held", ["", "x", "-1", "7", "1e3", "9" * 300])
def test_a_place_that_is_none_is_the_first(tmp_path: Path, held: str) -> None:
    (tmp_path / PLACE).write_text(held, "ascii")
    assert read_place(tmp_path, book([True], [(0, False), (0, False)])) == 0


def test_the_place_is_kept(tmp_path: Path) -> None:
    two = book([True], [(0, False), (0, False)])
    assert read_place(tmp_path, two) == 0
    keep_place(tmp_path, 1)
    assert read_place(tmp_path, two) == 1


def test_what_is_told_after_a_chapter_needs_it_played() -> None:
    told = book([True, False, False], [(0, False), (1, True), (1, False), (2, True)])
    assert [told.lacks(place) for place in range(4)] == [-1, -1, 1, 1]


@given(st.lists(st.booleans(), min_size=1, max_size=8), st.data())
def test_the_first_that_lacks_is_the_one_to_play(played: list[bool], data: st.DataObject) -> None:
    chapter, before = data.draw(st.integers(0, len(played) - 1)), data.draw(st.booleans())
    lacks = book(played, [(chapter, before)]).lacks(0)
    needed = played[: chapter if before else chapter + 1]
    assert (lacks == -1) == all(needed)
    if lacks >= 0:
        assert not played[lacks] and all(played[:lacks])


def test_a_sentence_names_its_values() -> None:
    assert str(said("%(n)s of %(all)s", n=1, all=2)) == "1 of 2"
    assert str(said("100 % sure")) == "100 % sure"


def test_a_path_is_filled_in_with_what_is_known() -> None:
    assert resolve("/intelligence/<server>#say", {"server": "indicator--1"}) == "/intelligence/indicator--1#say"


def test_forgetting_leaves_what_is_not_ours(tmp_path: Path) -> None:
    write_book(tmp_path, Book())
    turn_page(tmp_path)
    keep_place(tmp_path, 0)
    (tmp_path / "notes.txt").touch()
    forget(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]
