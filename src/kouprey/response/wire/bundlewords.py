"""Words out of the objects of a bundle that somebody else has written: whatever stands there, none of these fails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.response.wire.incidents import TLP_2

LONGEST_TITLE, LONGEST, SHORT = 200, 20_000, 200
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)\Z")


def extension(given: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An extension of an object, {} where it has none of that name."""
    every = given.get("extensions")
    found = every.get(name) if isinstance(every, dict) else None
    return found if isinstance(found, dict) else {}


def marks(given: Mapping[str, Any]) -> Iterator[str]:
    """The markings of an object and of its parts, by their ids."""
    yield from (each for each in list_of(given.get("object_marking_refs")) if isinstance(each, str))
    for each in list_of(given.get("granular_markings")):
        if isinstance(each, dict) and isinstance(ref := each.get("marking_ref"), str):
            yield ref


def level_of(definition: Mapping[str, Any] | None) -> TLP | None:
    """The level that a definition of the bundle states, in TLP 1 or 2."""
    if definition is None:
        return None
    said = definition.get("definition")
    first = said.get("tlp") if definition.get("definition_type") == "tlp" and isinstance(said, dict) else None
    word = extension(definition, TLP_2).get("tlp_2_0") or first
    try:
        return parse_tlp(word) if isinstance(word, str) else None
    except ValueError:
        return None


def statement(definition: Mapping[str, Any] | None) -> str:
    """What a marking of words says, "" for another one."""
    said = definition.get("definition") if definition is not None else None
    return text_of(said.get("statement"), SHORT) if isinstance(said, dict) else ""


def text_of(given: Any, longest: int = LONGEST) -> str:
    """A text, cut; "" for what is none."""
    return given[:longest].strip() if isinstance(given, str) else ""


def list_of(given: Any) -> list[Any]:
    """A list, [] for what is none."""
    return given if isinstance(given, list) else []


def minutes_of(given: Any) -> int:
    """Minutes east of UTC at the end of a text, 0 for none and for what lies nowhere on earth."""
    found = _OFFSET.search(given) if isinstance(given, str) else None
    minutes = (int(found[2]) * 60 + int(found[3])) * (-1 if found[1] == "-" else 1) if found else 0
    return minutes if abs(minutes) <= 840 else 0


def one_of(kind: Any, given: Any, otherwise: Any) -> Any:
    """A word of a vocabulary, `otherwise` for any other."""
    try:
        return kind(given) if isinstance(given, str) else otherwise
    except ValueError:
        return otherwise
