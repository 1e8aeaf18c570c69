"""Consistent copies of a database that goes on being used, and databases made from such copies."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import apsw

from kouprey.kernel.words.errors import Damaged, Refused, Unknown, Unreachable

_PAGES = 2_000


def copy_sqlite(source: Path, target: Path, on_progress: Callable[[int, int], None] | None = None) -> None:
    """Copy a database as of now into the new file `target`; whoever writes to it meanwhile is not held up.

    `on_progress(done, total)` counts pages. Raises Unreachable when the disk is full or either file cannot be used.
    """
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.close(handle)
        read = apsw.Connection(str(source), flags=apsw.SQLITE_OPEN_READWRITE)
        write = apsw.Connection(str(target))
        try:
            # One snapshot for the whole copy: without it each write of others would make the copy begin again.
            read.execute("BEGIN").fetchall()
            read.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            write.pragma("synchronous", "OFF")
            with write.backup("main", read, "main") as copying:
                while not copying.done:
                    copying.step(_PAGES)
                    if on_progress is not None:
                        on_progress(copying.page_count - copying.remaining, copying.page_count)
            read.execute("ROLLBACK").fetchall()
        finally:
            write.close()
            read.close()
    except (OSError, apsw.Error) as error:
        raise Unreachable(
            "The database cannot be copied.",
            f"{source}: {error}",
            "Free disk space beside the database, and check that it belongs to this user.",
            code="database",
        ) from error


def dump_postgres(dsn: str, target: Path) -> None:
    """Write a PostgreSQL database as of now into the new file `target`, in pg_dump's custom format, not compressed."""
    _run(
        "pg_dump",
        ["--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--file={target}"],
        dsn,
    )


def load_postgres(dsn: str, file: Path) -> None:
    """Make an empty PostgreSQL database hold what `file` holds, as a whole or not at all.

    Refused (`not-empty`) when there are tables already.
    """
    import psycopg

    try:
        with psycopg.connect(dsn) as connection:
            found = connection.execute(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()"
            ).fetchone()
    except psycopg.Error as error:
        raise Unreachable(
            "PostgreSQL does not answer.", str(error), "Check the DSN and that the server runs.", code="database"
        ) from error
    if found is not None and found[0]:
        raise Refused(
            "The database is not empty.",
            f"It has {found[0]} tables.",
            "Make a new database, and name it with --database DSN.",
            code="not-empty",
        )
    options = ["--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges"]
    _run("pg_restore", [*options, str(file)], dsn)


def _run(name: str, options: list[str], dsn: str) -> None:
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    parts = conninfo_to_dict(dsn)
    # In the environment, because everybody on the machine may read the arguments of a process.
    password = parts.pop("password", None)
    environment = {**os.environ, **({"PGPASSWORD": str(password)} if password else {})}
    where = make_conninfo("", **parts)
    ended = subprocess.run(
        [_program(name), *options, f"--dbname={where}", "--no-password"],
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
    )
    if ended.returncode:
        kind = Unreachable if name == "pg_dump" else Damaged
        raise kind(
            f"{name} failed.",
            ended.stderr.strip()[-800:],
            "Check the DSN, the rights of its user, and that the programs are as new as the server.",
            code="database",
        )


def _program(name: str) -> str:
    """Where PostgreSQL's own program is: the newest of Debian's folders, where each version has one, or on the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: path.parts[-3].zfill(4))
    found = str(folders[-1]) if folders else shutil.which(name)
    if found is None:
        raise Unknown(
            f"{name} is not installed.",
            "A PostgreSQL database is copied and restored by its own programs.",
            "Install the client programs of PostgreSQL (Debian: postgresql-client), of the server's version or newer.",
            code="no-program",
        )
    return found
