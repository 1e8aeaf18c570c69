"""What every store may rely on, whichever engine stands below, and how to write SQL that both understand.

One SQL text serves SQLite and PostgreSQL when it keeps to this:

- Parameters are `?`, never inside a literal. Literals are `'...'`, quoted names `"..."`; `%` needs no care.
- `INSERT ... ON CONFLICT (key) DO NOTHING | DO UPDATE SET x = excluded.x`, and `RETURNING`, read with `tx.all`,
  `tx.one` or `tx.value`. On PostgreSQL a statement that fails ends its work: avoid a conflict rather than catch it.
- Integers are BIGINT and truth is 0 or 1 (`True` is stored as 1). Bytes come back as `bytes`. A whole sum is an int.
- Scalar `max(a, b)` is SQLite's and `greatest` PostgreSQL's: write `CASE`. `a IS NOT DISTINCT FROM b` works on both.
- A bare `? IS NULL` or `SELECT ?` has no type on PostgreSQL: leave the clause out in Python, or `CAST(? AS BIGINT)`.
- `LIKE` is case-sensitive on both; state the escape: `LIKE ? ESCAPE '!'`. Texts sort by code point on both.
- Texts hold no U+0000 (PostgreSQL cannot store it). Test with `=`; never rely on SQLite's loose types.
- Batches are looked up with `any_of`, which has no limit on the number of values.
- Constraints that are checked at commit (DEFERRABLE) fail the whole group of works: do not use them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeVar

import msgspec

from kouprey.kernel.words.time import Instant

T = TypeVar("T")
Row = tuple[Any, ...]
Params = Sequence[Any]
Dialect = Literal["sqlite", "postgres"]


class Reader(Protocol):
    """One consistent snapshot. Parameters are positional, written `?` on both engines."""

    dialect: Dialect

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        """Every row."""
        ...

    def one(self, sql: str, params: Params = ()) -> Row | None:
        """The first row, or None."""
        ...

    def value(self, sql: str, params: Params = ()) -> Any:
        """The first column of the first row, or None."""
        ...


class Tx(Reader, Protocol):
    """A write transaction; what was done in it becomes durable as a whole or not at all."""

    def execute(self, sql: str, params: Params = ()) -> int:
        """Run one INSERT, UPDATE or DELETE; the number of rows it changed."""
        ...

    def many(self, sql: str, rows: Iterable[Params]) -> None:
        """Run one statement for each row."""
        ...

    def script(self, sql: str) -> None:
        """Run several statements without parameters, in the engine's own SQL: for migrations."""
        ...

    def positions(self, count: int) -> Instant:
        """Reserve `count` consecutive positions and return the first.

        Positions are microseconds, unique and strictly increasing over the whole store in commit order, and never
        below the wall clock at the time they are assigned by more than the number of positions already given.
        """
        ...

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once this transaction is durable; never run if it is rolled back.

        It runs on the writer thread before `write` returns, so it only flips a switch: it may not use the store,
        and what it raises is logged and otherwise ignored.
        """
        ...


class Store(Protocol):
    """A database: snapshots to read, serial transactions to write."""

    dialect: Dialect

    def read(self) -> AbstractContextManager[Reader]:
        """A snapshot, valid inside the `with` and taken at its first query; not for use inside a work."""
        ...

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction and return its result after it is durable (group commit).

        All works of all processes run one after the other. An exception in `work` rolls back this work alone and is
        raised here; a broken constraint as Refused with code "constraint", a busy, full or lost database as
        Unreachable. `work` is quick, does no I/O, does not call the store, and can be run again: PostgreSQL repeats
        it after a deadlock.
        """
        ...

    def changes(self) -> object:
        """A value that is another one after anything was committed, by whichever process; cheap enough to ask often.

        It may also change when nothing did, and says neither what changed nor how much.
        """
        ...

    def queued(self) -> int:
        """How many works wait for the writer now; for those who watch, since the next moment differs."""
        ...

    def scrub(self) -> bool:
        """Have nothing left of deleted rows outside the pages in use, as far as this engine can; False to try again.

        SQLite overwrites deleted rows at once, and empties its log here as soon as no reader needs it any more.
        PostgreSQL leaves them to its own vacuum, and True says nothing.
        """
        ...

    def close(self) -> None:
        """Finish pending writes and release the files or connections."""
        ...


def any_of(
    reader: Reader, column: str, values: Collection[int] | Collection[str] | Collection[bytes]
) -> tuple[str, Row]:
    """A condition that holds where `column` is one of `values`, with its one parameter; all of one type.

    `sql, params = any_of(tx, "stix_id", ids)`; any number of values, none gives a condition that never holds.
    """
    listed: list[Any] = list(values)
    if reader.dialect == "postgres":
        return f"{column} = ANY(?)", (listed,)
    if listed and isinstance(listed[0], bytes):
        listed = [value.hex() for value in listed]
        return f"{column} IN (SELECT unhex(value) FROM json_each(?))", (msgspec.json.encode(listed).decode(),)
    return f"{column} IN (SELECT value FROM json_each(?))", (msgspec.json.encode(listed).decode(),)
