"""What is asked of the trail says only what was asked."""

from __future__ import annotations

from kouprey.audit.model import Question


def test_what_was_not_asked_is_not_told() -> None:
    assert Question().told() == {}
    assert Question(action="a", since=0, text="x").told() == {"action": "a", "since": 0, "text": "x"}
