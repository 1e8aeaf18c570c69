"""The guided demo: three nodes on this machine, and a story whose next chapter waits for whoever is watching."""

from __future__ import annotations

import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

import kouprey
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.node.actors import Actor
from kouprey.node.cuts import BlackholeCut
from kouprey.node.fiction import CAST
from kouprey.node.story import Chapter, Story

BOOK = "story.json"
TURN = "next"


class Page(msgspec.Struct):
    """A chapter as the story page shows it; `look` are (label, address) pairs."""

    title: str
    text: str
    seen: list[str] = msgspec.field(default_factory=list)
    look: list[tuple[str, str]] = msgspec.field(default_factory=list)
    played: bool = False
    failed: str = ""


class Book(msgspec.Struct):
    """What the story page shows: the chapters, who can be signed in as, and whether a chapter is being played."""

    chapters: list[Page] = msgspec.field(default_factory=list)
    people: list[tuple[str, str, str]] = msgspec.field(default_factory=list)
    playing: int = -1
    ended: bool = False


def read_book(folder: Path) -> Book:
    """The book of the story in `folder`; an empty one before the story begins."""
    try:
        return msgspec.json.decode((folder / BOOK).read_bytes(), type=Book)
    except (OSError, msgspec.DecodeError):
        return Book()


def turn_page(folder: Path) -> None:
    """Ask the story to go on."""
    (folder / TURN).touch()


def run_demo(folder: Path, *, fresh: bool, port: int, play: bool, say: Callable[[str], None]) -> None:
    """Run the demo in `folder` until interrupted.

    A story that was played to its end is taken up where it stands; any other begins anew.
    """
    folder = folder.absolute()
    if fresh or not read_book(folder).ended:
        _clear(folder)
    folder.mkdir(parents=True, exist_ok=True)
    actors = {cast.key: _actor(folder, cast.key, port + place) for place, cast in enumerate(CAST)}
    story = Story(actors, verifier=_verifier(), cut=BlackholeCut())
    teller = _Teller(folder, story, say)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # However the demo is ended, its nodes end with it.
        signal.signal(number, signal.default_int_handler)
    try:
        teller.tell(play_all=play)
    except KeyboardInterrupt:
        say("\nInterrupted. A story that was told to its end is taken up again, any other begins anew.")
    finally:
        story.stop()


def _clear(folder: Path) -> None:
    """Forget an earlier story; only what this demo has made is ever removed."""
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / BOOK).exists():
        raise Refused(
            f"{folder} is not the folder of a story.",
            "It has other things in it, and a fresh story would remove them.",
            "Name an empty or new folder with --folder.",
            code="not-a-story",
        )
    for cast in CAST:
        shutil.rmtree(folder / cast.key, ignore_errors=True)
    # The book last: as long as it is there, the folder is known as ours.
    for name in (TURN, f"{BOOK}.new", BOOK):
        (folder / name).unlink(missing_ok=True)


def _actor(folder: Path, key: str, port: int) -> Actor:
    cast = next(cast for cast in CAST if cast.key == key)
    return Actor(
        cast=cast,
        folder=folder / key,
        address=f"127.0.0.1:{port}",
        url=f"http://{key}.localhost:{port}",
        environment={"KOUPREY_STORY": "true", "KOUPREY_LINK_INTERVAL": "3"},
    )


def _verifier() -> Path | None:
    """The independent verifier stands in the repository, not in the package: it shares nothing with it."""
    found = Path(kouprey.__file__).parents[2] / "examples" / "verify_ledger.py"
    return found if found.exists() else None


class _Teller:
    """Plays chapter after chapter and writes the book that the story page shows."""

    def __init__(self, folder: Path, story: Story, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._story = story
        self._say = say
        self._book = read_book(folder)

    def tell(self, *, play_all: bool) -> None:
        if self._book.ended:
            for actor in self._story.actors:
                actor.start()
                self._story.invite(actor)
            self._write()
            self._greet()
            self._say("The story has been told; the three nodes are yours. Ctrl-C ends them.")
            self._stay()
        self._book = Book(chapters=[self._page(chapter) for chapter in self._story.chapters])
        self._write()
        for number, chapter in enumerate(self._story.chapters):
            if number and not play_all:
                self._wait()
            self._play(number, chapter)
            if number == 0:
                self._greet()
        self._book.ended = True
        self._write()
        self._say("The story has been told; the three nodes are yours. Ctrl-C ends them.")
        self._stay()

    def _play(self, number: int, chapter: Chapter) -> None:
        self._say(f"\n{number + 1}. {chapter.title}\n   {chapter.text}")
        page = self._book.chapters[number]
        self._book.playing, page.failed = number, ""
        self._write()
        begun = time.monotonic()
        try:
            self._story.play(chapter)
        except KoupreyError as error:
            page.failed = str(error)
            self._book.playing = -1
            self._write()
            raise
        page.seen, page.played = chapter.seen, True
        self._book.playing = -1
        self._write()
        for line in chapter.seen:
            self._say(f"   · {line}")
        self._say(f"   ({time.monotonic() - begun:.1f} s)")

    def _greet(self) -> None:
        ministry = self._story.ministry
        self._say(f"\nThe story is at {ministry.url}\n\nSign in once as")
        for actor in self._story.actors:
            self._say(f"  {actor.cast.person} of {actor.cast.name}:\n    {self._story.links[actor.cast.key]}")

    def _wait(self) -> None:
        """Until the button on the story page is pressed, or Enter in this terminal."""
        turn = self._folder / TURN
        turn.unlink(missing_ok=True)
        typed = sys.stdin.isatty()
        if typed:
            self._say("\nPress Enter, or the button on the page, for the next chapter.")
        while not turn.exists():
            if typed and select.select([sys.stdin], [], [], 0.3)[0]:
                if not sys.stdin.readline():
                    typed = False
                    continue
                break
            if not typed:
                time.sleep(0.3)
            self._renew_links()
        turn.unlink(missing_ok=True)

    def _stay(self) -> None:
        while all(actor.process is None or actor.process.poll() is None for actor in self._story.actors):
            time.sleep(2.0)
            self._renew_links()
        raise Refused("One of the nodes has ended.", f"See server.log in {self._folder}.", code="ended")

    def _renew_links(self) -> None:
        """A sign-in link works once; whoever comes back finds a new one on the page."""
        from kouprey.people.service import People

        changed = False
        for actor in self._story.actors:
            link = self._story.links.get(actor.cast.key)
            if link is None:
                continue
            with actor.services() as services:
                spent = services.get(People).find_link_holder(link.rpartition("/")[2]) is None
            if spent:
                self._story.invite(actor)
                changed = True
        if changed:
            self._write()

    def _page(self, chapter: Chapter) -> Page:
        urls = {actor.cast.key: actor.url for actor in self._story.actors}
        return Page(
            title=chapter.title,
            text=chapter.text,
            look=[(label, urls[key] + path) for key, path, label in chapter.look],
        )

    def _write(self) -> None:
        self._book.people = [
            (actor.cast.person, actor.cast.name, self._story.links[actor.cast.key])
            for actor in self._story.actors
            if actor.cast.key in self._story.links
        ]
        fresh = self._folder / f"{BOOK}.new"
        fresh.write_bytes(msgspec.json.encode(self._book))
        fresh.replace(self._folder / BOOK)
