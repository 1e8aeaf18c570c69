"""What concerns somebody's networks."""

from __future__ import annotations

import msgspec

from kouprey.exchange.model.observables import Observable
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """An object that names values within given networks: the newest version the reader sees, and those values.

    `tlp` and `sources` are of what the reader sees said; sources are parties for anybody who is not of ours.
    """

    stix_id: str
    type: str
    title: str
    instant: Instant
    received_at: Instant
    position: Instant
    tlp: TLP
    sources: tuple[str, ...]
    values: tuple[Observable, ...]


class Inside(msgspec.Struct, frozen=True, kw_only=True):
    """A page of hits, latest news first; `before` is where the next one goes on, 0 for none.

    `cut`: more lies in the networks than was followed, so that something may be missing.
    """

    hits: tuple[Hit, ...]
    before: Instant = 0
    cut: bool = False
