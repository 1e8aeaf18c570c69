"""Taking in, everything included: the sample on both engines, or a million objects, to see whether it slows down."""

from __future__ import annotations

import argparse
import gc
import os
import pwd
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire import read_stream
from kouprey.federation.service import Lanes
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.tlp import STIX_MARKINGS, TLP
from kouprey.people.service import People

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[2] / "shared"))
PARTS = [
    KERNEL,
    *((name, f"kouprey.{name}.migrations") for name in ("people", "agreements", "federation", "exchange")),
]
GOALS = {"SQLite": 10_000, "PostgreSQL": 3_000}
_UUID = re.compile(rb"([a-z0-9-]+--)([0-9a-f]{8})(-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})")
_KNOWN = frozenset(each.encode() for each in STIX_MARKINGS)


@dataclass
class Rates:
    """Things a second, one for each round."""

    rounds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def __str__(self) -> str:
        return f"{self.median:>10,.0f}  ({min(self.rounds):,.0f} to {max(self.rounds):,.0f})"


@dataclass
class Taken:
    """Objects a second by wall clock, by all processor time, and by that of the busier of the two processes.

    The last is what two idle cores would come to, were there no waiting for the disk.
    """

    wall: Rates = field(default_factory=Rates)
    all: Rates = field(default_factory=Rates)
    busier: Rates = field(default_factory=Rates)

    def add(self, count: int, wall: float, own: float, ahead: float) -> None:
        self.wall.rounds.append(count / wall)
        self.all.rounds.append(count / (own + ahead))
        self.busier.rounds.append(count / max(own, ahead))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--copies", type=int, metavar="N", help="the sample N times over with new ids, one database")
    options.add_argument("--engine", choices=("sqlite", "postgres", "both"), default="both")
    chosen = options.parse_args()
    files = samples()
    print(f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores; load at the start {os.getloadavg()[0]:.1f}")
    for name, dsn in engines(chosen.engine):
        if chosen.copies:
            grow(files, dsn, chosen.copies, name)
        else:
            report(name, take_in(files, dsn, chosen.rounds))
    return 0


def samples() -> list[Path]:
    """The sample files; ends the program where there are none."""
    files = sorted((SHARED / "data" / "stix").glob("*.ndjson.gz"))
    if not files:
        sys.exit(f"no samples in {SHARED / 'data' / 'stix'}: set KOUPREY_SHARED")
    return files


def report(name: str, taken: Taken) -> None:
    """Three lines for an engine."""
    print(f"  {f'take in, {name}, wall clock':<40}{taken.wall}")
    print(f"  {f'take in, {name}, all processor time':<40}{taken.all}")
    print(f"  {f'take in, {name}, the busier process':<40}{taken.busier}")


def take_in(files: Sequence[Path], dsn: str, rounds: int) -> Taken:
    """From the compressed files to durable, judged, findable and counted in the main collection."""
    taken = Taken()
    for _ in range(rounds):
        with opened(dsn) as exchange:
            taken.add(*_import(exchange, files))
    return taken


def grow(files: Sequence[Path], dsn: str, copies: int, name: str) -> None:
    """The sample again and again with new ids, into one database."""
    with tempfile.TemporaryDirectory() as place, opened(dsn) as exchange:
        first, total = 0.0, 0
        for number in range(copies):
            file = Path(place) / "copy.ndjson"
            _copy(files, file, number)
            count, wall, own, ahead = _import(exchange, [file])
            total += count
            busier = count / max(own, ahead)
            first = first or busier
            print(
                f"  {name} {total:>9,} objects: {count / wall:>7,.0f}/s wall, {count / (own + ahead):>7,.0f}/s of all"
                f" processor time, {busier:>7,.0f}/s of the busier process ({busier / first:.2f} of the first);"
                f" load {os.getloadavg()[0]:.1f}, memory at most {_memory():,.0f} MiB",
                flush=True,
            )


def _import(exchange: Exchange, files: Sequence[Path]) -> tuple[int, float, float, float]:
    """(objects, seconds, processor seconds of this process, and of the one that reads ahead)."""
    began, own, ahead, count = time.perf_counter(), time.process_time(), _children(), 0
    for path in files:
        with path.open("rb", buffering=0) as file:
            count += exchange.import_stream(file, name=path.name, tlp=TLP.GREEN, by="bench", ahead=True).total
    return count, time.perf_counter() - began, time.process_time() - own, _children() - ahead


def _copy(files: Sequence[Path], target: Path, number: int) -> None:
    """The sample with other ids, which still lead to each other; well-known markings stay."""

    def anew(found: re.Match[bytes]) -> bytes:
        if found[0] in _KNOWN:
            return found[0]
        return found[1] + b"%08x" % (int(found[2], 16) ^ (number * 0x9E3779B1 & 0xFFFFFFFF)) + found[3]

    with target.open("wb") as out:
        for path in files:
            with path.open("rb") as file:
                for each in read_stream(file):
                    out.write(_UUID.sub(anew, each.raw) + b"\n")  # type: ignore[union-attr]  # the sample has no refusals


@contextmanager
def opened(dsn: str) -> Iterator[Exchange]:
    """An exchange with nothing in it, in a new database: SQLite, or on the server of a connection string."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if dsn:
            import psycopg

            from kouprey.kernel.storage.postgres import open_postgres

            with psycopg.connect(dsn, autocommit=True) as connection:
                connection.execute("DROP DATABASE IF EXISTS bench WITH (FORCE)")
                connection.execute("CREATE DATABASE bench TEMPLATE template0")
            store = open_postgres(dsn.replace("dbname=postgres", "dbname=bench"))
        else:
            store = open_sqlite(folder / "kouprey.db")
        guard = open_sqlite(folder / "guard.db")
        migrate(store, PARTS)
        migrate(guard, [KERNEL, ("guard", "kouprey.federation.migrations.guard")])
        ring = keyring.create(folder / "keys")
        # As the command does.
        gc.freeze()
        gc.set_threshold(20_000, 10, 10)
        people = People(store, ring)
        people.found("bench.example", "Bench", identity="identity--00000000-0000-4000-8000-000000000001")
        agreements = Agreements(store, people, ring)
        lanes = Lanes(store, guard, people, agreements, ring, FileLock(folder / "lanes.lock"))
        yield Exchange(store, people, agreements, lanes)
        store.close()
        guard.close()


def engines(wanted: str = "both") -> Iterator[tuple[str, str]]:
    """(name, connection string) of SQLite and, where Debian's server is installed, of a PostgreSQL of our own."""
    if wanted != "postgres":
        yield "SQLite", ""
    if wanted == "sqlite":
        return
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    if not programs:
        print("  PostgreSQL's server is not installed in /usr/lib/postgresql: left out")
        return
    with _server(programs[-1].parent) as dsn:
        yield "PostgreSQL", dsn


@contextmanager
def _server(programs: Path) -> Iterator[str]:
    """A server with its own settings, which flushes what it commits, on a Unix socket."""
    import psycopg

    who: dict[str, Any] = {}
    folder = Path(tempfile.mkdtemp(prefix="kouprey-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        account = pwd.getpwnam("nobody")
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        os.chown(folder, account.pw_uid, account.pw_gid)
    make = [programs / "initdb", "-D", folder / "data", "-U", "kouprey", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run(make, check=True, capture_output=True, cwd=folder, **who)
    run = [programs / "postgres", "-D", folder / "data", "-k", folder, "-c", "listen_addresses="]
    server = subprocess.Popen(run, cwd=folder, stderr=subprocess.DEVNULL, **who)
    dsn = f"host={folder} user=kouprey dbname=postgres"
    try:
        for _ in range(600):
            try:
                psycopg.connect(dsn).close()
                break
            except psycopg.OperationalError:
                time.sleep(0.05)
        yield dsn
    finally:
        server.send_signal(2)
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _memory() -> float:
    """MiB, at most, of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    sys.exit(main())
