"""The report on paper: one page of figures without any content, in the language that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import copy_context
from functools import cache
from typing import TypeVar

from kouprey.agreements.model import CLAUSES
from kouprey.kernel import paper
from kouprey.kernel.web.filters import percent
from kouprey.kernel.web.language import LANGUAGES, Language, _, load_languages, use
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_second
from kouprey.performance.model import Measured, Report
from kouprey.performance.wire.words import (
    STATES,
    TONES,
    WORDS,
    amount,
    came_to,
    cases_text,
    count_text,
    quarter_name,
    target_text,
    value_text,
    verdict,
)

T = TypeVar("T")


@cache
def _languages() -> dict[str, Language]:
    return load_languages(("kouprey.kernel.web", "kouprey.performance"))


def draw(report: Report, hashed: str, *, language: str, names: Mapping[str, str], home: str) -> bytes:
    """The PDF of a report; `hashed` is the hash of its figures. Damaged for a language there is none of."""
    return copy_context().run(_draw, report, hashed, language, names, home, paper.render)


def look(report: Report, hashed: str, *, language: str, names: Mapping[str, str], home: str) -> list[bytes]:
    """The same as pictures."""
    return copy_context().run(_draw, report, hashed, language, names, home, paper.picture)


def _draw(report: Report, hashed: str, language: str, names: Mapping[str, str], home: str, make: Callable[..., T]) -> T:
    if language not in LANGUAGES:
        raise Damaged("There is no such language.", language[:20], f"One of {', '.join(LANGUAGES)}.", code="bad-field")
    use(_languages()[language])
    quarter = quarter_name(report.quarter)
    title = _("Is the agreement working?")
    values = {
        "head": title,
        "about": f"{report.title} · {quarter}",
        "parties": " · ".join(names.get(party, party) for party in report.parties),
        "verdict": verdict(report),
        "tone": TONES[report.verdict],
        "heads": [_("Measure"), _("Now"), _("Target"), _("Before"), _("How it stands")],
        "measures": [_row(each) for each in report.measures],
        "shares": [
            [names.get(each.party, each.party), count_text(each.gave), count_text(each.indicators)]
            for each in report.shares
        ],
        "share_heads": [_("Party"), _("Objects given"), _("Indicators")],
        "spread": ""
        if report.hhi is None
        else _("Herfindahl-Hirschman index of the shares: %(a)s.") % {"a": percent(report.hhi)},
        "how": _("How each is counted"),
        "hows": [[_(WORDS[each.measure].name), _(WORDS[each.measure].how)] for each in report.measures],
        "rules": [
            _(
                "All but the link, which this node has watched, is counted from signed entries and receipts; nothing"
                " was typed in. Exercises do not count."
            ),
            _("Counts below five, and what would give them away, are not printed."),
            _("The targets are those of clause %(n)s of “%(title)s”.")
            % {"n": CLAUSES["targets"], "title": report.title},
            _("This paper holds no content of what was exchanged."),
        ],
        "signed": _("Signed by the node of %(a)s. Hash of the figures (SHA-256):") % {"a": names.get(home, home)},
        "hash": hashed,
    }
    footer = f"{names.get(home, home)} · {report.agreement} · {format_second(report.at)}"
    return make("performance/report.typ", values, title=title, language=language, at=report.at, footer=footer)


def _row(each: Measured) -> dict[str, object]:
    points = [point.value for point in each.trend]
    top = max([value for value in (*points, each.target) if value is not None], default=0) or 1
    ninth = each.now.p90
    return {
        "name": _(WORDS[each.measure].name),
        "now": value_text(each),
        "more": cases_text(each.now.n)
        + ("" if ninth is None else "; " + _("nine of ten within %(a)s") % {"a": came_to(ninth, each.unit)}),
        "target": target_text(each),
        "before": "–" if each.baseline is None else amount(each.baseline, each.unit),
        "state": _(STATES[each.state][0]),
        "tone": STATES[each.state][1],
        "bars": [None if value is None else round(value / top, 3) for value in points],
    }
