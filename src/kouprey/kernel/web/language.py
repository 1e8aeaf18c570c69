"""The language of the answer being made: messages, plurals and numbers as its readers expect them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from importlib.resources import files

import msgspec

from kouprey.kernel.web.catalogue import Catalogue, read_po

LANGUAGES = {"en": "English", "km": "ខ្មែរ"}
"""Code -> its own name, in the order of the switch; the first is the language of the source texts."""

# Thousands and decimal separators (Unicode CLDR).
_SEPARATORS = {"en": (",", "."), "km": (".", ",")}


class Language(msgspec.Struct, frozen=True):
    """One language, ready for use."""

    code: str
    catalogue: Catalogue

    def number(self, value: float, digits: int = 0) -> str:
        """With thousands separated; `digits` after the decimal mark."""
        group, mark = _SEPARATORS[self.code]
        whole, _, rest = f"{value:,.{digits}f}".partition(".")
        return whole.replace(",", group) + (mark + rest if rest else "")


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


def ngettext(one: str, many: str, n: int) -> str:
    """Translate a text that counts."""
    return current().catalogue.ngettext(one, many, n)


def mark(message: str) -> str:
    """Mark a text for translation where it is written; it is translated where it is shown."""
    return message


def load_languages(packages: Iterable[str]) -> dict[str, Language]:
    """Every language with the messages of all `packages` (their `locale/<code>/LC_MESSAGES/kouprey.po`)."""
    loaded: dict[str, Language] = {}
    for code in LANGUAGES:
        together = Catalogue(code)
        for package in packages:
            file = files(package).joinpath("locale", code, "LC_MESSAGES", "kouprey.po")
            if file.is_file():
                together.messages.update(read_po(file.read_text("utf-8"), code).messages)
        loaded[code] = Language(code, together)
    return loaded


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
