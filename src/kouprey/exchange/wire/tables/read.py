"""A table as a stream of objects: each row read, made into STIX, or refused with its line, byte and cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from kouprey.exchange.model import Parsed, Refusal
from kouprey.exchange.model.tables import Dialect, Mapping, Row
from kouprey.exchange.wire.objects import arrive
from kouprey.exchange.wire.tables.making import Making, check_mapping
from kouprey.exchange.wire.tables.rows import read_rows
from kouprey.kernel.words.errors import Damaged


def read_table(stream: BinaryIO, mapping: Mapping, dialect: Dialect, author: str) -> Iterator[Parsed | Refusal]:
    """Everything in a table, in its order. A refused row costs one Refusal and reading goes on; memory is flat.

    `author` is the identity the objects are made by. Damaged when the mapping does not fit the table at all.
    """
    check_mapping(mapping)
    making = None if dialect.header else Making(mapping, author, dialect.columns)
    for row in read_rows(stream, dialect):
        if not isinstance(row, Row):
            if making is None:
                # Without its names no row can be understood, and the next row is none.
                raise row.error
            yield _refusal(row.line, row.offset, row.error)
        elif making is None:
            making = Making(mapping, author, row.cells)
        else:
            yield from _judge(making, row)


def _judge(making: Making, row: Row) -> Iterator[Parsed | Refusal]:
    try:
        # All of a row or nothing of it.
        values = list(making.make(row))
    except Damaged as error:
        yield _refusal(row.line, row.offset, error)
        return
    for value in values:
        yield arrive(msgspec.json.encode(value), value)


def _refusal(line: int, offset: int, error: Damaged) -> Refusal:
    return Refusal(
        offset=offset, line=line, stix_id=None, code=error.code, what=error.what, why=error.why, remedy=error.remedy
    )
