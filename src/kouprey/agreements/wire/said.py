"""What one party says alone, as bytes: how far it tightens an agreement, and what it thinks of a version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

import msgspec

from kouprey.agreements.model import CLAUSES, Comment, Narrowing, Onward
from kouprey.agreements.wire import _ID, _WORD, _after, _b64, _bad, _number, _second, _unb64
from kouprey.kernel.words.ids import is_party_id
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import parse_pap, parse_tlp

NARROWING_LINE = "kouprey.dev/agreement-narrowing/v1"
COMMENT_LINE = "kouprey.dev/agreement-comment/v1"
WORDS_MAX = 4_000
"""Characters of one comment."""
_UNSEEN = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def is_narrowing(text: bytes) -> bool:
    """Whether a note's text says how far a party tightens."""
    return text.startswith(f"{NARROWING_LINE}\n".encode())


def is_comment(text: bytes) -> bool:
    """Whether a note's text is a comment."""
    return text.startswith(f"{COMMENT_LINE}\n".encode())


def render_narrowing(said: Narrowing) -> bytes:
    """The text of a narrowing, to be signed by a key of one party."""
    lines = [
        NARROWING_LINE,
        said.agreement,
        f"version {said.version}",
        f"party {said.party}",
        f"serial {said.serial}",
        f"at {format_second(said.at)}",
        f"tlp {said.tlp_ceiling or '-'}",
        f"pap {said.pap_ceiling or '-'}",
        f"onward {said.onward or '-'}",
        f"types {_words(said.types)}",
        f"purposes {_words(said.purposes)}",
        f"parties {_words(said.parties)}",
    ]
    return ("\n".join(lines) + "\n").encode()


def parse_narrowing(text: bytes) -> Narrowing:
    """Read the text of a narrowing; Damaged when it is not written in its one form, or narrows nothing."""
    try:
        first, agreement, version, party, serial, at, *narrower, rest = text.decode("ascii").split("\n")
        tlp, pap, onward, types, purposes, parties = narrower
        said = Narrowing(
            agreement=agreement,
            version=_number(_after(version, "version ")),
            party=_after(party, "party "),
            serial=_number(_after(serial, "serial ")),
            at=_second(_after(at, "at ")),
            tlp_ceiling=_named(tlp, "tlp "),
            pap_ceiling=_named(pap, "pap "),
            onward=_named(onward, "onward "),
            types=_listed(types, "types "),
            purposes=_listed(purposes, "purposes "),
            parties=_listed(parties, "parties "),
        )
        known = (
            said.tlp_ceiling in ("", parse_tlp(said.tlp_ceiling or "red").word)
            and said.pap_ceiling in ("", parse_pap(said.pap_ceiling or "red").word)
            and said.onward in ("", *Onward)
        )
    except (ValueError, msgspec.ValidationError) as error:
        raise _bad("narrowing", str(error)) from error
    words = all(map(_WORD.fullmatch, (*(said.types or ()), *(said.purposes or ()))))
    named = is_party_id(said.party) and all(map(is_party_id, said.parties or ()))
    if first != NARROWING_LINE or rest or not _ID.fullmatch(agreement) or not (known and words and named):
        raise _bad("narrowing", "it is not written as docs/spec/agreement.md says")
    if render_narrowing(said) != text or said.narrows_nothing:
        raise _bad("narrowing", "it is not written in its one form, or narrows nothing")
    return said


def render_comment(said: Comment) -> bytes:
    """The text of a comment, to be signed by a key of one party; its words are one JSON string in ASCII."""
    lines = [
        COMMENT_LINE,
        said.agreement,
        f"version {_b64(said.version)}",
        f"party {said.party}",
        f"about {said.about}",
        f"serial {said.serial}",
        f"at {format_second(said.at)}",
        f"words {json.dumps(said.words)}",
    ]
    return ("\n".join(lines) + "\n").encode()


def parse_comment(text: bytes) -> Comment:
    """Read the text of a comment; Damaged when it is not written in its one form."""
    try:
        first, agreement, version, party, about, serial, at, words, rest = text.decode("ascii").split("\n")
        said = Comment(
            agreement=agreement,
            version=_unb64(_after(version, "version ")),
            party=_after(party, "party "),
            about=_after(about, "about "),
            serial=_number(_after(serial, "serial ")),
            at=_second(_after(at, "at ")),
            words=json.loads(_after(words, "words ")),
        )
        if not isinstance(said.words, str) or _UNSEEN.search(said.words) or not 0 < len(said.words) <= WORDS_MAX:
            raise ValueError("its words are missing, too long, or have characters that cannot be shown")
    except (ValueError, RecursionError) as error:
        raise _bad("comment", str(error)) from error
    known = is_party_id(said.party) and said.about in ("all", "decline", *CLAUSES.values())
    if first != COMMENT_LINE or rest or not _ID.fullmatch(agreement) or not known or render_comment(said) != text:
        raise _bad("comment", "it is not written as docs/spec/agreement.md says")
    return said


def clean_words(text: str) -> str:
    """What somebody typed as it can be signed: newlines as one sign, nothing that cannot be shown."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\t", " ")).strip()


def _words(words: Iterable[str] | None) -> str:
    return "-" if words is None else " ".join(words)


def _named(line: str, prefix: str) -> str:
    word = _after(line, prefix)
    return "" if word == "-" else word


def _listed(line: str, prefix: str) -> tuple[str, ...] | None:
    said = _after(line, prefix)
    if said == "-":
        return None
    words = tuple(said.split(" "))
    if sorted(set(words)) != list(words) or not all(words):
        raise ValueError(f"{prefix.strip()} are not sorted, or one stands twice")
    return words
