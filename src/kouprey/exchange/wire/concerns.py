"""Concerns and their answers as entries carry them."""

from __future__ import annotations

import re

import msgspec

from kouprey.exchange.model.concerning import Answered, Said
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.ids import is_party_id, stix_type
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.tlp import parse_tlp

MEDIA_TYPE = "application/vnd.kouprey.concern+json;version=1"
LONGEST = 2_000
"""Characters of a text."""
_MOST_PARTIES = 100
_ID = re.compile(r"con_[0-9a-f]{32}")


def write_concern(said: Said | Answered) -> bytes:
    """The body of an entry."""
    return msgspec.json.encode(said)


def read_concern(raw: bytes) -> Said | Answered:
    """What an entry says; Damaged for anything that is not exactly that."""
    try:
        said = msgspec.convert(decode(raw), type=Said | Answered)
    except msgspec.ValidationError as error:
        raise _bad(str(error)) from error
    named = said.id if isinstance(said, Said) else said.answers
    if said.v != 1 or not _ID.fullmatch(named):
        raise _bad("its version or id is not known")
    if len(said.text) > LONGEST or "\0" in said.text:
        raise _bad("its text is too long or cannot be kept")
    if isinstance(said, Said):
        _check(said)
    return said


def _check(said: Said) -> None:
    if stix_type(said.about) is None:
        raise _bad("it is about nothing")
    if not 1 <= len(said.parties) <= _MOST_PARTIES or not all(map(is_party_id, said.parties)):
        raise _bad("it names no parties, or what is none")
    if (said.kind == "retag") != bool(said.tlp):
        raise _bad("only another marking names a level")
    if said.tlp:
        try:
            parse_tlp(said.tlp)
        except ValueError as error:
            raise _bad(str(error)) from error


def _bad(why: str) -> Damaged:
    return Damaged("A concern of a partner cannot be read.", f"In it, {why}."[:300], code="bad-concern")
