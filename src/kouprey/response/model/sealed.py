"""Sealed items: files that only named people can open, on their own machines (age, C2SP)."""

from __future__ import annotations

import msgspec

from kouprey.kernel.words.time import Instant


class Opener(msgspec.Struct, frozen=True, kw_only=True):
    """Who will open what is disclosed: how they are called, and their age recipient (`age1…`)."""

    name: str
    key: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """The key of an item for one reader: sealed to them, and that to the node through which they get it."""

    to: str
    box: bytes


class SealedItem(msgspec.Struct, frozen=True, kw_only=True):
    """A file under seal; `sha256` (hexadecimal) and `size` are those of `body`, which is sealed to a key of its own."""

    sha256: str
    size: int
    body: bytes
    grants: tuple[Grant, ...]


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """That the node took its seal off: of which item, for which reader's key, asked for by whom, and when."""

    handoff: str
    item: str
    key: str
    person: str
    at: Instant
