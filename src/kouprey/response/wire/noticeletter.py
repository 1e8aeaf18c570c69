"""The mail that says how much waits for somebody, in their language: no title, no name, nothing of what is asked."""

from __future__ import annotations

from collections.abc import Mapping

from kouprey.kernel.web.language import _, current, ngettext
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model.contacts import Letter
from kouprey.response.model.notices import About
from kouprey.response.wire.letter import spoken


def write_notice(counted: Mapping[About, int], language: str, address: str) -> Letter:
    """`counted`: how many of each sort wait; `address`: where they stand."""
    return spoken(language, lambda: _write(counted, address))


def _write(counted: Mapping[About, int], address: str) -> Letter:
    what = ", ".join(told(sort, counted[sort]) for sort in About if counted.get(sort))
    lines = [
        _("Something waits for you in Kouprey (%(what)s).") % {"what": what},
        "",
        _("Sign in to read it:"),
        address,
        "",
        _("This mail says no more, whatever it is about. You choose there whether such mail comes."),
    ]
    return Letter(f"[{TLP.CLEAR.text}] {_('Something waits for you in Kouprey')}", "\n".join(lines) + "\n")


def told(sort: About, count: int) -> str:
    """ "2 hand-offs"."""
    texts = {
        About.HANDOFF: lambda: ngettext("%(num)s hand-off", "%(num)s hand-offs", count),
        About.CLOCK: lambda: ngettext("%(num)s clock", "%(num)s clocks", count),
        About.TASK: lambda: ngettext("%(num)s task", "%(num)s tasks", count),
        About.CASE: lambda: ngettext("%(num)s case", "%(num)s cases", count),
    }
    return texts[sort]() % {"num": current().number(count)}
