"""The tour in words: about five minutes, seven as a whole, and a step for every chapter."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest

from kouprey.kernel.web.catalogue import read_po
from kouprey.node.by_hand import HANDS
from kouprey.node.chapters import CHAPTERS
from kouprey.node.steps import MINISTRY, WORDS_A_MINUTE
from kouprey.node.tour import STEPS, count_words

KEYS = [script.key for script in CHAPTERS]
TEMPLATES = Path(__file__).parents[2] / "src" / "kouprey"


@pytest.mark.parametrize(("whole", "least", "most"), [(False, 4.5, 5.5), (True, 6.5, 7.5)])
def test_the_tour_takes_about_five_minutes_and_all_of_it_seven(
    whole: bool, least: float, most: float, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reading; the whole story is played in about thirty seconds on two cores, and pages come in less than one each."""
    steps = [step for step in STEPS if whole or not step.deeper]
    # The titles of chapters that are passed by are read too, while they are played.
    words = count_words(whole=whole) + sum(len(script.title.split()) for script in CHAPTERS)
    reading = words / WORDS_A_MINUTE
    with capsys.disabled():
        print(f"\n  the tour: {len(steps)} steps, {words} words, {reading:.1f} minutes of reading", end="")
    assert least <= reading < most
    # The short one begins and ends where the whole one does.
    assert steps[0] is STEPS[0] and steps[-1] is STEPS[-1]


def test_chapters_are_told_in_their_order_before_and_after() -> None:
    places = [(KEYS.index(step.chapter), not step.before) for step in STEPS]
    assert all(one <= other for one, other in pairwise(places))
    after = {step.chapter for step in STEPS if not step.before}
    before = {step.chapter for step in STEPS if step.before}
    assert after == set(KEYS)
    # The first chapter makes the nodes that tell it.
    # Nor is there anything to see before somebody seals a thing on a machine of their own.
    assert before == set(KEYS[1:]) - {"dossier"} and before >= set(HANDS)
    assert STEPS[0].party == MINISTRY and STEPS[-1].path == "/story"


def test_steps_are_short_and_say_what_to_look_at() -> None:
    for step in STEPS:
        assert 1 <= len(re.findall(r"[.:?](?: |$)", step.text)) <= 6, step.text
        assert len(step.text.split()) <= 50, step.text
        assert step.target and 3 <= len(step.caption.split()) <= 20, step.caption
        assert step.role.startswith("for a")


def test_paths_name_only_what_the_story_fills_in() -> None:
    filled = {"agreement", "server", "report", "witness", "warning", "bank", "crossing", "case", "strategy"}
    filled |= {"alert", "hunt", "draft", "activity"}
    paths = [step.path for step in STEPS] + [deed.path for hands in HANDS.values() for deed in hands.deeds]
    named = {name for path in paths for name in re.findall(r"<(\w+)>", path)}
    assert named <= filled


def test_every_text_of_the_story_is_told_in_khmer() -> None:
    """They are marked nowhere, because pages hand them on as they are."""
    known: set[str] = set()
    for file in TEMPLATES.rglob("km/LC_MESSAGES/*.po"):
        known |= {message for _, message in read_po(file.read_text("utf-8"), "km").messages}
    texts = [text for script in CHAPTERS for text in (script.title, script.text, *(label for *_, label in script.look))]
    texts += [text for step in STEPS for text in (step.role, step.text, step.caption)]
    texts += [deed.text for hands in HANDS.values() for deed in hands.deeds]
    assert not [text for text in texts if text not in known]
