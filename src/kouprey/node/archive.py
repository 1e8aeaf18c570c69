"""The inside of a backup: a tar of the parts and, last, a manifest with their sizes and hashes; Zstandard around it."""

from __future__ import annotations

import os
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec
import zstandard

from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.unzstd import Unzstd, ZstdBroken

FORMAT = 1
MANIFEST = "manifest.json"
SETTINGS = "kouprey.toml"
DATABASES = {"sqlite": "kouprey.db", "postgres": "kouprey.pgdump"}

_NAME = re.compile(r"keys/[a-z]{1,20}\.key|kouprey\.toml|kouprey\.db|kouprey\.pgdump|manifest\.json", re.ASCII)
_CHUNK = 1 << 20
_BLOCK = tarfile.BLOCKSIZE
_MANIFEST_MAX = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """One file of a backup; `sha256` in hex."""

    name: str
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup says of itself. `version` is that of the program, `made_at` an RFC 3339 instant."""

    format: int
    version: str
    party: str
    engine: str
    made_at: str
    parts: tuple[Part, ...]


def pack(
    files: Mapping[str, Path],
    describe: Callable[[tuple[Part, ...]], Manifest],
    on_progress: Callable[[int], None] | None = None,
) -> Iterator[bytes]:
    """The archive of these files, piece by piece; `describe` makes the manifest once all have been read."""
    packer = zstandard.ZstdCompressor(level=3, write_checksum=True).compressobj()
    parts: list[Part] = []
    for name, path in files.items():
        digest, size = sha256(), path.stat().st_size
        yield packer.compress(_head(name, size))
        with path.open("rb") as file:
            left = size
            while left and (data := file.read(min(_CHUNK, left))):
                digest.update(data)
                left -= len(data)
                yield packer.compress(data)
                if on_progress is not None:
                    on_progress(len(data))
        if left:
            raise Damaged(f"{path.name} became shorter while it was read.", code="changed")
        yield packer.compress(bytes(-size % _BLOCK))
        parts.append(Part(name, size, digest.hexdigest()))
    text = msgspec.json.format(msgspec.json.encode(describe(tuple(parts))), indent=1)
    yield packer.compress(_head(MANIFEST, len(text)) + text + bytes(-len(text) % _BLOCK + 2 * _BLOCK))
    yield packer.flush()


def _head(name: str, size: int) -> bytes:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry.tobuf(tarfile.GNU_FORMAT)


class Unpacker:
    """Writes the parts of an archive into a folder as its bytes come; only names a backup can have, only files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._frames = Unzstd()
        self._data = bytearray()
        self._file: BinaryIO | None = None
        self._name = ""
        self._size = self._left = self._pad = 0
        self._digest = sha256()
        self._found: dict[str, Part] = {}
        self._ended = False

    def feed(self, data: bytes) -> None:
        """Take further bytes of the archive; raises Damaged."""
        try:
            for out in self._frames.feed(data):
                self._take(out)
        except ZstdBroken as broken:
            raise _damaged(f"The compressed data is damaged: {broken}.") from None

    def finish(self) -> Manifest:
        """The manifest, once all parts are there as it says and durable; raises Damaged."""
        try:
            self._frames.finish()
        except ZstdBroken as broken:
            raise _damaged(f"The compressed data is damaged: {broken}.") from None
        if not self._ended or MANIFEST not in self._found:
            raise _damaged("It ends before its manifest.")
        manifest = self._read_manifest()
        for part in manifest.parts:
            if self._found.get(part.name) != part:
                raise _damaged(f"{part.name} is not the file that the manifest names.")
        names = {part.name for part in manifest.parts}
        if names != self._found.keys() - {MANIFEST} or not {SETTINGS, DATABASES[manifest.engine]} <= names:
            raise _damaged("The manifest does not name the files that are there.")
        (self._folder / MANIFEST).unlink()
        return manifest

    def close(self) -> None:
        """Release what is open."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _read_manifest(self) -> Manifest:
        try:
            manifest = msgspec.json.decode((self._folder / MANIFEST).read_bytes(), type=Manifest)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise _damaged(f"Its manifest cannot be read: {error}.") from error
        if manifest.format != FORMAT or manifest.engine not in DATABASES:
            raise Damaged(
                "This backup is of a kind this version does not know.",
                f"Its format is {manifest.format}, its engine {manifest.engine!r}.",
                f"Install the version that made it: {manifest.version}.",
                code="backup-format",
            )
        return manifest

    def _take(self, out: bytes) -> None:
        if self._file is not None and not self._data:
            # The common case, without a further copy.
            taken = min(self._left, len(out))
            self._write(out[:taken])
            out = out[taken:]
        self._data += out
        while self._data and self._step():
            pass

    def _step(self) -> bool:
        """Use some of what is there; False when more is needed."""
        if self._ended:
            if self._data.strip(b"\0"):
                raise _damaged("Something follows its end.")
            self._data.clear()
        elif self._file is not None:
            taken = bytes(self._data[: self._left])
            del self._data[: len(taken)]
            self._write(taken)
        elif self._pad:
            taken_pad = min(self._pad, len(self._data))
            del self._data[:taken_pad]
            self._pad -= taken_pad
        elif len(self._data) < _BLOCK:
            return False
        else:
            head = bytes(self._data[:_BLOCK])
            del self._data[:_BLOCK]
            self._begin(head)
        return True

    def _begin(self, head: bytes) -> None:
        if not head.strip(b"\0"):
            self._ended = True
            return
        try:
            entry = tarfile.TarInfo.frombuf(head, "ascii", "strict")
        except (tarfile.HeaderError, ValueError) as error:
            raise _damaged(f"A header cannot be read: {error}.") from None
        name = entry.name
        if not entry.isreg() or _NAME.fullmatch(name) is None or name in self._found or entry.size < 0:
            raise _damaged(f"It holds {name[:100]!r}, which no backup holds, or holds twice.")
        if name == MANIFEST and entry.size > _MANIFEST_MAX:
            raise _damaged("Its manifest is too long.")
        path = self._folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "wb")
        self._name, self._size, self._left, self._digest = name, entry.size, entry.size, sha256()
        self._write(b"")

    def _write(self, data: bytes) -> None:
        if self._file is None:
            return
        self._file.write(data)
        self._digest.update(data)
        self._left -= len(data)
        if not self._left:
            self._file.flush()
            os.fsync(self._file.fileno())
            self.close()
            self._found[self._name] = Part(self._name, self._size, self._digest.hexdigest())
            self._pad = -self._size % _BLOCK


def _damaged(why: str) -> Damaged:
    return Damaged("The backup is damaged.", why, "Use another backup.", code="bad-backup")
