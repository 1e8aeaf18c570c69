"""The mail and the moments that somebody without a node reads, in their language and their time zone."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from kouprey.kernel.web.language import Language, _, current, load_partly, mark, use
from kouprey.kernel.words.time import Instant
from kouprey.kernel.words.tlp import TLP
from kouprey.response.model import Course, HandOff
from kouprey.response.model.contacts import Contact, Letter, Outlook
from kouprey.response.rules.outside import numbers_of
from kouprey.response.wire.words import CLOCKS, KINDS, URGENCIES, plain

# A text that two capabilities use is translated in one of them; our own words come last, and count.
_BELOW = ("agreements", "constituents", "exchange", "federation", "misp", "people", "performance", "taxii")
PACKAGES = ("kouprey.kernel.web", *(f"kouprey.{name}" for name in _BELOW), "kouprey.response")
MEANS = {
    TLP.CLEAR: mark("This may be shared freely."),
    TLP.GREEN: mark("This may be shared within your community, and not published."),
    TLP.AMBER: mark("This may be shared within your organisation and its clients, with those who need to know."),
    TLP.AMBER_STRICT: mark("This may be shared within your organisation only, with those who need to know."),
}
T = TypeVar("T")


def language_of(code: str) -> Language:
    """One of the four in which strangers are spoken to."""
    return load_partly(code, PACKAGES)


def spoken(code: str, make: Callable[[], T]) -> T:
    """What `make` says, in that language, in a context of its own."""

    def work() -> T:
        use(language_of(code))
        return make()

    return copy_context().run(work)


def moment(instant: Instant, zone: str) -> str:
    """A date and a time as a clock on their wall says it, with the zone: `27 Nov 2026, 16:30 (Asia/Bangkok)`."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=instant)
    there = at.astimezone(ZoneInfo(zone))
    return f"{current().day(there.date())}, {there:%H:%M} ({zone})"


def reference(asked: HandOff, number: str) -> str:
    """A case number, or what the hand-off begins with where there is none yet."""
    return plain(number) or asked.id[:12]


def write_letter(
    asked: HandOff, course: Course, contact: Contact, outlook: Outlook, *, address: str, expires: Instant, party: str
) -> Letter:
    """The letter that brings a link, in the language of the contact; what it says follows what may leave by mail.

    `party` is how who asks is called, `address` the link.
    """
    return spoken(contact.language, lambda: _write(asked, course, contact, outlook, address, expires, party))


def _write(
    asked: HandOff, course: Course, contact: Contact, outlook: Outlook, address: str, expires: Instant, party: str
) -> Letter:
    ours, theirs = numbers_of(asked, course)
    who = plain(party)
    subject = plain(asked.title) if outlook.content else _("Something waits for your answer")
    numbers = " / ".join(each for each in (reference(asked, ours), plain(theirs)) if each)
    exercise = f"[{_('exercise')}] " if asked.exercise else ""
    lines = [asked.tlp.text, _(MEANS[asked.tlp]), "", _("Dear %(name)s,") % {"name": plain(contact.name)}, ""]
    if exercise:
        lines += [_("This is an exercise. Nothing has happened."), ""]
    lines += [
        _("%(party)s asks something of you.") % {"party": who},
        _("Case number there: %(number)s") % {"number": reference(asked, ours)},
    ]
    if theirs:
        lines.append(_("Your case number: %(number)s") % {"number": plain(theirs)})
    lines += [
        f"{_('What for')}: {_(KINDS[asked.kind])}",
        f"{_('Urgency')}: {_(URGENCIES[asked.urgency][0])}",
    ]
    lines += [f"{_(CLOCKS[clock.name])}: {moment(clock.due, contact.zone)}" for clock in course.clocks if not clock.met]
    lines.append("")
    if outlook.content:
        lines += [plain(asked.title), "", plain(asked.text), "", *map(plain, asked.refs), ""]
    else:
        lines += [_("What is asked does not stand in this mail, because of its marking."), ""]
    lines += [
        _("Answer here, without an account:"),
        address,
        "",
        _("This link ends at %(time)s.") % {"time": moment(expires, contact.zone)},
        _("Whoever has it can answer for you: pass it on to nobody. Opening it says nothing yet."),
    ]
    return Letter(f"[{asked.tlp.text}] {exercise}{subject} [{numbers}]", "\n".join(lines) + "\n")
