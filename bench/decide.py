"""The one decision at a million objects: a first page, the counts by tally, and what a new version would open.

There is no peer to run beside it: no other platform decides by an agreement. It is held against its own goals.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from made import objects as made
from made.serving import command, free_port
from scale import build

from kouprey.agreements import rules
from kouprey.agreements.model import Standing, Terms
from kouprey.agreements.service import Agreements
from kouprey.exchange.service import Exchange
from kouprey.kernel.words.decision import Reader
from kouprey.kernel.words.label import Label
from kouprey.kernel.words.tlp import PAP, TLP, parse_tlp
from kouprey.node.assemble import Node, open_node

PAGE, COUNTS, DRY = 5.0, 50.0, 1_000.0
"""Milliseconds at most, of the median."""
LABELS = 50_000
"""Distinct labels of the dry run: what a million objects of two hundred owners come to at worst."""


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--objects", type=int, default=1_000_000)
    options.add_argument("--keep", type=Path, help="build the node here, or measure the one that was built here before")
    options.add_argument("--rounds", type=int, default=21)
    chosen = options.parse_args()
    print(f"{time.strftime('%Y-%m-%d')}, {platform.platform()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as passing:
        folder = (chosen.keep or Path(passing)) / f"pages-{chosen.objects}"
        fresh = not (folder / "built").exists()
        if fresh:
            words = ["init", str(folder), "--party", made.HOME, "--name", "Bench"]
            command(*words, "--listen", f"127.0.0.1:{free_port()}")
        node = open_node(folder)
        if fresh:
            build(node.services.get(Exchange), node.store, chosen.objects)
            (folder / "built").touch()
        late = _measure(node, chosen.rounds)
        node.close()
    return int(late > 0)


def _measure(node: Node, rounds: int) -> int:
    exchange, agreements = node.services.get(Exchange), node.services.get(Agreements)
    print("median (least to most), milliseconds")
    late = 0
    for share, level in made.SHARES[:3]:
        who = Reader(party=made.HOME, clearance=level, local=True)
        late += _timed(f"first page, {share} %", PAGE, rounds, lambda who=who: exchange.list_objects(who))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        late += _timed(f"counts by tally, {share} %", COUNTS, rounds, lambda who=who: exchange.counts(who))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
    labels = _labels(LABELS)
    reader = agreements.party_reader("partner.example")
    now = agreements.now()
    for ceiling in ("green", "amber"):
        standing = _standing(ceiling, now)
        late += _timed(
            f"dry run over {LABELS:,} labels, {ceiling}",
            DRY,
            5,
            lambda s=standing: [  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
                rules.decide_set((label,), reader, {s.agreement: s}, "", now).allowed for label in labels
            ],
        )
    return late


def _labels(count: int) -> list[Label]:
    chance = random.Random(1)
    return [
        Label(
            owner=made.HOME if chance.random() < 0.5 else f"owner-{min(int(chance.paretovariate(1)), 200)}.example",
            tlp=chance.choice(tuple(TLP)),
            pap=chance.choice(tuple(PAP)),
            kind=chance.choice(("intelligence", "sighting", "strategy", "statement")),
            purposes=tuple(
                sorted(chance.sample(("protection", "research", "law-enforcement"), chance.choice((0, 1, 2))))
            ),
        )
        for _ in range(count)
    ]


def _standing(ceiling: str, now: int) -> Standing:
    return Standing(
        agreement="agr_" + "1" * 32,
        home=made.HOME,
        version=2,
        note_sha256=b"",
        title="Dry run",
        parties=(made.HOME, "partner.example"),
        terms=Terms(tlp_ceiling=ceiling, pap_ceiling="amber"),
        tlp_ceiling=parse_tlp(ceiling),
        signed=True,
        starts=now - 1,
    )


def _timed(name: str, goal: float, rounds: int, call: Callable[[], object]) -> int:
    """1 where the median is above the goal."""
    call()
    spent = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        spent.append((time.perf_counter() - began) * 1000)
    median = statistics.median(spent)
    above = median > goal
    print(
        f"  {name:<40}{median:>9.1f}  ({min(spent):.1f} to {max(spent):.1f}){'  ABOVE ' + str(goal) if above else ''}"
    )
    return int(above)


if __name__ == "__main__":
    sys.exit(main())
