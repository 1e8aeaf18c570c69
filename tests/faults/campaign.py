"""Many seeds and what they came to: `python -m faults.campaign [SEEDS] [FIRST]` from the folder tests."""

from __future__ import annotations

import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from statistics import quantiles

from faults.simulator import Outcome, run


@dataclass
class Campaign:
    """Sums over seeds."""

    seeds: int = 0
    failed: list[int] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    beyond: Counter[str] = field(default_factory=Counter)
    acknowledged: int = 0
    delivered: int = 0
    sent: int = 0
    again: int = 0
    seconds: list[int] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.seeds += 1
        if outcome.wrong:
            self.failed.append(outcome.seed)
        self.faults += outcome.faults
        self.refusals += Counter({str(code): count for code, count in outcome.refusals.items()})
        self.beyond += outcome.beyond
        self.acknowledged += outcome.acknowledged
        self.delivered += outcome.delivered
        self.sent += outcome.sent
        self.again += outcome.again
        self.seconds.append(outcome.seconds)

    def told(self) -> str:
        """For people: seeds, faults by kind, and what came of them."""
        middle, high = 0.0, 0.0
        if len(self.seconds) > 1:
            cuts = quantiles(self.seconds, n=20, method="inclusive")
            middle, high = cuts[9], cuts[18]
        lines = [
            f"{self.seeds} seeds, {len(self.failed)} failed {self.failed[:20]}",
            f"{self.acknowledged} entries acknowledged, {self.delivered} deliveries",
            f"at rest after healing: p50 {middle:.0f} s, p95 {high:.0f} s of simulated time",
            f"bodies sent {self.sent}, of them again {self.again} ({self.again / max(self.sent, 1):.1%})",
            "faults: " + ", ".join(f"{kind} {count}" for kind, count in self.faults.most_common()),
            "refusals: " + ", ".join(f"{code} {count}" for code, count in self.refusals.most_common()),
            "beyond today's promises: " + ", ".join(f"{kind} {count}" for kind, count in self.beyond.most_common()),
        ]
        return "\n".join(lines)


def main(seeds: int = 300, first: int = 0) -> int:
    """Run them one after the other, until somebody presses Ctrl-C; 1 when one has failed."""
    campaign = Campaign()
    begun = time.monotonic()
    with suppress(KeyboardInterrupt):
        for seed in range(first, first + seeds):
            outcome = run(seed)
            campaign.add(outcome)
            for broken in outcome.wrong:
                print(f"seed {seed}: {broken}", flush=True)
    print(campaign.told())
    print(f"{time.monotonic() - begun:.0f} s")
    return 1 if campaign.failed else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
