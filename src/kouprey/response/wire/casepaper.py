"""The report of a case on paper: times in UTC and as they were said, the arithmetic, evidence with its hashes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

from kouprey.kernel.web.filters import number, size, span
from kouprey.kernel.web.language import _, joined
from kouprey.kernel.words.time import Instant, format_second
from kouprey.response.model.casereports import CaseReport
from kouprey.response.model.cases import (
    MOMENTS,
    Evidence,
    Fact,
    Item,
    Kind,
    Link,
    Moment,
    Note,
    Seen,
    Task,
)
from kouprey.response.rules.defanging import defang
from kouprey.response.rules.measuring import doubt, out_of_order, spans
from kouprey.response.wire import casenames as words
from kouprey.response.wire.briefing import called
from kouprey.response.wire.casewords import write_moment
from kouprey.response.wire.handoffwords import lacking
from kouprey.response.wire.papers import Section, Sheet, clock, draw
from kouprey.response.wire.words import plain

B = TypeVar("B")


def draw_case(made: CaseReport, names: Mapping[str, str], language: str) -> bytes:
    """The PDF of a report. Damaged for a language there is none of."""
    return draw(language, lambda: case_sheet(made, names))


def case_sheet(made: CaseReport, names: Mapping[str, str]) -> Sheet:
    """What stands on it, in the language of this context."""
    case, home = made.case, called(made.home, names)
    maker = called(made.by, names)
    exercise = case.exercise or case.kind is Kind.EXERCISE
    tracks = joined(_(words.TRACKS[track]) for track in made.tracks)
    ends = _("Made by %(who)s at %(at)s. It tells of the tracks that they read: %(tracks)s.") % {
        "who": maker,
        "at": _at(made.at),
        "tracks": tracks,
    }
    return Sheet(
        title=f"#{case.number} {plain(case.title)}",
        about=f"{home} · {_(words.KINDS[case.kind])} · {_(words.PHASES[case.phase][0])} · {case.pap.text}",
        marking=made.tlp.text,
        notice=_("An exercise: nothing of this happened in earnest.") if exercise else "",
        sections=[
            _head(made, names),
            _times(made),
            _taken(made),
            _chronology(made, names),
            _tasks(made, names),
            _observables(made),
            _evidence(made, names),
            _links(made),
            _notes(made, names),
        ],
        at=made.at,
        footer=f"{home} · #{case.number} · {_at(made.at)} · {maker}",
        ends=ends + (" " + _("There is more in the case than a report holds; this is the latest.") if made.cut else ""),
    )


def _head(made: CaseReport, names: Mapping[str, str]) -> Section:
    case = made.case
    severity = _(words.SEVERITIES[case.severity][0])
    rows = [
        (_("Summary"), plain(case.summary) or "–"),
        (_("Type"), _(words.TYPES[case.type]) if case.type else _("not yet said")),
        (_("Severity"), f"{severity}: {plain(case.severity_why)}" if case.severity_why else severity),
        (_("Crosses a border"), _("yes") if case.cross_border else _("no")),
        (_("Sectors"), plain(", ".join(case.sectors)) or "–"),
        (_("Led by"), plain(names.get(case.lead, case.lead)) or "–"),
    ]
    if made.merged:
        rows.append((_("Read in it too"), ", ".join(f"#{each.number} {plain(each.title)}" for each in made.merged)))
    return Section(title=_("The case"), rows=rows, widths=(1, 3))


def _both(moment: Moment) -> tuple[str, str]:
    """In UTC, and as the clock on the wall of whoever said it."""
    return _at(moment.at), clock(write_moment(moment))


def _times(made: CaseReport) -> Section:
    case = made.case
    known = [(name, case.moments[name]) for name in MOMENTS if name in case.moments]
    return Section(
        title=_("Times of the case"),
        heads=[_("What"), _("In UTC"), _("As it was said"), _("How exactly")],
        rows=[(_(words.MOMENTS[name]), *_both(each), _(words.PRECISIONS[each.precision])) for name, each in known],
        widths=(2, 1.8, 2.2, 1.2),
        none=_("No time is known."),
    )


def _taken(made: CaseReport) -> Section:
    moments = made.case.moments
    rows = [(_(words.SPANS[each.name]), arithmetic(made, each.name)) for each in spans(moments)]
    wrong = [
        _("“%(second)s” lies before “%(first)s”, so nothing is counted from them.")
        % {"first": _(words.MOMENTS[start]), "second": _(words.MOMENTS[end])}
        for start, end in out_of_order(moments)
    ]
    return Section(title=_("How long it took"), rows=rows, widths=(1.4, 3), note=" ".join(wrong))


def arithmetic(made: CaseReport, name: str) -> str:
    """From when to when, and the difference with what it may be off by; or which time is missing."""
    moments = made.case.moments
    taken = next(each for each in spans(moments) if each.name == name)
    if taken.seconds is None:
        missing = [_(words.MOMENTS[end]) for end in (taken.start, taken.end) if end not in moments]
        return _("not known: %(what)s") % {"what": ", ".join(missing) or _("one of the times is wrong")}
    told = {
        "to": _at(moments[taken.end].at),
        "from": _at(moments[taken.start].at),
        "long": span(taken.seconds),
        "seconds": number(taken.seconds),
        "doubt": span(doubt(moments, taken)),
    }
    return _("%(to)s − %(from)s = %(long)s (%(seconds)s s), give or take %(doubt)s") % told


def _chronology(made: CaseReport, names: Mapping[str, str]) -> Section:
    facts = sorted(_those(made, Fact), key=lambda pair: (pair[1].moment.at, pair[0].id))
    return Section(
        title=_("What happened"),
        heads=[_("In UTC"), _("As it was said"), _("What"), _("How it is known")],
        rows=[
            (
                *_both(fact.moment),
                plain(fact.text) + (f" ({fact.technique})" if fact.technique else ""),
                _joined(fact.source, called(item.made_by, names)),
            )
            for item, fact in facts
        ],
        widths=(1.6, 2, 3.4, 1.6),
        none=_("Nothing has been written down that happened."),
    )


def _tasks(made: CaseReport, names: Mapping[str, str]) -> Section:
    return Section(
        title=_("What was to be done"),
        heads=[_("Task"), _("Stands"), _("Whose"), _("Due (UTC)"), _("What came of it")],
        rows=[
            (
                plain(task.title),
                _(words.STATES[task.state][0]),
                plain(names.get(task.who, task.who)) or "–",
                _at(task.due) if task.due else "–",
                plain(task.result) or "–",
            )
            for _item, task in _those(made, Task)
        ],
        widths=(2.6, 1, 1.3, 1.6, 2.2),
        none=_("Nothing is to be done."),
    )


def _observables(made: CaseReport) -> Section:
    return Section(
        title=_("Observables"),
        note=_("Written so that nothing opens them: dots in brackets, hxxp for http."),
        heads=[_("Kind"), _("Value"), _("What it has to do with the case")],
        rows=[(seen.kind, plain(defang(seen.kind, seen.text)), plain(seen.note)) for _i, seen in _those(made, Seen)],
        widths=(1, 3, 2.6),
        none=_("None has been added."),
    )


def _evidence(made: CaseReport, names: Mapping[str, str]) -> Section:
    return Section(
        title=_("Evidence"),
        heads=[_("File"), "SHA-256", _("Handed in")],
        rows=[
            (
                _joined(kept.name, size(kept.size), kept.source, kept.seal, kept.location),
                _in_lines(kept.sha256),
                _joined(_at(item.made_at), called(item.made_by, names)),
            )
            for item, kept in _those(made, Evidence)
        ],
        widths=(2.4, 2.6, 1.8),
        none=_("None has been handed in."),
    )


def _links(made: CaseReport) -> Section:
    return Section(
        title=_("Links"),
        heads=[_("To"), _("What"), _("Why"), _("Changed the case")],
        rows=[
            (
                _(words.LINKS[link.to]),
                _joined(link.ref, *lacking(made.lacks.get(link.ref, ()))),
                plain(link.note),
                _("yes") if link.changed else _("no"),
            )
            for _item, link in _those(made, Link)
        ],
        widths=(1.3, 2.8, 2.2, 1),
        none=_("There are none."),
    )


def _notes(made: CaseReport, names: Mapping[str, str]) -> Section:
    return Section(
        title=_("Notes"),
        rows=[
            (_joined(_at(item.made_at), called(item.made_by, names)), plain(note.text))
            for item, note in _those(made, Note)
        ],
        widths=(1.3, 4),
        none=_("There are none."),
    )


def _those(made: CaseReport, kind: type[B]) -> Iterator[tuple[Item, B]]:
    return ((item, item.body) for item in made.items if isinstance(item.body, kind))


def _joined(*parts: str) -> str:
    return " · ".join(plain(part) for part in parts if part)


def _in_lines(sha256: str) -> str:
    """In groups, so that it breaks at the end of a line and can be compared by voice."""
    return " ".join(sha256[place : place + 8] for place in range(0, len(sha256), 8))


def _at(instant: Instant) -> str:
    """In UTC, to the second."""
    return clock(format_second(instant))
