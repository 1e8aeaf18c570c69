"""Events in what a file holds: `{"Event": ...}`, the answer of a search, a list, or one event a line."""

from __future__ import annotations

from typing import Any

from kouprey.kernel.words.errors import Damaged, TooLarge
from kouprey.kernel.words.safejson import decode

MAX_EVENT = 256 << 20
"""Bytes of one event, uncompressed; it is held in memory as a whole."""

_CONTENT = frozenset({"Attribute", "Object"})
_HEADING = frozenset({"info", "uuid"})
_OTHERS = frozenset({"type", "meta-category"})
"""Keys of attributes and objects, which have some of an event's."""


def read_event(raw: bytes) -> dict[str, Any]:
    """The event in one JSON object, without its wrapper; raises Damaged `unsafe-json` or `no-event`."""
    value: Any = decode(raw)
    for key in ("response", "Event"):
        if isinstance(value, dict) and isinstance(value.get(key), dict):
            value = value[key]
    if isinstance(value, dict) and _CONTENT & value.keys() and _HEADING & value.keys() and not _OTHERS & value.keys():
        return value
    raise Damaged(
        "This is no MISP event.",
        "An event has a uuid or an info, and a list of Attribute or Object, mostly inside of `Event`.",
        "Export whole events, not a list of their headings, attributes or objects; for STIX use `kouprey import`.",
        code="no-event",
    )


def unread(problem: str) -> Damaged:
    """Why a member of a file could not even be cut out."""
    if problem == "too-large":
        return TooLarge(
            "The event is too large.",
            f"It is longer than {MAX_EVENT} bytes.",
            "Ask its author to split it, or leave its attachments out.",
            code="too-large",
        )
    if problem == "bad-type":
        return Damaged(
            "A member of the list is no JSON object.", "", "Ask the sender to leave it out.", code="no-event"
        )
    return Damaged(
        "The data cannot be read beyond this point.",
        "It is no well-formed JSON, or ends too early.",
        "Events before this point were read. Ask the sender for the data again.",
        code="broken-stream",
    )
