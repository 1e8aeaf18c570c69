"""Fixtures every test may use: a throw-away PostgreSQL with as many empty databases as wanted."""

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

_NUMBERS = count(1)
_OPTIONS = ["-c", "listen_addresses=", "-c", "shared_buffers=32MB", "-c", "max_connections=200"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the acceptance sizes too")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--long"):
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="acceptance size: run with --long"))


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
    folder = Path(tempfile.mkdtemp(prefix="kouprey-pg-", dir="/tmp"))
    try:
        if identity:
            os.chown(folder, identity["user"], identity["group"])
        command = [binaries / "initdb", "-D", folder / "data", "-U", "kouprey", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*command, "--locale=C"], check=True, capture_output=True, cwd=folder, **identity)
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


@pytest.fixture
def fresh_postgres(postgres_dsn: str) -> Iterator[Callable[[], str]]:
    """A factory: each call makes an empty database and returns its connection string; dropped after the test."""
    import psycopg

    made: list[str] = []

    def fresh() -> str:
        name = f"test_{next(_NUMBERS)}"
        with psycopg.connect(postgres_dsn, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        made.append(name)
        return postgres_dsn.replace("dbname=postgres", f"dbname={name}")

    yield fresh
    with psycopg.connect(postgres_dsn, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
