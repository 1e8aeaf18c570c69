"""The nouns of the matrix: where something is placed among the ways of attack, and how much stands where."""

from __future__ import annotations

from typing import Literal, NamedTuple

import msgspec

from kouprey.kernel.words.time import Instant

Way = Literal["phase", "technique", "object"]
"""By the phase of a kill chain, by the number of a technique, or by the STIX id of an attack pattern."""

Place = tuple[Way, str, str]
"""(way, scheme, name): the chain and its phase, the catalogue and the number, or "" and the STIX id."""


class Placement(NamedTuple):
    """One body places something of type `kind` there."""

    way: Way
    scheme: str
    name: str
    kind: str


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is counted: types of what is placed, sources as they are shown, first and last month (202611) of coming in.

    Nothing given means any; a month of 0 is open.
    """

    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    since: int = 0
    until: int = 0


class Technique(msgspec.Struct, frozen=True, kw_only=True):
    """An attack pattern of the catalogue: its number ("" where it has none) and the phases it belongs to."""

    stix_id: str
    name: str
    number: str
    phases: tuple[tuple[str, str], ...]


class Tactic(msgspec.Struct, frozen=True, kw_only=True):
    """A column that a catalogue describes: the phase it stands for, its name, and its place in the matrix."""

    stix_id: str
    phase: str
    name: str
    place: int


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A technique with what is held of it: `own` itself, `count` with its sub-techniques, folded in `below`.

    `stix_ids` are its attack patterns. A technique that is only named by its number has none, and the number as name.
    """

    number: str
    name: str
    stix_ids: tuple[str, ...]
    own: int
    count: int
    below: tuple[Cell, ...] = ()


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A phase: `count` objects name it alone; its techniques stand in `cells`. Phase "" holds what no column knows."""

    phase: str
    name: str
    stix_id: str
    count: int
    cells: tuple[Cell, ...]


class Matrix(msgspec.Struct, frozen=True, kw_only=True):
    """One kill chain as far as a reader sees. `chains` are all there are, `sources` and `kinds` what can be chosen.

    `most` is the highest count of a cell. `catalogue` says whether any technique is described here.
    """

    chain: str
    chains: tuple[str, ...]
    columns: tuple[Column, ...]
    kinds: tuple[str, ...]
    sources: tuple[str, ...]
    most: int
    catalogue: bool


class Placed(msgspec.Struct, frozen=True, kw_only=True):
    """An object that places something there: its body's number, by which pages go on."""

    stix_id: str
    type: str
    title: str
    at: Instant
    body: int
