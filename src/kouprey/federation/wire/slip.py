""" "Please send" slips as somebody has typed what was said over the telephone (docs/spec/link.md)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from kouprey.federation.model import EPOCH_MAX, IndexRange
from kouprey.kernel.words.errors import Damaged, TooLarge

SLIPS_MAX = 16_384
"""Letters of all slips together."""
TAG_DIGITS = 12
"""Digits of a lane's tag on a slip."""

# Letters that are no hexadecimal digits and are written where one was heard or seen.
_MISREAD = str.maketrans("oil|", "0111")
_DASHES = re.compile(r"[~\u00ad\u2010-\u2015\u2212]")
_BETWEEN = re.compile(r"\s*(?:-|\bto\b)\s*")
_BEGIN = re.compile(r"please\s*send")
_NOTHING = re.compile(r"nothing missing from [^\n]*")
_TAG = re.compile(rf"(?:[\s-]*[0-9a-foil|]){{{TAG_DIGITS}}}(?![0-9a-f])")
_PART = re.compile(r"([0-9oil|]+)(?:-([0-9oil|]+))?")


@dataclass(frozen=True, slots=True)
class Slip:
    """One line: entries of the lane whose tag begins so. `size` is the size its writer knows, 0 when not said."""

    tag: str
    parts: tuple[IndexRange, ...]
    size: int


def read_slips(text: str) -> tuple[Slip, ...]:
    """The slips in a text, one for each lane; what says that nothing is missing counts as none.

    Case, spaces, the kind of a hyphen and digits of any script do not matter, an O is a zero, an I or an L a one.
    Raises Damaged (`bad-slip`) where something cannot be understood.
    """
    if len(text) > SLIPS_MAX:
        raise TooLarge("That is no slip.", f"It is longer than {SLIPS_MAX} letters.", "Type one line for each lane.")
    plain = "".join(map(_plain, unicodedata.normalize("NFKC", text).lower()))
    told = _NOTHING.sub("", _DASHES.sub("-", plain))
    before, *asked = _BEGIN.split(told)
    if before.strip(" \t\r\n.,:;\"'>-") or (not asked and told == plain):
        raise _bad(before if before.strip() else text, "A slip begins with “please send”.")
    return tuple(slip for each in asked for slip in _read(each))


def _plain(letter: str) -> str:
    digit = unicodedata.decimal(letter, None)
    return letter if digit is None else str(digit)


def _read(said: str) -> Iterator[Slip]:
    found = _TAG.match(said)
    if found is None:
        raise _bad(said, f"After “please send” come the {TAG_DIGITS} digits of the lane, each 0 to 9 or a to f.")
    tag = re.sub(r"[\s-]", "", found.group()).translate(_MISREAD)
    ranges, _, size = _BETWEEN.sub("-", said[found.end() :]).partition("of")
    words = re.sub(r"[,;.:\"']|\band\b", " ", ranges).split()
    known = re.sub(r"[,;.:\"']", " ", size).split()
    if len(known) > 1 or (known and not _PART.fullmatch(known[0])):
        raise _bad(said, "After “of” comes one number.")
    yield Slip(tag, tuple(_parts(words, said)), _number(known[0]) if known else 0)


def _parts(words: list[str], said: str) -> Iterator[IndexRange]:
    if words[:1] == ["from"]:
        if len(words) != 2 or not words[1].translate(_MISREAD).isdigit():
            raise _bad(said, "After “from” comes one number.")
        yield IndexRange(_number(words[1]), EPOCH_MAX)
        return
    if not words:
        raise _bad(said, "It does not say which entries.")
    for word in words:
        found = _PART.fullmatch(word)
        if found is None:
            raise _bad(word, "Entries are numbers such as 512, or two with a hyphen such as 120-339.")
        first = _number(found[1])
        last = _number(found[2] or found[1])
        if not first <= last < EPOCH_MAX:
            raise _bad(word, "The first entry comes before the last.")
        yield IndexRange(first, last + 1)


def _number(word: str) -> int:
    return min(int(word.translate(_MISREAD)[:20]), EPOCH_MAX)


def _bad(said: str, why: str) -> Damaged:
    return Damaged(
        f"“{' '.join(said.split())[:60]}” cannot be understood.",
        why,
        "Let them read the slip out again: please send 605ac5c0093b 120-339 of 900.",
        code="bad-slip",
    )
