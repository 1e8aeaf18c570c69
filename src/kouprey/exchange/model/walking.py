"""The nouns of a graph: objects as it shows them, and a page of what one meets on a walk."""

from __future__ import annotations

import msgspec

from kouprey.exchange.model.searching import Relation
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class Spot(msgspec.Struct, frozen=True, kw_only=True):
    """An object of a graph. `at` is its version, of what has none when it first came in as far as the reader sees.

    `sources` are those the reader sees, `tlp` the strictest of their levels; `distance` is in steps.
    """

    stix_id: str
    type: str
    title: str
    at: Instant
    tlp: TLP
    sources: tuple[str, ...]
    distance: int


class Walk(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what stands around some objects, nearest first.

    `known` counts the objects that the walk met beside those it began at; with `more` it ended at a limit, and there
    are others. `after` is where the next page begins, 0 at the end. `relations` are those that this page completes.
    """

    spots: tuple[Spot, ...]
    relations: tuple[Relation, ...]
    known: int
    more: bool
    after: int
