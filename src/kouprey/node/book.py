"""The book of the story: what its teller has written for the pages, and what they ask of the teller in turn.

It lies in the folder of the story beside the three nodes. Only the teller writes the book; pages leave a wish and the
place of whoever watches, each in a file of its own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

BOOK = "story.json"
TURN = "next"
PLACE = "place"
WAY = "way"

PLAY, HAND, AGAIN = "play", "hand", "again"

SHORT, WHOLE = "short", "whole"
"""Ways through the tour: past the steps that are `deeper`, or through all of them."""


class Said(msgspec.Struct, frozen=True):
    """A sentence that is translated where it is shown, and the values it names."""

    text: str
    values: dict[str, str] = {}

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text


def said(text: str, **values: object) -> Said:
    """`text` with `%(name)s` filled in."""
    return Said(text, {name: str(value) for name, value in values.items()})


class Task(msgspec.Struct):
    """Something a person does by hand; `missing` says what is not there yet, None once it is done."""

    text: str
    party: str
    path: str
    missing: Said | None = None
    done: bool = False


class Page(msgspec.Struct):
    """A chapter as the story page shows it; `look` are (party, path, label)."""

    key: str
    title: str
    text: str
    seen: list[Said] = msgspec.field(default_factory=list)
    look: list[tuple[str, str, str]] = msgspec.field(default_factory=list)
    played: bool = False
    failed: str = ""
    tasks: list[Task] = msgspec.field(default_factory=list)


class Stop(msgspec.Struct):
    """A told step of the tour: where it is told, to whom, and what to look at there.

    `before`: it is told before its chapter is played. `target` is a list of CSS selectors, the first that is met is
    outlined. `deeper`: the short way passes it by.
    """

    chapter: int
    party: str
    path: str
    role: str
    text: str
    caption: str
    target: str
    before: bool = False
    deeper: bool = False


class Member(msgspec.Struct):
    """A party of the story: where its node is, who acts for it, and the link that signs them in once."""

    key: str
    name: str
    nick: str
    person: str
    url: str
    link: str = ""
    held: int = 0
    running: bool = False


class Tie(msgspec.Struct):
    """What is between two parties; `waits` are entries that wait at one for the other: (there, back)."""

    one: str
    other: str
    state: str = "none"
    waits: tuple[int, int] = (0, 0)


class Book(msgspec.Struct):
    """What the pages of the story show. `playing` and `hand` are chapters, -1 for none."""

    chapters: list[Page] = msgspec.field(default_factory=list)
    stops: list[Stop] = msgspec.field(default_factory=list)
    members: list[Member] = msgspec.field(default_factory=list)
    ties: list[Tie] = msgspec.field(default_factory=list)
    numbers: list[tuple[str, str]] = msgspec.field(default_factory=list)
    playing: int = -1
    hand: int = -1
    ended: bool = False
    folder: str = ""

    def member(self, key: str) -> Member | None:
        """The party of that key, None while it is not known."""
        return next((each for each in self.members if each.key == key), None)

    def told(self) -> int:
        """How many chapters were played."""
        return sum(each.played for each in self.chapters)

    def lacks(self, place: int) -> int:
        """The first chapter that has to be played before this step can be told, -1 when it can be."""
        stop = self.stops[place]
        needed = stop.chapter if stop.before else stop.chapter + 1
        return next((each for each in range(needed) if not self.chapters[each].played), -1)

    def after(self, place: int, way: str) -> int:
        """The step that follows this one on the way that is taken, -1 behind the last."""
        rest = range(place + 1, len(self.stops))
        return next((each for each in rest if way == WHOLE or not self.stops[each].deeper), -1)


class Wish(msgspec.Struct):
    """What a page asks of the teller: play on up to a chapter, have one done by hand, or begin again."""

    do: str = PLAY
    chapter: int = -1


def read_book(folder: Path) -> Book:
    """The book of the story in `folder`; an empty one before the story begins."""
    try:
        return msgspec.json.decode((folder / BOOK).read_bytes(), type=Book)
    except (OSError, msgspec.DecodeError):
        return Book()


def write_book(folder: Path, book: Book) -> None:
    """At once and as a whole: whoever reads meanwhile finds the one before."""
    _replace(folder / BOOK, msgspec.json.encode(book))


def turn_page(folder: Path, do: str = PLAY, chapter: int = -1) -> None:
    """Ask the story to go on: `play` up to `chapter` (-1: the next one), have it done by `hand`, or begin `again`."""
    _replace(folder / TURN, msgspec.json.encode(Wish(do, chapter)))


def take_wish(folder: Path) -> Wish | None:
    """What was asked since the last look, None for nothing; asked once, it is forgotten."""
    turn = folder / TURN
    try:
        text = turn.read_bytes()
    except OSError:
        return None
    turn.unlink(missing_ok=True)
    try:
        return msgspec.json.decode(text, type=Wish)
    except msgspec.DecodeError:
        return Wish()


def read_place(folder: Path, book: Book) -> int:
    """The step of the tour that is being told: 0 before anybody has chosen one."""
    try:
        place = int((folder / PLACE).read_text("ascii"))
    except (OSError, ValueError):
        return 0
    return place if 0 <= place < len(book.stops) else 0


def keep_place(folder: Path, place: int) -> None:
    """Remember the step that is being told, for the pages of all three nodes."""
    _replace(folder / PLACE, str(place).encode())


def read_way(folder: Path) -> str:
    """The way through the tour that is taken, the short one before anybody has chosen."""
    try:
        return WHOLE if (folder / WAY).read_text("ascii") == WHOLE else SHORT
    except (OSError, ValueError):
        return SHORT


def keep_way(folder: Path, way: str) -> None:
    """Remember the way through the tour, for the pages of all three nodes."""
    _replace(folder / WAY, way.encode())


def forget(folder: Path) -> None:
    """Remove everything that this module keeps; the book last, because by it the folder is known as ours."""
    for name in (TURN, PLACE, WAY, f"{TURN}.new", f"{PLACE}.new", f"{BOOK}.new", BOOK):
        (folder / name).unlink(missing_ok=True)


def resolve(path: str, values: Mapping[str, str]) -> str:
    """The path with what the story knows by now filled in."""
    for name, value in values.items():
        path = path.replace(f"<{name}>", value)
    return path


def _replace(path: Path, data: bytes) -> None:
    # Several servers leave wishes at once: each writes a file of its own before it takes the place of the last.
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.write_bytes(data)
    fresh.replace(path)
