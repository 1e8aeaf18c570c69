"""A table of values, and how it is to be understood."""

from __future__ import annotations

from typing import Literal

import msgspec


class Dialect(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a table is written. `comment` begins a line that is no row, "" none does; `quote` "" means that none is one.

    `columns` are names where the table itself has none in a first row of it.
    """

    encoding: Literal["utf-8", "utf-16", "latin-1"] = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    comment: str = ""
    header: bool = True
    columns: tuple[str, ...] = ()


class Times(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the times of a table are written: "auto" (ISO 8601, or seconds since 1970) or a format of strptime.

    `zone` is meant by times that name none: an IANA name or an offset such as +07:00.
    """

    format: str = "auto"
    zone: str = "UTC"


class Constants(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What holds for every row that does not say otherwise; times and levels as texts."""

    name: str = ""
    description: str = ""
    confidence: str = ""
    valid_from: str = ""
    valid_until: str = ""
    tlp: str = ""
    labels: str = ""


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"kind": "as"}):
    """What each column of a table is, by its name or its number from 1: a kind of value, or what is said of it.

    `kind` is what becomes of a value: an observable that was seen, or an indicator.
    """

    kind: Literal["observed", "indicator"] = "observed"
    columns: dict[str, str] = {}
    constants: Constants = Constants()
    times: Times = Times()
    file: Dialect | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One row: its cells, the line it begins in (from 1), and the byte it begins at."""

    cells: tuple[str, ...]
    line: int
    offset: int


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A first look at a table: how it seems to be written, its columns, what each seems to be, and some rows."""

    dialect: Dialect
    columns: tuple[str, ...]
    guessed: dict[str, str]
    rows: tuple[Row, ...]
