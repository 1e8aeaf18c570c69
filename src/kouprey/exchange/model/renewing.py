"""The noun of renewing: how far held bodies follow an edition of some rules."""

from __future__ import annotations

import msgspec


class Renewal(msgspec.Struct, frozen=True, kw_only=True):
    """How far what is known of one kind (`findings`, `observables`, `placements`, `search`,
    `values`) follows its edition."""

    kind: str
    edition: int
    done: int
    upto: int

    @property
    def finished(self) -> bool:
        """Whether nothing waits."""
        return self.done >= self.upto
