"""What search costs at ingest, and its first page, facets and neighbours for readers seeing 1, 13 and 90 %.

Usage: PYTHONPATH=src python bench/search.py FOLDER [--postgres DSN] [--rounds N]; FOLDER holds *.ndjson.gz of STIX.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Arrival, Refusal, Source, SourceKind
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire import read_stream
from kouprey.federation.service import Lanes
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.engine import Store, Tx
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People

PARTS = [KERNEL, *((name, f"kouprey.{name}.migrations") for name in ("people", "agreements", "federation", "exchange"))]
SHARES = ((1, TLP.CLEAR), (13, TLP.GREEN), (90, TLP.AMBER), (100, TLP.RED))
"""Readers cleared for these levels see these percentages."""
QUERIES = ("the", "malware", "powershell", '"command and control"', "spearphish*", "mimikatz lsass", "zzzznothing")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure search at ingest and at reading.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--postgres", default="", metavar="DSN", help="an empty database; SQLite if left out")
    parser.add_argument("--rounds", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = _open(Path(folder), chosen.postgres)
        exchange = _exchange(Path(folder), store)
        _ingest(exchange, store, chosen.folder)
        _sizes(store)
        for share, level in SHARES[:3]:
            _ask(exchange, Reader(party="bench.example", clearance=level, local=True), share, chosen.rounds)
        store.close()


def _open(folder: Path, dsn: str) -> Store:
    if dsn:
        from kouprey.kernel.storage.postgres import open_postgres

        return open_postgres(dsn)
    return open_sqlite(folder / "kouprey.db")


def _exchange(folder: Path, store: Store) -> Exchange:
    guard = open_sqlite(folder / "guard.db")
    migrate(store, PARTS)
    migrate(guard, [KERNEL, ("guard", "kouprey.federation.migrations.guard")])
    ring = keyring.create(folder / "keys")
    people = People(store, ring)
    people.found("bench.example", "Bench", identity="identity--0f3a0f3a-0f3a-4f3a-8f3a-0f3a0f3a0f3a")
    agreements = Agreements(store, people, ring)
    lanes = Lanes(store, guard, people, agreements, ring, FileLock(folder / "lanes.lock"))
    return Exchange(store, people, agreements, lanes)


def _ingest(exchange: Exchange, store: Store, folder: Path) -> None:
    into = [exchange.ensure_defaults().id]
    labels = {level: Label(owner="bench.example", tlp=level) for level in TLP}

    def label_of(arrival: Arrival, _: TLP | None) -> Label:
        part = int(arrival.stix_id[-4:], 16) * 100 >> 16
        return labels[next(level for share, level in SHARES if part < share)]

    def receive(tx: Tx, arrivals: list[Arrival], source: Source) -> None:
        exchange.receive(tx, arrivals, source=source, label_of=label_of, into=into)

    count, seconds, worked = 0, 0.0, time.process_time()
    for file in sorted(folder.glob("*.ndjson.gz")):
        source = Source(kind=SourceKind.FILE, party="bench.example", name=file.name)
        with file.open("rb") as stream:
            began = time.perf_counter()
            read = iter(read_stream(stream))
            while some := list(islice(read, 1000)):
                arrivals = [_open_marked(each) for each in some if not isinstance(each, Refusal)]
                store.write(partial(receive, arrivals=arrivals, source=source))
                count += len(some)
            seconds += time.perf_counter() - began
    worked = (time.process_time() - worked) / count * 1e6
    print(f"{count} objects, {count / seconds:.0f} objects/s, {worked:.0f} us of this process each")


def _open_marked(arrival: Arrival) -> Arrival:
    """Without its own marking, which would override the shares."""
    import msgspec

    return msgspec.structs.replace(arrival, tlp=None, markings=())


def _sizes(store: Store) -> None:
    with store.read() as reader:
        if reader.dialect == "sqlite":
            rows = reader.all("SELECT name, sum(pgsize) AS size FROM dbstat GROUP BY name ORDER BY size DESC LIMIT 16")
        else:
            rows = reader.all("SELECT relname, pg_relation_size(oid) AS size FROM pg_class ORDER BY size DESC LIMIT 16")
    for name, size in rows:
        print(f"  {name:32} {size / 1e6:9.1f} MB")


def _ask(exchange: Exchange, who: Reader, share: int, rounds: int) -> None:
    total = exchange.counts(who).total
    print(f"reader of {share} %: {total} versions")
    for query in QUERIES:
        found = exchange.list_objects(who, text=query, limit=50)
        page = _median(rounds, partial(exchange.list_objects, who, text=query, limit=50))
        facets = _median(rounds, partial(exchange.facets, who, text=query))
        hits = f"{len(found.heads)}{'+' if found.more else ''}"
        print(f"  {query:26} {hits:4} page {page:6.1f} ms  facets {facets:6.1f} ms")
    print(f"  facets of all {_median(rounds, lambda: exchange.facets(who)):.1f} ms")
    for stix_id in _hubs(exchange, who):
        found = [len(exchange.neighbours(who, stix_id, depth=depth).nodes) for depth in (1, 2, 3)]
        spent = [_median(rounds, partial(exchange.neighbours, who, stix_id, depth=depth)) for depth in (1, 2, 3)]
        print(f"  neighbours {found} in {', '.join(f'{each:.1f}' for each in spent)} ms")


def _hubs(exchange: Exchange, who: Reader) -> Iterator[str]:
    for kind in ("attack-pattern", "malware", "relationship"):
        yield from (head.stix_id for head in exchange.list_objects(who, types=[kind], limit=1).heads)


def _median(rounds: int, call: Callable[[], object]) -> float:
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent)


if __name__ == "__main__":
    main()
