"""What a person chose of how pages look."""

from __future__ import annotations

import msgspec


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How pages look to somebody, and whether single letters are shortcuts; "" and None are no choice."""

    language: str = ""
    theme: str = ""
    keys: bool | None = None

    def changed_by(self, other: Look) -> Look:
        """What `other` chooses, and the rest as it was."""
        return Look(
            language=other.language or self.language,
            theme=other.theme or self.theme,
            keys=self.keys if other.keys is None else other.keys,
        )
