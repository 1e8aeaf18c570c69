"""Words of two persons: the first with what would be said, and the second that lets it go."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from kouprey.kernel.words.time import Instant
from kouprey.response.model.handoffs import Verb
from kouprey.response.model.sealed import SealedItem


class WordState(StrEnum):
    """Where a word stands: it waits for the second one, both were given and it left, or the first took it back."""

    WAITING = "waiting"
    GIVEN = "given"
    BACK = "taken-back"


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """What would be said once both words are given; `roles` are those it needs, each once with `apart`."""

    verb: Verb
    text: str = ""
    number: str = ""
    items: tuple[SealedItem, ...] = ()
    roles: tuple[str, ...] = ()
    apart: bool = False


class Word(msgspec.Struct, frozen=True, kw_only=True):
    """The word of one person, and that of the second; roles in which they gave it. `message` is what left."""

    id: str
    handoff: str
    proposed: Proposed
    state: WordState
    first: str
    first_role: str
    first_at: Instant
    second: str = ""
    second_role: str = ""
    second_at: Instant = 0
    message: str = ""
