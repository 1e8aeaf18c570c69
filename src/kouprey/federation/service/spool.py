"""The spool folder: parcels that somebody drops are taken in, those for partners out of reach are laid ready.

    in/        what somebody drops: parcels, mails (.eml) that bring parcels, photographs of their pictures
    out/PARTY/ parcels to be carried to a partner; take them away when you like
    done/      what was taken in, for some days
    refused/   what was not, each beside a text that says what, why and the remedy

What lies there is the whole state: whoever is killed finds it so again. A file is moved when what it brings is durable,
and reading it twice does no harm.
"""

from __future__ import annotations

import email.policy
import logging
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from email.parser import BytesParser
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from kouprey.federation.service.parcels import Contents, Parcels
from kouprey.federation.service.photographed import photographed
from kouprey.federation.service.whole import written
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.web.photos import is_photo
from kouprey.kernel.words.errors import Damaged, KoupreyError, TooLarge, Unreachable
from kouprey.kernel.words.time import DAY, Clock, Instant, format_second, wall_clock

_log = logging.getLogger(__name__)

QUIET_SECONDS = 2.0
"""A file that has not changed for so long is looked at."""
PATIENCE_SECONDS = 60.0
"""One that cannot be opened is refused when it has not changed for so long: copying may have stopped half-way."""
MAIL_MAX = 64 << 20
"""Bytes of a mail that is looked into."""
NAME_BYTES = 160

IN, OUT, DONE, REFUSED = "in", "out", "done", "refused"
_HALF = ("cannot-open", "no-parcel", "bad-pictures", "bad-photo")
_UNFINISHED = (".part", ".partial", ".crdownload", ".tmp", ".swp", "~")
_AGE = b"age-encryption.org/v1"
_DROP = "Drop the .kpx file, the mail as it was saved (.eml), or photographs of its pictures (PNG, JPEG)."
_BEGIN = 16
_TEXT = re.compile(r"[0-9a-f]{12}-.+\.txt", re.DOTALL)
_OURS = re.compile(r"[0-9a-f]{32}\.kpx", re.ASCII)


@dataclass(frozen=True, slots=True)
class Lying:
    """A file in the spool folder; `said` is the text beside it, `party` whom one in `out` is for."""

    name: str
    size: int
    at: Instant
    said: str = ""
    party: str = ""


@dataclass(slots=True)
class _Look:
    """How a file looked, and since when so by a clock that nobody sets; `tried` when it could not be opened so."""

    size: int
    changed: int
    since: float
    tried: bool = False


class Spool:
    """Takes in what lies in `in`, one file after the other, and lays parcels into `out`."""

    def __init__(
        self,
        folder: Path,
        parcels: Parcels,
        *,
        keep_days: int = 30,
        clock: Clock = wall_clock,
        passing: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder = folder
        self._parcels = parcels
        self._keep_days = keep_days
        self._clock = clock
        self._passing = passing
        self._looks: dict[str, _Look] = {}
        self._lock = FileLock(folder / ".lock")

    def prepare(self) -> None:
        """Make the folders where they are missing, for their owner alone."""
        for name in (IN, OUT, DONE, REFUSED):
            (self.folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)

    def take_in(self) -> int:
        """Take in every file that is whole; how many were moved away."""
        self.prepare()
        if not self._lock.try_take():
            return 0  # Another process of this node is at it.
        count = 0
        try:
            for path in self._ripe():
                try:
                    count += self._take(path)
                except OSError as error:
                    # One that nobody may read, or was taken away meanwhile, does not hold up the others.
                    _log.warning("%s is left alone: %s", path.name, error)
        finally:
            self._lock.release()
        return count

    def _ripe(self) -> list[Path]:
        """Files that have not changed for a while, by name; whatever is no plain file is left alone."""
        looks: dict[str, _Look] = {}
        ripe = []
        for path in sorted((self.folder / IN).iterdir()):
            name = path.name
            found = _plain(path)
            if found is None or name.startswith(".") or name.lower().endswith(_UNFINISHED):
                continue
            seen = self._looks.get(name)
            if seen is None or (seen.size, seen.changed) != (found.st_size, found.st_mtime_ns):
                seen = _Look(found.st_size, found.st_mtime_ns, self._passing())
            looks[name] = seen
            if self._passing() - seen.since >= (PATIENCE_SECONDS if seen.tried else QUIET_SECONDS):
                ripe.append(path)
        self._looks = looks
        return ripe

    def _take(self, path: Path) -> bool:
        """Take in one file; False when it is left for later."""
        with _opened(path) as file:
            brought: list[Contents] = []
            refusals: list[str] = []
            beside: list[Path] = []
            try:
                if is_photo(file.read(_BEGIN)):
                    file.seek(0)
                    parcels, beside = photographed(file, self._others(path))
                else:
                    file.seek(0)
                    parcels = _parcels_in(file)
                brought.extend(self._parcels.read(parcel, by="spool") for parcel in parcels)
            except Unreachable as error:
                _log.warning("%s waits: %s", path.name, error)
                return False
            except KoupreyError as error:
                if self._may_grow(path.name, error):
                    return False
                _log.warning("%s was refused: %s", path.name, error)
                refusals.append(str(error))
            refusals += [problem for each in brought for problem in each.problems]
            where, text = REFUSED if refusals else DONE, "\n".join([*map(_account, brought), *refusals])
            self._put_away(path, file, where, text)
        for each in beside:
            with _opened(each) as file:
                self._put_away(each, file, where, text)
        return True

    def _others(self, path: Path) -> list[Path]:
        """Files beside one that have lain still: its other pictures may be on them."""
        return [
            each
            for each in sorted((self.folder / IN).iterdir())
            if each != path
            and (seen := self._looks.get(each.name)) is not None
            and self._passing() - seen.since >= QUIET_SECONDS
        ]

    def _may_grow(self, name: str, error: KoupreyError) -> bool:
        """Whether what cannot be opened may be half of something that is still being copied."""
        seen = self._looks[name]
        if error.code not in _HALF or self._passing() - seen.since >= PATIENCE_SECONDS:
            return False
        seen.tried = True
        return True

    def _put_away(self, path: Path, file: BinaryIO, where: str, text: str) -> None:
        """Write the text, then move the file: whoever is killed between finds the file in `in` and does it again."""
        file.seek(0)
        name = os.fsencode(path.name)[-NAME_BYTES:].decode("utf-8", "replace")
        place = self.folder / where / f"{_digest(file)}-{name}"
        beside = place.with_name(place.name + ".txt")
        # A first try that was killed has told what the parcel brought; this one would say that it was nothing new.
        if place.exists() or not beside.exists():
            with written(beside) as out:
                out.write(f"{format_second(self._clock())}\n{text}\n".encode())
        path.replace(place)
        self._looks.pop(path.name, None)

    def tidy(self) -> int:
        """Delete what was taken in longer ago than is set; how many files went."""
        before = self._clock() - self._keep_days * DAY
        over = [text for text, at in _texts(self.folder / DONE) if at < before]
        for text in over:
            text.with_suffix("").unlink(missing_ok=True)
            text.unlink(missing_ok=True)
        return len(over)

    def lay_ready(self, party: str, *, by: str, slips: str = "", fresh: bool = False, most: int = 0) -> Path:
        """Make a parcel for a partner and lay it into `out`.

        One with everything takes the place of those laid there before: what they bring is in it.
        """
        self.prepare()
        place = self.folder / OUT / party
        place.mkdir(mode=0o700, exist_ok=True)
        before = [path for path in place.iterdir() if _OURS.fullmatch(path.name)]
        unnamed = place / ".unnamed"
        with written(unnamed) as out:
            manifest = self._parcels.make(party, out, by=by, slips=slips, fresh=fresh, most=most)
        file = unnamed.replace(place / f"{manifest.parcel}.kpx")
        if not (slips or fresh or most):
            for path in before:
                path.unlink(missing_ok=True)
        return file

    def list_in(self) -> list[Lying]:
        """What waits to be taken in; nothing that is left alone because of its name."""
        return [each for each in _lying(self.folder / IN) if not each.name.lower().endswith(_UNFINISHED)]

    def list_out(self) -> list[Lying]:
        """What waits to be carried, by partner."""
        place = self.folder / OUT
        folders = sorted(each for each in place.iterdir() if each.is_dir()) if place.is_dir() else []
        return [replace(each, party=folder.name) for folder in folders for each in _lying(folder)]

    def list_past(self, where: str, most: int = 20) -> list[Lying]:
        """What was taken in (DONE) or was not (REFUSED), newest first, with what is said of it."""
        texts = sorted(_texts(self.folder / where), key=lambda each: each[1], reverse=True)
        found = []
        for text, at in texts[:most]:
            file = text.with_suffix("")
            with suppress(OSError):
                said = text.read_text("utf-8", "replace").partition("\n")[2].strip()
                found.append(Lying(file.name.partition("-")[2], file.stat().st_size, at, said))
        return found


def _lying(folder: Path) -> Iterator[Lying]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        found = _plain(path)
        if found is not None and not path.name.startswith("."):
            yield Lying(os.fsencode(path.name).decode("utf-8", "replace"), found.st_size, found.st_mtime_ns // 1000)


def _texts(folder: Path) -> Iterator[tuple[Path, Instant]]:
    """The texts that stand beside files, and when they were written."""
    for path in sorted(folder.glob("*.txt")):
        found = _plain(path)
        if found is not None and _TEXT.fullmatch(path.name):
            yield path, found.st_mtime_ns // 1000


def _account(came: Contents) -> str:
    told = f"From {came.made_by}, made {came.made_at}: {came.entries} new entries"
    counts = ((came.early, "waiting for others before them"), (came.receipts, "receipts"), (came.papers, "papers"))
    return ", ".join([told, *(f"{count} {what}" for count, what in counts if count)]) + "."


def _digest(file: BinaryIO) -> str:
    digest = sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()[:12]


def _plain(path: Path) -> os.stat_result | None:
    with suppress(OSError):
        found = path.stat(follow_symlinks=False)
        if stat.S_ISREG(found.st_mode):
            return found
    return None


def _opened(path: Path) -> BinaryIO:
    """A file as it lies there, no other that a link leads to, and no pipe that nobody writes into."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb")


def _parcels_in(file: BinaryIO) -> Iterator[BinaryIO]:
    """The parcel that a file is, or those attached to the mail that it is; Damaged (`no-parcel`) for anything else."""
    begin = file.read(len(_AGE))
    file.seek(0)
    if begin == _AGE:
        yield file
        return
    mail = file.read(MAIL_MAX + 1)
    if len(mail) > MAIL_MAX:
        raise TooLarge("This is no parcel, and too large for a mail.", f"It is over {MAIL_MAX} bytes.", _DROP)
    found = 0
    for part in BytesParser(policy=email.policy.default).parsebytes(mail).walk():
        content = None if part.is_multipart() else part.get_payload(decode=True)
        if isinstance(content, bytes) and content.startswith(_AGE):
            found += 1
            yield BytesIO(content)
    if not found:
        raise Damaged(
            "There is no parcel in this file.",
            "It is neither a parcel, nor a mail with one attached, nor a photograph.",
            _DROP,
            code="no-parcel",
        )
