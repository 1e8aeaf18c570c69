"""A badge on paper: one sheet with the code that leads to its answer."""

from __future__ import annotations

from collections.abc import Sequence
from contextvars import copy_context
from functools import cache
from hashlib import sha256

from kouprey.capacity.model import Achievement, Badge, Holder
from kouprey.kernel import paper
from kouprey.kernel.web.language import Language, _, load_languages, use
from kouprey.kernel.web.qr import draw
from kouprey.kernel.words.time import format_second


@cache
def _languages() -> dict[str, Language]:
    return load_languages(("kouprey.kernel.web", "kouprey.capacity"))


def draw_badge(
    badge: Badge,
    achievement: Achievement,
    holder: Holder,
    *,
    language: str,
    home: str,
    address: str,
    competencies: Sequence[str] = (),
) -> bytes:
    """The PDF (A4) of a badge."""
    return copy_context().run(_draw, badge, achievement, holder, language, home, address, competencies)


def _draw(
    badge: Badge,
    achievement: Achievement,
    holder: Holder,
    language: str,
    home: str,
    address: str,
    competencies: Sequence[str],
) -> bytes:
    use(_languages()[language])
    title = achievement.name
    values = {
        "home": home,
        "title": title,
        "name": holder.name,
        "says": _("has achieved"),
        "description": achievement.description,
        "criteria_head": _("What it took"),
        "criteria": achievement.criteria,
        "competencies_head": _("Competencies"),
        "competencies": list(competencies),
        "given": _("Given on %(day)s") % {"day": format_second(badge.issued_at)[:10]},
        "scan": _("Scan the code, or open the address, to see whether it still counts."),
        "address": address,
        "digest": sha256(badge.raw).hexdigest(),
        "digest_head": _("SHA-256 of the signed badge"),
        "limits": _("A badge of the party above. It is no certificate of a certification body."),
        "qr": str(draw(address)),
    }
    footer = f"{home} · {badge.id}"
    return paper.render("capacity/badge.typ", values, title=title, language=language, at=badge.issued_at, footer=footer)
