"""The library in one run: judging, parsing and taking in, beside stix2, stix2-validator and stix2-patterns."""

from __future__ import annotations

import argparse
import gc
import os
import platform
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kouprey.agreements.service import Agreements
from kouprey.exchange.model import Arrival
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire import findings_of, read_stream
from kouprey.exchange.wire.pattern import check_pattern, parse_pattern
from kouprey.federation.service import Lanes
from kouprey.kernel.seal import keyring
from kouprey.kernel.storage.lock import FileLock
from kouprey.kernel.storage.migrate import KERNEL, migrate
from kouprey.kernel.storage.sqlite import open_sqlite
from kouprey.kernel.words.errors import Damaged
from kouprey.people.service import People

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[2] / "shared"))
PARTS = [
    KERNEL,
    *((name, f"kouprey.{name}.migrations") for name in ("people", "agreements", "federation", "exchange")),
]
INGEST, JUDGE, PARSE = 10_000, 25_000, 40_000


@dataclass
class Rates:
    """Things a second, one for each round."""

    rounds: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    def __str__(self) -> str:
        return f"{self.median:>10,.0f}  ({min(self.rounds):,.0f} to {max(self.rounds):,.0f})"


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--sample", type=int, default=300, help="objects and patterns shown to the others")
    chosen = options.parse_args()
    files = sorted((SHARED / "data" / "stix").glob("*.ndjson.gz"))
    if not files:
        sys.exit(f"no samples in {SHARED / 'data' / 'stix'}: set KOUPREY_SHARED")
    print(f"{time.strftime('%Y-%m-%d')}, {platform.python_implementation()} {platform.python_version()},", end=" ")
    print(f"{os.cpu_count()} cores, one used; load at the start {os.getloadavg()[0]:.1f}")
    # Before the objects are held for the other measures: what an import needs is its own.
    wall, busy = ingest(files, chosen.rounds)
    arrivals = [each for path in files for each in _read(path)]
    patterns = sorted({p for each in arrivals if isinstance(p := each.value.get("pattern"), str)})
    print(f"{len(arrivals)} objects, {len(patterns)} distinct patterns; things a second, median (least to most)")
    print(f"  {'take in, wall clock':<34}{wall}")
    print(f"  {'take in, processor':<34}{busy}")
    judge = timed(lambda each: findings_of(each.value, each.type), arrivals, chosen.rounds)
    print(f"  {'judge, pattern included':<34}{judge}")
    parse = timed(_parses, patterns, chosen.rounds)
    print(f"  {'parse a pattern':<34}{parse}")
    print(f"  {'parse and check a pattern':<34}{timed(check_pattern, patterns, chosen.rounds)}")
    _beside(arrivals, patterns, chosen.sample, judge, parse, busy)
    print(f"  memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, all objects held")
    missed = [
        f"{name} {rates.median:,.0f} < {goal:,}"
        for name, rates, goal in (("take in", busy, INGEST), ("judge", judge, JUDGE), ("parse", parse, PARSE))
        if rates.median < goal
    ]
    print("goals met" if not missed else f"MISSED: {'; '.join(missed)}")
    return 1 if missed else 0


def ingest(files: Sequence[Path], rounds: int) -> tuple[Rates, Rates]:
    """From the compressed files to durable, judged, counted and placed in the main collection: wall and processor."""
    wall, busy = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            store, guard = open_sqlite(folder / "kouprey.db"), open_sqlite(folder / "guard.db")
            migrate(store, PARTS)
            migrate(guard, [KERNEL, ("guard", "kouprey.federation.migrations.guard")])
            ring = keyring.create(folder / "keys")
            people = People(store, ring)
            people.found("bench.example", "Bench", identity="identity--00000000-0000-4000-8000-000000000001")
            agreements = Agreements(store, people, ring)
            lanes = Lanes(store, guard, people, agreements, ring, FileLock(folder / "lanes.lock"))
            exchange = Exchange(store, people, agreements, lanes)
            began, spent, count = time.perf_counter(), time.process_time(), 0
            for path in files:
                with path.open("rb") as file:
                    count += exchange.import_stream(file, name=path.name, by="bench").total
            wall.append(count / (time.perf_counter() - began))
            busy.append(count / (time.process_time() - spent))
            store.close()
            guard.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"memory at most after {rounds} imports: {peak:,.0f} MiB")
    return Rates(wall), Rates(busy)


def timed(call: Callable[[Any], object], things: Sequence[Any], rounds: int) -> Rates:
    """Calls a second of processor time; a peer that raises on what is invalid has judged it."""
    made = []
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        began = time.process_time()
        for thing in things:
            try:
                call(thing)
            except Exception:
                continue
        made.append(len(things) / (time.process_time() - began))
    return Rates(made)


def _beside(
    arrivals: Sequence[Arrival], patterns: Sequence[str], sample: int, judge: Rates, parse: Rates, busy: Rates
) -> None:
    choose = random.Random(1)
    values = [each.value for each in choose.sample(list(arrivals), min(sample, len(arrivals)))]
    texts = choose.sample(list(patterns), min(sample, len(patterns)))
    try:
        import stix2
    except ImportError:
        print("  stix2 is not installed: left out")
    else:
        theirs = timed(lambda value: stix2.parse(value, allow_custom=True), values, 3)
        print(f"  {'stix2.parse':<34}{theirs}  we judge {judge.median / theirs.median:.0f} times,", end=" ")
        print(f"take in {busy.median / theirs.median:.0f} times as fast")
    try:
        from stix2validator import ValidationOptions, validate_instance
    except ImportError:
        print("  stix2-validator is not installed (the extra judges): left out")
    else:
        rules = ValidationOptions()
        theirs = timed(lambda value: validate_instance(value, rules), values[: max(1, sample // 5)], 3)
        print(f"  {'stix2-validator':<34}{theirs}  we judge {judge.median / theirs.median:.0f} times as fast")
    try:
        from stix2patterns.validator import run_validator
    except ImportError:
        print("  stix2-patterns is not installed: left out")
    else:
        theirs = timed(lambda text: run_validator(text, stix_version="2.1"), texts, 3)
        print(
            f"  {'stix2-patterns run_validator':<34}{theirs}  we parse {parse.median / theirs.median:.0f} times as fast"
        )


def _read(path: Path) -> Iterable[Arrival]:
    with path.open("rb") as file:
        for each in read_stream(file):
            if isinstance(each, Arrival):
                yield each


def _parses(text: str) -> bool:
    try:
        parse_pattern(text)
    except Damaged:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
