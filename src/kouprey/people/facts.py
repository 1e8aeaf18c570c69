"""What has happened among people."""

from __future__ import annotations

import msgspec


class PartyTrusted(msgspec.Struct, frozen=True, kw_only=True):
    """A party's card was stored, new or newer."""

    party: str
    serial: int


class ReaderWidened(msgspec.Struct, frozen=True, kw_only=True):
    """A token's or person's clearance or role changed; `before` and `after` are readers as JSON-able structs."""

    before: dict[str, object]
    after: dict[str, object]
