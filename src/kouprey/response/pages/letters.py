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
from kouprey.people.service import People
from kouprey.response.model import HandOff
from kouprey.response.model.contacts import Letter
from kouprey.response.pages import words
from kouprey.response.pages.naming import plain
from kouprey.response.service import Opened, numbers_of

PACKAGES = ("kouprey.kernel.web", "kouprey.response")
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


class Clerk:
    """Writes the letter that brings a link."""

    def __init__(self, people: People) -> None:
        self._people = people

    def write(self, opened: Opened, address: str) -> Letter:
        """In the language of the contact; what it says of the matter follows what may leave by mail."""
        return spoken(opened.contact.language, lambda: self._write(opened, address))

    def _write(self, opened: Opened, address: str) -> Letter:
        asked, contact = opened.held.asked, opened.contact
        ours, theirs = numbers_of(asked, opened.held.course)
        party = self._people.find_party(asked.asking)
        who = plain(party.name if party is not None else asked.asking)
        subject = plain(asked.title) if opened.outlook.content else _("Something waits for your answer")
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
            f"{_('What for')}: {_(words.KINDS[asked.kind])}",
            f"{_('It presses')}: {_(words.URGENCIES[asked.urgency][0])}",
        ]
        lines += [
            f"{_(words.CLOCKS[clock.name])}: {moment(clock.due, contact.zone)}"
            for clock in opened.held.course.clocks
            if not clock.met
        ]
        lines.append("")
        if opened.outlook.content:
            lines += [plain(asked.title), "", plain(asked.text), "", *map(plain, asked.refs), ""]
        else:
            lines += [_("What is asked does not stand in this mail, because of its marking."), ""]
        lines += [
            _("Answer here, without an account:"),
            address,
            "",
            _("This link ends at %(time)s.") % {"time": moment(opened.link.expires, contact.zone)},
            _("Whoever has it can answer for you: pass it on to nobody. Opening it says nothing yet."),
        ]
        return Letter(f"[{asked.tlp.text}] {exercise}{subject} [{numbers}]", "\n".join(lines) + "\n")
