"""An envelope as clients send it (TAXII 2.1 section 3.7), cut into its objects without rewriting them."""

from __future__ import annotations

from io import BytesIO

import msgspec

from kouprey.exchange.service import cut
from kouprey.kernel.words.errors import Damaged


class _Envelope(msgspec.Struct):
    objects: list[msgspec.Raw]


_ENVELOPE = msgspec.json.Decoder(_Envelope)
_LONGEST = 300
"""Letters of a name that are given back in a status."""


def read_envelope(content: bytes) -> list[bytes]:
    """The bytes of each object, in order; Damaged when this is no envelope. Custom properties are ignored."""
    try:
        raws = [bytes(raw) for raw in _ENVELOPE.decode(content).objects]
    except (msgspec.DecodeError, RecursionError) as error:
        raise _bad(f"{error}.") from None
    if not raws:
        raise _bad("Its list `objects` is empty.")
    # A decoder takes the last of two lists of one name; what is in the first must not get lost without a word.
    if content.count(b'"objects"') > 1 and raws != [
        piece.raw for piece in cut(BytesIO(content), "objects", most=len(content))
    ]:
        raise _bad("It has more than one list `objects`.")
    return raws


def name_of(raw: bytes) -> tuple[str, str]:
    """(id, version) that something refused says of itself, "" for what it does not."""
    try:
        value = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        value = None
    if not isinstance(value, dict):
        return "", ""
    found = [value.get(name) for name in ("id", "modified", "created")]
    stix_id, modified, created = (text[:_LONGEST] if isinstance(text, str) else "" for text in found)
    return stix_id, modified or created


def _bad(why: str) -> Damaged:
    return Damaged(
        "This is no envelope of TAXII 2.1.",
        why,
        'Send {"objects": [...]} with at least one STIX object. Nothing was kept.',
        code="bad-envelope",
    )
