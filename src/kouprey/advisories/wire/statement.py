"""Statements as canonical text, and as the signed file that carries one (docs/spec/statement.md)."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any

import msgspec

from kouprey.advisories.model import Claim, Content, Kind, Media, Signed, Statement, Verdict, Words
from kouprey.advisories.rules.standing import ID, check_content
from kouprey.kernel.seal.keys import SigningKey, VerifyKey, strict_base64
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import Instant, format_second, parse_instant

MEDIA_TYPE = "application/vnd.kouprey.statement+json;version=1"
LARGEST = 400_000
"""Bytes of a signed file."""
_HASH_DIGITS = 64


class _Claim(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    urls: tuple[str, ...]
    media: tuple[Media, ...]


class _Wire(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    id: str
    number: int
    previous: str
    publisher: str
    name: str
    issued: str
    url: str
    kind: Kind
    verdict: str
    languages: dict[str, Words]
    claims: tuple[_Claim, ...]
    evidence: tuple[str, ...]
    contact: str
    replaces: tuple[str, ...]
    cancels: bool
    valid_from: str
    valid_until: str
    exercise: str


class _File(msgspec.Struct, forbid_unknown_fields=True):
    v: int
    statement: str
    key: str
    signature: str


def canonical(value: Any) -> bytes:
    """The one text of a JSON value (RFC 8785)."""
    import rfc8785

    return bytes(rfc8785.dumps(value))


def write_statement(statement: Statement) -> bytes:
    """The canonical text that is signed; every field is there, empty where nothing is said."""
    content = statement.content
    return canonical(
        {
            "v": 1,
            "id": statement.id,
            "number": statement.number,
            "previous": statement.previous,
            "publisher": statement.publisher,
            "name": statement.name,
            "issued": format_second(statement.issued),
            "url": statement.url,
            "kind": str(content.kind),
            "verdict": str(content.verdict or ""),
            "languages": {code: msgspec.to_builtins(words) for code, words in content.languages.items()},
            "claims": [msgspec.to_builtins(each) for each in content.claims],
            "evidence": list(content.evidence),
            "contact": content.contact,
            "replaces": list(content.replaces),
            "cancels": content.cancels,
            "valid_from": _time(content.valid_from),
            "valid_until": _time(content.valid_until),
            "exercise": content.exercise,
        }
    )


def read_statement(raw: bytes) -> Statement:
    """What a canonical text says; Damaged `bad-statement` for anything that is not exactly one."""
    try:
        value = decode(raw)
        if not isinstance(value, dict) or canonical(value) != raw:
            raise ValueError("it is not in the one form of RFC 8785")
        wire = msgspec.convert(value, type=_Wire)
        if wire.v != 1 or not is_party_id(wire.publisher) or ID.fullmatch(wire.id) is None or wire.number < 1:
            raise ValueError("its version, its publisher, its id or its number is not known")
        first = wire.number == 1
        if (wire.previous != "") is first or (wire.previous and not _is_hash(wire.previous)):
            raise ValueError("it does not say which one was before it")
        content = Content(
            kind=wire.kind,
            verdict=Verdict(wire.verdict) if wire.verdict else None,
            languages=wire.languages,
            claims=tuple(Claim(text=each.text, urls=each.urls, media=each.media) for each in wire.claims),
            evidence=wire.evidence,
            contact=wire.contact,
            replaces=wire.replaces,
            cancels=wire.cancels,
            valid_from=_instant(wire.valid_from),
            valid_until=_instant(wire.valid_until),
            exercise=wire.exercise,
        )
        read = Statement(
            id=wire.id,
            number=wire.number,
            previous=wire.previous,
            publisher=wire.publisher,
            name=wire.name,
            issued=parse_instant(wire.issued),
            url=wire.url,
            content=content,
        )
    except (msgspec.ValidationError, ValueError, OverflowError) as error:
        raise _bad(str(error)) from error
    check_content(content)
    if write_statement(read) != raw:
        raise _bad("it says something that this version does not know")
    return read


def sign_statement(statement: Statement, key: SigningKey) -> Signed:
    """The statement with an Ed25519 signature over its canonical text, by the node key of its publisher."""
    raw = write_statement(statement)
    return Signed(raw=raw, key=key.vkey(f"{statement.publisher}/node"), signature=key.sign(raw))


def write_signed(signed: Signed) -> bytes:
    """The signed file: the canonical text as one string, so that no program on the way reforms it."""
    return canonical(
        {
            "v": 1,
            "statement": signed.raw.decode(),
            "key": signed.key,
            "signature": b64encode(signed.signature).decode(),
        }
    )


def read_signed(raw: bytes) -> Signed:
    """What a signed file holds, whose signature is right by the key that it names; whose key that is, is not said.

    Damaged `bad-statement` when it cannot be read, `bad-signature` when the text is not what was signed.
    """
    if len(raw) > LARGEST:
        raise _bad("it is too large")
    try:
        file = msgspec.convert(decode(raw), type=_File)
        signed = Signed(raw=file.statement.encode(), key=file.key, signature=strict_base64(file.signature))
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad(str(error)) from error
    if file.v != 1:
        raise _bad("its version is not known")
    check_signature(signed)
    return signed


def check_signature(signed: Signed) -> Statement:
    """The statement, when the signature is that of the key over exactly these bytes; Damaged `bad-signature`."""
    if not VerifyKey.parse(signed.key).verify(signed.raw, signed.signature):
        raise Damaged(
            "The statement is not what was signed.",
            "Its signature does not belong to these words: they were changed, or it is a forgery.",
            "Look for the statement by its id at its publisher.",
            code="bad-signature",
        )
    statement = read_statement(signed.raw)
    if not signed.key.startswith(f"{statement.publisher}/node+"):
        raise _bad("it is signed by a key of somebody else")
    return statement


def hash_of(raw: bytes) -> str:
    """What names a statement in the chain: SHA-256 of its canonical text, in hex."""
    return sha256(raw).hexdigest()


def _is_hash(text: str) -> bool:
    return len(text) == _HASH_DIGITS and all(each in "0123456789abcdef" for each in text)


def _time(instant: Instant) -> str:
    return format_second(instant) if instant else ""


def _instant(text: str) -> Instant:
    return parse_instant(text) if text else 0


def _bad(why: str) -> Damaged:
    return Damaged("A statement cannot be read.", f"In it, {why}."[:300], code="bad-statement")
