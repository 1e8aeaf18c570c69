"""Outside shapes of proceedings: sealed files, grants, and what crosses a border (docs/spec/dossier.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

import msgspec

from kouprey.kernel.seal.items import AGE_BEGIN, is_box, is_key
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.proceedings.model import Handed, Kind, SealedFile

MEDIA_TYPE = "application/vnd.kouprey.dossier+json"
FORMAT = "kouprey-dossier-item/1"
MOST_READERS = 100
LONGEST_HEAD = 512 << 10
LARGEST = 100 << 20
"""Bytes of a sealed file that pages and the interface take."""
LARGEST_GIVEN = 640 << 10
"""Bytes of a sealed body that an entry of a lane carries."""


class GrantWire(msgspec.Struct, kw_only=True):
    """A grant in JSON; bytes are base64. `name` is for readers that are no persons here."""

    to: str
    box: bytes
    name: str = ""


class _Head(msgspec.Struct, kw_only=True):
    format: str
    kind: Kind
    sha256: str
    grants: tuple[GrantWire, ...]


class GoesOn(msgspec.Struct, kw_only=True, frozen=True):
    """That a ledger goes on from its first `since` events: a consistency proof (RFC 6962)."""

    since: int
    path: tuple[bytes, ...]


class Give(msgspec.Struct, kw_only=True, frozen=True, tag_field="say", tag="give"):
    """An item for readers of the other party. `goes_on` has a proof from each size of the ledger they may have seen."""

    v: int
    dossier: str
    item: str
    kind: Kind
    sha256: str
    body: bytes
    grants: tuple[GrantWire, ...]
    purpose: str
    basis: str
    checkpoint: str
    goes_on: tuple[GoesOn, ...]


class Received(msgspec.Struct, kw_only=True, frozen=True, tag_field="say", tag="received"):
    """That an item was taken into custody: the proof of that event, and our line on the giver's checkpoint."""

    v: int
    dossier: str
    item: str
    sha256: str
    proof: bytes
    size: int
    cosignature: str


def write_head(kind: Kind, sha256: str, grants: Sequence[Handed]) -> bytes:
    """The first line of a sealed file; the sealed body follows."""
    carried = tuple(GrantWire(to=each.key, box=each.box, name=each.name) for each in grants)
    return msgspec.json.encode(_Head(format=FORMAT, kind=kind, sha256=sha256, grants=carried)) + b"\n"


def read_sealed(source: BinaryIO) -> SealedFile:
    """What a sealed file says of itself, without reading its body; Damaged (`bad-item`) for anything else."""
    line = source.readline(LONGEST_HEAD)
    try:
        head = msgspec.convert(decode(line), type=_Head)
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad(f"its first line is none: {str(error)[:120]}") from error
    if not line.endswith(b"\n") or head.format != FORMAT:
        raise _bad("its format is not known")
    if len(head.sha256) != 64 or not set(head.sha256) <= set("0123456789abcdef"):
        raise _bad("its SHA-256 is none")
    start = len(line)
    begin = source.read(len(AGE_BEGIN))
    size = source.seek(0, 2) - start
    if begin != AGE_BEGIN or size > LARGEST:
        raise _bad(f"its body is not sealed by age, or larger than {LARGEST:,} bytes")
    return SealedFile(kind=head.kind, sha256=head.sha256, size=size, start=start, grants=_grants(head.grants))


def write_grants(grants: Sequence[Handed]) -> bytes:
    """Grants as a file of their own."""
    return msgspec.json.encode([GrantWire(to=each.key, box=each.box, name=each.name) for each in grants])


def read_grants(raw: bytes) -> tuple[Handed, ...]:
    """That file read back; Damaged (`bad-item`) for anything else."""
    if len(raw) > LONGEST_HEAD:
        raise _bad("it is too long")
    try:
        return _grants(msgspec.convert(decode(raw), type=tuple[GrantWire, ...]))
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad(f"the file holds no grants: {str(error)[:120]}") from error


def write_message(said: Give | Received) -> bytes:
    """What crosses a border, as an entry carries it."""
    return msgspec.json.encode(said)


def read_message(raw: bytes) -> Give | Received:
    """That read back; Damaged (`bad-item`) for anything else."""
    try:
        said = msgspec.convert(decode(raw), type=Give | Received)
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad(f"the message cannot be read: {str(error)[:120]}") from error
    texts = (said.dossier, said.item, said.sha256)
    if said.v != 1 or not all(0 < len(text) <= 200 and text.isascii() and text.isprintable() for text in texts):
        raise _bad("the message says what cannot be kept")
    if isinstance(said, Give):
        if not said.body.startswith(AGE_BEGIN) or len(said.body) > LARGEST_GIVEN:
            raise _bad("its body is not sealed by age, or too large")
        if not all(len(text) <= 2_000 and text.isprintable() for text in (said.purpose, said.basis)):
            raise _bad("its purpose or basis cannot be shown")
        _grants(said.grants)
    return said


def read_readers(text: str) -> tuple[Handed, ...]:
    """On each line a name and a key, as a form or a command has them; Damaged (`bad-reader`) for any other line."""
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, key = line.replace("=", " ").rpartition(" ")
        if not is_key(key) or not 0 < len(name.strip()) <= 200 or not name.isprintable():
            raise Damaged(
                "Who opens it cannot be read.",
                "A line has no name, or a key that is no age recipient.",
                "Write on each line a name and a key that begins with age1.",
                code="bad-reader",
            )
        found.append(Handed(name=name.strip(), key=key, box=b""))
    if len({each.key for each in found}) < len(found):
        raise Damaged("A key stands there twice.", remedy="Name each reader once.", code="bad-reader")
    return tuple(found)


def _grants(wires: Sequence[GrantWire]) -> tuple[Handed, ...]:
    if not 1 <= len(wires) <= MOST_READERS:
        raise _bad(f"it is sealed to nobody, or to more than {MOST_READERS}")
    for each in wires:
        if not is_key(each.to) or not is_box(each.box):
            raise _bad("a key of it is sealed to no age recipient")
        if len(each.name) > 200 or not each.name.isprintable():
            raise _bad("a name in it cannot be shown")
    if len({each.to for each in wires}) < len(wires):
        raise _bad("one reader stands there twice")
    return tuple(Handed(key=each.to, box=each.box, name=each.name) for each in wires)


def _bad(why: str) -> Damaged:
    return Damaged(
        "This is no sealed item.",
        f"Of it, {why}."[:300],
        "Seal it again: `kouprey dossier seal`.",
        code="bad-item",
    )
