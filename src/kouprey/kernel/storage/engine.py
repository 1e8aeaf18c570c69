"""What every store may rely on, whichever engine stands below."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol, TypeVar

from kouprey.kernel.words.time import Instant

T = TypeVar("T")
Row = tuple[Any, ...]
Params = Sequence[Any]


class Reader(Protocol):
    """One consistent snapshot. Parameters are positional, written `?` on both engines."""

    dialect: Literal["sqlite", "postgres"]

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
        """Run one statement; the number of rows it changed."""
        ...

    def many(self, sql: str, rows: Iterable[Params]) -> None:
        """Run one statement for each row."""
        ...

    def positions(self, count: int) -> Instant:
        """Reserve `count` consecutive positions and return the first.

        Positions are microseconds, unique and strictly increasing over the whole store in commit order, and never
        below the wall clock at the time they are assigned by more than the number of positions already given.
        """
        ...

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once this transaction is durable; never run if it is rolled back."""
        ...


class Store(Protocol):
    """A database: snapshots to read, serial transactions to write."""

    dialect: Literal["sqlite", "postgres"]

    def read(self) -> AbstractContextManager[Reader]:
        """A snapshot, valid inside the `with`."""
        ...

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in a transaction and return its result after it is durable (group commit).

        An exception in `work` rolls back this work alone and is raised here. `work` is quick and does no I/O.
        """
        ...

    def close(self) -> None:
        """Finish pending writes and release the files or connections."""
        ...
