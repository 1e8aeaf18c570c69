"""The guided demo: three nodes on this machine, and a story whose next chapter waits for whoever is watching."""

from __future__ import annotations

import select
import shutil
import signal
import sys
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import kouprey
from kouprey.kernel.web.language import mark
from kouprey.kernel.words.errors import KoupreyError, Refused
from kouprey.node import watching
from kouprey.node.actors import Actor
from kouprey.node.book import (
    AGAIN,
    BOOK,
    HAND,
    PLAY,
    Book,
    Member,
    Page,
    Stop,
    Wish,
    forget,
    keep_place,
    read_book,
    resolve,
    take_wish,
    write_book,
)
from kouprey.node.by_hand import HANDS
from kouprey.node.cuts import DeadLineCut
from kouprey.node.fiction import CAST, WITNESS
from kouprey.node.hands import HANDED, Watch
from kouprey.node.postbox import Postbox
from kouprey.node.story import Chapter, Story
from kouprey.node.tour import STEPS

PACE = 0.15
"""Seconds between two looks for a wish."""
GLANCE = 1.0
"""Seconds between two looks at the nodes."""
ENDED = "The story has been told; the three nodes are yours. Ctrl-C ends them."


def run_demo(folder: Path, *, fresh: bool, port: int, play: bool, say: Callable[[str], None]) -> None:
    """Run the demo in `folder` until interrupted.

    A story that was played to its end is taken up where it stands; any other begins anew.
    """
    folder = folder.absolute()
    if fresh or not read_book(folder).ended:
        _clear(folder)
    for number in (signal.SIGTERM, signal.SIGHUP):
        # However the demo is ended, its nodes end with it.
        signal.signal(number, signal.default_int_handler)
    with Postbox() as box:
        _run(folder, port, play, say, box)


def _run(folder: Path, port: int, play: bool, say: Callable[[str], None], box: Postbox) -> None:
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        actors = {cast.key: _actor(folder, cast.key, port + place, box) for place, cast in enumerate(CAST)}
        story = Story(actors, verifier=_verifier(), cut=DeadLineCut())
        story.box = box
        try:
            _Teller(folder, story, say).tell(play_all=play)
        except _Again:
            say("\nThe story begins again.")
        except KeyboardInterrupt:
            say("\nInterrupted. A story that was told to its end is taken up again, any other begins anew.")
            return
        finally:
            story.stop()
        _clear(folder)


class _Again(Exception):
    """Somebody wants to see the story from its beginning."""


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
    (folder / HANDED).unlink(missing_ok=True)
    forget(folder)


def _actor(folder: Path, key: str, port: int, box: Postbox) -> Actor:
    cast = next(cast for cast in CAST if cast.key == key)
    # Whoever writes to a constituent by hand writes to this machine too.
    mail = {f"KOUPREY_{name.upper()}": str(value) for name, value in box.settings(cast.party).items()}
    return Actor(
        cast=cast,
        folder=folder / key,
        address=f"127.0.0.1:{port}",
        url=f"http://{key}.localhost:{port}",
        environment={"KOUPREY_STORY": "true", "KOUPREY_LINK_INTERVAL": "3", **mail},
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
        self._watch = Watch(story, folder)
        self._glanced = 0.0

    def tell(self, *, play_all: bool) -> None:
        if self._book.ended:
            self._take_up()
        else:
            keep_place(self._folder, 0)
            self._book = Book(chapters=[_page(chapter) for chapter in self._story.chapters], folder=str(self._folder))
            self._write()
            self._go_through(play_all)
        self._say(ENDED)
        self._stay()

    def _take_up(self) -> None:
        """Start the nodes of a story that was told to its end."""
        for actor in self._story.actors:
            actor.start()
            self._story.invite(actor)
        self._story.take_up()
        self._write()
        self._greet()

    def _go_through(self, play_all: bool) -> None:
        upto = len(self._story.chapters) - 1 if play_all else 0
        for number, chapter in enumerate(self._story.chapters):
            while not chapter.played:
                if number > upto:
                    upto = self._wait(number)
                self._play(number, chapter, stop_at_failure=play_all)
                if not chapter.played:
                    upto = number - 1
            if number == 0:
                self._greet()

    def _play(self, number: int, chapter: Chapter, *, stop_at_failure: bool) -> None:
        self._say(f"\n{number + 1}. {chapter.title}\n   {chapter.text}")
        page = self._book.chapters[number]
        self._book.playing, self._book.hand, page.failed = number, -1, ""
        self._write()
        try:
            self._story.play(chapter)
        except KoupreyError as error:
            page.failed = str(error)
            self._book.playing = -1
            self._write()
            if stop_at_failure or number == 0:
                raise
            # Whoever watches may have done something that the story did not expect: it can be tried again.
            self._say(f"   {error}")
            return
        page.seen, page.played = chapter.seen, True
        self._book.playing = -1
        self._glance()
        if number == len(self._story.chapters) - 1:
            # With the last chapter, not after it: its step tells the end.
            self._book.ended, self._book.numbers = True, self._numbers()
        self._write()
        for line in chapter.seen:
            self._say(f"   · {line}")
        self._say(f"   ({chapter.seconds:.1f} s)")

    def _greet(self) -> None:
        ministry = self._story.ministry
        self._say(f"\nThe story is at {ministry.url}\n\nSign in once as")
        for actor in self._story.actors:
            self._say(f"  {actor.cast.person} of {actor.cast.name}:\n    {self._story.links[actor.cast.key]}")

    def _wait(self, number: int) -> int:
        """Until a page, or Enter in this terminal, asks to go on; up to which chapter."""
        take_wish(self._folder)
        typed = sys.stdin.isatty()
        if typed:
            self._say("\nPress Enter, or the button on the page, for the next chapter.")
        while True:
            if typed and select.select([sys.stdin], [], [], 0)[0]:
                if sys.stdin.readline():
                    return number
                typed = False
            wish = take_wish(self._folder)
            if wish is not None and wish.do == PLAY:
                return max(number, min(wish.chapter, len(self._story.chapters) - 1))
            if wish is not None:
                self._heed(wish, number)
            if self._is_time():
                self._renew_links()
                self._glance()
                if self._is_done_by_hand(number):
                    return number
                self._write()
            time.sleep(PACE)

    def _heed(self, wish: Wish, number: int) -> None:
        if wish.do == AGAIN:
            raise _Again
        chapter = self._story.chapters[number].key
        if wish.do == HAND and wish.chapter == number and chapter in HANDS:
            (self._folder / HANDED).unlink(missing_ok=True)
            try:
                self._book.chapters[number].tasks = self._watch.begin(chapter)
            except KoupreyError as error:
                self._book.chapters[number].failed = str(error)
            else:
                self._book.hand = number
            self._write()

    def _is_done_by_hand(self, number: int) -> bool:
        page = self._book.chapters[number]
        return self._book.hand == number and self._watch.look(page.key, page.tasks)

    def _stay(self) -> None:
        while all(actor.process is None or actor.is_running for actor in self._story.actors):
            wish = take_wish(self._folder)
            if wish is not None and wish.do == AGAIN:
                raise _Again
            if self._is_time():
                self._renew_links()
                self._glance()
                self._book.numbers = self._numbers()
                self._write()
            time.sleep(PACE)
        raise Refused("One of the nodes has ended.", f"See server.log in {self._folder}.", code="ended")

    def _is_time(self) -> bool:
        now = time.monotonic()
        if now - self._glanced < GLANCE:
            return False
        self._glanced = now
        return True

    def _renew_links(self) -> None:
        """A sign-in link works once; whoever comes back finds a new one on the page."""
        for actor in self._story.actors:
            link = self._story.links.get(actor.cast.key)
            if link is not None and not watching.is_open(actor, link):
                self._story.invite(actor)

    def _glance(self) -> None:
        """Look at the nodes: what each holds, and what is between them."""
        members = [self._member(actor) for actor in self._story.actors]
        self._book.members = members
        if all(member.running for member in members):
            self._book.ties = [watching.tie(one, other) for one, other in combinations(self._story.actors, 2)]

    def _member(self, actor: Actor) -> Member:
        cast = actor.cast
        founded = watching.is_founded(actor)
        return Member(
            key=cast.key,
            name=cast.name,
            nick=cast.nick,
            person=cast.person,
            url=actor.url,
            link=self._story.links.get(cast.key, ""),
            held=watching.holds(actor) if founded else 0,
            running=founded,
        )

    def _numbers(self) -> list[tuple[str, str]]:
        """What was shown, counted at the nodes."""
        story = self._story
        if not all(member.running for member in self._book.members):
            return []
        lanes = watching.lanes(story.ministry, story.agreement)
        every = [watching.holds(actor) for actor in story.actors]
        seconds = sum(chapter.seconds for chapter in story.chapters)
        told = [
            (mark("nodes on this machine"), len(every)),
            (mark("objects held by the three"), sum(every)),
            (mark("entries in their ledgers, signed"), sum(lanes.values())),
            (
                mark("notes marked TLP:RED that have left the operator"),
                watching.leaked((story.ministry, story.neighbour), WITNESS),
            ),
            (mark("still waiting to be confirmed"), sum(story.waiting(actor) for actor in story.actors)),
            (mark("parcels made and read"), sum(watching.deeds(actor, "parcel.read") for actor in story.actors)),
        ]
        if seconds:
            told.append((mark("seconds in which the nodes did it all"), round(seconds)))
        return [(label, str(count)) for label, count in told]

    def _write(self) -> None:
        if not self._book.members:
            self._glance()
        places, book = self._story.places(), self._book
        for member in book.members:
            member.link = self._story.links.get(member.key, "")
        book.stops = stops(places, [chapter.key for chapter in self._story.chapters])
        write_book(self._folder, book)


def stops(places: dict[str, str], chapters: list[str]) -> list[Stop]:
    """The told steps with their addresses, as far as the story knows them by now."""
    return [
        Stop(
            chapter=chapters.index(step.chapter),
            party=step.party,
            path=resolve(step.path, places),
            role=step.role,
            text=step.text,
            caption=step.caption,
            target=step.target,
            before=step.before,
            deeper=step.deeper,
        )
        for step in STEPS
    ]


def _page(chapter: Chapter) -> Page:
    return Page(key=chapter.key, title=chapter.title, text=chapter.text, look=list(chapter.look))
