"""Every read at a million objects, on both engines, as readers who see 1, 13 and 90 % of them; one table with goals.

Lines to standard error while it measures, the table and a summary to standard output at the end. On a machine that has
other work, `--by processor` judges by processor time, the server's too; wall clock says nothing there.
"""

from __future__ import annotations

import argparse
import os
import pwd
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from made import objects as made

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Filters
from kouprey.exchange.service import MAIN, Exchange
from kouprey.federation.service import Lanes
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People

PARTS = [KERNEL, *((name, f"kouprey.{name}.migrations") for name in ("people", "agreements", "federation", "exchange"))]
PAGE, EXACT, BATCH, OTHER = 50.0, 5.0, 500.0, 100.0
"""Milliseconds: a page, counts or a list; one value; 100,000 values; any other page."""
LOOKED_UP = 100_000


class Case(NamedTuple):
    """One read: its name, its goal in milliseconds, and the call for a round."""

    name: str
    goal: float
    call: Callable[[int], object]


class Figure(NamedTuple):
    """What rounds of one case took in milliseconds: by the clock, and of processors in the mean."""

    median: float
    p95: float
    most: float
    busy: float


Figures = dict[str, dict[tuple[str, int], Figure]]
"""Case -> (engine, share of the reader) -> what it took."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--objects", type=int, default=1_000_000)
    options.add_argument("--engine", choices=("sqlite", "postgres", "both"), default="both")
    options.add_argument("--keep", type=Path, help="build here, or measure what was built here before")
    options.add_argument("--rounds", type=int, default=20, help="at most; what is slow is asked less often")
    options.add_argument("--only", default="", help="cases whose name holds this")
    options.add_argument("--by", choices=("clock", "processor"), default="clock", help="what is held against the goals")
    chosen = options.parse_args()
    # Whoever stops it stops the server of its own too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    engines = ("sqlite", "postgres") if chosen.engine == "both" else (chosen.engine,)
    figures: Figures = {}
    goals: dict[str, float] = {}
    print(
        f"{time.strftime('%Y-%m-%d')}, {chosen.objects:,} objects, {os.cpu_count()} cores, milliseconds by {chosen.by}"
    )
    with tempfile.TemporaryDirectory() as passing:
        for engine in engines:
            folder = (chosen.keep or Path(passing)) / f"{engine}-{chosen.objects}"
            folder.mkdir(parents=True, exist_ok=True)
            with _opened(engine, folder) as store:
                exchange = _exchange(folder, store)
                if not (folder / "built").exists():
                    build(exchange, store, chosen.objects)
                    if engine == "postgres":
                        _sweep(folder)
                    (folder / "built").touch()
                print(f"{engine}: load at the start {os.getloadavg()[0]:.1f}", flush=True)
                _measure(exchange, store, chosen.rounds, chosen.only, figures, goals)
    return _table(figures, goals, engines, chosen.by)


def _table(figures: Figures, goals: dict[str, float], engines: Sequence[str], by: str) -> int:
    """Print what was measured beside its goals; 1 when something is above."""
    shares = [share for share, _ in made.SHARES[:3]]
    print("| read | goal |" + "".join(f" {engine} {share} % |" for engine in engines for share in shares) + " |")
    print("|---" * (3 + len(engines) * len(shares)) + "|")
    above = dict.fromkeys(engines, 0)
    for name, found in figures.items():
        cells = []
        for engine in engines:
            for share in shares:
                figure = found.get((engine, share))
                took = None if figure is None else figure.busy if by == "processor" else figure.median
                late = took is not None and took > goals[name]
                above[engine] += late
                cells.append("" if took is None else f"**{took:.1f}**" if late else f"{took:.1f}")
        verdict = "above" if any(cell.startswith("*") for cell in cells) else ""
        print(f"| {name} | {goals[name]:g} | " + " | ".join(cells) + f" | {verdict} |")
    told = [
        f"{engine} {n} of {sum((engine, s) in each for each in figures.values() for s in shares)}"
        for engine, n in above.items()
    ]
    print("above the goal: " + ", ".join(told))
    return int(any(above.values()))


@contextmanager
def _opened(engine: str, folder: Path) -> Iterator[Store]:
    if engine == "sqlite":
        store = open_sqlite(folder / "kouprey.db")
        yield store
        store.close()
        return
    from kouprey.kernel.storage.postgres import open_postgres

    with _server(folder) as dsn:
        store = open_postgres(dsn)
        yield store
        store.close()


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own, with the memory a small server gives it; it refuses to run as root."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        for each in (folder.parent, folder):
            os.chown(each, account.pw_uid, account.pw_gid)
            each.chmod(0o755)
    if not (folder / "data").exists():
        command = [binaries / "initdb", "-D", folder / "data", "-U", "kouprey", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*command, "--locale=C"], check=True, capture_output=True, cwd="/", **who)
    settings = ("listen_addresses=", "shared_buffers=512MB", "max_wal_size=4GB")
    control = [binaries / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w"]
    given = " ".join(f"-c {each}" for each in settings)
    subprocess.run([*control, "-o", f"{given} -k {folder}", "start"], check=True, cwd="/", **who, stdout=sys.stderr)
    try:
        yield f"host={folder} user=kouprey dbname=postgres"
    finally:
        subprocess.run([*control, "-m", "fast", "stop"], check=True, cwd="/", **who, stdout=sys.stderr)


def _sweep(folder: Path) -> None:
    import psycopg

    with psycopg.connect(f"host={folder} user=kouprey dbname=postgres", autocommit=True) as connection:
        connection.execute("VACUUM (ANALYZE)")


def _exchange(folder: Path, store: Store) -> Exchange:
    guard = open_sqlite(folder / "guard.db")
    migrate(store, PARTS)
    migrate(guard, [KERNEL, ("guard", "kouprey.federation.migrations.guard")])
    begun = (folder / "keys").exists()
    ring = keyring.load(folder / "keys") if begun else keyring.create(folder / "keys")
    people = People(store, ring)
    if not begun:
        people.found(made.HOME, "Bench", identity="identity--0f3a0f3a-0f3a-4f3a-8f3a-0f3a0f3a0f3a")
    agreements = Agreements(store, people, ring)
    return Exchange(
        store, people, agreements, Lanes(store, guard, people, agreements, ring, FileLock(folder / "lanes.lock"))
    )


def build(exchange: Exchange, store: Store, objects: int) -> None:
    """Through the one entrance; then PostgreSQL is swept, as its own housekeeping would after so many new rows."""
    into = [exchange.ensure_defaults().id]
    began, busy, count = time.perf_counter(), 0.0, 0
    for source, arrivals in made.batches(objects):
        spent = time.process_time()
        store.write(
            lambda tx, source=source, arrivals=arrivals: exchange.receive(
                tx, arrivals, source=source, label_of=lambda each, _: made.label_of(each, source), into=into
            )
        )
        busy += time.process_time() - spent
        count += len(arrivals)
        if count % 20_000 == 0:
            rate = count / (time.perf_counter() - began)
            print(f"\r{count:,} of {objects:,} taken in, {rate:,.0f}/s", end="", file=sys.stderr, flush=True)
    spent = time.perf_counter() - began
    print(f"\n{store.dialect}: {count:,} taken in in {spent:,.0f} s, {busy / count * 1e6:,.0f} us of this process each")


def _measure(
    exchange: Exchange, store: Store, rounds: int, only: str, figures: Figures, goals: dict[str, float]
) -> None:
    values = _values(store)
    for share, level in made.SHARES[:3]:
        who = Reader(party=made.HOME, clearance=level, local=True)
        note = f"{store.dialect}, reader who sees {share} %: {exchange.counts(who).total:,} versions"
        print(f"{note}; median, p95, most, processor", file=sys.stderr)
        for case in _cases(exchange, who, values):
            if only in case.name:
                goals[case.name] = case.goal
                figures.setdefault(case.name, {})[store.dialect, share] = _run(case, rounds, _busy(store))


def _run(case: Case, rounds: int, busy_now: Callable[[], float]) -> Figure:
    spent: list[float] = []
    busy = busy_now()
    for round_number in range(rounds):
        began = time.perf_counter()
        case.call(round_number)
        spent.append((time.perf_counter() - began) * 1000)
        if sum(spent) > 3_000:
            break
    busy = (busy_now() - busy) * 1000 / len(spent)
    spent.sort()
    found = Figure(statistics.median(spent), spent[min(len(spent) - 1, round(len(spent) * 0.95))], spent[-1], busy)
    late = f"  goal {case.goal:,.0f}" if max(found.median, busy) > case.goal else ""
    print(f"  {case.name:44}" + "".join(f"{each:9.1f}" for each in found) + late, file=sys.stderr, flush=True)
    return found


def _busy(store: Store) -> Callable[[], float]:
    """Seconds of processor time of this process, and of PostgreSQL's for it."""
    if store.dialect == "sqlite":
        return time.process_time
    with store.read() as reader:
        pids = [row[0] for row in reader.all("SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'")]
    runs = [Path(f"/proc/{pid}/schedstat") for pid in pids]
    return lambda: time.process_time() + sum(int(run.read_text().split()[0]) for run in runs) / 1e9


def _values(store: Store) -> dict[str, list[str]]:
    """Texts that are held, in no order, and such that are not; of both as many as one may ask for."""
    with store.read() as reader:
        rows = reader.all(
            "SELECT text FROM observable WHERE kind IN ('ipv4-addr', 'domain-name', 'sha256') ORDER BY id LIMIT ?",
            (LOOKED_UP,),
        )
    return {"held": [row[0] for row in rows], "absent": [f"{n}.absent.test" for n in range(LOOKED_UP)]}


def _cases(exchange: Exchange, who: Reader, values: dict[str, list[str]]) -> Iterator[Case]:
    yield from _look_ups(exchange, who, values)
    yield from _lists(exchange, who)
    yield from _searches(exchange, who)
    yield from _views(exchange, who)


def _look_ups(exchange: Exchange, who: Reader, values: dict[str, list[str]]) -> Iterator[Case]:
    held, absent = values["held"], values["absent"]
    half = [each for pair in zip(held, absent, strict=False) for each in pair][:LOOKED_UP]
    hidden = [made.HIDDEN] * 50 + [made.COMMON] * 50
    yield Case("look up a value", EXACT, lambda n: exchange.look_up(who, [held[n]]))
    yield Case("look up what is not held", EXACT, lambda n: exchange.look_up(who, [absent[n]]))
    yield Case("look up a value in 1 of 20", EXACT, lambda n: exchange.look_up(who, [made.COMMON]))
    yield Case("look up a value hidden from 13 %", EXACT, lambda n: exchange.look_up(who, [made.HIDDEN]))
    for name, texts in (("held", held), ("not held", absent), ("half held", half)):
        goal = BATCH * len(texts) / LOOKED_UP
        yield Case(f"look up {len(texts):,}, {name}", goal, lambda n, texts=texts: exchange.look_up(who, texts))
    yield Case("look up two common ones", 2 * EXACT, lambda n: exchange.look_up(who, hidden))
    for kind, text in (
        ("ipv4-addr", next(each for each in held if each[:3] == "10.")),
        ("domain-name", made.COMMON),
        ("domain-name", made.HIDDEN),
        ("domain-name", "example"),
        ("domain-name", "test"),
        ("ipv4-net", "10.0.0.0/8"),
        ("ipv4-net", "10.1.0.0/16"),
    ):
        yield Case(f"page of {text}", OTHER, lambda n, k=kind, t=text: exchange.get_observable(who, k, t))


def _narrowed(exchange: Exchange, who: Reader) -> Iterator[tuple[str, dict[str, Any]]]:
    last = exchange.list_objects(who, limit=1).heads[0].position
    first = 0
    for kind in ("indicator", "relationship", "malware", "domain-name", "location"):
        yield f"type {kind}", {"types": (kind,)}
    yield "two types", {"types": ("malware", "report")}
    for name, filters in (
        ("own source", Filters(sources=("file-1.json",))),
        ("partner's source", Filters(sources=("partner-1.example",))),
        ("source nobody has", Filters(sources=("nowhere.json",))),
        ("level clear", Filters(levels=(TLP.CLEAR,))),
        ("level amber", Filters(levels=(TLP.AMBER,))),
        ("level red", Filters(levels=(TLP.RED,))),
        ("since long", Filters(since=first + 1)),
        ("since now", Filters(since=last)),
        ("until long ago", Filters(until=first + 1)),
        ("conflict", Filters(conflict=True)),
        ("revoked", Filters(revoked=True)),
        ("not revoked", Filters(revoked=False)),
        ("findings", Filters(findings="any")),
        ("findings must", Filters(findings="must")),
        ("conflict, revoked, clear", Filters(conflict=True, revoked=True, levels=(TLP.CLEAR,))),
        ("revoked, must, partner", Filters(revoked=True, findings="must", sources=("partner-1.example",))),
    ):
        yield name, {"filters": filters}
    yield "malware, conflict", {"types": ("malware",), "filters": Filters(conflict=True)}
    yield "collection", {"collection": MAIN}
    yield "collection, type malware", {"collection": MAIN, "types": ("malware",)}


def _lists(exchange: Exchange, who: Reader) -> Iterator[Case]:
    yield Case("list", PAGE, lambda n: exchange.list_objects(who))
    yield Case("counts of all", PAGE, lambda n: exchange.facets(who))
    deep = _deep(exchange, who)
    yield Case("list, page in the middle", PAGE, lambda n: exchange.list_objects(who, before_position=deep))
    yield Case("list, upwards from the middle", PAGE, lambda n: exchange.list_objects(who, after_position=deep))
    for name, narrowed in _narrowed(exchange, who):
        yield Case(f"list: {name}", PAGE, lambda n, more=narrowed: exchange.list_objects(who, **more))
        yield Case(f"counts: {name}", PAGE, lambda n, more=narrowed: exchange.facets(who, **more))


def _deep(exchange: Exchange, who: Reader) -> int:
    """A position in the middle of everything that is held."""
    page = exchange.list_objects(who, limit=1).heads[0].position
    rising = exchange.list_objects(who, after_position=1, limit=1).heads[0].position
    return (page + rising) // 2


def _searches(exchange: Exchange, who: Reader) -> Iterator[Case]:
    maker = made.Maker(0)
    frequent, middling, rare = maker.words[0], maker.words[200], maker.words[-100]
    deep = _deep(exchange, who)
    for text in (
        made.EVERYWHERE,
        made.NEVER_CLEAR,
        frequent,
        middling,
        rare,
        f"{frequent} {made.NEVER_CLEAR}",
        f"{rare} {made.NEVER_CLEAR}",
        f'"{made.PHRASE}"',
        f'"{made.EVERYWHERE} {made.NEVER_CLEAR}"',
        "a*",
        f"{frequent[:3]}*",
        f"a* {made.NEVER_CLEAR}",
        made.KHMER,
        made.THAI,
        "ស",
        "zzzznothing",
        f"{made.EVERYWHERE} zzzznothing",
        "example",
        "indicator--0000",
    ):
        yield Case(f"search {text}", PAGE, lambda n, text=text: exchange.list_objects(who, text=text))
        yield Case(f"counts of search {text}", PAGE, lambda n, text=text: exchange.facets(who, text=text))
    for name, more in (
        ("in malware", {"types": ("malware",)}),
        ("revoked", {"filters": Filters(revoked=True)}),
        ("conflict", {"filters": Filters(conflict=True)}),
        ("clear", {"filters": Filters(levels=(TLP.CLEAR,))}),
        ("partner", {"filters": Filters(sources=("partner-1.example",))}),
        ("source nobody has", {"filters": Filters(sources=("nowhere.json",))}),
        ("from the middle", {"before_position": deep}),
        ("in the collection", {"collection": MAIN}),
    ):
        call = partial(exchange.list_objects, who, text=made.EVERYWHERE, **more)
        yield Case(f"search {made.EVERYWHERE} {name}", PAGE, lambda n, call=call: call())


def _views(exchange: Exchange, who: Reader) -> Iterator[Case]:
    hub, often = made.id_of(made.HUB, 0), made.id_of(made.SEEN_OFTEN, 1)
    for depth in (1, 2, 3):
        yield Case(f"neighbours of the hub, {depth}", OTHER, lambda n, d=depth: exchange.neighbours(who, hub, depth=d))
    few = exchange.list_objects(who, types=("report",)).heads
    yield Case("neighbours of a report, 3", OTHER, lambda n: exchange.neighbours(who, few[n % 20].stix_id, depth=3))
    yield Case("object: the hub", OTHER, lambda n: exchange.get_object(who, hub))
    yield Case("object seen 10,000 times", OTHER, lambda n: exchange.get_object(who, often))
    yield Case("counts by tally", PAGE, lambda n: exchange.counts(who))
    yield Case("lately", PAGE, lambda n: exchange.list_recent(who))
    yield Case("client's page of 1,000", OTHER, lambda n: exchange.page(who, MAIN))
    yield Case("client's idle poll", EXACT, lambda n: exchange.page(who, MAIN, after_position=1 << 60))
    yield Case("client's page of one type", OTHER, lambda n: exchange.page(who, MAIN, types=("malware",), limit=50))
    yield Case("client's page by id", EXACT, lambda n: exchange.page(who, MAIN, ids=(often,)))


if __name__ == "__main__":
    sys.exit(main())
