"""Agreements as bytes: the document, the signed version note, the suspension note (docs/spec/agreement.md)."""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256

import msgspec

from kouprey.agreements.model import Document, Onward
from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import FOREVER, Instant, format_second, parse_instant
from kouprey.kernel.words.tlp import parse_tlp

VERSION_LINE = "kouprey.dev/agreement/v1"
SUSPENSION_LINE = "kouprey.dev/agreement-notice/v1"
DOCUMENT_MAX = 1 << 20
_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,63}", re.ASCII)
_ID = re.compile(r"agr_[0-9a-f]{32}", re.ASCII)


class VersionText(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a version note."""

    agreement: str
    number: int
    previous: bytes
    document_sha256: bytes
    document_length: int
    in_force_from: Instant


class SuspensionText(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a notice; `serial` grows with each notice of that party, `at` is its claim of time."""

    agreement: str
    version: int
    by: str
    suspended: bool
    serial: int
    at: Instant


def render_document(document: Document) -> bytes:
    """The bytes that are hashed and signed; made once by the proposer and never again."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def parse_document(raw: bytes) -> Document:
    """Read a document and check every clause; Damaged names what is wrong."""
    if len(raw) > DOCUMENT_MAX:
        raise _bad("document", f"it is longer than {DOCUMENT_MAX} bytes")
    try:
        document = msgspec.convert(decode(raw), type=Document)
        starts, ends = parse_instant(document.starts), read_end(document)
        ceiling = parse_tlp(document.terms.tlp_ceiling)
        if ceiling.word != document.terms.tlp_ceiling:
            raise ValueError(f"write the ceiling as {ceiling.word!r}")
        Onward(document.terms.onward)
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad("document", str(error)) from error
    _check_parties(document)
    _check_words("types", document.terms.types)
    _check_words("purposes", document.terms.purposes)
    if ends <= starts:
        raise _bad("document", "it ends before it starts")
    if document.v != 1:
        raise _bad("document", f"format {document.v} is not known; this node reads format 1")
    return document


def read_end(document: Document) -> Instant:
    """When the agreement ends, FOREVER when it has no end."""
    return parse_instant(document.ends) if document.ends else FOREVER


def agreement_id(first_document: bytes) -> str:
    """The name of an agreement for ever: taken from the document of its first version."""
    return "agr_" + sha256(first_document).hexdigest()[:32]


def render_version(text: VersionText) -> bytes:
    """The text of a version note, to be signed by the root keys of all parties."""
    lines = [
        VERSION_LINE,
        text.agreement,
        f"version {text.number}",
        f"prev {_b64(text.previous) if text.previous else '-'}",
        f"doc {_b64(text.document_sha256)} {text.document_length}",
        f"in-force {format_second(text.in_force_from)}",
    ]
    return ("\n".join(lines) + "\n").encode()


def parse_version(text: bytes) -> VersionText:
    """Read the text of a version note."""
    try:
        first, agreement, version, prev, doc, in_force, rest = text.decode("ascii").split("\n")
        digest, length = _after(doc, "doc ").split(" ")
        read = VersionText(
            agreement=agreement,
            number=_number(_after(version, "version ")),
            previous=b"" if prev == "prev -" else _unb64(_after(prev, "prev ")),
            document_sha256=_unb64(digest),
            document_length=_number(length),
            in_force_from=parse_instant(_after(in_force, "in-force ")),
        )
    except (ValueError, UnicodeDecodeError, binascii.Error) as error:
        raise _bad("version note", str(error)) from error
    if first != VERSION_LINE or rest or not _ID.fullmatch(agreement) or render_version(read) != text:
        raise _bad("version note", "it is not written as docs/spec/agreement.md says")
    if (read.number == 1) != (not read.previous):
        raise _bad("version note", "only version 1 has no predecessor")
    return read


def render_suspension(text: SuspensionText) -> bytes:
    """The text of a suspension or resumption, to be signed by one party's root or node key."""
    lines = [
        SUSPENSION_LINE,
        text.agreement,
        f"version {text.version}",
        f"party {text.by}",
        "suspend" if text.suspended else "resume",
        f"serial {text.serial}",
        f"at {format_second(text.at)}",
    ]
    return ("\n".join(lines) + "\n").encode()


def parse_suspension(text: bytes) -> SuspensionText:
    """Read the text of a suspension note."""
    try:
        first, agreement, version, by, word, serial, at, rest = text.decode("ascii").split("\n")
        read = SuspensionText(
            agreement=agreement,
            version=_number(_after(version, "version ")),
            by=_after(by, "party "),
            suspended={"suspend": True, "resume": False}[word],
            serial=_number(_after(serial, "serial ")),
            at=parse_instant(_after(at, "at ")),
        )
    except (ValueError, KeyError, UnicodeDecodeError) as error:
        raise _bad("suspension note", str(error)) from error
    well_formed = first == SUSPENSION_LINE and not rest and render_suspension(read) == text
    if not well_formed or not _ID.fullmatch(agreement) or not is_party_id(read.by):
        raise _bad("suspension note", "it is not written as docs/spec/agreement.md says")
    return read


def signers_of(note: bytes, document: Document) -> tuple[str, ...]:
    """Which parties of the document signed the note with the root keys the document names, sorted."""
    keys = [VerifyKey.parse(party.root) for party in document.parties]
    opened = notes.open_note(note, keys)
    return tuple(sorted({name.removesuffix("/root") for name in opened.signers}))


def note_hash(note: bytes) -> bytes:
    """SHA-256 of a note's text, which does not change as signatures are added."""
    return sha256(notes.split_note(note)[0]).digest()


def _check_parties(document: Document) -> None:
    ids = [party.id for party in document.parties]
    if len(ids) < 2 or len(set(ids)) != len(ids):
        raise _bad("document", "an agreement binds two or more different parties")
    if len(ids) > 16:
        raise _bad("document", "a note holds at most 16 signatures, so at most 16 parties")
    for party in document.parties:
        if not is_party_id(party.id):
            raise _bad("document", f"{party.id[:60]!r} is not a party id")
        if VerifyKey.parse(party.root).name != f"{party.id}/root":
            raise _bad("document", f"the root key of {party.id} bears another name")


def _check_words(clause: str, words: tuple[str, ...]) -> None:
    """Words we do not know are allowed: they name kinds and purposes of later versions and match nothing here."""
    bad = [word for word in words if not _WORD.fullmatch(word)]
    if bad or not words or len(words) > 64:
        said = f"{bad[0][:60]!r} is not a lower-case word" if bad else "it is empty or endless"
        raise _bad("document", f"clause {clause}: {said}")


def _after(line: str, prefix: str) -> str:
    if not line.startswith(prefix):
        raise ValueError(f"expected {prefix.strip()!r}, found {line[:40]!r}")
    return line[len(prefix) :]


def _number(text: str) -> int:
    if not re.fullmatch(r"0|[1-9][0-9]{0,17}", text, re.ASCII):
        raise ValueError(f"not a number: {text[:40]!r}")
    return int(text)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unb64(text: str) -> bytes:
    data = base64.b64decode(text, validate=True)
    if len(data) != 32:
        raise ValueError("a SHA-256 has 32 bytes")
    return data


def _bad(what: str, why: str) -> Damaged:
    return Damaged(
        f"This is not a valid agreement {what}.",
        f"Reading stopped because {why}.",
        "Ask the proposer to send it again, unchanged.",
        code="bad-agreement",
    )
