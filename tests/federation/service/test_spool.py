"""The spool folder: what is dropped is taken in once it is whole, and what is not says why."""

from __future__ import annotations

import os
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from kouprey.federation.service import Spool
from kouprey.federation.service import spool as spooling
from kouprey.federation.wire.pictures import to_pictures
from kouprey.kernel.words.errors import Unreachable
from kouprey.kernel.words.time import DAY, wall_clock
from photographing import sheet_of


def contents(count: int, mark: str = "o") -> list[bytes]:
    return [f'{{"mark":"{mark}-{number}"}}'.encode() for number in range(count)]


def packed(a: Any, b: Any, **how: Any) -> bytes:
    out = BytesIO()
    a.federation.parcels.make(b.party, out, by="test", **how)
    return out.getvalue()


class Watched:
    """The spool of a node whose clocks a test turns."""

    def __init__(self, node: Any) -> None:
        self.now, self.ahead = 0.0, 0
        self.spool = Spool(
            node.folder / "spool",
            node.federation.parcels,
            clock=lambda: wall_clock() + self.ahead,
            passing=lambda: self.now,
        )
        self.spool.prepare()

    def drop(self, name: str, data: bytes) -> Path:
        file = self.spool.folder / "in" / name
        file.write_bytes(data)
        return file

    def turn(self, seconds: float = 3.0) -> int:
        count = self.spool.take_in()
        self.now += seconds
        return count + self.spool.take_in()

    def names_in(self) -> list[str]:
        return sorted(path.name for path in (self.spool.folder / "in").iterdir())

    def lying(self, where: str) -> list[str]:
        return sorted(path.name.partition("-")[2] for path in (self.spool.folder / where).iterdir())


def test_what_is_dropped_is_taken_in_and_put_away(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    here = Watched(b)
    here.drop("ម៉ូដែម.kpx", packed(a, b))
    assert here.spool.take_in() == 0, "it might be growing"
    assert [each.name for each in here.spool.list_in()] == ["ម៉ូដែម.kpx"]
    assert here.turn() == 1 and b.got == contents(2)
    assert here.lying("done") == ["ម៉ូដែម.kpx", "ម៉ូដែម.kpx.txt"] and here.spool.list_in() == []
    (told,) = here.spool.list_past("done")
    assert told.name == "ម៉ូដែម.kpx" and "3 new entries" in told.said and a.party in told.said
    here.ahead = 29 * DAY
    assert here.spool.tidy() == 0
    here.ahead = 31 * DAY
    assert here.spool.tidy() == 1 and here.lying("done") == []


def test_half_a_file_is_left_until_it_is_whole(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    sealed = packed(a, b)
    here = Watched(b)
    file = here.drop("slow.kpx", sealed[: len(sealed) // 2])
    here.drop("browser.kpx.crdownload", sealed)
    here.drop(".hidden", sealed)
    assert here.turn() == 0 and here.turn(30) == 0 and file.exists()
    with file.open("ab") as more:
        more.write(sealed[len(sealed) // 2 :])
    assert here.turn() == 1 and b.got == contents(2)
    assert here.names_in() == [".hidden", "browser.kpx.crdownload"]
    # And what never becomes whole is refused at last.
    here.drop("cut.kpx", sealed[:-20])
    assert here.turn() == 0 and here.turn(61) == 1
    (refused,) = here.spool.list_past("refused")
    assert refused.name == "cut.kpx" and "cannot be opened" in refused.said


def test_what_is_refused_says_what_why_and_the_remedy(world: Any) -> None:
    a, b, agreement = world.pair()
    c = world.actor("neighbour.example")
    c.people.trust(b.people.home().note, by="test")
    a.publish(agreement, contents(2))
    here = Watched(b)
    here.drop("stranger.kpx", packed(c, b))
    here.drop("notes.txt", b"Bring milk.")
    (here.spool.folder / "in" / "folder").mkdir()
    (here.spool.folder / "in" / "link").symlink_to(here.spool.folder / "in" / "notes.txt")
    os.mkfifo(here.spool.folder / "in" / "pipe")
    assert here.turn() == 1 and here.turn(61) == 1
    said = {each.name: each.said for each in here.spool.list_past("refused")}
    assert "whose card we do not trust. Exchange cards first." in said["stranger.kpx"]
    assert "no parcel in this file" in said["notes.txt"] and "Drop the .kpx file" in said["notes.txt"]
    assert here.names_in() == ["folder", "link", "pipe"]
    b.agreements.suspend(agreement, suspended=True, by="test")
    here.drop("suspended.kpx", packed(a, b))
    assert here.turn() == 1
    assert "Take it in again when the agreement has been resumed" in here.spool.list_past("refused")[0].said
    b.agreements.suspend(agreement, suspended=False, by="test")
    here.drop("suspended.kpx", packed(a, b))
    assert here.turn() == 1 and b.got == contents(2)


def test_mails_bring_the_parcels_attached_to_them(world: Any) -> None:
    a, b, agreement = world.pair()
    mail = EmailMessage()
    mail["Subject"] = "Two parcels"
    mail.set_content("As agreed.")
    for number in range(2):
        a.publish(agreement, contents(1, f"batch{number}"))
        mail.add_attachment(packed(a, b, fresh=True), maintype="application", subtype="octet-stream", filename="a.dat")
    forwarded = EmailMessage()
    forwarded.set_content("See below.")
    forwarded.add_attachment(mail)
    here = Watched(b)
    here.drop("message.eml", forwarded.as_bytes())
    assert here.turn() == 1 and b.got == [*contents(1, "batch0"), *contents(1, "batch1")]
    assert here.lying("done") == ["message.eml", "message.eml.txt"]


def test_photographs_of_a_parcel_are_read_together(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    drawn = to_pictures(packed(a, b))
    assert len(drawn) >= 2
    here = Watched(b)
    here.drop("nothing.png", sheet_of(["KEEP OFF THE GRASS"]))
    here.drop("first.png", sheet_of(drawn[:1]))
    assert here.turn() == 0 and b.got == [], "the other pictures may still come"
    here.drop("rest.png", sheet_of(drawn[1:]))
    assert here.turn() >= 1 and b.got == contents(1)
    assert here.lying("done") == ["first.png", "first.png.txt", "rest.png", "rest.png.txt"]
    here.drop("alone.png", sheet_of(drawn[1:]))
    here.turn(61)
    here.turn(61)
    said = {each.name: each.said for each in here.spool.list_past("refused")}
    assert "missing: 1" in said["alone.png"] and "No picture of one was found" in said["nothing.png"]
    assert here.names_in() == []


def test_what_passes_is_not_refused(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    here = Watched(b)
    file = here.drop("parcel.kpx", packed(a, b))

    def busy(*_: object, **__: object) -> None:
        raise Unreachable("The database is busy.", code="busy")

    with monkeypatch.context() as patched:
        patched.setattr(here.spool._parcels, "read", busy)
        assert here.turn() == 0 and file.exists()
    assert here.turn() == 1 and b.got == contents(2)


def test_one_process_at_a_time_and_an_unreadable_file_holds_up_nobody(world: Any) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(1))
    here, other = Watched(b), Watched(b)
    assert here.spool._lock.try_take()
    other.drop("b.kpx", packed(a, b))
    assert other.turn() == 0
    here.spool._lock.release()
    plain = spooling._opened

    def opened(path: Path) -> Any:
        if path.name == "a.kpx":
            raise PermissionError("not for you")
        return plain(path)

    other.drop("a.kpx", b"")
    spooling._opened = opened
    try:
        assert other.turn() == 1 and b.got == contents(1)
    finally:
        spooling._opened = plain


def test_parcels_are_laid_ready_and_one_with_everything_replaces_those_before(world: Any) -> None:
    a, b, agreement = world.pair()
    here = Watched(a)
    a.publish(agreement, contents(1))
    first = here.spool.lay_ready(b.party, by="test", fresh=True)
    a.publish(agreement, contents(1, "next"))
    second = here.spool.lay_ready(b.party, by="test", fresh=True)
    assert {each.name for each in here.spool.list_out()} == {first.name, second.name}
    assert all(each.party == b.party and each.size for each in here.spool.list_out())
    all_of_it = here.spool.lay_ready(b.party, by="test")
    assert [each.name for each in here.spool.list_out()] == [all_of_it.name]
    there = Watched(b)
    there.drop("from-a-stick.kpx", all_of_it.read_bytes())
    assert there.turn() == 1 and len(b.got) == 2


def test_killed_between_text_and_move_tells_what_it_brought(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    a, b, agreement = world.pair()
    a.publish(agreement, contents(2))
    here = Watched(b)
    file = here.drop("parcel.kpx", packed(a, b))
    plain = Path.replace
    with monkeypatch.context() as patched:

        def replace(path: Path, to: Path) -> Path:
            if path == file:
                raise KeyboardInterrupt
            return plain(path, to)

        patched.setattr(Path, "replace", replace)
        with pytest.raises(KeyboardInterrupt):
            here.turn()
    assert file.exists()
    again = Watched(b)
    assert again.turn() == 1 and b.got == contents(2)
    (told,) = again.spool.list_past("done")
    assert "3 new entries" in told.said
