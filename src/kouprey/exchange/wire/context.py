"""Where in a text a query is met: the text in pieces, each a hit or not, and what stands around the first hit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from kouprey.exchange.wire.terms import Wanted, terms_of

AROUND = 60
"""Characters shown before the first hit."""
SHOWN = 180
LONGEST = 20_000
"""Characters of a text that are looked through."""
_RUN = re.compile(r"[^\W_]+")


class Piece(NamedTuple):
    """A part of a text, and whether it is what was looked for."""

    text: str
    hit: bool


def marked(text: str, wanted: Sequence[Wanted]) -> list[Piece]:
    """A text cut at its hits; joined again the pieces are the text.

    Words are compared as the index folds them, one by one: a word of a phrase is marked wherever it stands. A letter
    combined of several characters may keep a hit from being marked, never from being found.
    """
    pieces: list[Piece] = []
    done = 0
    for begin, end in _hits(text[:LONGEST], wanted):
        if begin > done:
            pieces.append(Piece(text[done:begin], False))
        pieces.append(Piece(text[begin:end], True))
        done = end
    if done < len(text):
        pieces.append(Piece(text[done:], False))
    return pieces


def snippet(text: str, wanted: Sequence[Wanted]) -> list[Piece]:
    """A line of a long text around its first hit, cut at its hits; empty when there is none to mark."""
    first = next(iter(_hits(text[:LONGEST], wanted)), None)
    if first is None:
        return []
    begin = max(0, first[0] - AROUND)
    if begin:
        # Cut between words where there is one to cut between.
        begin = max(begin, text.find(" ", begin, first[0]) + 1)
    end = begin + SHOWN
    if end < len(text):
        end = max(text.rfind(" ", first[1], end), first[1])
    shown = " ".join(text[begin:end].split())
    before, after = ("… " if begin else ""), (" …" if end < len(text) else "")
    return marked(before + shown + after, wanted)


def _hits(text: str, wanted: Sequence[Wanted]) -> list[tuple[int, int]]:
    words = {term for each in wanted for term in (each.terms[:-1] if each.open_end else each.terms)}
    opens = tuple(each.terms[-1] for each in wanted if each.open_end)
    found = []
    for run in _RUN.finditer(text):
        terms = terms_of(run[0])
        if len(terms) == 1 and (terms[0] in words or terms[0].startswith(opens)):
            found.append(run.span())
    return sorted({*found, *_unspaced(text, wanted)}) if not text.isascii() else found


def _unspaced(text: str, wanted: Sequence[Wanted]) -> list[tuple[int, int]]:
    """Hits of scripts without spaces, whose terms are runs of three characters; none that lies in another."""
    found: list[tuple[int, int]] = []
    for each in wanted:
        said = each.terms[0] + "".join(term[-1] for term in each.terms[1:])
        # Terms of one phrase that overlap by two are runs of one word; other phrases are words that follow.
        chained = all(a[1:] == b[:2] for a, b in zip(each.terms, each.terms[1:], strict=False))
        if said.isascii() or not chained:
            continue
        at = text.find(said)
        while at >= 0:
            if all(at >= end or at + len(said) <= begin for begin, end in found):
                found.append((at, at + len(said)))
            at = text.find(said, at + len(said))
    return found
