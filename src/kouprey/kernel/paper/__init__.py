"""Papers: PDF made of a template and values, without a network and with our own fonts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from kouprey.kernel.paper.fonts import font_folders
from kouprey.kernel.words.time import SECOND, Instant

if TYPE_CHECKING:
    from typst import Fonts

_UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]")
"""Controls, and the marks that turn the direction of what follows: on paper nobody could tell."""


def render(
    template: str, values: Mapping[str, object], *, title: str, language: str, at: Instant, footer: str = ""
) -> bytes:
    """A tagged PDF (A4) of a template such as `agreements/agreement.typ`: equal arguments give equal bytes.

    The template lies in the `templates` folder of its capability and reaches no file outside of it. It begins with
    `kernel/paper/sheet.typ` and finds `values` (what JSON can say) there as data: nothing in them is ever read as
    source. `at` is the time the paper bears, `language` the code of its main language, `footer` stands on each page.
    """
    return _compile(template, values, title, language, at, footer, "pdf")[0]


def picture(
    template: str, values: Mapping[str, object], *, title: str, language: str, at: Instant, footer: str = ""
) -> list[bytes]:
    """The pages of the same paper as PNG, for those who want to look at it."""
    return _compile(template, values, title, language, at, footer, "png")


def _compile(
    template: str,
    values: Mapping[str, object],
    title: str,
    language: str,
    at: Instant,
    footer: str,
    form: Literal["pdf", "png"],
) -> list[bytes]:
    # Imported when somebody prints: it is 80 MB of compiled code that few requests need.
    import typst

    capability, _, name = template.partition("/")
    sheet = files("kouprey.kernel.paper").joinpath("sheet.typ").read_bytes()
    inputs = {
        "values": msgspec.json.encode(_clean(values)).decode(),
        "title": _clean(title),
        "language": language,
        "footer": _clean(footer),
    }
    with as_file(files(f"kouprey.{capability}").joinpath("templates")) as folder:
        # Its types want source and root of one kind, which they never are.
        compiled: Any = typst.compile
        made = compiled(
            sheet + (folder / name).read_bytes(),
            root=folder,
            font_paths=_fonts(),
            sys_inputs=inputs,
            format=form,
            ppi=110,
            timestamp=at // SECOND,
        )
    return list(made) if isinstance(made, list) else [made]


@cache
def _fonts() -> Fonts:
    """Ours alone: a paper looks the same wherever it is made."""
    import typst

    places = [str(place) for place in font_folders().values()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=places)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSEEN.sub("", value)
    if isinstance(value, Mapping):
        return {str(key): _clean(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value
