"""Key statements: a node key or a receipt key is revoked, by size and never by time (docs/spec/card.md)."""

from __future__ import annotations

import re
from base64 import b64encode

import msgspec

from kouprey.federation.model import EPOCH_MAX, HASH_SIZE, ReasonCode
from kouprey.federation.rules import is_origin
from kouprey.kernel.seal.keys import ALG_COSIGNATURE, ALG_NOTE, SigningKey, VerifyKey, strict_base64
from kouprey.kernel.seal.notes import open_note, sign_note, split_note
from kouprey.kernel.words.errors import Damaged, KoupreyError
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.time import Instant, format_second, parse_instant

FIRST_LINE = "kouprey.dev/key-statement/v1"
LANES_MAX = 300
"""Lanes of one statement: below the size of a note. More lanes take more statements about the same key."""

_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)


class Cut(msgspec.Struct, frozen=True):
    """Up to where checkpoints, or receipts, of a revoked key count in one lane."""

    origin: str
    size: int
    root: bytes


class KeyStatement(msgspec.Struct, frozen=True, kw_only=True):
    """That `revoked` (a verifier key as text) signs for `party` no more; in lanes not named in `after` it never did."""

    party: str
    revoked: str
    after: tuple[Cut, ...]
    serial: int
    issued: Instant


def render_statement(said: KeyStatement, root: SigningKey) -> bytes:
    """The note, signed by the root key."""
    return sign_note(_text(said), [(f"{said.party}/root", root)])


def _text(said: KeyStatement) -> bytes:
    cuts = [f"after {cut.origin} {cut.size} {b64encode(cut.root).decode()}" for cut in said.after]
    lines = [
        FIRST_LINE,
        f"party {said.party}",
        f"revoke {said.revoked}",
        *cuts,
        f"serial {said.serial}",
        f"issued {format_second(said.issued)}",
        "",
    ]
    return "\n".join(lines).encode()


def read_statement(note: bytes) -> KeyStatement:
    """What a note says; who signed it is still to be verified by `open_statement`."""
    text = split_note(note)[0]
    try:
        first, party, revoked, *cuts, serial, issued, end = text.decode().split("\n")
        said = KeyStatement(
            party=_after(party, "party "),
            revoked=_after(revoked, "revoke "),
            after=tuple(map(_cut, cuts)),
            serial=int(_after(serial, "serial ", _NUMBER)),
            issued=parse_instant(_after(issued, "issued ")),
        )
        key = VerifyKey.parse(said.revoked)
        whole = first == FIRST_LINE and not end and _text(said) == text
    except (ValueError, OverflowError, KoupreyError) as error:
        raise _bad(str(error)) from error
    origins = {cut.origin for cut in said.after}
    if not whole or not is_party_id(said.party) or len(said.after) > LANES_MAX or len(origins) != len(said.after):
        raise _bad("It is not written in the one allowed form.")
    if (key.name, key.alg) not in ((f"{said.party}/node", ALG_NOTE), (f"{said.party}/receipt", ALG_COSIGNATURE)):
        raise _bad("It revokes a key that is neither a node key nor a receipt key of its party.")
    return said


def open_statement(note: bytes, root: VerifyKey) -> KeyStatement:
    """The same, once the root key has signed it."""
    said = read_statement(note)
    if root.name != f"{said.party}/root":
        raise _bad("It is of another party.")
    open_note(note, [root])
    return said


def _after(line: str, word: str, shape: re.Pattern[str] | None = None) -> str:
    if not line.startswith(word) or (shape is not None and shape.fullmatch(line.removeprefix(word)) is None):
        raise ValueError(f"a line does not begin with {word!r}")
    return line.removeprefix(word)


def _cut(line: str) -> Cut:
    origin, size, root = _after(line, "after ").split(" ")
    cut = Cut(origin, int(size), strict_base64(root))
    if not is_origin(origin) or _NUMBER.fullmatch(size) is None or cut.size > EPOCH_MAX or len(cut.root) != HASH_SIZE:
        raise ValueError("a lane it names cannot be")
    return cut


def _bad(why: str) -> Damaged:
    return Damaged("A key statement cannot be read.", why, "Ask its party for it again.", code=ReasonCode.BAD_NOTE)
