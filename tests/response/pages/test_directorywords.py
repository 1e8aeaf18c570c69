"""Every word of the directory that can be shown has one."""

from __future__ import annotations

from kouprey.response.model.directory import DAYS, Authority, Hours
from kouprey.response.pages import directorywords as words
from kouprey.response.rules.profiles import WANTED


def test_there_is_a_word_for_everything() -> None:
    assert set(words.WANTS) == {key for key, _fields in WANTED} | {"verified"}
    assert set(words.AUTHORITIES) == set(Authority) and set(words.HOURS) == set(Hours)
    assert tuple(words.DAYS) == DAYS
