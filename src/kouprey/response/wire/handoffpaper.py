"""A hand-off on paper, in each language of contacts: what is asked, its clocks, what was said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kouprey.kernel.web.filters import number
from kouprey.kernel.web.language import _, ngettext
from kouprey.kernel.words.time import Instant, format_second
from kouprey.response.model import Step, Verb
from kouprey.response.model.contacts import TONGUES
from kouprey.response.model.handoffpapers import HandOffPaper
from kouprey.response.rules.outside import numbers_of
from kouprey.response.rules.preserving import request_words
from kouprey.response.wire import handoffwords as words
from kouprey.response.wire.briefing import called
from kouprey.response.wire.letter import MEANS, reference
from kouprey.response.wire.papers import Section, Sheet, clock, draw
from kouprey.response.wire.words import CLOCKS, KINDS, URGENCIES, plain

Names = Mapping[str, str]


def draw_handoff(made: HandOffPaper, names: Names, language: str) -> bytes:
    """The PDF of a hand-off. Damaged for a language that is none of `TONGUES`."""
    return draw(language, lambda: handoff_sheet(made, names), TONGUES)


def handoff_sheet(made: HandOffPaper, names: Names) -> Sheet:
    """What stands on it, in the language of this context."""
    asked, home, maker = made.asked, called(made.home, names), called(made.by, names)
    told = [_(MEANS[asked.tlp])] if asked.tlp in MEANS else []
    if asked.exercise:
        told.insert(0, _("This is an exercise. Nothing has happened."))
    if made.course.lacking:
        told.append(_("Files were given in an emergency, and the legal basis is not filed yet."))
    ends = _("Made by %(who)s at %(at)s.") % {"who": maker, "at": _at(made.at)}
    return Sheet(
        title=plain(asked.title),
        about=f"{home} · {_(KINDS[asked.kind])} · {_(words.STAGES[made.course.stage][0])}",
        marking=asked.tlp.text,
        notice=" ".join(told),
        sections=[
            Section(title=_("What is asked"), rows=list(_asked(made, names)), widths=(1, 3)),
            _clocks(made),
            _said(made, names),
        ],
        at=made.at,
        footer=f"{home} · {asked.id[:12]} · {_at(made.at)} · {maker}",
        ends=f"{ends} {_('Times are in UTC.')}\n{asked.id}",
    )


def _asked(made: HandOffPaper, names: Names) -> Iterator[tuple[str, str]]:
    asked = made.asked
    ours, theirs = numbers_of(asked, made.course)
    yield _("Asked by"), called(asked.asking, names)
    yield _("Asked of"), called(asked.asked, names)
    yield _("Under"), plain(made.under) or _("no agreement is named")
    yield _("Case number of who asks"), reference(asked, ours)
    if theirs:
        yield _("Case number of who is asked"), plain(theirs)
    yield _("What for"), _(KINDS[asked.kind])
    yield _("Urgency"), _(URGENCIES[asked.urgency][0])
    if asked.preserve is None or asked.text != request_words(asked.preserve):
        yield _("In words"), plain(asked.text)
    yield from ((name, plain(text)) for name, text in _preserving(made) if text)
    if asked.refs:
        yield _("It is about"), "\n".join(map(plain, asked.refs))
    if asked.basis:
        yield _("Legal basis"), plain(asked.basis)
    if asked.ground:
        yield _("What danger cannot wait"), plain(asked.ground)
    if made.course.until:
        yield _("Preserved until"), _at(made.course.until)


def _preserving(made: HandOffPaper) -> list[tuple[str, str]]:
    """What article 29 asks of a request to preserve, in our words and not in those for nodes that do not know it."""
    given = made.asked.preserve
    if given is None:
        return []
    return [
        (_("Authority that seeks it"), given.authority),
        (_("Offence, and the facts in short"), given.offence),
        (_("Data to preserve, and their link to the offence"), given.data),
        (_("Custodian or place"), given.custodian),
        (_("Why it is needed"), given.necessity),
    ]


def _clocks(made: HandOffPaper) -> Section:
    rows = []
    for each in made.course.clocks:
        stopped = made.stopped if each.name != "acknowledge" else 0
        word = _(words.standing(each, made.asked.at, made.at, stopped)[0])
        rows.append((_(CLOCKS[each.name]), _at(each.due), f"{word} · {_at(each.met)}" if each.met else word))
    return Section(
        title=_("Clocks"),
        heads=[_("What"), _("Until"), _("Stands")],
        rows=rows,
        widths=(2, 1.6, 2.4),
        none=_("None was agreed."),
    )


def _said(made: HandOffPaper, names: Names) -> Section:
    return Section(
        title=_("What was said"),
        heads=[_("When"), _("Who"), _("What")],
        rows=[
            (
                _at(step.message.at),
                " · ".join(filter(None, (called(step.message.author, names), plain(step.message.person)))),
                "\n".join(_words_of(step, names)),
            )
            for step in made.course.steps
        ],
        widths=(1.5, 2, 3.2),
    )


def _words_of(step: Step, names: Names) -> Iterator[str]:
    message = step.message
    did = _(words.did(message)[0])
    via = _(words.VIAS[message.via]) if message.via in words.VIAS else ""
    yield f"{did} ({via})" if via else did
    if not step.counted and not message.basis:
        yield _("came too late to count")
    if message.verb is Verb.DECLINE:
        reason = _(words.REASONS[message.reason])  # type: ignore[index]  # it was read
        yield f"{reason}: {called(message.other, names)}" if message.other else reason
    if message.until:
        yield f"{_('Preserved until')}: {_at(message.until)}"
    elif message.text and message.verb is not Verb.REQUEST:
        yield plain(message.text)
    if message.route:
        hops = ", ".join(f"{plain(each.provider)} ({each.state})" for each in message.route)
        yield f"{_('The trail leads on to:')} {hops}"
    if message.items:
        files = len(message.items)
        yield ngettext("%(n)s file under seal", "%(n)s files under seal", files) % {"n": number(files)}


def _at(instant: Instant) -> str:
    """In UTC, to the second."""
    return clock(format_second(instant))
