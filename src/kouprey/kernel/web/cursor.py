"""The text of `next`: where a reader goes on, with a keyed hash, so that nobody else can write one."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256
from secrets import compare_digest
from typing import TypeVar

import msgspec

from kouprey.kernel.words.errors import Damaged

Sign = Callable[[bytes], bytes]
"""A keyed hash of this node that outlives restarts."""

T = TypeVar("T")
_TAG = 16


def write_cursor(place: object, *, bound: bytes, sign: Sign) -> str:
    """`place`, anything msgspec can write, as opaque text that holds for what it is `bound` to only."""
    body = msgspec.msgpack.encode(place)
    return urlsafe_b64encode(_tag(body, bound, sign) + body).rstrip(b"=").decode()


def read_cursor(text: str, kind: type[T], *, bound: bytes, sign: Sign) -> T:
    """What `write_cursor` wrote; Damaged when somebody else wrote it, or for another reader or question."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        tag, body = raw[:_TAG], raw[_TAG:]
        if compare_digest(tag, _tag(body, bound, sign)):
            return msgspec.msgpack.decode(body, type=kind)
    except (UnicodeEncodeError, binascii.Error, msgspec.DecodeError):
        pass
    raise Damaged(
        "The field 'cursor' is wrong.",
        "It was not given by this node, or to another reader or for another question.",
        "Send `next` as it was given, with the same question, or begin again without a cursor.",
        code="bad-cursor",
        detail={"field": "cursor"},
    )


def _tag(body: bytes, bound: bytes, sign: Sign) -> bytes:
    return sign(b"kouprey-cursor/1\n" + sha256(bound).digest() + body)[:_TAG]
