"""Deeds in words: every kind can be chosen, told and named."""

from __future__ import annotations

from typing import Any

import pytest

from kouprey.exchange.model.acting import UNDONE_BY, Act, Deed
from kouprey.exchange.pages.deeds import KINDS, deed_title, done_text
from kouprey.exchange.service.acting import PERMISSIONS


def _deed(kind: Any, done: int = 1, **more: Any) -> Deed:
    told: dict[str, Any] = {"ended_at": 1, "undoes": "", "undone": "", "trouble": ""} | more
    return Deed(id="deed_1", act=Act(kind=kind, collection="c"), by="ann", at=1, counts={"done": done}, **told)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_told(kind: Any) -> None:
    assert kind in PERMISSIONS
    assert done_text(_deed(kind, 1234)).startswith("1,234 ") and done_text(_deed(kind)) != done_text(_deed(kind, 2))
    assert deed_title(_deed(kind), {"c": "Block list"}).endswith(": Block list")
    assert _deed(kind).may_undo == (kind in UNDONE_BY)
    assert not _deed(kind, undone="deed_2").may_undo and not _deed(kind, 0).may_undo


def test_taking_back_has_words_of_its_own() -> None:
    back = _deed("lift", 3, undoes="deed_0")
    assert done_text(back) == "Taken back for 3 objects." and deed_title(back, {}) == "Taking it back"
    assert not back.may_undo
