"""Sectors by their names: every word of the vocabulary has one, and what people wrote themselves stays."""

from __future__ import annotations

from kouprey.exchange.rules.vocabularies import INDUSTRY_SECTOR
from kouprey.response.wire.sectors import SECTORS, called_sector


def test_every_word_of_the_vocabulary_has_a_name_and_other_words_stay() -> None:
    assert set(SECTORS) == set(INDUSTRY_SECTOR)
    assert called_sector("government-national") == "National government"
    assert called_sector("Water of the \u202ecapital") == "Water of the capital"
