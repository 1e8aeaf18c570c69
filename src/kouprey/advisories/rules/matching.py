"""Whether what somebody asks about is a claim that was answered: exactly, or so alike that a person must compare.

Likeness never proves anything: one altered word turns a sentence round and leaves it alike. There is no likeness of
pictures at all, for the same reason (docs/capabilities/advisories.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from kouprey.advisories.rules.normalising import normal_text, normal_url

ALIKE = 85
"""Per cent from which two texts are called alike."""
_STEP = 3
_SHORTEST = 12
"""Letters a text needs to be alike to anything."""
_CONTAINED = 40
"""Letters a claim needs to be looked for inside of a longer text."""
Key = tuple[str, str]
"""Publisher and id of a statement."""


class Text(msgspec.Struct, frozen=True):
    """A text that is looked for: of which statement, as it was written, in its one form, and its triples of letters."""

    key: Key
    written: str
    normal: str
    triples: Mapping[str, int]
    size: int
    claim: bool


class Index(msgspec.Struct, frozen=True):
    """Everything that exact questions find at once, and the texts that are compared one by one."""

    texts: Sequence[Text]
    exact: Mapping[str, Sequence[Text]]
    urls: Mapping[str, Sequence[tuple[Key, str]]]
    media: Mapping[str, Sequence[tuple[Key, str]]]


class Claimed(msgspec.Struct, frozen=True):
    """What one statement brings into the index; `texts` are its own words, which are compared and never exact."""

    key: Key
    claims: Sequence[tuple[str, Sequence[str], Sequence[str]]]
    texts: Sequence[str]


def build_index(every: Iterable[Claimed]) -> Index:
    """The index of the claims of all statements, in their order."""
    texts: list[Text] = []
    exact: dict[str, list[Text]] = {}
    urls: dict[str, list[tuple[Key, str]]] = {}
    media: dict[str, list[tuple[Key, str]]] = {}
    for each in every:
        for words, places, hashes in each.claims:
            if (text := _text(each.key, words, claim=True)).normal:
                texts.append(text)
                exact.setdefault(text.normal, []).append(text)
            for place in filter(None, map(normal_url, places)):
                urls.setdefault(place, []).append((each.key, words or place))
            for digest in hashes:
                media.setdefault(digest.lower(), []).append((each.key, words))
        texts += [text for words in each.texts if (text := _text(each.key, words, claim=False)).normal]
    return Index(texts, exact, urls, media)


def find_exact(index: Index, text: str) -> list[tuple[Key, str]]:
    """Statements with exactly this claim, or this address, the newest first: (statement, claim as it was written)."""
    normal = normal_text(text)
    found = [(each.key, each.written) for each in index.exact.get(normal, ())]
    if " " not in normal:
        found += index.urls.get(normal_url(normal), ()) if normal else ()
    return list(reversed(found))


def find_alike(index: Index, text: str, most: int = 3) -> list[tuple[Key, str, int]]:
    """Statements with something alike, the likest first: (statement, what is alike, per cent)."""
    normal = normal_text(text)
    if len(normal) < _SHORTEST:
        return []
    triples = _triples(normal)
    size = sum(triples.values())
    best: dict[Key, tuple[int, str]] = {}
    for each in index.texts:
        score = _likeness(triples, size, each)
        if score >= ALIKE and score > best.get(each.key, (0, ""))[0]:
            best[each.key] = (score, each.written)
    ranked = sorted(best.items(), key=lambda item: -item[1][0])
    return [(key, written, score) for key, (score, written) in ranked[:most]]


def _text(key: Key, written: str, *, claim: bool) -> Text:
    normal = normal_text(written)
    triples = _triples(normal)
    return Text(key, written, normal, triples, sum(triples.values()), claim)


def _triples(text: str) -> Counter[str]:
    return Counter(text[at : at + _STEP] for at in range(max(1, len(text) - _STEP + 1)))


def _likeness(triples: Mapping[str, int], size: int, other: Text) -> int:
    """Dice's coefficient of the triples of letters, or the share of a long claim that the asked text contains."""
    # Neither can reach the bound when the sizes are too far apart, which costs nothing to see.
    inside = other.claim and other.size >= _CONTAINED and size > other.size
    if 2 * min(size, other.size) * 100 < ALIKE * (size + other.size) and not inside:
        return 0
    few, many = (triples, other.triples) if len(triples) < len(other.triples) else (other.triples, triples)
    common = sum(min(count, many.get(each, 0)) for each, count in few.items())
    dice = 200 * common // (size + other.size)
    return max(dice, 100 * common // other.size) if inside else dice
