"""Where a report stands, what an export counts, and what of a case may be put into its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kouprey.kernel.words.time import Instant
from kouprey.response.model.cases import Case, Item, Link, LinkTo, Seen, Severity, Task, TaskState, Track
from kouprey.response.model.duties import (
    MORE,
    UNKNOWN,
    Duty,
    DutyLine,
    Left,
    Report,
    Standing,
    Verdict,
)
from kouprey.response.model.regimes import FIELDS, Step
from kouprey.response.rules.owing import begins, owed
from kouprey.response.rules.tracks import READS

ON = (Track.LEGAL, Track.TECHNICAL)
"""Tracks on which clocks run, in the order in which one is chosen for whoever writes on both."""


def reports_of(duty: Duty) -> tuple[Report, ...]:
    """The reports of a duty that has just begun; the last of a regime is its final one."""
    steps = duty.regime.steps
    return tuple(
        Report(
            duty=duty.id,
            place=place,
            step=each.step.key,
            final=place == len(steps) - 1,
            begins=begins(each.step, duty.known.at, {}),
            due=each.due,
        )
        for place, each in enumerate(owed(duty.regime, duty.known.at, {}))
    )


def begun_by(duty: Duty, reports: Sequence[Report]) -> list[tuple[Report, Instant, Instant]]:
    """Reports whose clock has begun by the first sending of others: each with when it began and when it is due."""
    sent = {each.step: each.first_sent for each in reports if each.first_sent}
    found = []
    for report, now in zip(reports, owed(duty.regime, duty.known.at, sent), strict=True):
        if not report.due and now.due:
            found.append((report, begins(now.step, duty.known.at, sent), now.due))
    return found


def standing(report: Report, *, stopped: bool, now: Instant) -> Standing:
    """Whether it was in time is said by its first sending; a clock without a span cannot be kept, only be over."""
    if report.first_sent:
        if report.due <= report.begins:
            return Standing.SENT
        return Standing.KEPT if report.first_sent <= report.due else Standing.LATE
    if stopped:
        return Standing.STOPPED
    if not report.due:
        return Standing.WAITING
    return Standing.OVERDUE if now >= report.due else Standing.RUNNING


def part_of(report: Report, now: Instant) -> int:
    """How much of the clock is over, in hundredths, 0 to 100; it stands still when the report is sent."""
    at = report.first_sent or now
    if not report.due or at <= report.begins:
        return 100 if report.due and at >= report.due else 0
    return 100 if at >= report.due else (at - report.begins) * 100 // (report.due - report.begins)


def left_out(line: DutyLine, since: Instant, until: Instant) -> Left | None:
    """Why a final report is not in the export of a window, None for one that is; KeyError where it is no matter of it.

    One clock governs both window and inclusion: the newest sending. What has none is a matter of every window that
    ends after it was due, or, while it waits for another report, after the incident was known.
    """
    report = line.report
    if report.sent and since <= report.sent < until:
        return Left.REVISION if report.verdict is Verdict.REVISION else None
    owed_at = report.due or line.duty.known.at
    if not report.sent and owed_at < until:
        if not line.duty.stopped:
            return Left.UNSENT
        if owed_at >= since:
            return Left.STOPPED
    if report.sent >= until and since <= owed_at < until:
        return Left.LATER
    raise KeyError(report.id)


def sorted_out(
    lines: Iterable[DutyLine], since: Instant, until: Instant
) -> tuple[tuple[DutyLine, ...], tuple[tuple[DutyLine, Left], ...]]:
    """What an export has in it, by the time of sending, and what it leaves out, with the reason."""
    found, omitted = [], []
    for line in lines:
        try:
            why = left_out(line, since, until)
        except KeyError:
            continue
        if why is None:
            found.append(line)
        else:
            omitted.append((line, why))
    found.sort(key=lambda each: (each.report.sent, each.report.id))
    omitted.sort(key=lambda each: (each[0].report.due, each[0].report.id))
    return tuple(found), tuple(omitted)


def shared_with(track: Track) -> tuple[Track, ...]:
    """Tracks whose words may be put into a form on this one: those that everybody reads who reads it."""
    return tuple(each for each in Track if READS[track] <= READS[each])


def filled(step: Step, case: Case, items: Iterable[Item], *, party: str, lead: str) -> dict[str, str]:
    """The lines of the form of a step as far as the case knows them; what it does not know says so."""
    known = _known(case, items, party, lead)
    return {name: known.get(FIELDS[name], "").strip() or UNKNOWN for name in step.fields} | {MORE: ""}


def _known(case: Case, items: Iterable[Item], party: str, lead: str) -> Mapping[str, str]:
    bodies = [each.body for each in sorted(items, key=lambda each: (each.at, each.id))]
    severity = "" if case.severity is Severity.UNKNOWN else str(case.severity)
    return {
        "person": lead,
        "party": party,
        "class": f"{case.category}: {case.type}" if case.type else case.category,
        "title": f"{case.title}\n{case.summary}",
        "severity": f"{severity}: {case.severity_why}" if severity and case.severity_why else severity,
        "observables": "\n".join(f"{each.kind} {each.text}" for each in bodies if isinstance(each, Seen)),
        "related": "\n".join(
            f"{each.ref} {each.note}".strip()
            for each in bodies
            if isinstance(each, Link) and each.to in (LinkTo.TICKET, LinkTo.HANDOFF)
        ),
        "done": "\n".join(
            f"{each.title}: {each.result}" if each.result else each.title
            for each in bodies
            if isinstance(each, Task) and each.state is TaskState.DONE
        ),
        # "No" is what nobody has said: a case that is not marked so may cross one all the same.
        "cross_border": "yes" if case.cross_border else "",
    }
