"""The library in one run: judging, parsing, taking in and converting MISP events, each beside its peer.

The peers are stix2, stix2-validator, stix2-patterns and misp-stix, each left out where it is not installed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import random
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ingest import GOALS, Rates, engines, report, samples, take_in

from kouprey.exchange.model import Parsed
from kouprey.exchange.wire import findings_of, read_stream
from kouprey.exchange.wire.pattern import check_pattern, parse_pattern
from kouprey.kernel.words.errors import Damaged
from misp import converting, counted, generated, peer, processor

JUDGE, PARSE = 25_000, 40_000


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--sample", type=int, default=300, help="objects and patterns shown to the others")
    options.add_argument(
        "--misp-stix", default=sys.executable, metavar="PYTHON", help="an interpreter that has misp-stix"
    )
    chosen = options.parse_args()
    files = samples()
    print(f"{time.strftime('%Y-%m-%d')}, {platform.python_implementation()} {platform.python_version()},", end=" ")
    print(f"{os.cpu_count()} cores; load at the start {os.getloadavg()[0]:.1f}")
    # Before the objects are held for the other measures: what an import needs is its own.
    taken = {name: take_in(files, dsn, chosen.rounds) for name, dsn in engines()}
    arrivals = [each for path in files for each in _read(path)]
    patterns = sorted({p for each in arrivals if isinstance(p := each.value.get("pattern"), str)})
    print(f"{len(arrivals)} objects, {len(patterns)} distinct patterns; things a second, median (least to most)")
    for name, rates in taken.items():
        report(name, rates)
    judge = timed(lambda each: findings_of(each.value, each.type), arrivals, chosen.rounds)
    print(f"  {'judge, pattern included':<40}{judge}")
    parse = timed(_parses, patterns, chosen.rounds)
    print(f"  {'parse a pattern':<40}{parse}")
    print(f"  {'parse and check a pattern':<40}{timed(check_pattern, patterns, chosen.rounds)}")
    _beside(arrivals, patterns, chosen.sample, judge, parse, taken["SQLite"].all)
    _convert(chosen.misp_stix, chosen.rounds)
    print(f"  memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB, all objects held")
    missed = [
        f"{name} {rates.median:,.0f} < {goal:,}"
        for name, rates, goal in (
            *((f"take in, {engine}", rates.wall, GOALS[engine]) for engine, rates in taken.items()),
            ("judge", judge, JUDGE),
            ("parse", parse, PARSE),
        )
        if rates.median < goal
    ]
    print("goals met" if not missed else f"MISSED: {'; '.join(missed)}")
    return 1 if missed else 0


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
    arrivals: Sequence[Parsed], patterns: Sequence[str], sample: int, judge: Rates, parse: Rates, busy: Rates
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
        print(f"  {'stix2.parse':<40}{theirs}  we judge {judge.median / theirs.median:.0f} times,", end=" ")
        print(f"take in {busy.median / theirs.median:.0f} times as fast")
    try:
        from stix2validator import ValidationOptions, validate_instance
    except ImportError:
        print("  stix2-validator is not installed (the extra judges): left out")
    else:
        rules = ValidationOptions()
        theirs = timed(lambda value: validate_instance(value, rules), values[: max(1, sample // 5)], 3)
        print(f"  {'stix2-validator':<40}{theirs}  we judge {judge.median / theirs.median:.0f} times as fast")
    try:
        from stix2patterns.validator import run_validator
    except ImportError:
        print("  stix2-patterns is not installed: left out")
    else:
        theirs = timed(lambda text: run_validator(text, stix_version="2.1"), texts, 3)
        print(
            f"  {'stix2-patterns run_validator':<40}{theirs}  we parse {parse.median / theirs.median:.0f} times as fast"
        )


def _convert(python: str, rounds: int) -> None:
    """One event of nine usual types of attributes into STIX, judged by us, beside misp-stix."""
    event = generated(2_000, 1)
    raw = json.dumps({"Event": event}).encode()
    count = counted(event)
    converting([raw])
    ours = Rates([count / seconds for seconds in processor(lambda: converting([raw]), rounds)])
    print(f"  {'convert a MISP event (attributes)':<40}{ours}")
    version, seconds = peer(python, [raw], rounds)
    if seconds:
        theirs = Rates([count / each for each in seconds])
        ratio = ours.median / theirs.median
        print(f"  {'misp-stix ' + version:<40}{theirs}  we convert {ratio:.0f} times as fast")


def _read(path: Path) -> Iterable[Parsed]:
    with path.open("rb") as file:
        for each in read_stream(file):
            if isinstance(each, Parsed):
                yield each


def _parses(text: str) -> bool:
    try:
        parse_pattern(text)
    except Damaged:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
