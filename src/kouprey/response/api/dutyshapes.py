"""What the endpoints about duties take and give."""

from __future__ import annotations

from msgspec import Struct

from kouprey.kernel.web.api import Asked, Time, time_of
from kouprey.response.api.caseshapes import Short, Text
from kouprey.response.model.cases import Moment, Track
from kouprey.response.model.duties import Answer, Channel, DutyLine, Export, Form, Sending, Verdict
from kouprey.response.model.regimes import Regime
from kouprey.response.rules.duties import part_of
from kouprey.response.service.duties import Held
from kouprey.response.service.dutyreports import Draft
from kouprey.response.wire.casewords import read_moment, write_moment


class Begun(Asked, frozen=True, kw_only=True):
    """A regime under which a case falls: since when it was known, to whom, and why it falls under it.

    `track` is "legal" or "technical"; without one, the first of the two that you write on.
    """

    regime: Short
    known: str
    known_by: Text
    why: Text
    offset: str = ""
    track: Track | None = None


class Stopped(Asked, frozen=True, kw_only=True):
    """Whether the clocks of a duty stand, and why; `version` is the one that was looked at."""

    version: int
    stopped: bool
    why: Text


class Written(Asked, frozen=True, kw_only=True):
    """Lines of a form; `version` is the one that was looked at, 0 for none. Lines that are left out stay."""

    version: int
    fields: dict[str, Text]


class Sent(Asked, frozen=True, kw_only=True):
    """That the words of `version` were sent: by what, when ("" for now), and the receiver's reference number."""

    version: int
    channel: Channel
    at: str = ""
    offset: str = ""
    reference: Short = ""


class Answered(Asked, frozen=True, kw_only=True):
    """What the receiver said of a sending, and when ("" for now)."""

    verdict: Verdict
    at: str = ""
    offset: str = ""
    words: Text = ""


class Owing(Asked, frozen=True, kw_only=True):
    """Which reports: owed, overdue, sent, revision, stopped or any, of which regime; `after` is that of the answer
    before."""

    state: str = "owed"
    regime: Short = ""
    after: str = ""


class Quarter(Asked, frozen=True, kw_only=True):
    """Which quarter, as 2026-Q4."""

    quarter: str


class StepShown(Struct, kw_only=True):
    """A report that a regime wants; it is due `seconds` or `months` after what `after` says."""

    key: str
    title: str
    cites: str
    after: str
    step: str
    seconds: int
    months: int
    fields: tuple[str, ...]


class RegimeShown(Struct, kw_only=True):
    """A regime as it is now."""

    key: str
    title: str
    place: str
    version: str
    sources: tuple[str, ...]
    review_by: Time
    note: str
    checked: str
    to: str
    steps: tuple[StepShown, ...]


class RegimeList(Struct, kw_only=True):
    """Regimes that can be begun."""

    regimes: tuple[RegimeShown, ...]


class ReportShown(Struct, kw_only=True):
    """Where a report stands. Times are "" while there are none; `over` is the part of the clock, in hundredths."""

    case: int
    duty: str
    regime: str
    step: str
    title: str
    cites: str
    standing: str
    begins: Time
    due: Time
    over: int
    told: int
    version: int
    first_sent: Time
    sent: Time
    sending: str
    verdict: str
    verdict_at: Time


class DutyShown(Struct, kw_only=True):
    """A duty with its reports; `regime` is the rule as it was when the clock began."""

    id: str
    case: int
    version: int
    track: str
    regime: RegimeShown
    known: str
    known_by: str
    why: str
    stopped: bool
    because: str
    changed: Time
    changed_by: str
    reports: tuple[ReportShown, ...]


class DutyList(Struct, kw_only=True):
    """Duties of a case."""

    duties: tuple[DutyShown, ...]


class Figures(Struct, kw_only=True):
    """Reports that are owed, those of them that are overdue, those that were sent in time and late, and those that were
    sent and that the receiver wants revised, which are counted as nothing else."""

    owed: int
    overdue: int
    kept: int
    late: int
    revision: int


class ReportList(Struct, kw_only=True):
    """Reports, what is due soonest first; `after` goes on, "" at the end."""

    reports: tuple[ReportShown, ...]
    figures: Figures
    after: str


class FormShown(Struct, kw_only=True):
    """The words of a report in one version."""

    version: int
    at: Time
    by: str
    fields: dict[str, str]


class AnswerShown(Struct, kw_only=True):
    """What the receiver said."""

    verdict: str
    at: str
    words: str
    written: Time
    by: str


class SendingShown(Struct, kw_only=True):
    """What was sent; `sha256` is of the bytes that the address of the sending gives."""

    id: str
    at: str
    channel: str
    reference: str
    sha256: str
    version: int
    written: Time
    by: str
    answers: tuple[AnswerShown, ...] = ()


class DraftShown(Struct, kw_only=True):
    """A report with its words (`version` 0: filled in from the case, and not kept), the exact text and its hash."""

    report: ReportShown
    version: int
    fields: dict[str, str]
    text: str
    sha256: str
    versions: tuple[FormShown, ...]
    sendings: tuple[SendingShown, ...]


class LeftOut(Struct, kw_only=True):
    """A final report that is left out of an export, and why."""

    report: ReportShown
    because: str


class ExportShown(Struct, kw_only=True):
    """Final reports that were sent in a quarter, and those that are left out."""

    quarter: str
    since: Time
    until: Time
    reports: tuple[ReportShown, ...]
    omitted: tuple[LeftOut, ...]


def regime_shown(regime: Regime) -> RegimeShown:
    """A regime as it is given."""
    return RegimeShown(
        key=regime.key,
        title=regime.title,
        place=regime.place,
        version=regime.version,
        sources=regime.sources,
        review_by=time_of(regime.review_by),
        note=regime.note,
        checked=regime.checked,
        to=regime.to,
        steps=tuple(
            StepShown(
                key=each.key,
                title=each.title,
                cites=each.cites,
                after=str(each.after),
                step=each.step,
                seconds=each.seconds,
                months=each.months,
                fields=each.fields,
            )
            for each in regime.steps
        ),
    )


def report_shown(line: DutyLine, now: int) -> ReportShown:
    """A report as it is given."""
    report = line.report
    return ReportShown(
        case=line.case.number,
        duty=report.duty,
        regime=line.duty.regime.key,
        step=report.step,
        title=line.step.title,
        cites=line.step.cites,
        standing=str(line.standing),
        begins=time_of(report.begins),
        due=time_of(report.due),
        over=part_of(report, now),
        told=report.told,
        version=report.form,
        first_sent=time_of(report.first_sent),
        sent=time_of(report.sent),
        sending=report.sending,
        verdict=str(report.verdict),
        verdict_at=time_of(report.verdict_at),
    )


def duty_shown(held: Held) -> DutyShown:
    """A duty as it is given."""
    duty = held.duty
    return DutyShown(
        id=duty.id,
        case=held.opened.case.number,
        version=duty.version,
        track=str(duty.track),
        regime=regime_shown(duty.regime),
        known=write_moment(duty.known),
        known_by=duty.known_by,
        why=duty.why,
        stopped=duty.stopped,
        because=duty.because,
        changed=time_of(duty.made_at),
        changed_by=duty.made_by,
        reports=tuple(report_shown(each, held.now) for each in held.lines),
    )


def form_shown(form: Form) -> FormShown:
    """The words of a report as they are given."""
    return FormShown(version=form.version, at=time_of(form.at), by=form.by, fields=dict(form.fields))


def answer_shown(answer: Answer) -> AnswerShown:
    """What a receiver said as it is given."""
    return AnswerShown(
        verdict=str(answer.verdict),
        at=write_moment(answer.at),
        words=answer.words,
        written=time_of(answer.made_at),
        by=answer.made_by,
    )


def sending_shown(sending: Sending, answers: tuple[Answer, ...] = ()) -> SendingShown:
    """What was sent as it is given."""
    return SendingShown(
        id=sending.id,
        at=write_moment(sending.at),
        channel=str(sending.channel),
        reference=sending.reference,
        sha256=sending.sha256,
        version=sending.form,
        written=time_of(sending.made_at),
        by=sending.made_by,
        answers=tuple(map(answer_shown, answers)),
    )


def draft_shown(draft: Draft) -> DraftShown:
    """A report with its words as it is given."""
    line = draft.held.lines[draft.report.place]
    return DraftShown(
        report=report_shown(line, draft.held.now),
        version=draft.form,
        fields=dict(draft.fields),
        text=draft.text,
        sha256=draft.sha256,
        versions=tuple(map(form_shown, draft.forms)),
        sendings=tuple(sending_shown(each, draft.answers.get(each.id, ())) for each in draft.sendings),
    )


def export_shown(export: Export, now: int) -> ExportShown:
    """An export as it is given."""
    return ExportShown(
        quarter=export.quarter,
        since=time_of(export.since),
        until=time_of(export.until),
        reports=tuple(report_shown(each, now) for each in export.lines),
        omitted=tuple(LeftOut(report=report_shown(line, now), because=str(why)) for line, why in export.omitted),
    )


def when(text: str, offset: str) -> Moment | None:
    """A time that was said; None for now."""
    return read_moment(text, offset) if text.strip() else None
