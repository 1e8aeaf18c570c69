"""Parse STIX patterns: patterns per second of ours and of stix2-patterns, every pattern distinct, in one run."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import platform
import random
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from time import process_time

from kouprey.exchange.wire.pattern import check_pattern, parse_pattern, values_of
from kouprey.kernel.words.errors import Damaged

GOAL = 40_000
ROUNDS = 5


def published(folder: Path) -> list[str]:
    """Every distinct pattern of the sample files, in a fixed order."""
    found: set[str] = set()
    for path in sorted(folder.glob("*.ndjson.gz")):
        with gzip.open(path) as lines:
            for line in lines:
                if b'"pattern"' in line and isinstance(text := json.loads(line).get("pattern"), str):
                    found.add(text)
    return sorted(found)


def generated(count: int) -> list[str]:
    """Distinct patterns: two thirds with one comparison, the rest with up to twenty and a qualifier."""
    choose = random.Random(20261122)

    def comparison() -> str:
        number = choose.getrandbits(64)
        return choose.choice(
            (
                f"domain-name:value = 'www-{number}.ministry.example'",
                f"file:hashes.'SHA-256' = '{number:064x}'",
                f"ipv4-addr:value IN ('192.0.2.{number % 256}', '198.51.100.{number // 256 % 256}')",
                f"url:value LIKE 'https://{number}.example/%'",
            )
        )

    made = []
    for number in range(count):
        if number % 3:
            made.append(f"[{comparison()}]")
        else:
            terms = " OR ".join(comparison() for _ in range(choose.randint(2, 20)))
            made.append(f"([{terms}] AND [process:name = 'p{number}']) WITHIN {number + 1} SECONDS")
    return made


def rate(call: Callable[[str], object], texts: Iterable[str], rounds: int) -> float:
    """Calls per second of processor time, the best of some rounds."""
    texts = list(texts)
    best = float("inf")
    for _ in range(rounds):
        began = process_time()
        for text in texts:
            call(text)
        best = min(best, process_time() - began)
    return len(texts) / best


def sound(text: str) -> bool:
    try:
        parse_pattern(text)
    except Damaged:
        return False
    return True


def compare(name: str, texts: list[str], sample: int) -> float:
    """Print one table; returns our parser's rate."""
    mean = sum(map(len, texts)) / len(texts)
    print(f"\n{name}: {len(texts)} distinct patterns, {mean:.0f} characters on average")
    parse = rate(sound, texts, ROUNDS)
    rows = [
        ("kouprey parse", parse),
        ("kouprey parse and check", rate(check_pattern, texts, ROUNDS)),
        ("kouprey parse and values", rate(lambda text: values_of(parse_pattern(text)), filter(sound, texts), ROUNDS)),
    ]
    try:
        from stix2patterns.validator import run_validator
    except ImportError:
        print("  stix2-patterns is not installed: no ratio")
    else:
        some = random.Random(1).sample(texts, min(sample, len(texts)))
        theirs = rate(lambda text: run_validator(text, stix_version="2.1"), some, 1)
        rows.append(("stix2-patterns run_validator", theirs))
        differ = sum(sound(text) != (run_validator(text, stix_version="2.1") == []) for text in some)
        print(f"  verdicts that differ: {differ} of {len(some)}")
        print(f"  ratio: {parse / theirs:.1f}")
    for what, figure in rows:
        print(f"  {what:<32}{figure:>12,.0f} patterns/s")
    return parse


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sample", type=int, default=2000, help="patterns shown to stix2-patterns (default 2000)")
    options.add_argument("--count", type=int, default=10_000, help="patterns to generate (default 10000)")
    chosen = options.parse_args()
    shared = Path(os.environ.get("KOUPREY_SHARED") or Path(__file__).parents[2] / "shared")
    print(f"{platform.python_implementation()} {platform.python_version()}, {os.cpu_count()} cores, one used")
    rates = [compare("generated", generated(chosen.count), chosen.sample)]
    if texts := published(shared / "data" / "stix"):
        rates.append(compare("published", texts, chosen.sample))
    else:
        print("\npublished: none here (set KOUPREY_SHARED)")
    met = min(rates) >= GOAL
    print(f"\ngoal of {GOAL:,} patterns/s: {'met' if met else 'MISSED'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
