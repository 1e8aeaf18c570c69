"""Papers of response: a sheet of sections, each a table or columns of a chart, with its marking on every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import copy_context
from functools import cache
from typing import Any, TypeVar

import msgspec

from kouprey.kernel import paper
from kouprey.kernel.web.language import LANGUAGES, Language, load_languages, use
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant

T = TypeVar("T")


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a sheet: rows below heads, as wide as `widths` say in parts, or `bars` (name below, count)."""

    title: str
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    widths: Sequence[float] = (1,)
    note: str = ""
    none: str = ""
    bars: Sequence[tuple[str, int]] = ()


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What stands on a paper; `ends` stands below everything, `footer` on each page, `marking` above each page."""

    title: str
    about: str
    marking: str
    sections: Sequence[Section]
    at: Instant
    footer: str
    notice: str = ""
    ends: str = ""


def clock(written: str) -> str:
    """A time in RFC 3339 with a space for its T, where a line may break."""
    return written.replace("T", " ", 1)


@cache
def _languages() -> dict[str, Language]:
    # A text that two capabilities use is translated in one of them.
    below = ("agreements", "constituents", "exchange", "federation", "misp", "people", "performance", "taxii")
    return load_languages(("kouprey.kernel.web", *(f"kouprey.{name}" for name in below), "kouprey.response"))


def draw(language: str, make: Callable[[], Sheet]) -> bytes:
    """The PDF of what `make` says in that language; Damaged for a language there is none of."""
    return copy_context().run(_spoken, language, lambda: _render(make(), language, paper.render))


def look(language: str, make: Callable[[], Sheet]) -> list[bytes]:
    """The same as pictures."""
    return copy_context().run(_spoken, language, lambda: _render(make(), language, paper.picture))


def _spoken(language: str, make: Callable[[], T]) -> T:
    if language not in LANGUAGES:
        raise Damaged("There is no such language.", language[:20], f"One of {', '.join(LANGUAGES)}.", code="bad-field")
    use(_languages()[language])
    return make()


def _render(sheet: Sheet, language: str, make: Callable[..., T]) -> T:
    values: Mapping[str, Any] = {
        "head": sheet.title,
        "about": sheet.about,
        "marking": sheet.marking,
        "notice": sheet.notice,
        "ends": sheet.ends,
        "sections": [msgspec.to_builtins(each) for each in sheet.sections],
    }
    footer = f"{sheet.marking} · {sheet.footer}"
    return make("response/sheet.typ", values, title=sheet.title, language=language, at=sheet.at, footer=footer)
