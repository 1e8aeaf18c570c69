"""The store on PostgreSQL: several processes, their writes in one order under one advisory lock, pooled readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kouprey.kernel.storage.engine import Dialect, Params, Reader, Row, Store, T, Tx
from kouprey.kernel.storage.pool import Pool
from kouprey.kernel.storage.positions import reserve
from kouprey.kernel.storage.writer import Writer
from kouprey.kernel.words.errors import Refused, Unreachable
from kouprey.kernel.words.time import Clock, Instant, wall_clock

if TYPE_CHECKING:
    import psycopg

    Connection = psycopg.Connection[Row]

_READERS = 12
_COPIED = 16
"""Rows from which on a plain INSERT is sent as COPY; below, beginning and ending it costs more than it saves."""
_PLAIN_INSERT = re.compile(r"INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(\?((?:, \?)*)\)", re.ASCII)
_GROUP = 60
"""PostgreSQL remembers 64 subtransactions per transaction cheaply; beyond that every reader pays."""
_WRITE_LOCK = 0x6B6F7570726579
"""The advisory lock every writing transaction holds to its end: "kouprey" in ASCII."""
_BEGIN_WRITE = f"BEGIN; SET LOCAL lock_timeout = '30s'; SELECT pg_advisory_xact_lock({_WRITE_LOCK})"
_AS_WE_ASK = {"jit": "off", "random_page_cost": "1.1"}
"""Questions here are many and short, about what memory holds: to compile one for the processor takes longer than to
answer it, and a look at an index costs no turn of a disk. What the operator has set stays."""
_BEGIN_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class _PostgresReader:
    dialect: Dialect = "postgres"

    def __init__(self, connection: Connection) -> None:
        self._live: Connection | None = connection

    @property
    def _connection(self) -> Connection:
        if self._live is None:
            raise RuntimeError("this snapshot or transaction has ended: query inside its `with` or its work")
        return self._live

    def end(self) -> None:
        self._live = None

    def all(self, sql: str, params: Params = ()) -> list[Row]:
        return self._connection.execute(translate(sql), params).fetchall()

    def one(self, sql: str, params: Params = ()) -> Row | None:
        return self._connection.execute(translate(sql), params).fetchone()

    def value(self, sql: str, params: Params = ()) -> Any:
        row = self.one(sql, params)
        return None if row is None else row[0]


class _PostgresTx(_PostgresReader):
    def __init__(
        self, connection: Connection, clock: Clock, after_commit: Callable[[Callable[[], None]], None]
    ) -> None:
        super().__init__(connection)
        self._clock = clock
        self._after_commit = after_commit

    def execute(self, sql: str, params: Params = ()) -> int:
        return max(0, self._connection.execute(translate(sql), params).rowcount)

    def many(self, sql: str, rows: Iterable[Params]) -> None:
        # All at once: whoever makes the rows may query this very connection for them.
        held = list(rows)
        copy = _copy_for(sql) if len(held) >= _COPIED else None
        with self._connection.cursor() as cursor:
            if copy is None:
                cursor.executemany(translate(sql), held)
                return
            with cursor.copy(copy) as stream:
                for row in held:
                    stream.write_row(row)

    def script(self, sql: str) -> None:
        self._connection.execute(sql.encode())

    def positions(self, count: int) -> Instant:
        return reserve(self, count, self._clock())

    def after_commit(self, call: Callable[[], None]) -> None:
        self._after_commit(call)


class _PostgresSession:
    """The lock is taken before the first query, so READ COMMITTED sees all earlier writes: they are serial."""

    def __init__(self, connect: Callable[[], Connection], clock: Clock) -> None:
        self._connect = connect
        self._clock = clock
        self._connection = connect()

    def begin(self) -> None:
        import psycopg

        try:
            self._connection.execute(_BEGIN_WRITE)
        except psycopg.OperationalError:
            if not self._connection.closed:
                raise
            # The server was restarted since the last group; nothing of this one is lost by starting over.
            self._connection = self._connect()
            self._connection.execute(_BEGIN_WRITE)

    def tx(self, after_commit: Callable[[Callable[[], None]], None]) -> _PostgresTx:
        return _PostgresTx(self._connection, self._clock, after_commit)

    def savepoint(self) -> None:
        self._connection.execute("SAVEPOINT work")

    def keep(self) -> None:
        self._connection.execute("RELEASE work")

    def undo(self) -> None:
        self._connection.execute("ROLLBACK TO work; RELEASE work")

    def commit(self) -> None:
        # On a failed transaction PostgreSQL answers COMMIT with a rollback and no error.
        if self._connection.execute("COMMIT").statusmessage != "COMMIT":
            raise RuntimeError("PostgreSQL rolled the group back instead of committing it")

    def rollback(self) -> None:
        if not self.intact():
            return
        try:
            self._connection.execute("ROLLBACK")
        except Exception:
            self._connection.close()

    def intact(self) -> bool:
        return not self._connection.closed and _status(self._connection) in ("INTRANS", "INERROR")

    def transient(self, error: BaseException) -> bool:
        import psycopg

        return isinstance(error, psycopg.errors.SerializationFailure | psycopg.errors.DeadlockDetected)

    def explain(self, error: BaseException) -> BaseException:
        return _explain(error)

    def close(self) -> None:
        self._connection.close()


class PostgresStore:
    """One database; each process has one writing connection and at most twelve reading ones."""

    dialect: Dialect = "postgres"

    def __init__(self, dsn: str, clock: Clock) -> None:
        self._dsn = dsn
        self._readers = Pool(self._connect, lambda connection: connection.close(), _READERS)
        session = _PostgresSession(self._connect_writer, clock)
        self._writer = Writer(session, works=_GROUP)

    def _connect(self) -> Connection:
        return _connect(self._dsn)

    def _connect_writer(self) -> Connection:
        connection = _connect(self._dsn)
        # Acknowledged means durable, whatever the server's default; a frozen process may not keep the lock for ever.
        connection.execute(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
        )
        connection.execute("SET idle_in_transaction_session_timeout = '60s'")
        return connection

    @contextmanager
    def read(self) -> Iterator[Reader]:
        import psycopg

        self._writer.refuse_inside("read")
        try:
            with self._readers.lend(lambda held: not held.closed and _status(held) == "IDLE") as lent:
                connection = self._begin_read(lent)
                reader = _PostgresReader(connection)
                try:
                    yield reader
                finally:
                    reader.end()
                    if not connection.closed:
                        connection.execute("ROLLBACK")
                    if connection is not lent:
                        connection.close()
        except psycopg.OperationalError as error:
            raise _explain(error) from error

    def _begin_read(self, connection: Connection) -> Connection:
        import psycopg

        try:
            connection.execute(_BEGIN_READ)
        except psycopg.OperationalError:
            # It sat in the pool while the server was restarted.
            connection.close()
            connection = self._connect()
            connection.execute(_BEGIN_READ)
        return connection

    def write(self, work: Callable[[Tx], T]) -> T:
        return self._writer.write(work)

    def changes(self) -> object:
        # Who only reads is given no number of a transaction, so this stands still while nobody writes.
        with self.read() as reader:
            return reader.value("SELECT CAST(pg_current_snapshot() AS TEXT)")

    def queued(self) -> int:
        return self._writer.queued()

    def scrub(self) -> bool:
        return True

    def close(self) -> None:
        self._writer.close()
        self._readers.close()


def open_postgres(dsn: str, *, clock: Clock = wall_clock) -> Store:
    """Open a database by its libpq connection string or URL.

    Raises Unreachable when it does not answer, Refused when psycopg is missing or the database sorts texts by language.
    """
    try:
        import psycopg
    except ImportError as error:
        raise Refused(
            "PostgreSQL cannot be used.",
            "The Python package psycopg is not installed.",
            "Install kouprey[postgres].",
            code="no-psycopg",
        ) from error
    try:
        store = PostgresStore(dsn, clock)
        with store.read() as reader:
            order = reader.one("SELECT 'B' < 'a', current_setting('server_encoding')")
    except psycopg.Error as error:
        raise _explain(error) from error
    if order != (True, "UTF8"):
        store.close()
        raise Refused(
            "This database cannot hold a Kouprey store.",
            "It does not sort texts by code point in UTF-8, so pages would skip or repeat rows.",
            "Create it with: CREATE DATABASE ... TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'.",
            code="collation",
        )
    return store


@lru_cache(maxsize=4096)
def translate(sql: str) -> bytes:
    """`?` outside literals, quoted names and comments becomes `%s`; every `%` is doubled."""
    out: list[str] = []
    at = 0
    while at < len(sql):
        end = at + 1
        for mark, close in (("'", "'"), ('"', '"'), ("--", "\n"), ("/*", "*/")):
            if sql.startswith(mark, at):
                found = sql.find(close, at + len(mark))
                end = len(sql) if found < 0 else found + len(close)
                break
        piece = sql[at:end]
        out.append("%s" if piece == "?" else piece.replace("%", "%%"))
        at = end
    return "".join(out).encode()


@lru_cache(maxsize=1024)
def _copy_for(sql: str) -> bytes | None:
    """The COPY that stores the same rows as this INSERT of nothing but placeholders; None where there is none.

    What says ON CONFLICT or RETURNING, or computes a value, has no COPY.
    """
    plain = _PLAIN_INSERT.fullmatch(sql)
    if plain is None or plain[2].count(",") != plain[3].count("?"):
        return None
    return f"COPY {plain[1]} ({plain[2]}) FROM STDIN".encode()


def _status(connection: Connection) -> str:
    name: str = connection.info.transaction_status.name
    return name


def _connect(dsn: str) -> Connection:
    import psycopg
    from psycopg.types.numeric import Int8Dumper
    from psycopg.types.string import StrDumper

    connection: Connection = psycopg.connect(dsn, autocommit=True, application_name="kouprey")
    connection.execute(
        "SELECT set_config(name, wanted, false) FROM pg_settings"
        " JOIN unnest(CAST(%s AS TEXT[]), CAST(%s AS TEXT[])) AS ours (name, wanted) USING (name)"
        " WHERE source = 'default'",
        (list(_AS_WE_ASK), list(_AS_WE_ASK.values())),
    )
    # One type per Python type: statements are then prepared once, whatever the values.
    connection.adapters.register_dumper(int, Int8Dumper)
    connection.adapters.register_dumper(str, StrDumper)
    connection.adapters.register_dumper(bool, _truth_dumper())
    connection.adapters.register_loader("numeric", _whole_loader())
    return connection


@lru_cache(maxsize=1)
def _truth_dumper() -> type[Any]:
    from psycopg.adapt import Dumper

    class TruthDumper(Dumper):
        oid = 20  # int8: truth is 0 or 1 on both engines

        def dump(self, obj: bool) -> bytes:
            return b"1" if obj else b"0"

    return TruthDumper


@lru_cache(maxsize=1)
def _whole_loader() -> type[Any]:
    from psycopg.adapt import Loader

    class WholeLoader(Loader):
        """The sum of BIGINTs is NUMERIC here and an integer on SQLite."""

        def load(self, data: bytes | bytearray | memoryview) -> int | float:
            text = bytes(data)
            return float(text) if b"." in text else int(text)

    return WholeLoader


def _explain(error: BaseException) -> BaseException:
    import psycopg

    told: Refused | Unreachable
    match error:
        case psycopg.errors.LockNotAvailable():
            told = Unreachable(
                "The database is busy.",
                "Another process has been writing to it for 30 seconds.",
                "Try again; if it stays so, look for a stuck process.",
                code="busy",
            )
        case psycopg.IntegrityError():
            told = Refused("A rule of the database would be broken.", str(error).strip(), code="constraint")
        case psycopg.OperationalError() | psycopg.InterfaceError():
            told = Unreachable(
                "The database does not answer.",
                str(error).strip(),
                "Check that PostgreSQL runs and that the connection string is right.",
                code="database",
            )
        case _:
            return error
    told.__cause__ = error
    return told
