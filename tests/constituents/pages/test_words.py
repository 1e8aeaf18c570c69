"""Plain words for everything that can be shown."""

from __future__ import annotations

from kouprey.constituents.model import LetterState, Rhythm, Word
from kouprey.constituents.pages import words


def test_there_is_a_word_for_each() -> None:
    assert words.RHYTHMS.keys() == set(Rhythm) and words.STATES.keys() == set(LetterState)
    assert words.SAID.keys() == set(Word)


def test_what_is_not_known_gets_general_advice() -> None:
    assert words.inside_advice("ipv6-net") == words.inside_advice("ipv4-addr") != words.inside_advice("mutex")
    assert words.threat_advice("sha256") == words.threat_advice("md5") != words.threat_advice("")
    assert words.type_word("x-new-thing") == words.OTHER
