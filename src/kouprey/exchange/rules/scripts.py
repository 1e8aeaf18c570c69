"""In which letters a name is written, and whether they could make it pass for another."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_MANY_NAMED = {
    "CJK": "Han",
    "HIRAGANA": "Hiragana",
    "KATAKANA": "Katakana",
    "KATAKANA-HIRAGANA": "Katakana",
    "HANGUL": "Hangul",
    "BOPOMOFO": "Bopomofo",
}
_TOGETHER = (
    frozenset({"Latin", "Han", "Hiragana", "Katakana"}),
    frozenset({"Latin", "Han", "Bopomofo"}),
    frozenset({"Latin", "Han", "Hangul"}),
)
"""Scripts that are written together (UTS 39, section 5.2: highly restrictive)."""
_LOOKALIKES = frozenset("асԁеһіјԛорѕԝхуѵӏοɑινρτυκα")
"""Letters of other scripts that are drawn as Latin ones are (UTS 39, confusables)."""


def in_letters(name: str) -> str:
    """A domain name with its A-labels decoded; a label that cannot be decoded stays as it is."""
    return ".".join(map(_decoded, name.split(".")))


def scripts_of(label: str) -> frozenset[str]:
    """The scripts of its letters, as `Latin`; digits, hyphens and marks belong to any."""
    return frozenset(filter(None, map(_script, label)))


def is_mixed(name: str) -> bool:
    """Whether one label of a name (in letters) has scripts that nobody writes together."""
    return any(not _is_usual(scripts_of(label)) for label in name.split("."))


def looks_latin(name: str) -> bool:
    """Whether a label (in letters) has none of the Latin letters, and only such as are drawn alike."""
    return any(_all_alike(label) for label in name.split("."))


def _is_usual(scripts: frozenset[str]) -> bool:
    return len(scripts) < 2 or any(scripts <= each for each in _TOGETHER)


def _all_alike(label: str) -> bool:
    letters = [char for char in label if unicodedata.category(char).startswith("L")]
    return bool(letters) and not label.isascii() and all(char in _LOOKALIKES for char in letters)


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        made = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
    # What has no letters to show, or none that can be drawn, says less than its A-label.
    return made if made and made.isprintable() and _is_drawn(made) else label


def _is_drawn(text: str) -> bool:
    return not any(unicodedata.category(char) in ("Cn", "Co", "Cs", "Zs") for char in text)


def _script(char: str) -> str:
    if char.isascii():
        return "Latin" if char.isalpha() else ""
    if not unicodedata.category(char).startswith("L"):
        return ""
    word = unicodedata.name(char, "").partition(" ")[0]
    return _MANY_NAMED.get(word, word.capitalize())


def named(scripts: Iterable[str]) -> str:
    """Scripts in one line, in the order of the alphabet."""
    return ", ".join(sorted(scripts))
