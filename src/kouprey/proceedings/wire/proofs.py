"""Events of custody as bytes, and the files that prove them to somebody outside (docs/spec/dossier.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from kouprey.kernel.seal.tree import leaf_hash
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, format_instant, parse_instant
from kouprey.proceedings.model import Event

PROOF = "kouprey-custody-proof/1"
LEDGER = "kouprey-custody-ledger/1"
MOST_EVENTS = 10_000


class _Raw(msgspec.Struct, kw_only=True):
    v: int
    ledger: str
    n: int
    at: str
    act: str
    item: str
    by: str
    detail: dict[str, Any]
    salt: str


class Proven(msgspec.Struct, kw_only=True):
    """One event with its path in the tree, leaf end first."""

    position: int
    event: bytes
    path: tuple[bytes, ...]


class Earlier(msgspec.Struct, kw_only=True):
    """An earlier checkpoint, the lines of partners who saw it, and the proof that the tree goes on from it."""

    checkpoint: str
    path: tuple[bytes, ...]
    witnesses: tuple[str, ...] = ()


class Proof(msgspec.Struct, kw_only=True):
    """Events of one ledger against one checkpoint. `key` and `receipt_keys` are verifier keys (C2SP signed-note)."""

    format: str
    ledger: str
    size: int
    checkpoint: str
    keys: tuple[str, ...]
    events: tuple[Proven, ...]
    earlier: tuple[Earlier, ...] = ()
    witness_keys: tuple[str, ...] = ()


class Ledger(msgspec.Struct, kw_only=True):
    """A whole ledger, for those who belong to its dossier."""

    format: str
    ledger: str
    keys: tuple[str, ...]
    events: tuple[bytes, ...]
    checkpoints: tuple[str, ...]


def write_event(
    ledger: str, position: int, act: str, item: str, by: str, at: Instant, detail: Mapping[str, Any], salt: bytes
) -> bytes:
    """The bytes that the leaf of an event hashes; nobody can guess them, as the salt stands in them."""
    made = _Raw(
        v=1,
        ledger=ledger,
        n=position,
        at=format_instant(at),
        act=act,
        item=item,
        by=by,
        detail=dict(detail),
        salt=salt.hex(),
    )
    return msgspec.json.encode(made)


def read_event(dossier: str, raw: bytes) -> Event:
    """What an event says; Damaged (`bad-event`) for bytes that are none."""
    try:
        read = msgspec.convert(decode(raw), type=_Raw)
        at = parse_instant(read.at)
    except (msgspec.ValidationError, ValueError) as error:
        raise Damaged("An event of a ledger cannot be read.", str(error)[:120], code="bad-event") from error
    return Event(
        dossier=dossier,
        position=read.n,
        act=read.act,
        item=read.item,
        by=read.by,
        at=at,
        detail=read.detail,
        raw=raw,
        leaf=leaf_hash(raw),
    )


def write_proof(made: Proof | Ledger) -> bytes:
    """A proof or a ledger as a file."""
    return msgspec.json.format(msgspec.json.encode(made), indent=1) + b"\n"


def read_proof(raw: bytes) -> Proof:
    """A proof read back; Damaged (`bad-proof`) for anything else."""
    try:
        made = msgspec.convert(decode(raw), type=Proof)
    except (msgspec.ValidationError, ValueError) as error:
        raise Damaged("This is no proof of custody.", str(error)[:120], code="bad-proof") from error
    if made.format != PROOF or len(made.events) > MOST_EVENTS:
        raise Damaged("This is no proof of custody.", "Its format is not known.", code="bad-proof")
    return made
