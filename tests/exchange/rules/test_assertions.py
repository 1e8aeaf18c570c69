"""How sure somebody says they are, in the words of the standard."""

from __future__ import annotations

import pytest

from kouprey.exchange.rules.assertions import confidence_word, stated_confidence


@pytest.mark.parametrize(
    ("given", "stated", "word"),
    [
        (0, 0, "none"),
        (1, 1, "low"),
        (29, 29, "low"),
        (30, 30, "medium"),
        (69, 69, "medium"),
        (70, 70, "high"),
        (100, 100, "high"),
        (101, None, "not stated"),
        (-1, None, "not stated"),
        (True, None, "not stated"),
        ("85", None, "not stated"),
        (None, None, "not stated"),
    ],
)
def test_the_scale_of_appendix_a(given: object, stated: int | None, word: str) -> None:
    assert stated_confidence({"confidence": given}) == stated
    assert confidence_word(stated) == word
