"""Nouns of audit: a line of the trail, and a page of lines."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.kernel.words.time import Instant


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One deed: who (a person's id, a token, a party, "operator" or "node"), for which party, did what to what."""

    id: int
    at: Instant
    actor: str
    party: str
    action: str
    subject: str
    detail: dict[str, Any]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the trail: "" and None for anything; `text` stands anywhere in the subject.

    `since` is the first instant, `until` the first that is too late.
    """

    action: str = ""
    subject: str = ""
    actor: str = ""
    text: str = ""
    since: Instant | None = None
    until: Instant | None = None

    def told(self) -> dict[str, Any]:
        """What of it was asked, for the audit of the audit."""
        return {name: value for name, value in msgspec.structs.asdict(self).items() if value not in ("", None)}


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Lines, newest first; `older` asks for the next page, None when there is none."""

    lines: tuple[Line, ...]
    older: int | None
