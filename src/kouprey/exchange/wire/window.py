"""A sliding view on a byte stream: what is being read stays, what has been read is forgotten."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from kouprey.kernel.words import unzstd

CHUNK = 1 << 18
"""Bytes asked of the stream at a time. Small enough to stay in a processor's cache."""

_GZIP = b"\x1f\x8b"
_SPACE = re.compile(rb"[ \t\r\n]*+")


class Broken(Exception):
    """The stream cannot be followed beyond `offset` (bytes, uncompressed)."""

    def __init__(self, offset: int, why: str, code: str = "broken-stream") -> None:
        super().__init__(why)
        self.offset = offset
        self.why = why
        self.code = code


class Window:
    """The bytes `data` of a stream, `data[0]` being byte `base` of it, read up to index `pos`.

    While `mark` is an index, bytes from there on are kept. When more than `limit` would have to be kept, memory stays
    flat: a `strict` mark raises Broken `too-large`, another is dropped and its owner sees that the bytes are gone.
    """

    def __init__(self, read: Callable[[int], bytes], limit: int, base: int = 0) -> None:
        self._read = read
        self.strict = False
        self.limit = limit
        self.base = base
        self.data = b""
        self.pos = 0
        self.mark: int | None = None

    @property
    def offset(self) -> int:
        """Where in the whole stream we are."""
        return self.base + self.pos

    def keep(self, *, strict: bool = False) -> None:
        """Keep the bytes from here on."""
        self.mark, self.strict = self.pos, strict

    def take(self) -> bytes | None:
        """The bytes kept up to here, no longer kept; None when they were more than the limit."""
        start, self.mark = self.mark, None
        return self.data[start : self.pos] if start is not None and self.pos - start <= self.limit else None

    def more(self) -> bool:
        """Read on; indexes move. False at the end of the stream."""
        if self.mark is not None and len(self.data) - self.mark > self.limit:
            if self.strict:
                raise Broken(self.base + self.mark, f"It is longer than {self.limit} bytes.", "too-large")
            self.mark = None
        start = self.pos if self.mark is None else self.mark
        try:
            # As much again as is kept, so that a long object is not copied once for each chunk.
            chunk = self._read(max(CHUNK, len(self.data) - start))
        except (zlib.error, EOFError, unzstd.ZstdBroken) as error:
            raise Broken(self.base + len(self.data), f"The compressed data is damaged: {error}.") from None
        self.data = self.data[start:] + chunk
        self.base += start
        self.pos -= start
        if self.mark is not None:
            self.mark = 0
        return bool(chunk)

    def peek(self) -> int:
        """The next byte that is not white space, without passing it; -1 at the end."""
        while True:
            pos = self.pos
            if pos < len(self.data):
                byte = self.data[pos]
                if byte > 0x20:
                    return byte
                found = _SPACE.match(self.data, pos)
                if found is None or found.end() == pos:
                    return byte
                self.pos = found.end()
            elif not self.more():
                return -1


def open_window(stream: BinaryIO, limit: int) -> Window:
    """A window on a stream that may be gzip or Zstandard, told by its first bytes."""
    return Window(unpacked(stream), limit)


def unpacked(stream: BinaryIO) -> Callable[[int], bytes]:
    """What reads a stream, of which gzip and Zstandard are told by their first bytes and undone."""
    head = stream.read(4)
    while 0 < len(head) < 4 and (more := stream.read(4 - len(head))):
        head += more
    is_gzip, is_zstd = head[:2] == _GZIP, head == unzstd.MAGIC

    def read(size: int) -> bytes:
        nonlocal head
        first, head = head, b""
        return first or stream.read(size)

    return _Gunzip(read) if is_gzip else _Unzstd(read) if is_zstd else read


class _Gunzip:
    """Reads gzip members one after another, never more than asked for at a time."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._member = zlib.decompressobj(31)
        self._compressed = b""

    def __call__(self, size: int) -> bytes:
        while True:
            if self._member.eof:
                rest = self._member.unused_data.lstrip(b"\0") or self._read(CHUNK).lstrip(b"\0")
                if not rest:
                    return b""
                self._member, self._compressed = zlib.decompressobj(31), rest
            compressed = self._compressed or self._read(CHUNK)
            out = self._member.decompress(compressed, size)
            self._compressed = self._member.unconsumed_tail
            if out:
                return out
            if not compressed and not self._member.eof:
                raise EOFError("it ends too early")


class _Unzstd:
    """Reads Zstandard frames one after another, a block at a time: never much more than asked for."""

    def __init__(self, read: Callable[[int], bytes]) -> None:
        self._read = read
        self._frames = unzstd.Unzstd()
        self._ready: Iterator[bytes] = iter(())

    def __call__(self, size: int) -> bytes:
        while True:
            for out in self._ready:
                return out
            compressed = self._read(CHUNK)
            if not compressed:
                self._frames.finish()
                return b""
            self._ready = self._frames.feed(compressed)
