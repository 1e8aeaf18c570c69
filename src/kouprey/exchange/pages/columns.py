"""The columns of the list: those that every object has, and those that a type filter makes sense of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kouprey.exchange.model import Head
from kouprey.exchange.wire.comments import count_of, instant_of
from kouprey.kernel.web.language import mark
from kouprey.kernel.words.time import Instant


@dataclass(frozen=True)
class Column:
    """A column beyond the usual ones: its title, and whether narrow rooms leave it out."""

    title: str
    spare: bool = False


@dataclass(frozen=True)
class Cell:
    """What stands in it: an instant (0 for none), a number, or a word with its tone."""

    kind: Literal["instant", "number", "state"]
    value: Any
    tone: str = ""


_COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "indicator": (Column(mark("Valid until")), Column(mark("State"))),
    "report": (Column(mark("Published")),),
    "sighting": (Column(mark("Times")), Column(mark("Last seen"), spare=True)),
    "vulnerability": (Column(mark("Created")),),
    "campaign": (Column(mark("First seen"), spare=True), Column(mark("Last seen"))),
}


def columns_for(types: tuple[str, ...]) -> tuple[Column, ...]:
    """The further columns of a list of one type; a mixed list has none."""
    return _COLUMNS.get(types[0], ()) if len(types) == 1 else ()


def cells_of(head: Head, value: Mapping[str, Any], now: Instant) -> tuple[Cell, ...]:
    """What stands in the further columns of an object's type; `value` is its body, empty when it cannot be read."""
    match head.type:
        case "indicator":
            until = instant_of(value, "valid_until")
            return Cell("instant", until), _state(head, value, until, now)
        case "report":
            return (Cell("instant", instant_of(value, "published")),)
        case "sighting":
            return Cell("number", count_of(value)), Cell("instant", instant_of(value, "last_seen"))
        case "vulnerability":
            return (Cell("instant", instant_of(value, "created")),)
        case "campaign":
            return Cell("instant", instant_of(value, "first_seen")), Cell("instant", instant_of(value, "last_seen"))
        case _:
            return ()


def _state(head: Head, value: Mapping[str, Any], until: Instant, now: Instant) -> Cell:
    """How it stands by its author's own word."""
    if head.revoked:
        return Cell("state", mark("revoked"), "bad")
    if until and until <= now:
        return Cell("state", mark("ended"), "idle")
    if instant_of(value, "valid_from") > now:
        return Cell("state", mark("not yet"), "info")
    return Cell("state", mark("in force"), "good")
