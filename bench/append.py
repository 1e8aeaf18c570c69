"""What proof costs: appending and signing entries against a plain durable insert of the same bodies, side by side.

Usage: PYTHONPATH=src python bench/append.py [--rounds N] [--batch N] [--body BYTES | --objects FILE...]
[--sign-every SECONDS]. Prints the ratio and leaves no files. What is appended are bodies of one size, or objects of
files of lines (gzip), in an order that is always the same: the disk they take depends on how they fill pages.
"""

from __future__ import annotations

import argparse
import gzip
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from itertools import chain, count, cycle, islice
from pathlib import Path

from ingest import engines

from kouprey.agreements.model import Terms
from kouprey.agreements.service import Agreements
from kouprey.federation.model import EntryBody, LaneClass
from kouprey.federation.service import Lanes
from kouprey.federation.wire import entry
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.engine import Store
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.postgres import open_postgres
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.time import wall_clock
from kouprey.kernel.words.tlp import TLP
from kouprey.people.service import People

GOAL = 2.2
SERIAL, BYTES = ("INTEGER", "BIGSERIAL"), ("BLOB", "BYTEA")
"""In SQLite and in PostgreSQL."""
SIZES = (
    "SELECT name, sum(pgsize) FROM dbstat GROUP BY name",
    "SELECT relname, pg_total_relation_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
)
PARTS = [KERNEL, *((name, f"kouprey.{name}.migrations") for name in ("people", "agreements", "federation"))]


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure provable append against plain insert.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--body", type=int, default=649)
    parser.add_argument(
        "--objects", type=Path, nargs="+", default=[], metavar="FILE", help="of STIX, a line each, gzip"
    )
    parser.add_argument("--sign-every", type=float, default=0.2, metavar="SECONDS", help="as a node does; 0 = always")
    parser.add_argument("--engine", choices=("sqlite", "postgres", "both"), default="sqlite")
    chosen = parser.parse_args()
    for name, dsn in engines(chosen.engine):
        print(name)
        with tempfile.TemporaryDirectory() as folder:
            bodies = real(chosen.objects) if chosen.objects else alike(chosen.body)
            measure(Path(folder), chosen.rounds, chosen.batch, bodies, chosen.sign_every, dsn)


def alike(size: int) -> Iterator[bytes]:
    """Bodies of about one size, without end."""
    return (b'{"type":"indicator","number":%d,"pad":"' % each + b"x" * (size - 60) + b'"}' for each in count())


def real(files: list[Path]) -> Iterator[bytes]:
    """The objects of these files, shuffled once and again and again."""
    lines = [line.rstrip() for line in chain.from_iterable(map(gzip.open, files))]
    random.Random(1).shuffle(lines)
    return cycle(lines)


def measure(folder: Path, rounds: int, batch: int, source: Iterator[bytes], every: float, dsn: str) -> None:
    """Interleave rounds of both ways in one store, and print medians of the ratios of neighbouring rounds."""
    store = open_postgres(dsn) if dsn else open_sqlite(folder / "kouprey.db")
    guard = open_sqlite(folder / "guard.db")
    migrate(store, PARTS)
    migrate(guard, [KERNEL, ("guard", "kouprey.federation.migrations.guard")])
    store.write(
        lambda tx: tx.script(
            f"CREATE TABLE plain (id {SERIAL[bool(dsn)]} PRIMARY KEY, at BIGINT NOT NULL,"
            f" body {BYTES[bool(dsn)]} NOT NULL)"
        )
    )
    lanes, agreement, lane_id = found(folder, store, guard)
    label = Label(owner="bench.example", tlp=TLP.GREEN)
    ratios, plain, provable = [], [], []
    work, written = [0.0, 0.0], 0
    signed = time.perf_counter()
    for number in range(rounds):
        bodies = list(islice(source, batch))
        written += sum(map(len, bodies))
        made = [EntryBody(media_type="application/stix+json;version=2.1", label=label, content=body) for body in bodies]
        took = [0.0, 0.0]
        for way in (0, 1) if number % 2 else (1, 0):
            begun, worked = time.perf_counter(), time.process_time()
            if way:
                store.write(lambda tx, made=made: lanes.queue(tx, agreement, made))
                if begun - signed >= every:
                    lanes.sign(lane_id)
                    signed = time.perf_counter()
            else:
                insert(store, made)
            took[way] = time.perf_counter() - begun
            if number >= rounds // 10:
                work[way] += time.process_time() - worked
        if number >= rounds // 10:
            ratios.append(took[1] / took[0])
            plain.append(took[0])
            provable.append(took[1])
    lanes.sign(lane_id)
    with store.read() as reader:
        assert reader.value("SELECT signed_size FROM lane") == rounds * batch + 1, "something was left unsigned"
        pages = {str(name): int(size) for name, size in reader.all(SIZES[bool(dsn)])}
    kept = sum(size for name, size in pages.items() if "lane_" in name or name == "lane")
    store.close()
    guard.close()
    print(f"plain insert     {batch / statistics.median(plain):>9,.0f} bodies/s")
    print(f"append and sign  {batch / statistics.median(provable):>9,.0f} entries/s")
    ratio = statistics.median(ratios)
    whole = sum(provable) / sum(plain)
    how = f"signed every {every:g} s" if every else "signed every batch"
    print(
        f"median of ratios {ratio:>9.2f} (goal <= {GOAL}) at batch {batch}, {written / rounds / batch:.0f} bytes each,"
        f" {len(ratios)} rounds, {how}"
    )
    print(f"ratio of totals  {whole:>9.2f}")
    print(f"disk             {kept / pages['plain']:>9.3f} (ratio of pages, indexes included; goal <= 1.08)")
    print(f"processor time   {work[1] / work[0]:>9.2f} (ratio, all threads; what counts where the disk is quick)")


def found(folder: Path, store: Store, guard: Store) -> tuple[Lanes, str, int]:
    """A node with an agreement in force and an open lane."""
    ring = keyring.create(folder / "keys")
    people = People(store, ring)
    people.found("bench.example", "Bench", identity="identity--00000000-0000-4000-8000-000000000001")
    other = keyring.create(folder / "other")
    with tempfile.TemporaryDirectory() as place:
        aside = open_sqlite(Path(place) / "other.db")
        migrate(aside, PARTS)
        partner = People(aside, other)
        partner.found("partner.example", "Partner", identity="identity--00000000-0000-4000-8000-000000000002")
        partner.trust(people.home().note, by="bench")
        people.trust(partner.home().note, by="bench")
        agreements = Agreements(store, people, ring)
        signers = Agreements(aside, partner, other)
        version = agreements.draft("Bench", ["partner.example"], Terms(), starts=wall_clock() - 10**7, by="bench")
        signed = agreements.sign(version.agreement, by="bench")
        signers.receive_note(signed.note, signed.document_bytes, by="bench")
        signed = signers.sign(version.agreement, by="bench")
        agreements.receive_note(signed.note, signed.document_bytes, by="bench")
        aside.close()
    lanes = Lanes(store, guard, people, agreements, ring, FileLock(folder / "lanes.lock"))
    lanes.start()
    lane = lanes._current_lane(agreements.get_standing(version.agreement), LaneClass.BULK, "")
    return lanes, version.agreement, lane.id


def insert(store: Store, bodies: list[EntryBody]) -> None:
    at = wall_clock()
    values = [(at, entry.render_body(body)) for body in bodies]
    store.write(lambda tx: tx.many("INSERT INTO plain (at, body) VALUES (?, ?)", values))


if __name__ == "__main__":
    main()
