"""The tour in words: about five minutes, a step for every chapter, and checks for all that is done by hand."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from kouprey.node.chapters import CHAPTERS
from kouprey.node.hands import Watch
from kouprey.node.story import Story
from kouprey.node.tour import HANDS, MINISTRY, STEPS, WORDS_A_MINUTE, count_words

KEYS = [script.key for script in CHAPTERS]
TEMPLATES = Path(__file__).parents[2] / "src" / "kouprey"


def test_the_tour_takes_about_five_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    """Reading; the whole story is played in about ten seconds on two cores, and pages come in less than one each."""
    words = count_words() + sum(len(script.title.split()) for script in CHAPTERS)
    reading = words / WORDS_A_MINUTE
    with capsys.disabled():
        print(f"\n  the tour: {len(STEPS)} steps, {words} words, {reading:.1f} minutes of reading", end="")
    assert 4.0 <= reading <= 5.0


def test_chapters_are_told_in_their_order_before_and_after() -> None:
    places = [(KEYS.index(step.chapter), not step.before) for step in STEPS]
    assert all(one <= other for one, other in pairwise(places))
    after = {step.chapter for step in STEPS if not step.before}
    before = {step.chapter for step in STEPS if step.before}
    assert after == set(KEYS)
    # The first chapter makes the nodes that tell it.
    assert before == set(KEYS[1:])
    assert STEPS[0].party == MINISTRY and STEPS[-1].path == "/story"


def test_steps_are_short_and_say_what_to_look_at() -> None:
    for step in STEPS:
        assert 1 <= len(re.findall(r"[.:?](?: |$)", step.text)) <= 6, step.text
        assert len(step.text.split()) <= 50, step.text
        assert step.target and 3 <= len(step.caption.split()) <= 20, step.caption
        assert step.role.startswith("for a")


def test_paths_name_only_what_the_story_fills_in() -> None:
    filled = {"agreement", "server", "report", "witness", "warning"}
    paths = [step.path for step in STEPS] + [deed.path for hands in HANDS.values() for deed in hands.deeds]
    named = {name for path in paths for name in re.findall(r"<(\w+)>", path)}
    assert named <= filled


def test_what_is_done_by_hand_is_watched_for() -> None:
    assert set(HANDS) <= set(KEYS)
    for hands in HANDS.values():
        assert 1 <= len(hands.deeds) <= 4
        assert not hands.ready or callable(getattr(Story, hands.ready))
        for deed in hands.deeds:
            assert callable(getattr(Watch, deed.check))


def test_buttons_are_named_as_pages_name_them() -> None:
    """What stands in quotation marks in an instruction is on a page."""
    pages = "".join(file.read_text("utf-8") for file in TEMPLATES.rglob("templates/*.html"))
    rules = "".join(file.read_text("utf-8") for file in TEMPLATES.rglob("pages/*.py"))
    for hands in HANDS.values():
        for deed in hands.deeds:
            for name in re.findall("“([^”]+)”", deed.text):
                assert f'"{name}"' in pages or f'"{name}"' in rules or f'"{name.capitalize()}"' in rules, name
