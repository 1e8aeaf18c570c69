"""The store on SQLite: WAL, every commit flushed to disk, one writer thread, pooled readers."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw

from kouprey.kernel.storage.engine import Dialect, Params, Reader, Row, Store, T, Tx
from kouprey.kernel.storage.pool import Pool
from kouprey.kernel.storage.positions import reserve
from kouprey.kernel.storage.writer import Writer
from kouprey.kernel.words.errors import Refused, Unreachable
from kouprey.kernel.words.time import Clock, Instant, wall_clock

_READERS = 16
_GROUP = 256
_BUSY_MILLISECONDS = 30_000
_CACHE = 32 * 1024
"""KiB for the writer: what a batch of an import changes fits, so that no page of it is written before the commit."""
_PAGE = 4096
"""Bytes. A batch changes pages all over the large indexes, one entry in each: the smaller, the less is written."""
_LOG = 125 << 20
"""So many bytes of the log go into the file at a time: each page once, however many commits changed it."""
_SCRUB_MILLISECONDS = 1_000
_PAUSE = 0.003
"""Seconds. SQLite hands its lock to nobody in particular; who waits looks every millisecond, so this lets him in."""


class _SqliteReader:
    dialect: Dialect = "sqlite"

    def __init__(self, connection: apsw.Connection) -> None:
        self._live: apsw.Connection | None = connection

    @property
    def _connection(self) -> apsw.Connection:
        if self._live is None:
            raise RuntimeError("this snapshot or transaction has ended: query inside its `with` or its work")
        return self._live

    def end(self) -> None:
        self._live = None

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        return self._connection.execute(sql, params).fetchall()

    def one(self, sql: str, params: Params = ()) -> Row | None:
        cursor = self._connection.execute(sql, params)
        row: Row | None = cursor.fetchone()
        cursor.close(True)
        return row

    def value(self, sql: str, params: Params = ()) -> Any:
        row = self.one(sql, params)
        return None if row is None else row[0]


class _SqliteTx(_SqliteReader):
    def __init__(
        self, connection: apsw.Connection, clock: Clock, after_commit: Callable[[Callable[[], None]], None]
    ) -> None:
        super().__init__(connection)
        self._clock = clock
        self._after_commit = after_commit

    def execute(self, sql: str, params: Params = ()) -> int:
        connection = self._connection
        connection.execute(sql, params).fetchall()
        return connection.changes()

    def many(self, sql: str, rows: Iterable[Params]) -> None:
        self._connection.executemany(sql, rows).fetchall()

    def script(self, sql: str) -> None:
        self._connection.execute(sql).fetchall()

    def positions(self, count: int) -> Instant:
        return reserve(self, count, self._clock())

    def after_commit(self, call: Callable[[], None]) -> None:
        self._after_commit(call)


class _SqliteSession:
    def __init__(self, connection: apsw.Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def begin(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def tx(self, after_commit: Callable[[Callable[[], None]], None]) -> _SqliteTx:
        return _SqliteTx(self._connection, self._clock, after_commit)

    def savepoint(self) -> None:
        self._connection.execute("SAVEPOINT work")

    def keep(self) -> None:
        self._connection.execute("RELEASE work")

    def undo(self) -> None:
        self._connection.execute("ROLLBACK TO work")
        self._connection.execute("RELEASE work")

    def commit(self) -> None:
        self._connection.execute("COMMIT")

    def rollback(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def intact(self) -> bool:
        return self._connection.in_transaction

    def transient(self, error: BaseException) -> bool:
        return False  # the only writer meets neither deadlocks nor stale snapshots

    def explain(self, error: BaseException) -> BaseException:
        return _explain(error)

    def close(self) -> None:
        self._connection.close()


class SqliteStore:
    """One file (with its -wal and -shm beside it), safe for many threads and for other processes."""

    dialect: Dialect = "sqlite"

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path = path
        connection = _connect(path)
        connection.set_busy_handler(_look_again)
        connection.pragma("cache_size", -_CACHE)
        connection.pragma("wal_autocheckpoint", _LOG // connection.pragma("page_size"))
        # What is deleted is overwritten, so that nothing erased can be read from the file.
        connection.pragma("secure_delete", True)
        self._readers = Pool(self._open_reader, apsw.Connection.close, _READERS)
        self._watch: apsw.Connection | None = None
        self._watching = threading.Lock()
        self._writer = Writer(_SqliteSession(connection, clock), works=_GROUP, pause=_PAUSE)

    def _open_reader(self) -> apsw.Connection:
        connection = _connect(self._path)
        connection.pragma("query_only", True)
        return connection

    @contextmanager
    def read(self) -> Iterator[Reader]:
        self._writer.refuse_inside("read")
        with self._readers.lend() as connection:
            connection.execute("BEGIN")
            reader = _SqliteReader(connection)
            try:
                yield reader
            finally:
                reader.end()
                connection.execute("ROLLBACK")

    def write(self, work: Callable[[Tx], T]) -> T:
        return self._writer.write(work)

    def changes(self) -> object:
        # The value belongs to a connection and counts what others commit: one that never writes sees all of it.
        with self._watching:
            if self._watch is None:
                self._watch = self._open_reader()
            return self._watch.pragma("data_version")

    def queued(self) -> int:
        return self._writer.queued()

    def scrub(self) -> bool:
        self._writer.refuse_inside("scrub")
        connection = _connect(self._path)
        try:
            connection.set_busy_timeout(_SCRUB_MILLISECONDS)
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            return False
        finally:
            connection.close()
        return True

    def close(self) -> None:
        self._writer.close()
        self._readers.close()
        with self._watching:
            if self._watch is not None:
                self._watch.close()


def open_sqlite(path: Path, *, clock: Clock = wall_clock) -> Store:
    """Open or create the database file; its folder must exist. Raises Unreachable when it cannot be used."""
    try:
        # SQLite gives -wal and -shm the mode of the file: what parties entrust to us is for this user alone.
        path.touch(mode=0o600, exist_ok=True)
        return SqliteStore(path, clock)
    except (OSError, apsw.Error) as error:
        raise Unreachable(
            f"The database {path} cannot be opened.",
            str(error),
            "Check that the folder exists, belongs to this user and that the file is a Kouprey database.",
            code="database",
        ) from error


def _connect(path: Path) -> apsw.Connection:
    connection = apsw.Connection(str(path), statementcachesize=256)
    connection.set_busy_timeout(_BUSY_MILLISECONDS)
    connection.pragma("page_size", _PAGE)
    _use_wal(connection)
    connection.pragma("synchronous", "FULL")
    connection.pragma("foreign_keys", True)
    # Not below _LOG: the log would be cut each time, only to grow again.
    connection.pragma("journal_size_limit", _LOG)
    # As on PostgreSQL: LIKE minds the case, and "word" is a name, never a text.
    connection.pragma("case_sensitive_like", True)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DML, 0)
    connection.config(apsw.SQLITE_DBCONFIG_DQS_DDL, 0)
    return connection


def _use_wal(connection: apsw.Connection) -> None:
    # Switching a new file to WAL takes a lock for which SQLite does not wait when two processes start at once.
    until = time.monotonic() + _BUSY_MILLISECONDS / 1000
    while True:
        try:
            if connection.pragma("journal_mode", "WAL") == "wal":
                return
        except apsw.BusyError:
            pass
        if time.monotonic() > until:
            raise apsw.BusyError("the file cannot be switched to write-ahead logging")
        time.sleep(0.005)


def _look_again(attempt: int) -> bool:
    time.sleep(0.001)
    return attempt < _BUSY_MILLISECONDS


def _explain(error: BaseException) -> BaseException:
    told: Refused | Unreachable
    match error:
        case apsw.ConstraintError():
            told = Refused("A rule of the database would be broken.", str(error), code="constraint")
        case apsw.BusyError():
            told = Unreachable(
                "The database is busy.",
                "Another process has been writing to it for 30 seconds.",
                "Try again; if it stays so, stop the command that is stuck.",
                code="busy",
            )
        case apsw.FullError() | apsw.IOError() | apsw.CantOpenError() | apsw.ReadOnlyError():
            told = Unreachable(
                "The database cannot be written.", str(error), "Free disk space or check the disk.", code="database"
            )
        case _:
            return error
    told.__cause__ = error
    return told
