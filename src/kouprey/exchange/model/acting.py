"""Nouns of acting on many objects: what is done, what became of each, and what would become of each."""

from __future__ import annotations

from typing import Literal

import msgspec

from kouprey.exchange.model import Why
from kouprey.kernel.words.time import Instant

ActKind = Literal[
    "publish", "seen", "opinion", "note", "false-positive", "collect", "release", "revoke", "hold", "lift"
]
"""`release` takes out of a collection; `lift` ends holds, and is only ever what takes a hold back."""

Fate = Literal["waiting", "kept", "done", "left"]
"""`kept`: it is done, and the parties of some agreement are still to be told."""


class Act(msgspec.Struct, frozen=True, kw_only=True):
    """What is done with each object: its kind and what that kind needs.

    publish: `agreement`, and `audience` for a group of it · opinion: `opinion`, and `text` as the reason ·
    note, false-positive, hold: `text` · seen: `text` may be "" · collect, release: `collection` (an id).
    """

    kind: ActKind
    agreement: str = ""
    collection: str = ""
    opinion: str = ""
    text: str = ""
    audience: str = ""


class Deed(msgspec.Struct, frozen=True, kw_only=True):
    """An act on many objects; `counts` says how many have which fate. `ended_at` is 0 while it goes on."""

    id: str
    act: Act
    by: str
    at: Instant
    ended_at: Instant
    undoes: str
    undone: str
    trouble: str
    counts: dict[Fate, int]

    @property
    def total(self) -> int:
        """All objects of it."""
        return sum(self.counts.values())

    @property
    def settled(self) -> int:
        """Those that are done with, one way or the other."""
        return self.counts.get("done", 0) + self.counts.get("left", 0)

    @property
    def ended(self) -> bool:
        """Whether nothing waits."""
        return bool(self.ended_at)

    @property
    def may_undo(self) -> bool:
        """Whether it can honestly be taken back, and has not been."""
        kept = self.counts.get("done", 0)
        return self.ended and bool(kept) and not self.undone and not self.undoes and self.act.kind in UNDONE_BY


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One object of a deed. `made`: ids of the objects or of the hold that came of it, or numbers of versions."""

    place: int
    stix_id: str
    fate: Fate
    made: tuple[str, ...]
    tell: tuple[str, ...]
    because: str


class Foreseen(msgspec.Struct, frozen=True, kw_only=True):
    """What would become of each object. `pruned` go without some references; `parties` will be given or told.

    `waits` are those of `will` that go when persons have released them.
    """

    will: tuple[str, ...]
    wont: tuple[Why, ...]
    pruned: tuple[str, ...] = ()
    parties: tuple[str, ...] = ()
    waits_because: str = ""
    waits: tuple[str, ...] = ()


UNDONE_BY: dict[ActKind, ActKind] = {
    "seen": "revoke",
    "opinion": "revoke",
    "note": "revoke",
    "false-positive": "revoke",
    "collect": "release",
    "release": "collect",
    "hold": "lift",
}
"""What takes an act back. Neither what was given nor what was revoked can be: STIX 2.1 has no way back from that."""
