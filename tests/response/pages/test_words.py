"""Every word of a hand-off has a text for people."""

from __future__ import annotations

from kouprey.agreements.model import HANDOFF_KINDS
from kouprey.response.model import ENDED, Decline, Stage, Urgency, Verb
from kouprey.response.pages import words


def test_nothing_is_without_a_word() -> None:
    assert set(words.KINDS) == set(HANDOFF_KINDS)
    assert set(words.STAGES) == set(Stage) and set(words.URGENCIES) == set(Urgency)
    assert set(words.SAID) == set(Verb) and set(words.DO) == set(Verb) - {Verb.REQUEST}
    assert set(words.REASONS) == set(Decline) and set(words.CLOCKS) == {"acknowledge", "decide", "report"}
    assert set(words.NEXT_ASKED) == set(words.NEXT_ASKING) == set(Stage) - ENDED
