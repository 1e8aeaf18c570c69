"""One form for all the ways in which the same words are written, and no other."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.advisories.rules.normalising import addresses_in, normal_text, normal_url, order_khmer

KHMER = st.text(st.characters(min_codepoint=0x1780, max_codepoint=0x17FF), max_size=24)
MIXED = st.text(
    st.sampled_from("aİß1១។%-.,:/?&=# \u200b\u200d\u17d2\u178a\u178f\u17c1\u17b8\u17b6\u179ahtps"), max_size=30
)


@given(st.one_of(st.text(max_size=40), KHMER, MIXED))
def test_again_it_changes_nothing(text: str) -> None:
    once = normal_text(text)
    assert normal_text(once) == once


@given(st.one_of(st.text(max_size=40), MIXED.map(lambda tail: f"https://a.example/{tail}")))
def test_an_address_has_one_form(text: str) -> None:
    once = normal_url(text)
    assert once == "" or normal_url(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The border  closes!", "the border closes"),
        ("zero\u200bwidth\u2060 joiners\ufeff", "zerowidth joiners"),
        ("soft\u00adhyphen", "softhyphen"),
        ("ថ្ងៃច័ន្ទ។", "ថ្ងៃច័ន្ទ"),
        ("ច្រក\u200bព្រំដែន", "ច្រកព្រំដែន"),
        ("ច្រក ព្រំដែន", "ច្រកព្រំដែន"),
        ("ថ្ងៃទី១២", "ថ្ងៃទី12"),
        # Subscripts typed in either order, RO last; subscript DA looks like TA; a vowel in two halves.
        ("ស\u17d2\u179a\u17d2\u178f\u17b8", "ស\u17d2\u178f\u17d2\u179a\u17b8"),
        ("ក\u17d2\u178a", "ក\u17d2\u178f"),
        ("ក\u17c1\u17b8", "ក\u17be"),
        ("ក\u17c6\u17b6", "ក\u17b6\u17c6"),
        ("see https://www.a.example/x?utm_source=w&id=7&fbclid=Z#top.", "see http://a.example/x?id=7"),
        (unicodedata.normalize("NFD", "Café"), "café"),
    ],
)
def test_what_looks_the_same_is_the_same(one: str, other: str) -> None:
    assert normal_text(one) == normal_text(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It is true", "It is not true"),
        ("5 % of people", "5 people"),
        ("1.5 million", "15 million"),
        ("https://a.example/x?id=7", "https://a.example/x?id=8"),
        ("https://a.example/a-b", "https://a.example/a/b"),
        ("ពិត", "មិនពិត"),
        # Another consonant, another vowel, another subscript that is seen: other words.
        ("ក\u17d2\u179b", "ក\u17d2\u179a"),
    ],
)
def test_what_says_something_else_stays_other(one: str, other: str) -> None:
    assert normal_text(one) != normal_text(other)


def test_unicode_alone_keeps_the_orders_apart() -> None:
    one, other = "ស\u17d2\u179a\u17d2\u178f\u17b8", "ស\u17d2\u178f\u17d2\u179a\u17b8"
    assert unicodedata.normalize("NFC", one) != unicodedata.normalize("NFC", other)
    assert order_khmer(one) == order_khmer(other)


def test_addresses_are_taken_out_of_a_text() -> None:
    found = addresses_in("Look: https://a.example/x?utm_id=1, and www.b.example/y។ No: mailto:x@c.example")
    assert found == ["https://a.example/x", "https://b.example/y"]
    assert normal_url("no address") == normal_url("https://") == normal_url("ftp://a.example") == ""
    assert normal_url("https://u:p@A.example:443/x/?b=2&a=1") == "https://a.example/x?a=1&b=2"
