"""Zstandard streams, opened block by block: no input makes more than one block of memory, and a cut is noticed.

A frame is told apart by its headers (RFC 8878 section 3.1.1), because libraries either give back all that a few bytes
expand to at once, or end a frame that was cut short as if it were whole.
"""

from __future__ import annotations

from collections.abc import Iterator

import zstandard

MAGIC = b"\x28\xb5\x2f\xfd"
WINDOW_MAX = 8 << 20
"""Bytes of the largest window we hold: that of `zstd -19`; `--long` and `--ultra` may ask for more and are refused."""
BLOCK_MAX = 128 << 10

_HEADER_MAX = 18
_SKIPPABLE = 0x184D2A50
_RLE, _RESERVED = 1, 3


class ZstdBroken(ValueError):
    """The stream cannot be followed any further; the text says why."""


class Unzstd:
    """Give it the compressed bytes as they come; it gives back what they hold, at most BLOCK_MAX at a time."""

    def __init__(self) -> None:
        self._data = b""
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._skip = 0
        self._checksum = False
        self._closing = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What can be opened by now; to be exhausted before more is fed. Raises ZstdBroken."""
        self._data += data
        at = 0
        try:
            while (size := self._unit(at)) and at + size <= len(self._data):
                unit = self._data[at : at + size]
                at += size
                if out := self._open(unit):
                    yield out
            if size > len(self._data) - at and self._skip:
                self._skip -= len(self._data) - at
                at = len(self._data)
        except zstandard.ZstdError as error:
            raise ZstdBroken(str(error)) from None
        finally:
            self._data = self._data[at:]

    def finish(self) -> None:
        """Raises ZstdBroken when the stream ends inside a frame."""
        if self._data or self._frame is not None or self._skip:
            raise ZstdBroken("it ends too early")

    def _unit(self, at: int) -> int:
        """Bytes of the next thing that can be opened as a whole; 0 when that cannot be known yet."""
        rest = len(self._data) - at
        if self._skip:
            return self._skip
        if self._closing:
            return 4
        if self._frame is not None:
            return 3 + _content(self._data[at : at + 3]) if rest >= 3 else 0
        if rest < 8:
            # No frame is shorter: four bytes of magic, at least two of header, three of a block.
            return 0
        head = self._data[at : at + _HEADER_MAX]
        if int.from_bytes(head[:4], "little") & ~0xF == _SKIPPABLE:
            return 8
        if head[:4] != MAGIC:
            raise ZstdBroken("there is something else after a frame")
        return int(zstandard.frame_header_size(head))

    def _open(self, unit: bytes) -> bytes:
        if self._skip:
            self._skip = 0
            return b""
        if self._frame is None:
            if unit[:4] != MAGIC:
                self._skip = int.from_bytes(unit[4:8], "little")
                return b""
            self._frame = zstandard.ZstdDecompressor(max_window_size=WINDOW_MAX).decompressobj()
            self._checksum = bool(unit[4] & 4)
            return self._frame.decompress(unit)
        out = self._frame.decompress(unit)
        if self._closing or (unit[0] & 1 and not self._checksum):
            self._frame, self._closing = None, False
        elif unit[0] & 1:
            self._closing = True
        return out


def _content(header: bytes) -> int:
    """Bytes that follow a block header (RFC 8878 section 3.1.1.2)."""
    word = int.from_bytes(header, "little")
    kind, size = word >> 1 & 3, word >> 3
    if kind == _RESERVED or size > BLOCK_MAX:
        raise ZstdBroken("a block is not one that can be")
    return 1 if kind == _RLE else size
