"""TLP and PAP: spellings in circulation, one order, the markings everybody shares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.words.ids import stix_type
from kouprey.kernel.words.tlp import PAP, STIX_MARKINGS, TLP, parse_pap, parse_tlp


@pytest.mark.parametrize("level", list(TLP))
def test_tlp_round_trips(level: TLP) -> None:
    for spelling in (
        level.text,
        level.word,
        level.name,
        level.text.lower(),
        f"  {level.word} ",
        level.word.replace("+", "-"),
    ):
        assert parse_tlp(spelling) is level


@pytest.mark.parametrize("level", list(PAP))
def test_pap_round_trips(level: PAP) -> None:
    assert parse_pap(level.text) is level
    assert parse_pap(level.word) is level


def test_first_edition_white_is_clear() -> None:
    assert parse_tlp("TLP:WHITE") is TLP.CLEAR
    assert parse_pap("white") is PAP.CLEAR


def test_stricter_is_greater() -> None:
    assert [level.text for level in sorted(TLP)] == [
        "TLP:CLEAR",
        "TLP:GREEN",
        "TLP:AMBER",
        "TLP:AMBER+STRICT",
        "TLP:RED",
    ]
    assert sorted(PAP) == [PAP.CLEAR, PAP.GREEN, PAP.AMBER, PAP.RED]


@given(st.text(max_size=20))
def test_any_text_is_a_level_or_a_value_error(text: str) -> None:
    for read in (parse_tlp, parse_pap):
        try:
            level = read(text)
        except ValueError:
            continue
        assert read(level.text) is level


@pytest.mark.parametrize("text", ["", "tlp", "purple", "TLP:AMBER+", "0", "tlp:tlp:red"])
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_tlp(text)


def test_shared_markings_are_marking_definitions_of_every_level() -> None:
    assert {stix_type(marking) for marking in STIX_MARKINGS} == {"marking-definition"}
    assert set(STIX_MARKINGS.values()) == set(TLP)
    assert all(marking == marking.lower() for marking in STIX_MARKINGS)
