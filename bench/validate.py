"""Validation of STIX objects: microseconds per object of ours beside stix2.parse and stix2-validator, in one run."""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kouprey.exchange.rules import validate

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[2] / "shared"))


def samples(count: int) -> dict[str, list[dict[str, Any]]]:
    """Objects by corpus: the first `count` of each, spread over the file."""
    found = {}
    for path in sorted((SHARED / "data" / "stix").glob("*.ndjson.gz")):
        with gzip.open(path) as lines:
            objects = [json.loads(line) for line in lines]
        found[path.name.partition(".ndjson")[0]] = objects[:: max(1, len(objects) // count)][:count]
    return found


def microseconds(call: Callable[[dict[str, Any]], object], objects: list[dict[str, Any]], rounds: int) -> float:
    """The best of `rounds`, per object, in CPU time: another process on the machine must not count."""
    best = float("inf")
    for _ in range(rounds):
        started = time.process_time()
        for value in objects:
            try:
                call(value)
            except Exception:  # A peer that raises on an invalid object has judged it.
                continue
        best = min(best, time.process_time() - started)
    return best / len(objects) * 1e6


def peers() -> dict[str, tuple[Callable[[dict[str, Any]], object], int]]:
    """The other validators that are installed, with how many objects each can be asked to judge."""
    found: dict[str, tuple[Callable[[dict[str, Any]], object], int]] = {}
    try:
        import stix2

        found["stix2.parse"] = (lambda value: stix2.parse(value, allow_custom=True), 300)
    except ImportError:
        print("stix2 is not installed: left out")
    try:
        from stix2validator import ValidationOptions, validate_instance

        options = ValidationOptions()
        found["stix2-validator"] = (lambda value: validate_instance(value, options), 40)
    except ImportError:
        print("stix2-validator is not installed (pip install '.[judges]'): left out")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=2000, help="of each corpus, for ours")
    parser.add_argument("--rounds", type=int, default=5, help="the best counts")
    chosen = parser.parse_args()
    corpora = samples(chosen.objects)
    if not corpora:
        raise SystemExit(f"no samples in {SHARED / 'data' / 'stix'}: set KOUPREY_SHARED")
    others = peers()
    print(
        f"{'corpus':<32}{'ours us':>9}{'objects/s':>11}" + "".join(f"{name + ' us':>20}{'ratio':>8}" for name in others)
    )
    total = 0.0
    for name, objects in corpora.items():
        ours = microseconds(lambda value: validate(value, type=value["type"]), objects, chosen.rounds)
        total += ours * len(objects)
        line = f"{name:<32}{ours:>9.1f}{1e6 / ours:>11,.0f}"
        for call, most in others.values():
            few = objects[:: max(1, len(objects) // most)][:most]
            theirs = microseconds(call, few, 1)
            line += f"{theirs:>20,.0f}{theirs / ours:>7,.0f}x"
        print(line)
    count = sum(map(len, corpora.values()))
    print(f"{'all':<32}{total / count:>9.1f}{count / total * 1e6:>11,.0f}")


if __name__ == "__main__":
    main()
