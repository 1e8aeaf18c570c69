"""Where mail comes from and goes to: a folder of files, a mailbox, and the answers that wait for the relay."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any

import msgspec

from kouprey.kernel.net.imap import Box, Opened, open_box
from kouprey.kernel.net.mail import send
from kouprey.kernel.words.errors import Damaged, KoupreyError, Unknown, Unreachable
from kouprey.kernel.words.time import SECOND, Instant
from kouprey.response.model.reports import Answer, BoxState, Origin, Sending
from kouprey.response.rules.intake import LARGEST
from kouprey.response.service.intake import Came, Intake
from kouprey.response.store import reports as rows
from kouprey.response.store.cases import PIECE
from kouprey.response.wire.mail import HEAD
from kouprey.response.wire.reporting import write_mail

AT_ONCE = 200
"""Mails of one round; the others come with the next one."""
SETTLED: Instant = 2 * SECOND
"""A file in the folder is taken once nobody has written to it for so long; whoever moves it in whole need not wait."""
STUCK: Instant = 900 * SECOND
_LONGEST_WAIT: Instant = 6 * 3600 * SECOND
_log = logging.getLogger(__name__)


class Fetching(Intake):
    """Jobs about mail."""

    def __init__(
        self,
        *given: Any,
        folder: Path | None = None,
        box: Callable[[], Box | None] = lambda: None,
        **named: Any,
    ) -> None:
        super().__init__(*given, **named)
        self.folder = folder
        self.box = box

    def take_folder(self) -> int:
        """Take in what was dropped, and lay it into `taken`; a file that cannot be read stays where it is."""
        if self.folder is None or not self.folder.is_dir():
            return 0
        done = 0
        for file in _mails_in(self.folder)[:AT_ONCE]:
            try:
                if not self._is_settled(file):
                    continue
                done += self.take_file(file, Origin.FOLDER).fresh
                _put_away(file, self.folder / "taken", datetime.fromtimestamp(self._clock() / SECOND, UTC))
            except (OSError, KoupreyError) as error:
                # One bad file keeps nothing else from coming in.
                _log.warning("The report %s was not taken in: %s", file.name, error)
        return done

    def take_file(self, file: Path, origin: Origin = Origin.COMMAND) -> Came:
        """Take one file in, and leave it where it is. A link to another file is not followed."""
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise Damaged("That is no file.", file.name, "Name a file with a mail.", code="no-file")
        with os.fdopen(handle, "rb") as source:
            return self.take(source, origin)

    def take_path(self, path: Path) -> list[Came]:
        """Take in a file, or every `.eml` of a folder; all stay where they are. Unknown for what is not there."""
        if path.is_dir():
            return [self.take_file(each) for each in _mails_in(path)]
        if not path.exists():
            raise Unknown("There is no such file.", str(path), code="no-file")
        return [self.take_file(path)]

    def take_box(self) -> int:
        """Take in what is new in the mailbox, by UID; a mail counts as read once it is kept here, and not before."""
        box = self.box()
        if box is None:
            return 0
        name = f"{box.user}@{box.host}/{box.folder}"
        with self._store.read() as reader:
            state = rows.find_box(reader, name)
        done = 0
        try:
            with open_box(box) as opened:
                # Numbers of another validity name other mails (RFC 9051, 2.3.1.1); the same bytes stay one.
                after = state.uid if opened.validity == state.validity else 0
                for uid, size in opened.list_new(after)[:AT_ONCE]:
                    done += self._take_message(opened, uid, size)
                    after = uid
                    self._note_box(name, BoxState(validity=opened.validity, uid=uid, looked_at=self._clock()))
                self._note_box(name, BoxState(validity=opened.validity, uid=after, looked_at=self._clock()))
        except KoupreyError as error:
            with self._store.read() as reader:
                state = rows.find_box(reader, name)
            told = f"{error.what} {error.why}"[:300]
            self._note_box(name, msgspec.structs.replace(state, looked_at=self._clock(), error=told))
        return done

    def box_state(self) -> tuple[Box, BoxState] | None:
        """The mailbox and how far it has been read; None for a node without one."""
        box = self.box()
        if box is None:
            return None
        with self._store.read() as reader:
            return box, rows.find_box(reader, f"{box.user}@{box.host}/{box.folder}")

    def sends_mail(self) -> bool:
        """Whether this node has a relay."""
        return self._relay() is not None

    def post(self) -> int:
        """Give the answers that wait to the relay; how many it took. Without a relay they wait for a person."""
        relay, now = self._relay(), self._clock()
        with self._store.read() as reader:
            broken = rows.list_due(reader, Sending.HANDING, now - STUCK, limit=AT_ONCE)
            waiting = rows.list_due(reader, Sending.WAITING, now, limit=AT_ONCE) if relay is not None else []
        for answer in broken:
            # The node stopped while it handed it over: the relay may have it, so it is never sent again by itself.
            self._move(answer, Sending.HANDING, Sending.UNSURE, why="The node stopped while it was handed over.")
        done = 0
        for answer in waiting:
            assert relay is not None
            held = self._move(answer, Sending.WAITING, Sending.HANDING, next_at=now)
            if held is None:
                continue
            try:
                send(relay, held.to, write_mail(held, sender=relay.sender, name=self._people.home().name))
            except KoupreyError as error:
                self._failed(held, error)
            else:
                done += 1
                self._move(held, Sending.HANDING, Sending.SENT, why="", next_at=self._clock())
        return done

    def _failed(self, answer: Answer, error: KoupreyError) -> None:
        tries, why = answer.tries + 1, f"{error.what} {error.why}"[:300]
        if isinstance(error, Unreachable) and error.code != "unsure":
            wait = min((60 * SECOND) << min(tries - 1, 12), _LONGEST_WAIT)
            later = self._clock() + wait
            self._move(answer, Sending.HANDING, Sending.WAITING, why=why, tries=tries, next_at=later)
        else:
            sending = Sending.UNSURE if error.code == "unsure" else Sending.FAILED
            self._move(answer, Sending.HANDING, sending, why=why, tries=tries)

    def _move(self, answer: Answer, before: Sending, sending: Sending, **given: Any) -> Answer | None:
        """How far it is now; None where somebody else has moved it."""
        made = msgspec.structs.replace(answer, sending=sending, **given)
        return made if self._store.write(lambda tx: rows.move_answer(tx, made, before)) else None

    def _take_message(self, opened: Opened, uid: int, size: int) -> int:
        with SpooledTemporaryFile(max_size=PIECE) as copy:
            # Of one that is too large its head is fetched, so that a person sees what came.
            read = opened.copy(uid, copy, HEAD if size > LARGEST else LARGEST + 1)  # type: ignore[arg-type]  # it is a file
            whole = max(size, read) if size > LARGEST else 0
            copy.seek(0)
            try:
                return int(self.take(copy, Origin.MAILBOX, size=whole).fresh)
            except Unreachable:
                # The database is busy or full: it comes in the next time.
                raise
            except KoupreyError as error:
                _log.warning("The mail %s of the mailbox could not be placed: %s", uid, error)
                copy.seek(0)
                return int(self.set_aside(copy, Origin.MAILBOX, size=whole).fresh)

    def _note_box(self, name: str, state: BoxState) -> None:
        self._store.write(lambda tx: rows.save_box(tx, name, state))

    def _is_settled(self, file: Path) -> bool:
        written, now = int(file.lstat().st_mtime * SECOND), self._clock()
        return not now - SETTLED < written < now + 60 * SECOND


def _mails_in(folder: Path) -> list[Path]:
    """Files with mails, in the order of their names; what begins with a dot is still being written."""

    def found() -> Iterator[Path]:
        for each in folder.iterdir():
            if each.suffix.lower() == ".eml" and not each.name.startswith(".") and not each.is_symlink():
                yield each

    return sorted(each for each in found() if each.is_file())


def _put_away(file: Path, folder: Path, at: datetime) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / f"{at:%Y%m%dT%H%M%S}-{file.name}"
    with suppress(FileNotFoundError):
        file.replace(target)
