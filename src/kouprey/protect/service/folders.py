"""Files of releases: written whole into a folder that takes its name at the end, so there is all of it or nothing."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from kouprey.kernel.disk import sync_folder
from kouprey.protect.model import Entry, Format, Left

ENTRIES, LEFT, MANIFEST = "entries.ndjson", "left.ndjson", "manifest.note"
_PART = ".part"
_encode = msgspec.json.Encoder().encode_lines
_entries = msgspec.json.Decoder(Entry).decode_lines
_left = msgspec.json.Decoder(Left).decode_lines


class Folders:
    """The folder of each shield, with one folder for each of its releases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def alone(self, shield: str) -> Iterator[None]:
        """Nobody else makes a release of this shield while this goes on, in any process."""
        folder = self._folder / shield
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def path(self, shield: str, serial: int, name: str = "") -> Path:
        """Where a release lies, or a file of it."""
        return self._folder / shield / str(serial) / name

    def begin(self, shield: str, serial: int) -> Path:
        """An empty folder that counts for nothing yet."""
        path = self._folder / shield / f"{serial}{_PART}"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir(parents=True)
        return path

    def finish(self, shield: str, serial: int) -> None:
        """Have everything in it durable, and give it its name."""
        path = self._folder / shield / f"{serial}{_PART}"
        for each in path.iterdir():
            with each.open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(path)
        path.rename(self.path(shield, serial))
        sync_folder(path.parent)

    def drop(self, shield: str, serial: int) -> None:
        """Remove a release, finished or not."""
        for path in (self.path(shield, serial), self._folder / shield / f"{serial}{_PART}"):
            shutil.rmtree(path, ignore_errors=True)

    def tidy(self, shield: str, kept: Sequence[int]) -> int:
        """Remove every release that is not kept, such as what a killed process left behind; how many those were."""
        names = {str(each) for each in kept}
        gone = [each for each in (self._folder / shield).iterdir() if each.is_dir() and each.name not in names]
        for each in gone:
            shutil.rmtree(each, ignore_errors=True)
        return len(gone)

    def entries(self, shield: str, serial: int) -> list[Entry]:
        """What is in a release."""
        return _entries(self._read(shield, serial, ENTRIES))

    def left(self, shield: str, serial: int) -> list[Left]:
        """What was left out of it."""
        return _left(self._read(shield, serial, LEFT))

    def _read(self, shield: str, serial: int, name: str) -> bytes:
        try:
            return self.path(shield, serial, name).read_bytes()
        except FileNotFoundError:
            # A database that was restored without its files: what it counted is not here.
            return b""


def write_contents(
    folder: Path, entries: Sequence[Entry], left: Sequence[Left], files: Mapping[Format, bytes], manifest: bytes
) -> None:
    """All files of a release."""
    (folder / ENTRIES).write_bytes(_encode(entries))
    (folder / LEFT).write_bytes(_encode(left))
    (folder / MANIFEST).write_bytes(manifest)
    for form, data in files.items():
        (folder / form).write_bytes(data)
