"""Nouns of the rights of sources: how far what somebody gave us may be passed on."""

from __future__ import annotations

from hashlib import sha256
from typing import Literal

import msgspec

from kouprey.exchange.model import SourceKind
from kouprey.kernel.words.time import Instant

Passing = Literal["agreement", "inside", "attribution"]
"""Under any agreement that lets it go; not beyond our own party; or only when whom it is owed to is named."""


class SourceRight(msgspec.Struct, frozen=True, kw_only=True):
    """A source and its right. `credit` is whom an attribution names; `set_at` is 0 where nobody has said anything."""

    source: int
    kind: SourceKind
    party: str
    name: str
    passing: Passing = "agreement"
    credit: str = ""
    because: str = ""
    set_by: str = ""
    set_at: Instant = 0

    @property
    def key(self) -> str:
        """What it is called by: made of its name alone, since a number would tell how many others there are."""
        return f"src_{sha256(chr(0).join((self.kind, self.party, self.name)).encode()).hexdigest()[:24]}"
