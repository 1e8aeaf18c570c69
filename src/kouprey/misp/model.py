"""The nouns of MISP: what is made of an event, what is lost on the way, and what an import came to."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import PAP, TLP


class Standing(NamedTuple):
    """How closely a thing is held: at `tlp`; `stated` is what the sender said of it, and the object itself says too."""

    tlp: TLP
    stated: TLP | None = None
    pap: PAP = PAP.CLEAR

    def joined(self, other: Standing) -> Standing:
        """The stricter of both in every respect."""
        stated = [level for level in (self.stated, other.stated) if level is not None]
        return Standing(max(self.tlp, other.tlp), max(stated, default=None), max(self.pap, other.pap))


class Made(msgspec.Struct, frozen=True, gc=False):
    """One STIX object made of an event. `own`: it lives and ends with the event; others may be made by many events."""

    value: dict[str, Any]
    standing: Standing
    own: bool


class Loss(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """One thing that the STIX form does not carry: of which event and attribute, where in it, what it is, and why."""

    event: str
    attribute: str
    path: str
    what: str
    why: str


class Converted(msgspec.Struct, frozen=True, gc=False):
    """What an event becomes. `uuid` names it, `changed` is when it was changed last; losses are in its order.

    `mentioned` are the UUIDs of all its parts, those that were deleted included.
    """

    uuid: str
    changed: Instant
    made: tuple[Made, ...]
    losses: tuple[Loss, ...]
    attributes: int
    mentioned: frozenset[str]


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """One event, or object made of one, that is not taken in: where it stands, and what, why and the remedy.

    `offset` is the byte of the uncompressed file at which the event begins, `event` its UUID where that is known.
    """

    file: str
    offset: int
    event: str = ""
    stix_id: str = ""
    code: str
    what: str
    why: str
    remedy: str


class Given(msgspec.Struct, frozen=True):
    """An event as it was received: what it says, its bytes, and where they began."""

    value: dict[str, Any]
    raw: bytes
    file: str
    offset: int


class Original(msgspec.Struct, frozen=True):
    """An event that is kept as it was received, and the level its unmarked things got.

    `raw` is empty where something of the event was erased, at `erased_at`: that it was here, and its hash, stays known.
    """

    uuid: str
    changed: Instant
    raw: bytes
    unmarked: TLP
    erased_at: Instant = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What taking in came to: events by their fate, what was in them, and what became of the objects made of them."""

    events: int = 0
    unchanged: int = 0
    older: int = 0
    refused: int = 0
    attributes: int = 0
    losses: int = 0
    objects: int = 0
    new: int = 0
    repeats: int = 0
    conflicts: int = 0
    variants: int = 0
    revoked: int = 0
    refused_objects: int = 0
    seconds: float = 0.0
