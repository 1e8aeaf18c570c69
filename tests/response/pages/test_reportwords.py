"""Every state of a report has words."""

from __future__ import annotations

from kouprey.response.model.reports import Origin, Sealed, Sending, Standing, Trouble
from kouprey.response.pages import reportwords as words
from kouprey.response.rules.intake import WORDS, Loop


def test_nothing_is_without_words() -> None:
    assert set(words.STANDINGS) == set(Standing) and set(words.ORIGINS) == set(Origin)
    assert set(words.SENDINGS) == set(Sending)
    assert set(words.TROUBLES) == set(WORDS) == set(Trouble) - {Trouble.NONE}
    assert set(words.LOOPS) == set(Loop) - {Loop.NONE} and set(words.SEALS) == set(Sealed) - {Sealed.NO}
