"""A throw-away PostgreSQL, and fixtures that give a test databases of its own in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from kouprey.kernel.storage.migrate import migrate
from kouprey.kernel.storage.postgres import open_postgres
from migrated import Migrations

_NUMBERS = count(1)
# Not flushed: what survives a crash is the promise of PostgreSQL, and these tests kill only its clients. No automatic
# vacuum, which would hold a template while it is to be copied.
_SETTINGS = "listen_addresses= fsync=off full_page_writes=off autovacuum=off shared_buffers=32MB max_connections=200"
_OPTIONS = [word for setting in _SETTINGS.split() for word in ("-c", setting)]


def _binaries() -> Path | None:
    """Debian keeps the server's programs out of PATH, one folder per version: the newest."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _identity() -> dict[str, object]:
    """PostgreSQL refuses to run as root; then it runs as somebody who may do nothing else here."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    pytest.skip("no unprivileged user to run PostgreSQL as")


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The connection string of a server of our own, as its superuser, on a Unix socket, flushing to disk."""
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's server is not installed in /usr/lib/postgresql")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    identity = _identity()
    # Not below pytest's folder: that is closed to other users, and a socket's path may have 107 bytes only.
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        command = [binaries / "initdb", "-D", folder / "data", "-U", "kouprey", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*command, "--locale=C", "--no-sync"], check=True, capture_output=True, cwd=folder, **identity)
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", folder / "data", "-k", folder, *_OPTIONS],
                stdout=log,
                stderr=log,
                cwd=folder,
                **identity,
            )
        try:
            dsn = f"host={folder} user=kouprey dbname=postgres"
            _await(dsn, server, folder / "log")
            yield dsn
        finally:
            # SIGINT is PostgreSQL's "fast shutdown": it does not wait for clients that were left open.
            server.send_signal(2)
            server.wait(timeout=60)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _await(dsn: str, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    until = time.monotonic() + 30
    while True:
        try:
            psycopg.connect(dsn).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > until:
                pytest.fail(f"PostgreSQL did not start:\n{log.read_text()}")
            time.sleep(0.05)


class _Databases:
    """Makes databases by copying: an empty one, or one that was migrated so once and then left alone."""

    def __init__(self, server: str) -> None:
        import psycopg

        self._server = server
        self._connection = psycopg.connect(server, autocommit=True)
        # Since 15 a copy is logged page by page unless one asks for whole files, which PostgreSQL did always before.
        self._whole = " STRATEGY FILE_COPY" if self._connection.info.server_version >= 150_000 else ""
        self._templates: dict[tuple[tuple[str, str], ...], str] = {(): "template0"}

    def dsn(self, name: str) -> str:
        return self._server.replace("dbname=postgres", f"dbname={name}")

    def make(self, migrations: Migrations) -> str:
        """A new database to which these have been applied; its name."""
        key = tuple(migrations)
        if key not in self._templates:
            name = self._copy("template0")
            store = open_postgres(self.dsn(name))
            migrate(store, migrations)
            store.close()
            self._templates[key] = name
        return self._copy(self._templates[key])

    def _copy(self, template: str) -> str:
        name = f"test_{next(_NUMBERS)}"
        self._connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}{self._whole}")
        return name

    def drop(self, name: str) -> None:
        """Take it away, whoever is still connected with it."""
        self._connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session")
def _databases(postgres_dsn: str) -> Iterator[_Databases]:
    made = _Databases(postgres_dsn)
    yield made
    made.close()


@pytest.fixture
def fresh_postgres(_databases: _Databases) -> Iterator[Callable[..., str]]:
    """A factory: each call gives an empty database, or one migrated so, and returns its connection string."""
    taken: list[str] = []

    def fresh(migrations: Migrations = ()) -> str:
        taken.append(_databases.make(migrations))
        return _databases.dsn(taken[-1])

    yield fresh
    for name in taken:
        _databases.drop(name)
