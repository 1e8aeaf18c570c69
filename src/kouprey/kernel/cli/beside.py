"""A file of NDJSON written beside the input, or in the data directory where that cannot be; made on demand."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec

from kouprey.kernel.words.errors import Refused


class Beside:
    """What is said about `source` line by line, in a file of its name and `ending`; `data` is where it goes else."""

    def __init__(self, source: Path, ending: str, data: Path | None) -> None:
        name = source.name + ending
        self._choices = [folder / name for folder in (source.parent, data) if folder is not None]
        self._stack = ExitStack()
        self._file: BinaryIO | None = None
        self._dirty = False
        self.path: Path | None = None
        """Where it is; None while there is nothing in it."""

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, line: object) -> None:
        """Write one line; what is in the file is what happened, also when the import is interrupted."""
        if self._file is None:
            self._file = self._stack.enter_context(self._open())
        self._file.write(msgspec.json.encode(line) + b"\n")
        self._file.flush()
        self._dirty = True

    def settle(self) -> int:
        """Make durable what was added; the size of the file."""
        if self._file is None:
            return 0
        if self._dirty:
            os.fsync(self._file.fileno())
            self._dirty = False
        return self._file.tell()

    def cut(self, size: int) -> bool:
        """Before anything is added: go on behind so many bytes of an earlier file; False when it is shorter or gone."""
        for path in self._choices if size else ():
            if path.is_file() and path.stat().st_size >= size:
                self._file = self._stack.enter_context(path.open("r+b"))
                self._file.truncate(size)
                self._file.seek(size)
                self.path = path
                return True
        return not size

    def _open(self) -> BinaryIO:
        for path in self._choices:
            try:
                file = path.open("wb")
            except OSError:
                continue
            self.path = path
            return file
        raise Refused(
            "What happens cannot be written down.",
            f"None of {', '.join(map(str, self._choices))} can be written.",
            "Free the disk, or import a copy of the file from a folder of yours.",
            code="no-list-file",
        )
