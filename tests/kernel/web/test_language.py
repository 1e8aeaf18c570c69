"""The language of an answer: explicit wishes first, then what the browser asks for."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kouprey.kernel.web.catalogue import Catalogue
from kouprey.kernel.web.language import LANGUAGES, Language, choose, own_name


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
    assert khmer.number(1234567.891, 2) == "1,234,567.89"
    assert english.number(-1234) == "-1,234"
    lao, burmese = (Language(code, Catalogue(code)) for code in ("lo", "my"))
    assert lao.number(1234567.891, 2) == "1.234.567,89"
    assert burmese.number(1234) == "1,234"
    assert Language("hi", Catalogue("hi")).number(1234567) == "12,34,567"


@pytest.mark.parametrize(
    ("code", "long", "short", "past", "font"),
    [
        ("en", "26 Nov 2026", "26 Nov", "3 hours ago", "fonts/inter.ttf"),
        ("km", "26 វិច្ឆិកា 2026", "26 វិច្ឆិកា", "3 ម៉ោង\u200bមុន", "fonts/noto-sans-khmer.ttf"),
        ("th", "26 พ.ย. 2026", "26 พ.ย.", "3 ชั่วโมงที่ผ่านมา", "fonts/noto-sans-thai.ttf"),
        ("vi", "26 thg 11, 2026", "26 thg 11", "3 giờ trước", "fonts/inter.ttf"),
    ],
)
def test_dates_and_gaps(code: str, long: str, short: str, past: str, font: str) -> None:
    language, day = Language(code, Catalogue(code)), date(2026, 11, 26)
    assert (language.day(day), language.day(day, short=True)) == (long, short)
    assert language.ago(3, "hour", ahead=False) == past and language.ago(3, "hour", ahead=True) != past
    assert language.ago(400, "day", ahead=False).count("400") == 1
    assert language.font == font


def test_a_language_is_called_what_it_calls_itself() -> None:
    assert LANGUAGES["en"] == "English" and LANGUAGES["km"] == "ខ្មែរ"
    assert [own_name(code) for code in ("th", "vi", "fr")] == ["ไทย", "Tiếng Việt", "Français"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (30, "30 seconds"),
        (90 * 60, "90 minutes"),
        (36 * 3600, "36 hours"),
        (90 * 86400, "90 days"),
        (10_954 * 60, "8 days"),  # measured, and by chance a whole number of minutes
        (1_501 * 3600, "63 days"),
        (7_201, "2 hours"),
    ],
)
def test_how_long_is_said_in_the_unit_that_people_would_take(seconds: float, said: str) -> None:
    assert Language("en", Catalogue("en")).span(seconds) == said


@pytest.mark.parametrize(("code", "month", "day"), [("en", "March", "Sunday"), ("km", "មីនា", "អាទិត្យ")])
def test_months_and_days_have_the_names_of_the_language(code: str, month: str, day: str) -> None:
    language = Language(code, Catalogue(code))
    assert len(language.months) == 12 and language.months[2] == month
    assert len(language.weekdays) == 7 and language.weekdays[0] == day
