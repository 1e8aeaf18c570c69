"""Every state, objective and query of our own files has its words."""

from __future__ import annotations

from kouprey.readiness.model import Objective, State
from kouprey.readiness.pages import words
from kouprey.readiness.wire.framework import shipped


def test_there_are_words_for_all() -> None:
    assert set(words.STATES) == set(State) and set(words.OBJECTIVES) == set(Objective) == set(words.UNITS)
    asked = {each.query for one in shipped().values() for indicator in one.indicators for each in indicator.evidence}
    assert asked <= set(words.QUERIES)
