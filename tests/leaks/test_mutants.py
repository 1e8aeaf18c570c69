"""Each mutant turns the leak test red; one that does not shows that the test would not see such a leak."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from leaks.asking import listened
from leaks.examine import Lab, examine, laboratory, told
from leaks.mutants import MUTANTS, Mutant
from leaks.world import Base, found_base


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return found_base(tmp_path_factory.mktemp("mutants") / "base")


@pytest.fixture(scope="module")
def lab(base: Base, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with laboratory(base, tmp_path_factory.mktemp("mutants")) as made, listened():
        yield made


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: f"{mutant.name}: {mutant.wrong}")
def test_it_does_not_survive(mutant: Mutant, lab: Lab, base: Base, tmp_path: Path) -> None:
    asker = base.askers[mutant.asker]
    if mutant.anew:
        with mutant.patch(lab), laboratory(base, tmp_path) as wrong:
            found = mutant.seen(wrong, asker, enough=1)
    else:
        lab.twin(asker.sight)
        with mutant.patch(lab):
            found = mutant.seen(lab, asker, enough=1)
    assert found, f"the leak test does not see this: {mutant.wrong}"


def test_without_mutants_the_same_questions_are_answered_well(lab: Lab, base: Base) -> None:
    for name in sorted({mutant.asker for mutant in MUTANTS}):
        doors = sorted(
            {door for mutant in MUTANTS if mutant.asker == name for door in mutant.doors if mutant.look is None}
        )
        if doors:
            findings = examine(lab, base.askers[name], doors)
            assert not findings.wrong, told(findings)
    for mutant in MUTANTS:
        if mutant.look is not None:
            assert not mutant.seen(lab, base.askers[mutant.asker]), mutant.name
