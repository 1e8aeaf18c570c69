"""Agreements as bytes: the document, the signed version note, the notice (docs/spec/agreement.md)."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Collection
from hashlib import sha256

import msgspec

from kouprey.agreements.model import (
    DUTIES,
    HANDOFF_KINDS,
    KINDS,
    MEASURES,
    REFERENCES,
    RELEASING_ROLES,
    Document,
    Onward,
)
from kouprey.kernel.seal import notes
from kouprey.kernel.seal.keys import VerifyKey
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import FOREVER, Instant, format_second, parse_instant
from kouprey.kernel.words.tlp import parse_pap, parse_tlp

VERSION_LINE = "kouprey.dev/agreement/v1"
NOTICE_LINE = "kouprey.dev/agreement-notice/v1"
DOCUMENT_MAX = 1 << 20
TITLE_MAX = 200
MOST_GROUPS = 32
MOST_MEMBERS = 64
MOST_CONTACTS = 16
_ID = re.compile(r"agr_[0-9a-f]{32}", re.ASCII)
_WORD = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", re.ASCII)
_OFFICE = re.compile(r"office [A-Za-z][A-Za-z0-9_+-]{0,30}(?:/[A-Za-z0-9_+-]{1,30}){0,2}", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", re.ASCII)


class VersionText(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a version note."""

    agreement: str
    number: int
    previous: bytes
    document_sha256: bytes
    document_length: int
    in_force_from: Instant


class NoticeText(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a notice; `act` is suspend, resume or leave, `serial` grows with each notice of that party."""

    agreement: str
    version: int
    party: str
    act: str
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
        starts, ends = _second(document.starts), read_end(document)
        ceiling = parse_tlp(document.terms.tlp_ceiling)
        pap = parse_pap(document.terms.pap_ceiling)
        Onward(document.terms.onward)
    except (msgspec.ValidationError, ValueError) as error:
        raise _bad("document", str(error)) from error
    if ceiling.word != document.terms.tlp_ceiling:
        raise _bad("document", f"the ceiling must be written as {ceiling.word!r}")
    if pap.word != document.terms.pap_ceiling:
        raise _bad("document", f"the PAP ceiling must be written as {pap.word!r}")
    if ends <= starts:
        raise _bad("document", "it ends before it starts")
    if document.v != 1:
        raise _bad("document", f"format {document.v} is not known; this node reads format 1")
    _check_parties(document)
    _check_words("types", document.terms.types)
    _check_words("purposes", document.terms.purposes)
    _check_numbers(document)
    _check_lists(document)
    _check_texts(document)
    return document


def read_end(document: Document) -> Instant:
    """When the agreement ends, FOREVER when it has no end."""
    return _second(document.ends) if document.ends else FOREVER


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
            in_force_from=_second(_after(in_force, "in-force ")),
        )
    except ValueError as error:
        raise _bad("version note", str(error)) from error
    if first != VERSION_LINE or rest or not _ID.fullmatch(agreement) or render_version(read) != text:
        raise _bad("version note", "it is not written as docs/spec/agreement.md says")
    if (read.number == 1) != (not read.previous):
        raise _bad("version note", "only version 1 has no predecessor")
    return read


def render_notice(text: NoticeText) -> bytes:
    """The text of a notice, to be signed by a key of one party."""
    lines = [
        NOTICE_LINE,
        text.agreement,
        f"version {text.version}",
        f"party {text.party}",
        text.act,
        f"serial {text.serial}",
        f"at {format_second(text.at)}",
    ]
    return ("\n".join(lines) + "\n").encode()


def is_notice(text: bytes) -> bool:
    """Whether a note's text is a notice rather than a version."""
    return text.startswith(f"{NOTICE_LINE}\n".encode())


def parse_notice(text: bytes) -> NoticeText:
    """Read the text of a notice."""
    try:
        first, agreement, version, party, act, serial, at, rest = text.decode("ascii").split("\n")
        read = NoticeText(
            agreement=agreement,
            version=_number(_after(version, "version ")),
            party=_after(party, "party "),
            act=act,
            serial=_number(_after(serial, "serial ")),
            at=_second(_after(at, "at ")),
        )
    except ValueError as error:
        raise _bad("notice", str(error)) from error
    known = act in ("suspend", "resume", "leave") and is_party_id(read.party)
    if first != NOTICE_LINE or rest or not _ID.fullmatch(agreement) or not known:
        raise _bad("notice", "it is not written as docs/spec/agreement.md says")
    return read


def keep_signatures(note: bytes, document: Document) -> tuple[bytes, tuple[str, ...]]:
    """The note with one verified line of each party that signed with its root key, and who they are, both sorted.

    Damaged when a line in a party's name does not hold, or when no party has signed.
    """
    kept, names = keep_lines(note, [VerifyKey.parse(party.root) for party in document.parties])
    return kept, tuple(sorted(name.removesuffix("/root") for name in names))


def keep_lines(note: bytes, keys: Collection[VerifyKey]) -> tuple[bytes, tuple[str, ...]]:
    """The note with one verified line for each of `keys` that signed it, sorted, and the names of those keys.

    Other lines are dropped, so that a stranger can neither fill the places of a note nor spoil it.
    """
    opened = notes.open_note(note, keys)
    signed = notes.split_note(note)[1]
    lines = {line.name: line.to_bytes() for line in signed if any(line.is_by(key) for key in keys)}
    names = tuple(sorted(opened.signers))
    return opened.text + b"\n" + b"".join(lines[name] for name in names), names


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
    # Words this node does not know are no harm: they allow nothing that a label could ask for.
    bad = [word for word in words if not _WORD.fullmatch(word)]
    if bad or not words or len(set(words)) != len(words):
        said = f"{bad[0][:40]!r} is not a word such as {KINDS[0]}" if bad else "it is empty or repeats a word"
        raise _bad("document", f"clause {clause}: {said}")


def _check_numbers(document: Document) -> None:
    terms = document.terms
    numbers = (
        document.overlap_s,
        terms.retention_days,
        terms.erasure_days,
        terms.leaving_days,
        terms.emergency.review_s,
        *msgspec.structs.astuple(terms.quotas),
        *(seconds for each in terms.handoffs for seconds in (each.acknowledge_s, each.decide_s, each.pause_s)),
        *(each.within_s for each in terms.duties),
    )
    if not all(0 <= number < 1 << 53 for number in numbers):
        raise _bad("document", "a number is negative or too large")


def _check_lists(document: Document) -> None:
    """Everything that names something else: parties, roles, levels, words."""
    terms = document.terms
    if terms.references not in REFERENCES:
        raise _bad("document", f"clause references: {terms.references[:40]!r} is neither prune nor block")
    _check_known("handoffs", [each.kind for each in terms.handoffs], HANDOFF_KINDS)
    _check_known("duties", [each.kind for each in terms.duties], DUTIES)
    _check_known("targets", [each.measure for each in terms.targets], MEASURES)
    for each in terms.handoffs:
        _check_hours(each.hours)
    for target in terms.targets:
        if not all(math.isfinite(number) and number >= 0 for number in (target.target, target.baseline or 0.0)):
            raise _bad("document", f"clause targets: {target.measure} has no number that can be reached")
    for rule in terms.approvals:
        _check_level("approvals", rule.tlp)
        if rule.role not in RELEASING_ROLES:
            raise _bad("document", f"clause approvals: {rule.role[:40]!r} is not one of {', '.join(RELEASING_ROLES)}")
        if rule.persons not in (1, 2):
            raise _bad("document", "clause approvals: one or two persons release, no other number")
        if rule.kinds:
            _check_words("approvals", rule.kinds)
    if terms.emergency.tlp:
        _check_level("emergency", terms.emergency.tlp)
    _check_groups(document)


def _check_groups(document: Document) -> None:
    ids = {party.id for party in document.parties}
    names = [group.name for group in document.groups]
    if len(set(names)) != len(names) or len(names) > MOST_GROUPS or not all(map(_WORD.fullmatch, names)):
        raise _bad("document", "clause groups: a name is no word such as banks, or stands twice, or there are too many")
    for group in document.groups:
        if len(group.parties) < 2 or not set(group.parties) <= ids or len(set(group.parties)) != len(group.parties):
            raise _bad("document", f"clause groups: {group.name} is not two or more different parties of the agreement")
    for party in document.parties:
        if len(party.members) > MOST_MEMBERS or not all(map(is_party_id, party.members)):
            raise _bad("document", f"a member of {party.id} is not a party id, or there are too many")
        if party.id in party.members or len(set(party.members)) != len(party.members):
            raise _bad("document", f"{party.id} is its own member, or a member stands twice")


def _check_known(clause: str, said: list[str], known: Collection[str]) -> None:
    # Each binds: a word that this node does not know is a duty that it could not keep.
    bad = [word for word in said if word not in known]
    if bad or len(set(said)) != len(said):
        why = f"{bad[0][:40]!r} is not one of {', '.join(known)}" if bad else "a word stands twice"
        raise _bad("document", f"clause {clause}: {why}")


def _check_hours(hours: str) -> None:
    if hours == "always":
        return
    # Whether there is such a zone depends on the tables of a machine; what was signed must be read on all of them.
    if not _OFFICE.fullmatch(hours):
        raise _bad("document", f"{hours[:60]!r} is neither `always` nor `office` and a time zone")


def _check_level(clause: str, level: str) -> None:
    try:
        word = parse_tlp(level).word
    except ValueError as error:
        raise _bad("document", f"clause {clause}: {error}") from error
    if word != level:
        raise _bad("document", f"clause {clause}: the level must be written as {word!r}")


def _check_texts(document: Document) -> None:
    if any(len(party.contacts) > MOST_CONTACTS for party in document.parties):
        raise _bad("document", f"a party has more than {MOST_CONTACTS} contacts")
    contacts = (line for party in document.parties for line in party.contacts)
    for shown in (document.title, *(party.name for party in document.parties), *contacts):
        if len(shown) > TITLE_MAX or not shown.replace("\u200b", "").isprintable() or shown != shown.strip():
            raise _bad("document", "its title or a name is too long or has characters that cannot be shown")
    if not document.title:
        raise _bad("document", "it has no title")
    bad = [language for language in document.text if not _LANGUAGE.fullmatch(language)]
    if bad:
        raise _bad("document", f"{bad[0][:40]!r} is not a language such as en or km")


def _second(text: str) -> Instant:
    """An instant as documents write it, whole seconds in UTC; ValueError for any other form."""
    instant = parse_instant(text)
    try:
        canonical = format_second(instant)
    except OverflowError:
        canonical = ""
    if canonical != text:
        raise ValueError(f"write an instant as 2026-12-01T00:00:00Z, not as {text[:60]!r}")
    return instant


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
