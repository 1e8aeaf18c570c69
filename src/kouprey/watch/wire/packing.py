"""Batches as they are sent: plain, gzip or Zstandard, told by their first bytes, and never larger than allowed."""

from __future__ import annotations

import zlib

from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.unzstd import MAGIC, Unzstd, ZstdBroken

_GZIP = b"\x1f\x8b"
_PIECE = 64 << 10


def unpack(body: bytes, most: int) -> bytes:
    """The lines of a batch. TooLarge (`too-large`) beyond `most` bytes, Damaged (`bad-packing`) for a broken stream."""
    if body[:2] == _GZIP:
        return _gunzip(body, most)
    if body[:4] == MAGIC:
        return _unzstd(body, most)
    if len(body) > most:
        raise _too_large(most)
    return body


def _gunzip(body: bytes, most: int) -> bytes:
    out = bytearray()
    try:
        while body:
            member = zlib.decompressobj(wbits=31)
            out += member.decompress(body, most + 1 - len(out))
            if len(out) > most:
                raise _too_large(most)
            if not member.eof:
                raise _broken("It ends too early.")
            body = member.unused_data
    except zlib.error as error:
        raise _broken(str(error)) from None
    return bytes(out)


def _unzstd(body: bytes, most: int) -> bytes:
    out, stream = bytearray(), Unzstd()
    try:
        for begin in range(0, len(body), _PIECE):
            for piece in stream.feed(body[begin : begin + _PIECE]):
                out += piece
                if len(out) > most:
                    raise _too_large(most)
        stream.finish()
    except ZstdBroken as error:
        raise _broken(str(error)) from None
    return bytes(out)


def _too_large(most: int) -> TooLarge:
    return TooLarge(
        "The batch is too large.", f"At most {most:,} bytes when unpacked.", "Send fewer lines.", code="too-large"
    )


def _broken(why: str) -> Damaged:
    return Damaged("The batch cannot be unpacked.", why[:200], "Pack it again.", code="bad-packing")
