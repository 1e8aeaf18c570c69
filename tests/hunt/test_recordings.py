"""Real recordings of attacks: what all 2,395 rules for Windows find in them, and pairs of a rule and what it must find.

The recordings and rules are those of the shared folder; without it, nothing here is asked.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from kouprey.hunt.rules.matching import Ruleset
from kouprey.hunt.wire.events import flat, read_events
from kouprey.hunt.wire.sigma import read_rules

SHARED = Path(os.environ.get("KOUPREY_SHARED", Path(__file__).parents[3] / "shared")) / "data" / "hunt"
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def data() -> Path:
    if not SHARED.is_dir():
        pytest.skip("the shared recordings are not here")
    return SHARED


@pytest.fixture(scope="module")
def rules(data: Path) -> list[tuple[str, Any]]:
    with tarfile.open(data / "sigma-rules.tar.gz") as archive:
        files = [(each.name, archive.extractfile(each)) for each in archive if each.name.endswith(".yml")]
        return [(name, each) for name, file in files if file is not None for each in read_rules(file.read().decode())]


def test_all_recordings_give_what_was_expected(data: Path, rules: Any) -> None:
    ready = Ruleset(each for name, each in rules if name.startswith("rules/windows"))
    ids = {each.digest: each.id for each in ready.rules}
    asked = json.loads((data / "expected" / "otrf_expected.json").read_bytes())
    for expected in asked:
        with zipfile.ZipFile(data / "otrf" / expected["zip"]) as archive:
            names = sorted(name for name in archive.namelist() if name.endswith(".json"))
            raw = b"\n".join(archive.read(name) for name in names)
        events = [event for event, _ in read_events(io.BytesIO(raw)) if event is not None]
        found, _ = ready.find(events)
        assert len(events) == expected["events"]
        mine = {ids[digest]: places for digest, places in found.items()}
        assert mine == {rule: each["lines"] for rule, each in expected["detections"].items()}, expected["zip"]
    assert len(ready.rules) == 2_395 and len(asked) == 43


def test_each_pair_fires(data: Path, rules: Any) -> None:
    by_id = {each.id: each for _, each in reversed(rules)}
    pairs = json.loads((data / "expected" / "sigmahq_regression_expected.json").read_bytes())
    silent = []
    for pair in pairs:
        value = json.loads((data / "sigmahq_regression" / pair["json"]).read_bytes())
        events = [flat(each) for each in (value if isinstance(value, list) else [value])]
        rule = by_id[pair["rule"]]
        if not Ruleset([rule]).find(events)[0]:
            silent.append((rule.title, rule.problem))
    assert silent == [] and len(pairs) == 126


def test_what_cannot_be_run_says_why(rules: Any) -> None:
    why = {each.problem.partition(": ")[2] for _, each in rules if each.problem}
    assert why == {
        "it looks for a word in any field, and this node looks in named fields alone",
        "it has a placeholder that nobody fills in",
    }
