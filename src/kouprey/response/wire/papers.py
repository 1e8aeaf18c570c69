"""Papers of response: a sheet of sections, each a table or columns of a chart, with its marking on every page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextvars import copy_context
from typing import Any, TypeVar

import msgspec

from kouprey.kernel import paper
from kouprey.kernel.web.language import LANGUAGES, use
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant
from kouprey.response.wire.letter import language_of

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


def draw(language: str, make: Callable[[], Sheet], offered: Collection[str] = LANGUAGES) -> bytes:
    """The PDF of what `make` says in that language; Damaged where it is none of those offered."""
    return copy_context().run(_spoken, language, offered, lambda: _render(make(), language, paper.render))


def look(language: str, make: Callable[[], Sheet], offered: Collection[str] = LANGUAGES) -> list[bytes]:
    """The same as pictures."""
    return copy_context().run(_spoken, language, offered, lambda: _render(make(), language, paper.picture))


def _spoken(language: str, offered: Collection[str], make: Callable[[], T]) -> T:
    if language not in offered:
        raise Damaged("There is no such language.", language[:20], f"One of {', '.join(offered)}.", code="bad-field")
    use(language_of(language))
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
