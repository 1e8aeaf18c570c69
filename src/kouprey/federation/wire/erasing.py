"""Erasure receipts: the signed word of a party about what it was asked to erase (docs/spec/checkpoint.md)."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from kouprey.federation.model import EPOCH_MAX, ErasureReceipt, IndexRange, ReasonCode
from kouprey.federation.rules import is_origin
from kouprey.kernel.seal.keys import SigningKey, VerifyKey
from kouprey.kernel.seal.notes import open_note, sign_note, split_note
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.time import parse_instant

FIRST_LINE = b"kouprey erasure receipt v1\n"
RANGES_MAX = 2_000
"""Ranges of `erased`, and of `kept`: below the size of a note."""


def render_erasure_receipt(receipt: ErasureReceipt, key: SigningKey) -> bytes:
    """The note, signed by the node key of the party."""
    text = FIRST_LINE + msgspec.json.encode(receipt) + b"\n"
    return sign_note(text, [(f"{receipt.party}/node", key)])


def read_erasure_receipt(note: bytes) -> ErasureReceipt:
    """What a note says; nothing is verified yet but its form."""
    text = split_note(note)[0]
    if not text.startswith(FIRST_LINE):
        raise _bad("Its first line is another.")
    document = text.removeprefix(FIRST_LINE).removesuffix(b"\n")
    try:
        receipt = msgspec.json.decode(document, type=ErasureReceipt)
        instant = parse_instant(receipt.at)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise _bad(str(error)) from error
    checks = (
        receipt.v == 1,
        is_party_id(receipt.party),
        is_origin(receipt.origin),
        0 < receipt.serial < 2**63,
        instant >= 0,
        _in_order(receipt.erased),
        _in_order(receipt.kept),
        msgspec.json.encode(receipt) == document,
    )
    if not all(checks):
        raise _bad("A field of it is not allowed.")
    return receipt


def open_erasure_receipt(note: bytes, keys: Iterable[VerifyKey]) -> ErasureReceipt:
    """The same, once one of the node keys of its party has signed it."""
    receipt = read_erasure_receipt(note)
    open_note(note, [key for key in keys if key.name == f"{receipt.party}/node"])
    return receipt


def _in_order(ranges: tuple[IndexRange, ...]) -> bool:
    reached = 0
    for part in ranges:
        if not reached <= part.start < part.end <= EPOCH_MAX:
            return False
        reached = part.end
    return len(ranges) <= RANGES_MAX


def _bad(why: str) -> Damaged:
    return Damaged("An erasure receipt cannot be understood.", why, "Ask for it again.", code=ReasonCode.BAD_RECEIPT)
