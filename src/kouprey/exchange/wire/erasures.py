"""The list of what was erased as a file: kept beside the backups, signed by the node, and without reasons."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from kouprey.exchange.model.keeping import Erasure
from kouprey.kernel.seal.keys import SigningKey
from kouprey.kernel.seal.notes import open_note, sign_note
from kouprey.kernel.words.errors import Damaged

_TITLE = "kouprey-erasures/1"
LARGEST = 256 << 20
"""Bytes of such a file that are read: about a million lines."""


class _File(msgspec.Struct, frozen=True):
    """`erased` are (number, erasure), `note` is signed over their hash."""

    note: str
    erased: tuple[tuple[int, Erasure], ...]


class _Read(msgspec.Struct, frozen=True):
    note: str
    erased: msgspec.Raw


def write_erasures(party: str, erased: Sequence[tuple[int, Erasure]], key: SigningKey) -> bytes:
    """The file; what it holds can be read by anybody who has it: ids, versions and hashes."""
    listed = tuple(erased)
    note = sign_note(_text(party, listed), [(f"{party}/node", key)])
    return msgspec.json.format(msgspec.json.encode(_File(note.decode(), listed)), indent=1) + b"\n"


def read_erasures(data: bytes, party: str, key: SigningKey) -> list[tuple[int, Erasure]]:
    """What the node of this key has signed; Damaged when it is of another node, or was changed."""
    try:
        file = msgspec.json.decode(data, type=_Read)
        # As it was signed: without the spaces, and with what a newer version may say more of each line.
        signed: list[object] = msgspec.json.decode(file.erased, type=list)
        erased = msgspec.json.decode(file.erased, type=list[tuple[int, Erasure]])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _bad(str(error)) from None
    opened = open_note(file.note.encode(), [key.verify_key(f"{party}/node")])
    if opened.text != _text(party, signed):
        raise _bad("Its lines are not those that were signed.")
    return erased


def _text(party: str, erased: Sequence[object]) -> bytes:
    digest = sha256(msgspec.json.encode(erased)).hexdigest()
    return f"{_TITLE}\n{party}\n{len(erased)}\n{digest}\n".encode()


def _bad(why: str) -> Damaged:
    return Damaged(
        "The list of erasures cannot be used.",
        why,
        "Take one that `kouprey erase --export` of this same node has written.",
        code="bad-erasures",
    )
