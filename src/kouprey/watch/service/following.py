"""Following a file that a sensor writes: through rotation, and from the very place where it was left.

The place is written in the transaction that makes the events count. So nothing is lost or taken twice, whenever the
follower is stopped, and however.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec

from kouprey.kernel.storage.engine import Tx
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.errors import Unknown
from kouprey.watch import store as rows
from kouprey.watch.model import Follower, Status
from kouprey.watch.service.taking import Taking

STEP = 4 << 20
"""Bytes that are taken in one step."""
_HEAD = 1_024


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one step took. `more`: there is more to take at once. `lost`: the file before it went unread."""

    taken: int = 0
    refused: int = 0
    hits: int = 0
    more: bool = False
    lost: bool = False


class Following(Taking):
    """The verb for files."""

    def follow(self, who: Reader, name: str, path: Path) -> Step:
        """Take what is new in a file, up to 4 MiB; Unknown when there is neither the file nor what became of it.

        A file that took its place (by another inode, or by other first bytes) is read from its beginning, after what
        is left of the one before, as long as that lies in the same folder. The one before is at its end when the new
        one holds something: until then its writer may not have turned from it.
        """
        self.get_source(who, name)
        with self._keeping.alone(name):
            source = self.get_source(who, name)
            with self._store.read() as reader:
                place = rows.find_follower(reader, name, str(path))
            file, begin, ended, lost = _open(path, place)
            with file:
                chunk = _read(file, begin, whole=ended)
                if not chunk:
                    now = self._clock()
                    if ended or lost:
                        after = _fresh(name, path, now) if ended else _place(file, name, path, begin, now)
                        self._store.write(lambda tx: rows.save_follower(tx, after))
                    return Step(more=ended, lost=lost)
                after = _place(file, name, path, begin + len(chunk), self._clock())
                more = ended or os.fstat(file.fileno()).st_size - after.offset >= STEP

            def also(tx: Tx, _: Status) -> None:
                rows.save_follower(tx, after)

            status = self._take(who, source, chunk, str(path), also)
        return Step(taken=status.taken, refused=status.refused, hits=status.hits, more=more, lost=lost)


def _open(path: Path, place: Follower | None) -> tuple[BinaryIO, int, bool, bool]:
    """(the file to read, from where, whether nobody writes on it any more, whether the one before is lost)."""
    try:
        file: BinaryIO | None = path.open("rb")
    except FileNotFoundError:
        file = None
    if place is not None and place.file:
        if file is not None and _is(file, place):
            return file, place.offset, False, False
        old = _rotated(path, place)
        if old is not None:
            ended = file is not None and os.fstat(file.fileno()).st_size > 0
            if file is not None:
                file.close()
            return old, place.offset, ended, False
    if file is None:
        raise Unknown(f"There is no file {path}.", remedy="Name the file that the sensor writes.", code="no-file")
    return file, 0, False, place is not None and bool(place.file)


def _rotated(path: Path, place: Follower) -> BinaryIO | None:
    """The file that was followed, under its new name in the same folder."""
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:
        return None
    for each in beside:
        if each == path or not each.is_file():
            continue
        file = each.open("rb")
        if _is(file, place):
            return file
        file.close()
    return None


def _is(file: BinaryIO, place: Follower) -> bool:
    """Whether this is the file of that place: the same inode, no shorter, and beginning with the same bytes."""
    stat = os.fstat(file.fileno())
    if f"{stat.st_dev}:{stat.st_ino}" != place.file or stat.st_size < place.offset:
        return False
    file.seek(0)
    return sha256(file.read(place.head_size)).hexdigest() == place.head


def _read(file: BinaryIO, begin: int, *, whole: bool) -> bytes:
    """Whole lines from a place on; with `whole` also one without an end, since nobody writes on it any more."""
    file.seek(begin)
    chunk = file.read(STEP)
    end = chunk.rfind(b"\n") + 1
    if end:
        return chunk[:end]
    # A line longer than a step is taken in parts, which are refused.
    return chunk if len(chunk) == STEP or whole else b""


def _place(file: BinaryIO, name: str, path: Path, offset: int, now: int) -> Follower:
    stat = os.fstat(file.fileno())
    size = min(_HEAD, offset)
    file.seek(0)
    return Follower(
        source=name,
        path=str(path),
        file=f"{stat.st_dev}:{stat.st_ino}",
        head=sha256(file.read(size)).hexdigest(),
        head_size=size,
        offset=offset,
        at=now,
    )


def _fresh(name: str, path: Path, now: int) -> Follower:
    """The file that was rotated away was read to its end: whatever stands there now is read from its beginning."""
    return Follower(source=name, path=str(path), file="", head="", head_size=0, offset=0, at=now)
