"""Letters of names: decoded for people, and told when they could make a name pass for another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.exchange.rules.scripts import in_letters, is_mixed, looks_latin, named, scripts_of


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("plain.example", "plain.example"),
        ("xn--80ak6aa92e.com", "аррӏе.com"),  # that is the point
        ("xn--p8k.xn--e1afmkfd.example", "ប.пример.example"),
        ("xn--.example", "xn--.example"),
        ("xn--99999999999.example", "xn--99999999999.example"),
    ],
)
def test_a_name_is_decoded_where_it_can_be(name: str, letters: str) -> None:
    assert in_letters(name).isascii() == letters.isascii()
    if letters.isascii():
        assert in_letters(name) == letters


@pytest.mark.parametrize(
    ("name", "mixed", "latin"),
    [
        ("pаypal.example", True, False),  # a Cyrillic а
        ("аррӏе.com", False, True),  # all Cyrillic
        ("пример.example", False, False),
        ("កម្ពុជា.example", False, False),
        ("日本語カタカナ.example", False, False),
        ("plain-1.example", False, False),
        ("münchen.example", False, False),
        ("", False, False),
    ],
)
def test_what_could_pass_for_another_name(name: str, mixed: bool, latin: bool) -> None:
    assert (is_mixed(name), looks_latin(name)) == (mixed, latin)


def test_scripts_are_named_in_order() -> None:
    assert named(scripts_of("pаypal")) == "Cyrillic, Latin"
    assert named(scripts_of("12-3")) == ""


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    letters = in_letters(text)
    assert letters.count(".") == text.count(".")
    assert isinstance(is_mixed(letters), bool) and isinstance(looks_latin(letters), bool)


@given(st.from_regex(r"(xn--)?[a-z0-9-]{0,30}", fullmatch=True))
def test_a_label_that_is_decoded_can_be_drawn(label: str) -> None:
    assert in_letters(label).isprintable()
