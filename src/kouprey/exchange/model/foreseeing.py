"""Nouns of foresight: what a partner would see under terms that are not in force yet."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.tlp import TLP


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One thing, by its title."""

    stix_id: str
    type: str
    title: str
    tlp: TLP


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """Versions of one level: held, open to the party now, open to it then, and of those the ones that need release.

    `because` are grounds of what stays closed then, by label, at most three.
    """

    tlp: TLP
    held: int
    now: int
    then: int
    released: int
    because: tuple[Reason, ...] = ()


class Outlook(msgspec.Struct, frozen=True, kw_only=True):
    """What one party would see: by level and by type, with samples of what opens and of what closes."""

    party: str
    levels: tuple[Level, ...]
    types: tuple[tuple[str, int, int], ...]
    opens: tuple[Sample, ...]
    closes: tuple[Sample, ...]

    @property
    def now(self) -> int:
        """Versions open to it now, under this agreement or any other."""
        return sum(level.now for level in self.levels)

    @property
    def then(self) -> int:
        """Versions open to it if these terms were in force."""
        return sum(level.then for level in self.levels)

    @property
    def released(self) -> int:
        """Of those, how many go only when persons have released them."""
        return sum(level.released for level in self.levels)


class Foresight(msgspec.Struct, frozen=True, kw_only=True):
    """What a version of an agreement would change, for each other party; `more` parties were not looked at."""

    agreement: str
    title: str
    number: int
    signed: bool
    outlooks: tuple[Outlook, ...]
    more: int = 0
