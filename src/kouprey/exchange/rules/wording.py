"""The prose of an object in three parts: what it is, how we know, what to do.

STIX has one `description` for all of it, which is what every tool shows. So the parts stand in it under two short
headings, and an object that was written elsewhere, without them, is all `what`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

WHY = "How we know: "
ACTION = "What to do: "
"""In English whatever the language of the page: partners read them, and so do the rules of this file."""

PLACE = {"note": "content"}
"""Types whose prose stands in another property than `description`."""


class Words(NamedTuple):
    """The three parts, each stripped, "" where there is none."""

    what: str = ""
    why: str = ""
    action: str = ""


def put_together(words: Words) -> str:
    """One text of the three parts; what is empty leaves nothing behind."""
    parts = ((words.what, ""), (words.why, WHY), (words.action, ACTION))
    return "\n\n".join(heading + text.strip() for text, heading in parts if text.strip())


def read_words(text: str) -> Words:
    """The parts of a text: `read_words(put_together(words))` is `words` unless a part itself holds a heading."""
    rest, action = _cut(text.strip(), ACTION)
    what, why = _cut(rest, WHY)
    return Words(what, why, action)


def take_apart(body: Mapping[str, Any]) -> Words:
    """The parts of an object's prose. All a sighting has to say is how it is known."""
    kind = str(body.get("type"))
    given = body.get(PLACE.get(kind, "description"))
    words = read_words(given if isinstance(given, str) else "")
    return Words(why=words.what or words.why, action=words.action) if kind == "sighting" else words


def _cut(text: str, heading: str) -> tuple[str, str]:
    """Before the last line that begins with the heading, and after it."""
    if text.startswith(heading) and f"\n\n{heading}" not in text:
        return "", text.removeprefix(heading).strip()
    before, found, after = text.rpartition(f"\n\n{heading}")
    return (before.strip(), after.strip()) if found else (text, "")
