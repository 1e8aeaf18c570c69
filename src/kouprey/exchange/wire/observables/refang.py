"""Undoing what people write so that nothing makes a link of a value: `hxxps://evil[.]example`."""

from __future__ import annotations

import re

_HXXP = re.compile(r"\Ah(?:xx|\*\*)p(s?)(?=:|\[)", re.IGNORECASE)
_FXP = re.compile(r"\Afxp(s?)(?=:|\[)", re.IGNORECASE)
# Square and curly brackets cannot stand in an address (RFC 3986), so they are undone everywhere; parentheses can stand
# in a path, so theirs are undone before it only.
_BRACKETED = re.compile(r"[\[{](\.|dot|:|://|/|@|at)[\]}]", re.IGNORECASE)
_PARENTHESES = re.compile(r"\((\.|dot|:|@|at)\)", re.IGNORECASE)
_WORDS = {"dot": ".", "at": "@"}
_PASSES = 8


def refang(text: str) -> str:
    """The value as it works: `hxxp`, `[.]`, `(dot)`, `[:]`, `[at]` and their like undone; equal when there are none."""
    if "[" not in text and "(" not in text and "{" not in text and text[:1] not in "hHfF":
        return text
    for _ in range(_PASSES):
        made = _FXP.sub(r"ftp\1", _HXXP.sub(r"http\1", _BRACKETED.sub(_plain, text)))
        head, path = _split(made)
        made = _PARENTHESES.sub(_plain, head) + path
        if made == text:
            break
        text = made
    return text


def _split(text: str) -> tuple[str, str]:
    """What comes before the path, and the path."""
    begin = text.find("://")
    end = text.find("/", begin + 3 if begin >= 0 else 0)
    return (text, "") if end < 0 else (text[:end], text[end:])


def _plain(found: re.Match[str]) -> str:
    word = found[1]
    return _WORDS.get(word.lower(), word)
