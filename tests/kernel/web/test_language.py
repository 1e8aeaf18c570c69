"""The language of an answer: explicit wishes first, then what the browser asks for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.web.catalogue import Catalogue
from kouprey.kernel.web.language import LANGUAGES, Language, choose


@pytest.mark.parametrize(
    ("wishes", "accept", "chosen"),
    [
        ((), "", "en"),
        (("km",), "en", "km"),
        (("", "xx", "km"), "en", "km"),
        ((), "km-KH,km;q=0.9,en;q=0.8", "km"),
        ((), "fr, en;q=0.5, km;q=0.7", "km"),
        ((), "km;q=0, de", "en"),
        ((), "km;q=nonsense", "en"),
    ],
)
def test_choice(wishes: tuple[str, ...], accept: str, chosen: str) -> None:
    assert choose(wishes, accept) == chosen


@given(st.lists(st.text(max_size=5), max_size=3), st.text(max_size=60))
def test_any_wish_ends_in_a_known_language(wishes: list[str], accept: str) -> None:
    assert choose(wishes, accept) in LANGUAGES


def test_numbers() -> None:
    english, khmer = (Language(code, Catalogue(code)) for code in ("en", "km"))
    assert english.number(1234567.891, 2) == "1,234,567.89"
    assert khmer.number(1234567.891, 2) == "1.234.567,89"
    assert english.number(-1234) == "-1,234"
