"""Sealed items in messages and as files (docs/spec/hand-off.md); the key of one is written by `kernel.seal.items`."""

from __future__ import annotations

from hashlib import sha256

import msgspec

from kouprey.kernel.seal.items import AGE_BEGIN, is_box, is_key
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.response.model.sealed import Grant, Opener, SealedItem

MOST_BYTES = 640 << 10
"""Of all items of one message together; an entry holds a MiB, and base64 takes a third more."""
MOST_ITEMS, MOST_OPENERS = 10, 10
LARGEST_FILE = 1 << 20
"""Bytes of one item as a file."""


class ItemWire(msgspec.Struct, kw_only=True):
    """An item in JSON; bytes are base64."""

    body: bytes
    grants: tuple[GrantWire, ...]


class GrantWire(msgspec.Struct, kw_only=True):
    """A grant in JSON."""

    to: str
    box: bytes


class OpenerWire(msgspec.Struct, kw_only=True):
    """A reader in JSON."""

    name: str
    key: str


class _File(msgspec.Struct, kw_only=True):
    v: int
    item: ItemWire


def to_wire(item: SealedItem) -> ItemWire:
    """An item as a message carries it."""
    return ItemWire(body=item.body, grants=tuple(GrantWire(to=each.to, box=each.box) for each in item.grants))


def from_wire(wire: ItemWire) -> SealedItem:
    """An item out of a message or file; Damaged (`bad-item`) for what is not sealed, or not to anybody."""
    if not wire.body.startswith(AGE_BEGIN) or len(wire.body) > MOST_BYTES:
        raise _bad("it is not sealed by age, or too large")
    if not 1 <= len(wire.grants) <= MOST_OPENERS:
        raise _bad(f"it is sealed to nobody, or to more than {MOST_OPENERS}")
    for each in wire.grants:
        if not is_key(each.to) or not is_box(each.box):
            raise _bad("a key of it is sealed to no age recipient")
    if len({each.to for each in wire.grants}) < len(wire.grants):
        raise _bad("one reader stands there twice")
    return SealedItem(
        sha256=sha256(wire.body).hexdigest(),
        size=len(wire.body),
        body=wire.body,
        grants=tuple(Grant(to=each.to, box=each.box) for each in wire.grants),
    )


def check_items(items: tuple[SealedItem, ...]) -> None:
    """Damaged where there are too many for a message, or one twice."""
    if len(items) > MOST_ITEMS or sum(each.size for each in items) > MOST_BYTES:
        raise _bad(f"a message carries {MOST_ITEMS} at most, of {MOST_BYTES:,} bytes together")
    if len({each.sha256 for each in items}) < len(items):
        raise _bad("one of them stands there twice")


def read_openers(wires: tuple[OpenerWire, ...]) -> tuple[Opener, ...]:
    """Readers out of a request; Damaged (`bad-reader`) for a key or name that cannot be used."""
    if len(wires) > MOST_OPENERS:
        raise _wrong_reader(f"{MOST_OPENERS} at most may be named.")
    for each in wires:
        if not is_key(each.key):
            raise _wrong_reader("A key is no age recipient (`age1…`).")
        if not 0 < len(each.name) <= 200 or not each.name.isprintable():
            raise _wrong_reader("A name is missing, too long or cannot be shown.")
    if len({each.key for each in wires}) < len(wires):
        raise _wrong_reader("A key stands there twice.")
    return tuple(Opener(name=each.name, key=each.key) for each in wires)


def read_lines(text: str) -> tuple[Opener, ...]:
    """Readers as a form has them: on each line a name and a key; Damaged (`bad-reader`) for any other line."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, key = line.replace("=", " ").rpartition(" ")
        found.append(OpenerWire(name=name.strip(), key=key))
    return read_openers(tuple(found))


def write_file(item: SealedItem) -> bytes:
    """An item as a file of its own."""
    return msgspec.json.encode(_File(v=1, item=to_wire(item)))


def read_file(raw: bytes) -> SealedItem:
    """An item out of its file; Damaged (`bad-item`) for anything else."""
    if len(raw) > LARGEST_FILE:
        raise _bad(f"the file is larger than {LARGEST_FILE:,} bytes")
    try:
        file = msgspec.convert(decode(raw), type=_File)
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad(f"the file is none of a sealed item: {error}") from error
    if file.v != 1:
        raise _bad("its version is not known")
    return from_wire(file.item)


def _bad(why: str) -> Damaged:
    return Damaged(
        "A sealed item cannot be taken.",
        f"Of it, {why}."[:300],
        "Seal the file again: `kouprey sealed make`.",
        code="bad-item",
    )


def _wrong_reader(why: str) -> Damaged:
    return Damaged(
        "Who opens it cannot be read.",
        why,
        "Write on each line a name and a key that begins with age1.",
        code="bad-reader",
    )
