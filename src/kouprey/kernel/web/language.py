"""The language of the answer being made: messages, plurals, numbers and dates as its readers expect them.

Which languages there are follows from the catalogues: one that has `locale/<code>/LC_MESSAGES/kouprey.po` beside this
file is offered. Everything else about a language is known to Babel (Unicode CLDR).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

import msgspec
from babel import Locale
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent

from kouprey.kernel.web.catalogue import Catalogue, read_po
from kouprey.kernel.words.errors import KoupreyError

Unit = Literal["minute", "hour", "day", "month", "year"]
SECONDS: dict[Unit, int] = {"minute": 60, "hour": 3600, "day": 86400, "month": 2_629_800, "year": 31_557_600}
"""Seconds of a unit, of months and years on average."""

_SOURCE = "en"
"""The language the texts in the code are written in."""
_FONTS = {
    "Khmr": "fonts/noto-sans-khmer.ttf",
    "Laoo": "fonts/noto-sans-lao.ttf",
    "Mymr": "fonts/noto-sans-myanmar.ttf",
    "Thai": "fonts/noto-sans-thai.ttf",
}
"""Scripts that Inter does not have -> the font that does."""


def _offered() -> dict[str, str]:
    place = files("kouprey.kernel.web").joinpath("locale")
    codes = sorted(each.name for each in place.iterdir() if each.joinpath("LC_MESSAGES", "kouprey.po").is_file())
    return {code: own_name(code) for code in (_SOURCE, *(code for code in codes if code != _SOURCE))}


def own_name(code: str) -> str:
    """What a language is called in itself."""
    name = Locale.parse(code).get_display_name(code) or code
    return name[:1].upper() + name[1:]


LANGUAGES = _offered()
"""Code -> its own name, in the order of the switch; the first is the language of the source texts."""


@cache
def _locale(code: str) -> Locale:
    # English of no country: 26 Nov 2026 is understood everywhere, 11/26/26 is not.
    return Locale.parse("en_001" if code == _SOURCE else code)


@cache
def _separators(code: str) -> tuple[str, str] | None:
    """Of thousands and decimals; None where digits do not stand in threes."""
    locale = _locale(code)
    if locale.decimal_formats[None].pattern != "#,##0.###":
        return None
    symbols = locale.number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


_SPANS: tuple[Unit, ...] = ("day", "hour", "minute")
_MOST = 240
"""Nobody agrees on more hours or minutes than these; a measured time is a whole number of them by chance."""


class Language(msgspec.Struct, frozen=True):
    """One language, ready for use."""

    code: str
    catalogue: Catalogue

    def number(self, value: float, digits: int = 0) -> str:
        """With thousands separated; `digits` after the decimal mark."""
        separators = _separators(self.code)
        if separators is None:
            return format_decimal(round(value, digits), locale=_locale(self.code))
        group, mark = separators
        whole, _, rest = f"{value:,.{digits}f}".partition(".")
        return whole.replace(",", group) + (mark + rest if rest else "")

    def day(self, day: date, *, short: bool = False) -> str:
        """`26 Nov 2026`; `short` leaves the year out."""
        locale = _locale(self.code)
        return format_skeleton("MMMd", day, locale=locale) if short else format_date(day, "medium", locale=locale)

    @property
    def months(self) -> tuple[str, ...]:
        """The twelve names, January first; not every browser knows them in every language that we speak."""
        names = _locale(self.code).months["format"]["wide"]
        return tuple(names[month] for month in range(1, 13))

    @property
    def weekdays(self) -> tuple[str, ...]:
        """The seven names, Sunday first, as scripts count them."""
        names = _locale(self.code).days["format"]["wide"]
        return tuple(names[day] for day in (6, 0, 1, 2, 3, 4, 5))

    def ago(self, count: int, unit: Unit, *, ahead: bool) -> str:
        """`3 minutes ago`, `in 3 minutes`."""
        gap = timedelta(seconds=count * SECONDS[unit] * (1 if ahead else -1))
        # No higher unit is ever reached: which one tells it best was decided before.
        return format_timedelta(gap, unit, threshold=1e9, add_direction=True, locale=_locale(self.code))

    def span(self, seconds: float) -> str:
        """How long: `3 days`, `36 hours`, `90 minutes`; the largest unit in which it is a whole number."""
        whole: Unit | None = next((each for each in _SPANS if seconds and seconds % SECONDS[each] == 0), None)
        if whole not in (None, _SPANS[0]) and seconds / SECONDS[whole] > _MOST:
            whole = None
        if whole is None and seconds >= 120:
            # A measured time, not an agreed one: the nearest will do.
            whole = next((each for each in _SPANS if seconds >= 2 * SECONDS[each]), "minute")
        size = SECONDS[whole] if whole else 1
        gap = timedelta(seconds=round(seconds / size) * size)
        return format_timedelta(gap, whole or "second", threshold=1e9, locale=_locale(self.code))

    def percent(self, share: float) -> str:
        """A share of one: `13%`."""
        return format_percent(round(share, 2), locale=_locale(self.code))

    @property
    def font(self) -> str:
        """The font most letters of a page come from, among the static files."""
        tag = str(get_global("likely_subtags").get(self.code, self.code))
        script = next((part for part in tag.split("_") if len(part) == 4), "Latn")
        return _FONTS.get(script, "fonts/inter.ttf")


_current: ContextVar[Language] = ContextVar("language", default=Language("en", Catalogue("en")))  # noqa: B039  # never changed in place


def current() -> Language:
    """The language of the answer being made in this context."""
    return _current.get()


def use(language: Language) -> None:
    """Make this the language of the current context (a request)."""
    _current.set(language)


def _(message: str) -> str:
    """Translate."""
    return current().catalogue.gettext(message)


def pgettext(context: str, message: str) -> str:
    """Translate a word that means something else elsewhere: `context` says where it stands."""
    return current().catalogue.gettext(message, context)


def told(sentence: str) -> str:
    """Translate what rules and errors say, which is made in English, with what they filled in."""
    return current().catalogue.told(sentence)


def in_words(error: KoupreyError) -> str:
    """A failure in the language of the answer: what happened, why, and what to do."""
    return " ".join(told(part) for part in (error.what, error.why, error.remedy) if part)


def ngettext(one: str, many: str, n: int) -> str:
    """Translate a text that counts."""
    return current().catalogue.ngettext(one, many, n)


def joined(texts: Iterable[str]) -> str:
    """Names side by side, with what the language puts between them: not every script knows a comma.

    A name that holds a comma itself would read as two.
    """
    names = list(texts)
    between = pgettext("names", "; ") if any(", " in each for each in names) else pgettext("between", ", ")
    return between.join(names)


def labelled(name: str, text: str) -> str:
    """What something is, and what is said of it, with the colon of the language."""
    return name + pgettext("between", ": ") + text


def mark(message: str) -> str:
    """Mark a text for translation where it is written; it is translated where it is shown."""
    return message


def load_languages(packages: Iterable[str]) -> dict[str, Language]:
    """Every language with the messages of all `packages` (their `locale/<code>/LC_MESSAGES/kouprey.po`), read once."""
    return dict(_load(tuple(packages)))


@cache
def _load(packages: tuple[str, ...]) -> dict[str, Language]:
    return {code: load_partly(code, packages) for code in LANGUAGES}


@cache
def load_partly(code: str, packages: tuple[str, ...]) -> Language:
    """A language for pages and papers that stand alone, whether or not it is offered for all of the others.

    What `packages` do not say in it stays in English; such a language is in no menu, since `LANGUAGES` follows from
    the catalogues of the frame alone.
    """
    together = Catalogue(code)
    for package in packages:
        file = files(package).joinpath("locale", code, "LC_MESSAGES", "kouprey.po")
        if file.is_file():
            together.messages.update(read_po(file.read_text("utf-8"), code).messages)
    return Language(code, together)


def choose(wishes: Sequence[str], accept: str) -> str:
    """The first known of `wishes` (explicit choices), else the best of an Accept-Language (RFC 9110, 12.5.4)."""
    for wish in wishes:
        if wish in LANGUAGES:
            return wish
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accept[:400].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            quality = 0.0
        code = tag.split("-")[0].lower()
        if code in LANGUAGES and quality > 0:
            ranked.append((-quality, place, code))
    return min(ranked)[2] if ranked else next(iter(LANGUAGES))
