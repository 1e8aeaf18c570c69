"""Naming: how those who know what an entry means call it; federation carries entries and does not know."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol

from kouprey.kernel.words.decision import Reader

EntryKey = int | tuple[str, int]
"""A publication's number, or origin and index of an entry that was received."""


@dataclass(frozen=True, slots=True)
class EntryName:
    """What an entry is called: its title, its type in words, its page, and who published it ("" = not known)."""

    title: str
    type: str
    path: str
    by: str = ""


class Naming(Protocol):
    """Somebody above who understands entries of some kind."""

    def name_entries(self, who: Reader, keys: Collection[EntryKey]) -> Mapping[EntryKey, EntryName]:
        """Names of those entries that are known here and that `who` may see; the others are left out."""
        ...
