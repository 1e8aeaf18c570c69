"""The simulator over many seeds: nothing acknowledged is lost, nothing leaks, nobody honest is accused."""

from __future__ import annotations

import pytest

from faults.campaign import Campaign
from faults.simulator import run

FEW, MANY = 28, 300
"""Few take about a minute of processor."""


@pytest.mark.parametrize("seeds", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_no_seed_breaks_a_promise(seeds: int) -> None:
    campaign = Campaign()
    for seed in range(seeds):
        outcome = run(seed)
        campaign.add(outcome)
        assert not outcome.wrong, f"seed {seed}:\n  " + "\n  ".join(outcome.wrong[:20])
    print(campaign.told())
    assert campaign.faults["crash"] and campaign.delivered > 10 * seeds, "too little happened for this to mean anything"


def test_one_seed_is_one_exact_run() -> None:
    first, again = run(5), run(5)
    assert first.trace == again.trace and first.log == again.log
    assert first.faults == again.faults and first.refusals == again.refusals
    assert run(6).trace != first.trace
