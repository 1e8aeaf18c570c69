"""What is done by hand, in words: each deed has a check, and names buttons as pages name them."""

from __future__ import annotations

import re
from pathlib import Path

from kouprey.node.by_hand import HANDS
from kouprey.node.chapters import CHAPTERS
from kouprey.node.hands import Watch
from kouprey.node.story import Story

KEYS = [script.key for script in CHAPTERS]
TEMPLATES = Path(__file__).parents[2] / "src" / "kouprey"


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
