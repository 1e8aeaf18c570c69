"""Objects made of rows: what a mapping may say, and what becomes of one row under it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid5

import msgspec

from kouprey.exchange.model import Observable
from kouprey.exchange.model.tables import Mapping, Row
from kouprey.exchange.rules.making import MARKING, observable_object, pattern_of, stamp
from kouprey.exchange.rules.observable_ids import canonical as canonical_json
from kouprey.exchange.wire.tables.cells import (
    SAID,
    VALUE_ROLES,
    bare,
    read_confidence,
    read_labels,
    read_level,
    read_time,
    read_value,
    zone_of,
)
from kouprey.kernel.words.errors import Damaged

_MOST = 1_000
"""Columns of a table whose own number is not known before its rows are read."""
_OF_OBSERVED = frozenset({"tlp"})
"""What can be said of an observable: it has no name, no time and no confidence of its own."""


def read_mapping(text: str) -> Mapping:
    """A mapping from TOML; Damaged with what is wrong and where."""
    try:
        return msgspec.convert(_texts(tomllib.loads(text)), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, RecursionError) as error:
        raise Damaged(
            "The mapping cannot be read.",
            f"{error}.".replace("..", "."),
            "See how a table is imported in the documentation.",
            code="bad-mapping",
        ) from None


def _texts(value: dict[str, Any]) -> dict[str, Any]:
    """Constants may be written as TOML's own times and numbers; they are read as cells are."""
    constants = value.get("constants")
    if isinstance(constants, dict):
        value["constants"] = {
            name: ", ".join(map(str, each)) if isinstance(each, list) else str(each) for name, each in constants.items()
        }
    return value


def check_mapping(mapping: Mapping) -> None:
    """Damaged when the mapping says what cannot be, whatever the table."""
    roles = list(mapping.columns.values())
    said = {role for role in roles if role in SAID} | {name for name in SAID if getattr(mapping.constants, name)}
    unknown = [role for role in roles if role not in SAID and role not in VALUE_ROLES]
    if unknown:
        raise _wrong(
            f"There is nothing called {unknown[0][:60]!r} for a column to be.",
            f"Choose of: {', '.join((*VALUE_ROLES, *SAID))}.",
        )
    if not any(role in VALUE_ROLES for role in roles):
        raise _wrong("No column is a value.", "Name one: --column ip=value, or in the mapping.")
    twice = next((role for role in SAID if roles.count(role) > 1), None)
    if twice is not None:
        raise _wrong(f"Two columns are {twice}.", "Name one of them.")
    if mapping.kind == "observed" and (lost := said - _OF_OBSERVED):
        raise _wrong(
            f"An observed value has no {min(lost)}.", 'Say as = "indicator" (--as indicator), or leave the column out.'
        )
    if mapping.kind == "indicator" and "valid_from" not in said:
        raise _wrong(
            "It is not said from when on the indicators are valid.",
            "Name a column or a constant: --constant valid_from=2026-11-22.",
        )
    try:
        zone_of(mapping.times.zone)
    except ValueError as error:
        raise _wrong(f"{error}.".capitalize(), "Name one such as Asia/Phnom_Penh or +07:00.") from None


def _wrong(why: str, remedy: str) -> Damaged:
    return Damaged("The mapping cannot be followed.", why, remedy, code="bad-mapping")


@dataclass
class Making:
    """Makes objects of rows for one author. `columns` are the names in the header, or () where there is none."""

    mapping: Mapping
    author: str
    columns: Sequence[str]
    _values: list[tuple[int, str]] = field(default_factory=list)
    _said: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for named, role in self.mapping.columns.items():
            place = self._place(named)
            if role in SAID:
                self._said[role] = place
            else:
                self._values.append((place, role))

    def _place(self, named: str) -> int:
        if named in self.columns:
            return self.columns.index(named)
        if named.isascii() and named.isdigit() and len(named) < 5 and 0 < int(named) <= (len(self.columns) or _MOST):
            return int(named) - 1
        raise _wrong(
            f"There is no column {named[:60]!r}.", f"The table has: {', '.join(self.columns)[:500] or 'numbers only'}."
        )

    def make(self, row: Row) -> Iterator[dict[str, Any]]:
        """The objects of one row; Damaged, with the cell, when it cannot be understood."""
        if self.columns and len(row.cells) != len(self.columns):
            self._ragged(row)
        common = self._common(row)
        made = 0
        for place, role in self._values:
            text = bare(row.cells[place]) if place < len(row.cells) else ""
            if text:
                made += 1
                observable = self._in_cell(row, place, lambda text=text, role=role: read_value(role, text))
                yield self._object(observable, common, row, place)
        if not made:
            raise Damaged("The row has no value.", "Its cell is empty.", "Leave the row out.", code="no-value")

    def _ragged(self, row: Row) -> None:
        if any(row.cells[len(self.columns) :]) or len(row.cells) < len(self.columns):
            raise Damaged(
                "The row has not as many cells as the table has columns.",
                f"It has {len(row.cells)}, and there are {len(self.columns)} columns.",
                "Quote cells that contain the separator or a line break.",
                code="ragged-row",
            )

    def _text(self, row: Row, name: str) -> tuple[str, int]:
        place = self._said.get(name, -1)
        text = bare(row.cells[place]) if 0 <= place < len(row.cells) else ""
        return (text, place) if text else (getattr(self.mapping.constants, name), -1)

    def _in_cell(self, row: Row, place: int, read: Any) -> Any:
        try:
            return read()
        except Damaged as error:
            if place < 0:
                cell = "A constant"
            else:
                name = self.columns[place] if place < len(self.columns) else str(place + 1)
                cell = f"Column {name[:60]!r} holds {row.cells[place][:100]!r}"
            raise Damaged(error.what, f"{cell}. {error.why}", error.remedy, code=error.code) from None

    def _read(self, row: Row, name: str, read: Any) -> Any:
        text, place = self._text(row, name)
        return self._in_cell(row, place, lambda: read(text)) if text else None

    def _common(self, row: Row) -> dict[str, Any]:
        """What the row says about each of its values."""
        level = self._read(row, "tlp", read_level)
        common: dict[str, Any] = {} if level is None else {"object_marking_refs": [MARKING[level]]}
        if self.mapping.kind == "observed":
            return common
        times = self.mapping.times
        begins = self._read(row, "valid_from", lambda text: read_time(text, times))
        ends = self._read(row, "valid_until", lambda text: read_time(text, times))
        if begins is None:
            raise Damaged(
                "It is not said from when on it is valid.",
                "The cell is empty, and no constant says it.",
                "Fill it in, or name a constant for valid_from.",
                code="no-time",
            )
        if ends is not None and ends <= begins:
            raise Damaged(
                "It ends before it begins.", "valid_until is not after valid_from.", "Correct it.", code="bad-times"
            )
        common["valid_from"] = stamp(begins)
        if ends is not None:
            common["valid_until"] = stamp(ends)
        for name, read in (
            ("name", str),
            ("description", str),
            ("confidence", read_confidence),
            ("labels", read_labels),
        ):
            if (value := self._read(row, name, read)) not in (None, []):
                common[name] = value
        return common

    def _object(self, observable: Observable, common: dict[str, Any], row: Row, place: int) -> dict[str, Any]:
        if self.mapping.kind == "observed":
            made = observable_object(observable)
            if made is None:
                raise Damaged(
                    "This is not something that is observed.",
                    f"Column {place + 1} holds {observable.text[:100]!r}, and STIX has no observable for it.",
                    'Say as = "indicator", or leave the column out.',
                    code="not-observable",
                )
            return made | common
        return _stated(observable, common, self.author)


def _stated(observable: Observable, common: dict[str, Any], author: str) -> dict[str, Any]:
    """An indicator of a value, or the vulnerability of a CVE id.

    Its id follows from all that it says, and its times from the row: the same row makes the same bytes again.
    """
    begins = common["valid_from"]
    value: dict[str, Any] = {
        "type": "indicator",
        "spec_version": "2.1",
        "created_by_ref": author,
        "created": begins,
        "modified": begins,
        "name": observable.text,
    }
    pattern = pattern_of(observable)
    if pattern is None:
        value |= {
            "type": "vulnerability",
            "external_references": [{"source_name": "cve", "external_id": observable.text}],
            **{name: said for name, said in common.items() if not name.startswith("valid_")},
            "name": observable.text,
        }
    else:
        value |= {
            "indicator_types": ["malicious-activity"],
            "pattern": pattern,
            "pattern_type": "stix",
            "description": f"Named in a table: {observable.text}",
            **common,
        }
    return value | {"id": f"{value['type']}--{uuid5(_space(author), canonical_json(value))}"}


@lru_cache(maxsize=8)
def _space(author: str) -> UUID:
    return UUID(author.partition("--")[2])
