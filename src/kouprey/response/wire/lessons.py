"""The draft of what is learnt from a case, in words that people go on with."""

from __future__ import annotations

from collections.abc import Iterable

from kouprey.kernel.web.filters import number, span
from kouprey.kernel.web.language import _
from kouprey.response.model.lessons import Draft, Took
from kouprey.response.wire.casenames import SPANS
from kouprey.response.wire.words import plain


def write_draft(made: Draft) -> str:
    """Three parts, each a heading and lines; what only people know is left to them."""
    well = [_compared(each) for each in made.quick] + [_("In time: %(what)s.") % {"what": t} for t in made.in_time]
    if made.done:
        well.append(_("%(done)s of %(all)s tasks are done.") % {"done": number(made.done), "all": number(made.tasks)})
    long = [_compared(each) for each in made.slow] + [_alone(each) for each in made.alone]
    long += [_("Late: %(what)s.") % {"what": title} for title in made.late]
    unknown = [_("Not known: %(what)s.") % {"what": _(SPANS[name])} for name in made.unknown]
    unknown += [_("Still to do: %(what)s.") % {"what": title} for title in made.open]
    parts = [
        (_("What went well"), well),
        (_("What took long"), long),
        (_("What is not known, or not done"), unknown),
        (_("What people say"), []),
    ]
    return plain("\n\n".join("\n".join([title, *_lines(lines)]) for title, lines in parts))


def _lines(lines: Iterable[str]) -> list[str]:
    return [f"- {line}" for line in lines] or ["- …"]


def _compared(each: Took) -> str:
    return _("%(what)s: %(took)s; half of %(n)s other cases of its class within %(half)s.") % {
        "what": _(SPANS[each.span]),
        "took": span(each.seconds),
        "n": number(each.cases),
        "half": span(each.half),
    }


def _alone(each: Took) -> str:
    return _("%(what)s: %(took)s; too few cases of its class to compare.") % {
        "what": _(SPANS[each.span]),
        "took": span(each.seconds),
    }
