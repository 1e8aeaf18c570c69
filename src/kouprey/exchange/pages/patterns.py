"""A STIX pattern as people read it: one line for each comparison, with values that lead to all that names them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from kouprey.exchange.model import Observable
from kouprey.exchange.pages.reading import defanged, plainly
from kouprey.exchange.pages.values import kind_name, observable_url, written
from kouprey.exchange.wire.observables import observables_at
from kouprey.exchange.wire.pattern import Comparison, comparisons, parse_pattern
from kouprey.exchange.wire.pattern.tree import Binary, Hex, Timestamp
from kouprey.kernel.web.language import _, mark
from kouprey.kernel.words.errors import KoupreyError

MOST_LINES = 30
MOST_VALUES = 12

Join = Literal["", "all", "any", "mixed"]
JOINS: dict[Join, str] = {
    "all": mark("All of this together:"),
    "any": mark("Any one of these:"),
    "mixed": mark("These, joined as the pattern below says:"),
}
_WORDS = {
    "=": mark("is"),
    "!=": mark("is not"),
    "<": mark("is below"),
    "<=": mark("is at most"),
    ">": mark("is above"),
    ">=": mark("is at least"),
    "IN": mark("is one of"),
    "LIKE": mark("looks like"),
    "MATCHES": mark("matches"),
    "ISSUBSET": mark("lies within"),
    "ISSUPERSET": mark("contains"),
    "EXISTS": mark("is there"),
}
_NOT = {
    "=": mark("is not"),
    "!=": mark("is"),
    "IN": mark("is none of"),
    "LIKE": mark("does not look like"),
    "MATCHES": mark("does not match"),
    "ISSUBSET": mark("does not lie within"),
    "ISSUPERSET": mark("does not contain"),
    "EXISTS": mark("is not there"),
}


@dataclass(frozen=True)
class Compared:
    """One comparison: `what` in words or else as the path, and values with their pages ("" for none)."""

    what: str
    spoken: bool
    word: str
    values: tuple[tuple[str, str], ...]
    more: int


@dataclass(frozen=True)
class Readable:
    """A pattern: how its comparisons are joined, those at once, and how many there are beside them."""

    join: Join
    lines: tuple[Compared, ...]
    more: int


def read_pattern(value: dict[str, Any]) -> Readable | None:
    """What an indicator looks for; None when it has no STIX pattern, or one that cannot be read."""
    pattern = value.get("pattern")
    if not isinstance(pattern, str) or value.get("pattern_type", "stix") != "stix":
        return None
    try:
        found = list(comparisons(parsed := parse_pattern(pattern)))
    except KoupreyError:
        return None
    joins = set(_joins(parsed.expression)) if len(found) > 1 else set()
    join: Join = "" if not joins else "any" if joins == {"OR"} else "all" if joins <= {"AND"} else "mixed"
    return Readable(join, tuple(map(_compared, found[:MOST_LINES])), max(0, len(found) - MOST_LINES))


def _joins(top: Any) -> Iterator[str]:
    """The words that join its parts; qualifiers are one too, since without them the parts say too much."""
    rest = [top]
    while rest:
        node = rest.pop()
        if hasattr(node, "operands"):
            yield node.operator
            rest.extend(node.operands)
        elif hasattr(node, "condition"):
            rest.append(node.condition)
        elif hasattr(node, "expression"):
            yield "qualified"
            rest.append(node.expression)


def _compared(found: Comparison) -> Compared:
    path = str(found.path)
    constants = found.value if isinstance(found.value, tuple) else () if found.value is None else (found.value,)
    named = [(each, observables_at(path, each)) for each in constants[:MOST_VALUES]]
    kinds = {one.kind for _value, several in named for one in several[:1]}
    exact = found.operator in ("=", "IN") and not found.negated
    values = tuple(
        (written(several[0]), observable_url(several[0])) if several and exact else (_constant(each, several), "")
        for each, several in named
    )
    words = _NOT if found.negated and found.operator in _NOT else _WORDS
    word = _(words[found.operator])
    if found.negated and words is _WORDS:
        word = _("not: %(word)s") % {"word": word}
    spoken = len(kinds) == 1
    what = kind_name(kinds.pop()) if spoken else plainly(path)
    return Compared(what, spoken, word, values, max(0, len(constants) - MOST_VALUES))


def _constant(value: Any, several: tuple[Observable, ...]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Hex | Binary):
        return value.octets.hex()
    text = value.text if isinstance(value, Timestamp) else str(value)
    text = plainly(text[:2_000])
    return defanged(text) if several or "://" in text else text
