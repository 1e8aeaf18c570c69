"""An envelope as clients send it (TAXII 2.1 section 3.7), cut into its objects without rewriting them."""

from __future__ import annotations

from io import BytesIO

import msgspec

from kouprey.exchange.service import MAX_OBJECT, Piece, cut
from kouprey.kernel.words.errors import Damaged


class _Envelope(msgspec.Struct):
    objects: msgspec.Raw


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_LEAST = 50
"""Bytes of the shortest object there can be."""
_FEW = 1_000
"""Members that may be shorter: each is refused by itself."""


class _Named(msgspec.Struct):
    id: msgspec.Raw = msgspec.Raw(b'""')
    modified: msgspec.Raw = msgspec.Raw(b'""')
    created: msgspec.Raw = msgspec.Raw(b'""')


_NAMED = msgspec.json.Decoder(_Named)
_LONGEST = 300
"""Letters of a name that are given back in a status."""


def read_envelope(content: bytes) -> list[Piece]:
    """Each member of an envelope, in order: its bytes, or the reason for which there are none.

    Damaged when this is no envelope. Custom properties are ignored. Nothing is built of what is not cut out.
    """
    try:
        # The whole is checked before anything is taken out of it: what is broken at its end is not read by half.
        if bytes(memoryview(_ENVELOPE.decode(content).objects)[:1]) != b"[":
            raise _bad("Its `objects` is no list.")
    except (msgspec.DecodeError, RecursionError) as error:
        raise _bad(f"{error}.") from None
    most = len(content) // _LEAST + _FEW
    members: list[Piece] = []
    for piece in cut(BytesIO(content), "objects", most=MAX_OBJECT):
        if piece.problem not in ("", "bad-type", "too-large"):
            raise _bad("It has more than one list `objects`, or more than one value.")
        members.append(piece)
        if len(members) > most:
            raise _bad("Most members of its list `objects` are too short to be objects.")
    if not members:
        raise _bad("Its list `objects` is empty.")
    if members[0].raw == content.strip():
        raise _bad("It is an object itself.")
    return members


def name_of(raw: bytes) -> tuple[str, str]:
    """(id, version) that something refused says of itself, "" for what it does not."""
    try:
        named = _NAMED.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return "", ""
    return _text(named.id), _text(named.modified) or _text(named.created)


def _text(raw: msgspec.Raw) -> str:
    if not bytes(raw).startswith(b'"'):
        return ""
    try:
        return msgspec.json.decode(raw, type=str)[:_LONGEST]
    except msgspec.DecodeError:
        return ""


def _bad(why: str) -> Damaged:
    return Damaged(
        "This is no envelope of TAXII 2.1.",
        why,
        'Send {"objects": [...]} with at least one STIX object. Nothing was kept.',
        code="bad-envelope",
    )
