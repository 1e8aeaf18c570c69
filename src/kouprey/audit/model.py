"""Nouns of audit: a line of the trail, and a page of lines."""

from __future__ import annotations

from typing import Any

import msgspec

from kouprey.kernel.words.time import Instant


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One deed: who (a person's id, a token, a party, "operator" or "node") did what to what."""

    id: int
    at: Instant
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Lines, newest first; `older` asks for the next page, None when there is none."""

    lines: tuple[Line, ...]
    older: int | None
