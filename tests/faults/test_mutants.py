"""Each mutant is killed by the simulator; one that lives shows what the simulator would not see."""

from __future__ import annotations

from typing import Any

import pytest

from faults.mutants import MUTANTS, Mutant
from faults.simulator import run

SEEDS = 60
"""Seeds within which one dies whose seed is not known yet."""


def _tried(place: int, mutant: Mutant) -> Any:
    """Every second one that dies in a seed that is known dies in every run of the tests, the others with --long."""
    marks = () if mutant.seeds and place % 2 == 0 else (pytest.mark.long,)
    return pytest.param(mutant, id=f"{mutant.name}: {mutant.wrong}", marks=marks)


@pytest.mark.parametrize("mutant", [_tried(place, each) for place, each in enumerate(MUTANTS)])
def test_it_does_not_survive(mutant: Mutant) -> None:
    for seed in (*mutant.seeds, *range(SEEDS)):
        with mutant.at_work():
            wrong = run(seed).wrong
        if wrong:
            print(f"killed by seed {seed}: {wrong[0]}")
            return
    pytest.fail(f"the simulator does not see this: {mutant.wrong}")
