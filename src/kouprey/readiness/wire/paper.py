"""How a country stands, on paper: one sheet with the indexes and where their figures come from."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import copy_context
from functools import cache

from kouprey.kernel import paper
from kouprey.kernel.web.language import LANGUAGES, Language, _, load_languages, use
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import Instant, format_second
from kouprey.readiness.model import Stand


@cache
def _languages() -> dict[str, Language]:
    return load_languages(("kouprey.kernel.web", "kouprey.readiness"))


def draw(stands: Sequence[Stand], country: str, *, language: str, home: str, at: Instant) -> bytes:
    """The PDF; Damaged for a language there is none of."""
    return copy_context().run(_draw, stands, country, language, home, at)


def _draw(stands: Sequence[Stand], country: str, language: str, home: str, at: Instant) -> bytes:
    if language not in LANGUAGES:
        raise Damaged("There is no such language.", language[:20], f"One of {', '.join(LANGUAGES)}.", code="bad-field")
    use(_languages()[language])
    title = _("Readiness")
    values = {
        "head": title,
        "about": " · ".join(each for each in (country, home, format_second(at)[:10]) if each),
        "parts": [_part(each) for each in stands],
        "rules": _(
            "Counts of the node's own work are proposed by the node and confirmed by people."
            " No case and no content stands here."
        ),
    }
    footer = f"{home} · {format_second(at)}"
    return paper.render("readiness/readiness.typ", values, title=title, language=language, at=at, footer=footer)


def _part(stand: Stand) -> dict[str, object]:
    shown = stand.owner or stand.ours
    titles = {each.id: each.title for each in stand.framework.groups}
    how = (
        _("As published by its owner.")
        if stand.owner is not None
        else _("Of what was claimed and confirmed; %(n)s of it is public.") % {"n": f"{stand.public.value:.0f}"}
    )
    gap = (
        ""
        if shown.next is None
        else _("%(n)s more to %(tier)s") % {"n": f"{shown.gap:.2f}", "tier": _(shown.next.title)}
    )
    return {
        "title": stand.framework.title,
        "total": f"{shown.value:.2f} / {shown.most:g}",
        "tier": _(shown.tier.title) if shown.tier is not None else "",
        "gap": gap,
        "how": how,
        "bars": [
            [_(titles[group]), f"{reached:.2f} / {most:g}", round(100 * reached / most, 1) if most else 0]
            for group, reached, most in shown.groups
        ],
        "source": f"{stand.framework.source} · {stand.framework.retrieved}",
    }
