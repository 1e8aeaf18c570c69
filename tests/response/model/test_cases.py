"""The taxonomy against its source, and that every word of a case has its words on pages."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kouprey.response.model.cases import MOMENTS, Kind, LinkTo, Phase, Precision, Severity, Sort, TaskState, Track
from kouprey.response.model.taxonomy import RSIT, class_of
from kouprey.response.pages import casewords as words
from kouprey.response.rules.measuring import SPANS

SOURCE = Path(__file__).parents[4] / "shared" / "data" / "feeds" / "taxonomies" / "rsit-machinev1.json"


def test_it_is_the_taxonomy() -> None:
    if not SOURCE.exists():
        pytest.skip("shared data is not there")
    told = json.loads(SOURCE.read_text())
    assert {each["predicate"]: tuple(one["value"] for one in each["entry"]) for each in told["values"]} == RSIT


def test_a_type_has_one_class() -> None:
    assert sum(map(len, RSIT.values())) == 39 and len({kind for kinds in RSIT.values() for kind in kinds}) == 39
    assert class_of("phishing") == "fraud" and class_of("nonsense") == ""


def test_everything_has_words() -> None:
    assert set(words.TYPES) == {kind for kinds in RSIT.values() for kind in kinds} and set(words.CLASSES) == set(RSIT)
    for named, kinds in [
        (words.KINDS, Kind),
        (words.PHASES, Phase),
        (words.SEVERITIES, Severity),
        (words.TRACKS, Track),
        (words.STATES, TaskState),
        (words.PRECISIONS, Precision),
        (words.LINKS, LinkTo),
    ]:
        assert set(named) == set(kinds)  # type: ignore[call-overload]  # words of enums
    assert set(words.MOMENTS) == set(MOMENTS) and set(words.SPANS) == set(SPANS)
    assert set(words.SORTS) == set(Sort) - {Sort.ACT}
