"""The text of `next`: everything needed to go on, and a keyed hash so that nobody else can write one."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from secrets import compare_digest

import msgspec

from kouprey.kernel.words.errors import Damaged
from kouprey.taxii.model import Cursor

Sign = Callable[[bytes], bytes]
"""A keyed hash of this node that outlives restarts."""

_TAG = 16


def write_cursor(cursor: Cursor, *, party: str, collection: str, sign: Sign) -> str:
    """The cursor as opaque text; it holds for this party and collection only and is read anew in their light."""
    body = msgspec.msgpack.encode(cursor)
    return urlsafe_b64encode(_tag(body, party, collection, sign) + body).rstrip(b"=").decode()


def read_cursor(text: str, *, party: str, collection: str, sign: Sign) -> Cursor:
    """What `write_cursor` wrote; Damaged when it was written by somebody else, for somebody else, or changed."""
    try:
        raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        tag, body = raw[:_TAG], raw[_TAG:]
        if compare_digest(tag, _tag(body, party, collection, sign)):
            return msgspec.msgpack.decode(body, type=Cursor)
    except (UnicodeEncodeError, binascii.Error, msgspec.DecodeError):
        pass
    raise Damaged(
        "The parameter 'next' is wrong.",
        "It was not given by this server, or for another party or collection.",
        "Send it as it was given, or begin again with added_after.",
        code="bad-next",
    )


def _tag(body: bytes, party: str, collection: str, sign: Sign) -> bytes:
    return sign(b"\n".join((b"kouprey-taxii-next/1", party.encode(), collection.encode(), body)))[:_TAG]
