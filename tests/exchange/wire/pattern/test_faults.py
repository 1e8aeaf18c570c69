"""Faults of a pattern: the place is that of the word at fault, and no more of it is shown than helps."""

from __future__ import annotations

from kouprey.exchange.wire.pattern import faults


def test_blanks_and_comments_are_not_at_fault() -> None:
    damage = faults.after_condition("[a:b=1  /* why */ and", 6)
    assert damage.detail == {"position": 18} and "At character 19 there is 'and'" in damage.why


def test_words_of_the_language_are_named_as_such() -> None:
    assert "'SECONDS', a word of the language itself" in faults.no_condition("[SECONDS:a=1]", 1).why


def test_long_words_are_cut() -> None:
    assert len(faults.no_expression("x" * 10_000, 0).why) < 200


def test_the_end_is_the_end() -> None:
    assert "At character 7 the text ends" in faults.after_condition("[a:b=1", 6).why
