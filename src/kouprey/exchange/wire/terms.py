"""The terms by which an object is found, and the reading of what a person types to find it.

Scripts that part words with spaces give their words, folded; scripts that do not (Khmer, Thai, Lao, Myanmar, Chinese,
Japanese, and Korean for its endings) give every run of three characters, so that any part of a text is found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from kouprey.kernel.words.ids import stix_type

LONGEST_TEXT = 64_000
"""Characters of one object that are searched; PostgreSQL keeps at most a megabyte of terms."""
MOST_TERMS = 10_000
LONGEST_TERM = 400
"""Characters; PostgreSQL's limit is 2,046 bytes, and a character has four at most."""
MOST_WORDS = 16
"""Words and phrases of a query that count; what comes after is left out."""
MOST_PARTS = 64

LONGEST_TARGET = 300
LONGEST_WORD = 100
_NO_NEIGHBOURS = frozenset({"created_by_ref", "object_marking_refs"})
_ENDS = {"source_ref": 1, "target_ref": 2}
_REFERRING = ("_ref", "_refs")

_PROPERTIES = frozenset(
    {
        "name",
        "description",
        "pattern",
        "value",
        "abstract",
        "content",
        "explanation",
        "objective",
        "subject",
        "path",
        "key",
        "command_line",
        "url",
        "display_name",
        "account_login",
        "user_id",
        "issuer",
        "serial_number",
        "relationship_type",
        "contact_information",
        "country",
        "region",
        "city",
        "administrative_area",
        "product",
        "statement",
    }
)
_LISTS = frozenset(
    {
        "aliases",
        "x_mitre_aliases",
        "x_mitre_platforms",
        "labels",
        "sectors",
        "goals",
        "indicator_types",
        "malware_types",
        "threat_actor_types",
        "infrastructure_types",
        "tool_types",
        "report_types",
    }
)
# Thai, Lao, Tibetan, Myanmar, Hangul, Khmer, Tai scripts, kana, Chinese.
_UNSPACED = (
    "\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u1950-\u19df\u19e0-\u19ff\u1a20-\u1aaf\u3005-\u3007"
    "\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9ff\uaa60-\uaadf\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0010ffff"
)
_OPENS_UNSPACED = re.compile(f"[{_UNSPACED}]")
# Breakers and joiners that some write and some do not; they part no words.
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# Letters with a stroke, which do not decompose.
_PLAIN = str.maketrans({"đ": "d", "ø": "o", "ł": "l", "ħ": "h", "ı": "i"})
_ACCENTS = re.compile("[\u0300-\u036f]")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_PARTED = re.compile(r"(?:[a-z0-9]|[^\x00-\x7f])+")
_LOWERED = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_ODD = re.compile(r"[^\x00-\x7f]")
_ODD_RUN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]*+(?:[^\x00-\x7f]+[A-Za-z0-9]*+)+")
_TOO_LONG = re.compile(rf"[A-Za-z0-9]{{{LONGEST_TERM}}}")
_TYPED = re.compile(r'"([^"]*)"?(\*?)|(\S+)')


@dataclass(frozen=True)
class Wanted:
    """Terms that stand one after the other; the last is only the beginning of one where `open_end`."""

    terms: tuple[str, ...]
    open_end: bool = False


def text_of(value: dict[str, Any]) -> str:
    """Everything of an object that is searched, cut to size."""
    return " ".join(_texts(value))[:LONGEST_TEXT]


def terms_of(text: str) -> list[str]:
    """The terms of a text in their order; ASCII letters and digits, and whole characters of everything else."""
    terms: list[str] = []
    for segment in _segments(text):
        if _OPENS_UNSPACED.match(segment):
            terms += [segment[at : at + 3] for at in range(len(segment))]
        else:
            terms.append(segment[:LONGEST_TERM])
        if len(terms) > MOST_TERMS:
            break
    return terms[:MOST_TERMS]


def parted(text: str) -> str:
    """A text that gives the very same terms when it is cut wherever ASCII has neither letter nor digit, and lowered.

    Nearly every text is nearly all of ASCII: only what is not takes the long road.
    """
    if len(text) > MOST_TERMS or _TOO_LONG.search(text):
        return " ".join(terms_of(text))
    return text if text.isascii() else _ODD_RUN.sub(_part, text)


def cut(text: str) -> list[str]:
    """The terms of a text that has been `parted`."""
    return _PARTED.findall(text.translate(_LOWERED))


def _part(run: re.Match[str]) -> str:
    return f" {' '.join(terms_of(run[0]))} "


def read_query(text: str) -> tuple[Wanted, ...]:
    """What a person typed: words that must all be there, `"phrases"`, and beginnings of words with a `*` behind.

    Nothing typed is an error and no sign but these two means anything. Empty when there is nothing to look for.
    """
    wanted: list[Wanted] = []
    for typed in _TYPED.finditer(text[:2_000]):
        phrase, star, word = typed.groups()
        said = word if phrase is None else phrase
        open_end = said.endswith("*") if phrase is None else bool(star)
        wanted += _wanted(said, open_end)
        if len(wanted) >= MOST_WORDS:
            break
    kept: list[Wanted] = []
    left = MOST_PARTS
    for each in dict.fromkeys(wanted[:MOST_WORDS]):
        left -= len(each.terms)
        if left < 0:
            break
        kept.append(each)
    return tuple(kept)


def _wanted(said: str, open_end: bool) -> Iterator[Wanted]:
    """Neighbouring words make one phrase; a run of an unspaced script is a phrase of its own runs of three."""
    words: list[str] = []
    segments = _segments(said)
    for place, segment in enumerate(segments):
        last = place == len(segments) - 1
        if not _OPENS_UNSPACED.match(segment):
            words.append(segment[:LONGEST_TERM])
            continue
        if words:
            yield Wanted(tuple(words[:MOST_PARTS]))
            words = []
        if len(segment) < 3:
            yield Wanted((segment,), True)
        else:
            runs = [segment[at : at + 3] for at in range(len(segment) - 2)]
            yield Wanted(tuple(runs[:MOST_PARTS]))
        if last:
            return
    if words:
        yield Wanted(tuple(words[:MOST_PARTS]), open_end)


def _segments(text: str) -> Sequence[str]:
    """Runs of letters, digits and their marks, each wholly of spaced or wholly of unspaced scripts, folded."""
    # Most texts that are not ASCII have no more than a dash or a quotation mark that is not.
    if not any(_counts(char) for char in set(_ODD.findall(text))):
        return _ASCII_WORD.findall(text.lower())
    plain = unicodedata.normalize("NFKD", text.translate(_UNSEEN)).casefold().translate(_PLAIN)
    found: list[str] = _segment().findall(unicodedata.normalize("NFC", _ACCENTS.sub("", plain)))
    return found


@lru_cache(maxsize=4096)
def _counts(char: str) -> bool:
    """Whether a character can be part of a term, or join two parts of one."""
    return ord(char) in _UNSEEN or any(map(_is_letter, unicodedata.normalize("NFKD", char)))


def _is_letter(char: str) -> bool:
    # Beyond the table of `_segment` whole planes count, but for the signs and pictures from U+1F000 on.
    return unicodedata.category(char)[0] in "LNM" if char < "\U00010000" else not "\U0001f000" <= char < "\U00020000"


@lru_cache(maxsize=1)
def _segment() -> re.Pattern[str]:
    spaced: list[str] = []
    unspaced: list[str] = []
    # One by one they make a table that is looked up at once; beyond that table ranges have to do.
    for char in map(chr, range(0x80, 0x10000)):
        if _is_letter(char):
            (unspaced if _OPENS_UNSPACED.match(char) else spaced).append(char)
    return re.compile(f"[a-z0-9{''.join(spaced)}\U00010000-\U0001efff]+|[{''.join(unspaced)}\U00020000-\U0010ffff]+")


def _texts(value: dict[str, Any]) -> Iterator[str]:
    for name, found in value.items():
        if isinstance(found, str):
            if name in _PROPERTIES:
                yield found
        elif isinstance(found, list):
            if name in _LISTS:
                yield from (text for text in found if isinstance(text, str))
            elif name == "external_references":
                yield from _named_outside(found)
        elif name == "hashes" and isinstance(found, dict):
            yield from (text for text in found.values() if isinstance(text, str))
        elif name == "number" and isinstance(found, int):
            yield f"AS{found}"


def _named_outside(references: list[Any]) -> Iterator[str]:
    for each in references:
        if isinstance(each, dict):
            yield from (text for name in ("external_id", "source_name") if isinstance(text := each.get(name), str))


def links_of(value: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    """(STIX id, place, word) of what an object refers to, its author and its markings excepted.

    A relationship has its source at place 1 and its target at place 2, with its kind as word; everything else is at
    place 0 with the name of the property. References inside extensions are no neighbours.
    """
    kind = value.get("relationship_type") if value.get("type") == "relationship" else None
    for name, found in value.items():
        if not name.endswith(_REFERRING) or name in _NO_NEIGHBOURS:
            continue
        place, word = 0, name
        if isinstance(kind, str) and name in _ENDS:
            place, word = _ENDS[name], kind
        for target in found if isinstance(found, list) else (found,):
            if isinstance(target, str) and len(target) <= LONGEST_TARGET and stix_type(target):
                yield target, place, word[:LONGEST_WORD]
