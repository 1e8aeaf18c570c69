"""Streams of STIX: a bundle, a TAXII envelope, a list, one object or NDJSON, plain or gzip, of any length."""

from __future__ import annotations

import re
from collections.abc import Iterator
from hashlib import sha256
from io import BytesIO
from itertools import chain
from typing import Any, BinaryIO

from kouprey.exchange.model import Parsed, Refusal
from kouprey.exchange.wire.objects import arrive
from kouprey.exchange.wire.splitter import Piece, members, pieces
from kouprey.exchange.wire.window import Broken, Window, open_window
from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.safejson import decode

MAX_OBJECT = 3 * 1024 * 1024
"""Bytes of one object, uncompressed."""
MAX_WRAPPERS = 3
"""Bundles inside each other that are opened; each costs reading all that is in it once more."""

_ID = re.compile(rb'"id"\s*:\s*"([a-z0-9-]{3,250}--[0-9A-Fa-f-]{36})"')


def read_stream(stream: BinaryIO, *, max_object: int = MAX_OBJECT) -> Iterator[Parsed | Refusal]:
    """Everything in a stream, in its order; see Passage."""
    return iter(Passage(stream, max_object))


class Passage:
    """One way through a stream; gzip and Zstandard are told by its first bytes. Memory does not grow with the stream.

    A refused object costs one Refusal and reading goes on; where the structure itself is broken, the last thing
    given is a Refusal with code `broken-stream` (or `too-large`). Never raises for what the bytes say. The offsets of
    what is given rise strictly.
    """

    def __init__(self, stream: BinaryIO, max_object: int = MAX_OBJECT) -> None:
        self._max_object = max_object
        self._pieces: Iterator[Piece] = pieces(open_window(stream, max_object))
        self._left: list[Parsed | Refusal] = []
        self._passed = sha256()
        self.reached = 0
        """Everything that begins below this byte has been given."""

    def digest(self) -> bytes:
        """The hash of everything that begins below `reached`."""
        return self._passed.digest()

    def skip(self, beyond: int, digest: bytes) -> bool:
        """Before anything is given: pass what begins below `beyond`; False when it is not what had this digest.

        What is passed is cut, not read: that takes a small part of the time.
        """
        try:
            for piece in self._pieces:
                if piece.offset >= beyond:
                    self._pieces = chain((piece,), self._pieces)
                    break
                self._pass(piece)
                if piece.raw is not None and piece.offset + len(piece.raw) > beyond:
                    # It may be a wrapper on one line, of which a part was taken.
                    self._left = [each for each in _judge(piece, self._max_object) if each.offset >= beyond]
        except Broken as broken:
            self._pieces = iter(())
            if broken.offset >= beyond:
                self._left.append(_broken(broken, None))
        self.reached = beyond
        return self.digest() == digest

    def __iter__(self) -> Iterator[Parsed | Refusal]:
        for each in self._rest():
            self.reached = each.offset + 1
            yield each

    def _rest(self) -> Iterator[Parsed | Refusal]:
        yield from self._left
        try:
            for piece in self._pieces:
                self._pass(piece)
                yield from _judge(piece, self._max_object)
        except Broken as broken:
            yield _broken(broken, None)

    def _pass(self, piece: Piece) -> None:
        self.reached = piece.offset + 1
        self._passed.update(b"%d %b\n" % (piece.offset, piece.raw or b""))


def cut(stream: BinaryIO, wrapped: str, *, most: int) -> Iterator[Piece]:
    """The members of a stream that is laid out as `read_stream` reads it, as bytes and without a look at what they are.

    `wrapped` is the key under which a wrapper has them. What is longer than `most` bytes, or no object, is a Piece
    with the code of its problem; where the structure is broken, that is the last one.
    """
    window = open_window(stream, most)
    try:
        yield from pieces(window, wrapped.encode())
    except Broken as broken:
        yield Piece(broken.offset, None, None, broken.code)


def _judge(piece: Piece, max_object: int, inside: int = 0) -> Iterator[Parsed | Refusal]:
    raw = piece.raw
    if raw is None:
        yield _refusal(piece, _unread(piece, max_object))
        return
    try:
        value = decode(raw)
        if not _wraps(value):
            yield arrive(raw, value, piece.offset, piece.line)
            return
    except Damaged as damaged:
        yield _refusal(piece, damaged)
        return
    if inside >= MAX_WRAPPERS:
        yield _refusal(piece, _wrapped())
        return
    # A wrapper on a line of its own, or one that has nothing in it.
    window = Window(BytesIO(raw).read, max_object, piece.offset)
    try:
        if isinstance(value.get("objects"), list):
            for member in members(window):
                yield from _judge(member._replace(line=piece.line), max_object, inside + 1)
    except Broken as broken:
        yield _broken(broken, piece.line)


def _wraps(value: Any) -> bool:
    """True for a bundle or a TAXII envelope, as opposed to an object."""
    if not isinstance(value, dict):
        return False
    carried = value.get("objects")
    if value.get("type") == "bundle":
        return carried is None or isinstance(carried, list)
    return "type" not in value and "id" not in value and (isinstance(carried, list) or value.keys() <= {"more", "next"})


def _wrapped() -> Damaged:
    return Damaged(
        "The bundle cannot be read.",
        f"It lies inside {MAX_WRAPPERS} others.",
        "Ask the sender for the objects in one bundle: a bundle carries objects, not bundles.",
        code="bad-type",
    )


def _unread(piece: Piece, max_object: int) -> Damaged:
    if piece.problem == "too-large":
        return TooLarge(
            "The object is too large.",
            f"It is longer than {max_object} bytes.",
            "Carry large content beside the object and refer to it by hash.",
            code="too-large",
        )
    return Damaged(
        "The list has a member that is no object.",
        "Every member must be a STIX object.",
        "Ask the sender to leave it out.",
        code="bad-type",
    )


def _refusal(piece: Piece, damaged: Damaged) -> Refusal:
    found = _ID.search(piece.raw) if piece.raw is not None else None
    return Refusal(
        offset=piece.offset,
        line=piece.line,
        stix_id=found[1].decode() if found else None,
        code=damaged.code,
        what=damaged.what,
        why=damaged.why,
        remedy=damaged.remedy,
    )


def _broken(broken: Broken, line: int | None) -> Refusal:
    return Refusal(
        offset=broken.offset,
        line=line,
        stix_id=None,
        code=broken.code,
        what="The data cannot be read beyond this point.",
        why=broken.why,
        remedy="Objects before this point were read. Ask the sender for the data again.",
    )
