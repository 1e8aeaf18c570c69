"""The text in which the key of a sealed item stands: an age identity file (C2SP age) that says what it is of.

`age` itself opens the item with it; its comments carry the name of the file, its SHA-256, and its size where the item
is padded.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256

import msgspec

from kouprey.kernel.seal import box
from kouprey.kernel.words.errors import Damaged

AGE_BEGIN = b"age-encryption.org/v1\n"
"""How every age file begins."""
LARGEST_BOX = 4_096
"""Bytes of the key of an item, sealed twice."""
_KEY = re.compile(r"age1[023456789acdefghjklmnpqrstuvwxyz]{58}")
_SECRET = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{58}")
_SIZE = re.compile(r"# size (0|[1-9][0-9]{0,15})")
_FIRST = "# kouprey-sealed-item/1"


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """What the key of an item says of it: how the file is called, and the SHA-256 of what was sealed.

    `size` counts the bytes of the file where zeros follow it in the item (padding); None where nothing does.
    """

    secret: str
    name: str
    sha256: str
    size: int | None = None


def is_key(text: str) -> bool:
    """Whether it is an age X25519 recipient as it is written."""
    return bool(_KEY.fullmatch(text))


def is_box(data: bytes) -> bool:
    """Whether it may be the key of an item, sealed by age."""
    return data.startswith(AGE_BEGIN) and len(data) <= LARGEST_BOX


def seal_key(inside: Inside, reader: str, through: str) -> bytes:
    """The key of an item for one reader, who gets it through a node: sealed to the reader, and that to the node."""
    return box.seal(box.seal(write_key(inside), [reader]), [through])


def write_key(inside: Inside) -> bytes:
    """The text that a reader gets: an age identity with what it is of in comments."""
    size = "" if inside.size is None else f"# size {inside.size}\n"
    head = f"{_FIRST}\n# name {json.dumps(inside.name)}\n# sha256 {inside.sha256}\n"
    return f"{head}{size}{inside.secret}\n".encode("ascii")


def read_key(text: bytes) -> Inside:
    """That text read back; Damaged (`bad-item-key`) for any other."""
    try:
        first, name, digest, *size, secret, rest = text.decode("ascii").split("\n")
        called = json.loads(name.removeprefix("# name "))
        hexed = digest.removeprefix("# sha256 ")
        if first != _FIRST or rest or not isinstance(called, str) or not re.fullmatch(r"[0-9a-f]{64}", hexed):
            raise ValueError
        padded = [_SIZE.fullmatch(line) for line in size]
        if len(size) > 1 or None in padded or not _SECRET.fullmatch(secret):
            raise ValueError
        told = next((int(found.group(1)) for found in padded if found), None)
    except (ValueError, RecursionError):
        # Neither chained nor quoted: the text holds a secret.
        raise Damaged(
            "This is no key of a sealed item.",
            "It was opened, and says something else.",
            "Ask for it to be sealed again.",
            code="bad-item-key",
        ) from None
    return Inside(secret=secret, name=called, sha256=hexed, size=told)


def open_item(body: bytes, released: bytes, secret: str) -> tuple[str, bytes]:
    """The name and bytes of a file, with a reader's own secret key; Damaged where it is another or was changed."""
    inside = read_key(box.open_box(released, [secret]))
    plain = box.open_box(body, [inside.secret])
    if inside.size is not None:
        if len(plain) < inside.size or plain[inside.size :].strip(b"\0"):
            raise Damaged("This is not the file that was sealed.", "Its padding is none.", code="broken")
        plain = plain[: inside.size]
    if sha256(plain).hexdigest() != inside.sha256:
        raise Damaged("This is not the file that was sealed.", "Its SHA-256 is another.", code="broken")
    return inside.name, plain
