"""Nouns of case reports: a case as one reader sees it, at an instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import Lack
from kouprey.response.model.cases import Case, Item, Track


class CaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a report tells: the case, those read in it, and `items` on the tracks of who made it, oldest first.

    `cut`: there is more than a report holds. `tlp` is the highest marking of the cases in it. `lacks`: hand-offs that
    it leads to and that do not rest on what they ought to.
    """

    case: Case
    merged: Sequence[Case]
    tracks: Sequence[Track]
    items: Sequence[Item]
    cut: bool
    at: Instant
    by: str
    home: str
    lacks: Mapping[str, Sequence[Lack]] = {}

    @property
    def tlp(self) -> TLP:
        return max(each.tlp for each in (self.case, *self.merged))
