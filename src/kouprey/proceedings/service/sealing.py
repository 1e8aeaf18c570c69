"""What is done on people's own machines: sealing files, opening them, and sealing the key of one for somebody else.

None of it needs a node or a network.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import BinaryIO

from kouprey.kernel.seal import box
from kouprey.kernel.seal.items import Inside, read_key, seal_key
from kouprey.kernel.words.errors import Damaged
from kouprey.proceedings.model import Handed, Kind
from kouprey.proceedings.rules import bucket
from kouprey.proceedings.wire import LARGEST, write_head

CHUNK = 1 << 20
OVERHEAD = 1 << 16
"""More than age adds to a file of the largest size, by its header."""


def seal_file(
    source: BinaryIO,
    name: str,
    readers: Sequence[Handed],
    through: str,
    out: BinaryIO,
    *,
    kind: Kind = Kind.THING,
) -> tuple[str, int]:
    """Write a sealed file: padded, under a key of its own, which is sealed to each reader, and that to a node.

    `readers` name themselves and their keys; `through` is the key of the node they get it by. Gives SHA-256 and size of
    the sealed body. Memory stays flat whatever the size. Damaged for a key that is none, or a file that is too large.
    """
    if not readers:
        raise Damaged("It is not said who opens it.", remedy="Name at least one reader.", code="bad-reader")
    box.check_recipients([*(each.key for each in readers), through])
    size = source.seek(0, 2)
    source.seek(0)
    if bucket(size) + OVERHEAD > LARGEST:
        raise Damaged("The file is too large.", f"{LARGEST:,} bytes may be, padded.", "Divide it.", code="too-large")
    secret, recipient = box.new_identity()
    measured = sha256()
    with tempfile.TemporaryFile() as sealed:
        box.seal_stream(_padded(source, size, measured), sealed, [recipient])
        inside = Inside(secret=secret, name=name, sha256=measured.hexdigest(), size=size)
        grants = [Handed(key=each.key, box=seal_key(inside, each.key, through), name=each.name) for each in readers]
        length = sealed.tell()
        sealed.seek(0)
        digest = _measure(sealed)
        out.write(write_head(kind, digest, grants))
        sealed.seek(0)
        shutil.copyfileobj(sealed, out, CHUNK)
    return digest, length


def open_file(body: BinaryIO, released: bytes, secret: str, out: BinaryIO) -> tuple[str, int]:
    """Write what was sealed, without its padding, with a reader's own secret key; the name and size of the file.

    Damaged where it is another file, or was changed; what was written until then is not to be used.
    """
    inside = read_key(box.open_box(released, [secret]))
    measured = sha256()
    left = inside.size if inside.size is not None else -1

    def take(piece: bytes) -> None:
        nonlocal left
        if left < 0:
            measured.update(piece)
            out.write(piece)
            return
        real, rest = piece[:left], piece[left:]
        left -= len(real)
        measured.update(real)
        out.write(real)
        if rest.strip(b"\0"):
            raise Damaged("This is not the file that was sealed.", "Its padding is none.", code="broken")

    box.open_stream(body, take, [inside.secret])
    if left > 0 or measured.hexdigest() != inside.sha256:
        raise Damaged("This is not the file that was sealed.", "Its SHA-256 is another.", code="broken")
    return inside.name, out.tell()


def wrap_again(released: bytes, secret: str, readers: Sequence[Handed], through: str) -> tuple[Handed, ...]:
    """The key of an item, which a reader was released, for others too; the body is not touched.

    Damaged (`cannot-open`) where it was released to somebody else.
    """
    inside = read_key(box.open_box(released, [secret]))
    return tuple(Handed(key=each.key, box=seal_key(inside, each.key, through), name=each.name) for each in readers)


def _padded(source: BinaryIO, size: int, measured: object) -> Iterator[bytes]:
    left = size
    while left and (piece := source.read(min(CHUNK, left))):
        left -= len(piece)
        measured.update(piece)  # type: ignore[attr-defined]  # hashlib gives its type no name
        yield piece
    if left:
        raise Damaged("The file became shorter while it was sealed.", remedy="Seal it again.", code="broken")
    zeros = bucket(size) - size
    while zeros:
        yield bytes(min(CHUNK, zeros))
        zeros -= min(CHUNK, zeros)


def _measure(source: BinaryIO) -> str:
    measured = sha256()
    while piece := source.read(CHUNK):
        measured.update(piece)
    return measured.hexdigest()
