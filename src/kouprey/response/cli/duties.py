"""Commands about duties: the clocks of laws on cases, their reports, and the export of a quarter."""

from __future__ import annotations

import sys
from typing import Any

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import format_second
from kouprey.response.model.cases import Moment, Track
from kouprey.response.model.duties import Channel, DutyLine, Verdict
from kouprey.response.service import Duties, HandOffs
from kouprey.response.store.duties import STATES, Sought
from kouprey.response.wire.casewords import read_moment, write_moment

duty = group("duty", "Reports that laws want of us, and their clocks.", example="kouprey duty list")
_AT = click.option("--at", default="", help="When, as 2026-11-27 23:50; without it, now.")
_OFFSET = click.option("--offset", default="", help="In which time, as +07:00; without it, UTC.")


@duty.command("regimes", example="kouprey duty regimes")
def regimes(call: Invocation) -> None:
    """Show the regimes that can be begun."""
    with call.node() as services:
        found = services.get(Duties).regimes()
    rows = [
        {
            "regime": key,
            "title": each.title,
            "reports": len(each.steps),
            "version": each.version,
            "review": format_second(each.review_by)[:10],
            "checked": each.checked or "by nobody yet",
        }
        for key, each in found.items()
    ]
    call.out.table(rows, {name: name for name in ("regime", "title", "reports", "version", "review", "checked")})


@duty.command("start", example="kouprey duty start 12 malaysia-act-854 --known '2026-11-27 23:50' --why 'NCII entity'")
@click.argument("case")
@click.argument("regime")
@click.option("--known", required=True, help="Since when it was known, as 2026-11-27 23:50.")
@_OFFSET
@click.option("--by", "known_by", required=True, help="Who knew of it.")
@click.option("--why", required=True, help="Why the case falls under it.")
@click.option("--track", type=click.Choice(["legal", "technical"]), default="technical", show_default=True)
def start(call: Invocation, case: str, regime: str, known: str, offset: str, track: str, **given: str) -> None:
    """Say that CASE falls under REGIME; its clocks begin."""
    with call.node() as services:
        held = services.get(Duties).start(
            services.get(HandOffs).operator(),
            case,
            regime,
            known=read_moment(known, offset),
            track=Track(track),
            **given,
        )
    lines = [f"The clocks run: {held.duty.id}.", *(_told(each) for each in held.lines)]
    call.out.result({"id": held.duty.id, "reports": [_row(each) for each in held.lines]}, "\n".join(lines))


@duty.command("list", example="kouprey duty list --state overdue")
@click.option("--state", type=click.Choice(STATES), default=STATES[0], show_default=True)
@click.option("--regime", default="", help="Of this one alone.")
def list_duties(call: Invocation, state: str, regime: str) -> None:
    """Show reports over all cases, what is due soonest first."""
    with call.node() as services:
        lines, _ = services.get(Duties).list(services.get(HandOffs).operator(), Sought(state=state, regime=regime))
    names = ("case", "report", "step", "standing", "due", "sent", "verdict", "duty")
    call.out.table(
        [_row(each) for each in lines],
        {name: name for name in names},
        empty="No report is like that. `kouprey duty start CASE REGIME` begins clocks.",
    )


@duty.command("show", example="kouprey duty show duty_3f9a initial")
@click.argument("id_", metavar="DUTY")
@click.argument("step", metavar="REPORT")
def show(call: Invocation, id_: str, step: str) -> None:
    """Show a report of a duty: its exact text, its hash, and what was sent."""
    with call.node() as services:
        found = services.get(Duties).draft(services.get(HandOffs).operator(), id_, step)
    sent = [
        {
            "id": each.id,
            "at": write_moment(each.at),
            "channel": str(each.channel),
            "reference": each.reference,
            "sha256": each.sha256,
            "verdict": str(answers[0].verdict) if (answers := found.answers.get(each.id)) else str(Verdict.NONE),
        }
        for each in found.sendings
    ]
    shown = {"version": found.form, "fields": dict(found.fields), "text": found.text, "sha256": found.sha256}
    lines = [found.text, f"version {found.form}, sha256 {found.sha256}"]
    lines += [f"sent {each['at']} by {each['channel']}, {each['verdict']}: {each['id']}" for each in sent]
    call.out.result({**shown, "sent": sent}, "\n".join(lines))


@duty.command("write", example="kouprey duty write duty_3f9a initial --line sector=Energy")
@click.argument("id_", metavar="DUTY")
@click.argument("step", metavar="REPORT")
@click.option("--line", "lines", multiple=True, help="A line of the form, as sector=Energy; others stay.")
def write(call: Invocation, id_: str, step: str, lines: tuple[str, ...]) -> None:
    """Keep a version of the words of a report; what nobody knows says so."""
    fields = {}
    for line in lines:
        name, sign, text = line.partition("=")
        if not sign:
            raise Damaged("That is no line.", line[:80], "Write it as sector=Energy.", code="bad-field")
        fields[name.strip()] = text
    with call.node() as services:
        every, who = services.get(Duties), services.get(HandOffs).operator()
        made = every.write(who, id_, step, every.draft(who, id_, step).form, fields)
    call.out.result({"version": made.version, "fields": dict(made.fields)}, f"Kept as version {made.version}.")


@duty.command("send", example="kouprey duty send duty_3f9a initial portal --reference NC4-2026-17")
@click.argument("id_", metavar="DUTY")
@click.argument("step", metavar="REPORT")
@click.argument("channel", type=click.Choice([str(each) for each in Channel]))
@_AT
@_OFFSET
@click.option("--reference", default="", help="The number the receiver gave it.")
def send(call: Invocation, id_: str, step: str, channel: str, at: str, offset: str, reference: str) -> None:
    """Write down that a report was sent, with the hash of its exact text."""
    with call.node() as services:
        every, who = services.get(Duties), services.get(HandOffs).operator()
        version = every.draft(who, id_, step).form
        made = every.send(who, id_, step, version, Channel(channel), at=_moment(at, offset), reference=reference)
    call.out.result({"id": made.id, "sha256": made.sha256}, f"Written down: {made.sha256} ({made.id}).")


@duty.command("answer", example="kouprey duty answer duty_3f9a initial sending_77 revision-required --words 'Sector?'")
@click.argument("id_", metavar="DUTY")
@click.argument("step", metavar="REPORT")
@click.argument("sending")
@click.argument("verdict", type=click.Choice([str(each) for each in Verdict]))
@_AT
@_OFFSET
@click.option("--words", default="", help="What the receiver said.")
def answer(call: Invocation, id_: str, step: str, sending: str, verdict: str, **given: str) -> None:
    """Write down what the receiver said of a sending."""
    with call.node() as services:
        services.get(Duties).answer(
            services.get(HandOffs).operator(),
            id_,
            step,
            sending,
            Verdict(verdict),
            at=_moment(given["at"], given["offset"]),
            words=given["words"],
        )
    call.out.result({"sending": sending, "verdict": verdict}, f"Written down: {verdict}.")


@duty.command("text", example="kouprey duty text duty_3f9a initial sending_77 | sha256sum")
@click.argument("id_", metavar="DUTY")
@click.argument("step", metavar="REPORT")
@click.argument("sending")
def text(call: Invocation, id_: str, step: str, sending: str) -> None:
    """Write what was sent to standard output, byte for byte."""
    with call.node() as services:
        _, said = services.get(Duties).sent_text(services.get(HandOffs).operator(), id_, step, sending)
    _out(said)


@duty.command("stop", example="kouprey duty stop duty_3f9a 'It is no NCII entity.'")
@click.argument("id_", metavar="DUTY")
@click.argument("why")
def stop(call: Invocation, id_: str, why: str) -> None:
    """Stop the clocks of a duty, with the reason."""
    _set_stopped(call, id_, why, True)


@duty.command("resume", example="kouprey duty resume duty_3f9a 'It is one after all.'")
@click.argument("id_", metavar="DUTY")
@click.argument("why")
def resume(call: Invocation, id_: str, why: str) -> None:
    """Let the clocks of a duty go on, with the reason."""
    _set_stopped(call, id_, why, False)


@duty.command("quarter", example="kouprey duty quarter 2026-Q4 > reports.csv")
@click.argument("quarter")
def export(call: Invocation, quarter: str) -> None:
    """Write the final reports of a QUARTER as CSV, and those that are left out with the reason."""
    with call.node() as services:
        _out(services.get(Duties).export_table(services.get(HandOffs).operator(), quarter))


def _set_stopped(call: Invocation, id_: str, why: str, stopped: bool) -> None:
    with call.node() as services:
        every, who = services.get(Duties), services.get(HandOffs).operator()
        made = every.set_stopped(who, id_, every.get(who, id_).duty.version, why, stopped=stopped)
    call.out.result({"id": id_, "stopped": made.duty.stopped}, "The clocks stand." if stopped else "The clocks go on.")


def _moment(at: str, offset: str) -> Moment | None:
    return read_moment(at, offset) if at else None


def _out(said: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.flush()


def _row(line: DutyLine) -> dict[str, Any]:
    report = line.report
    return {
        "case": line.case.number,
        "report": line.step.title,
        "step": report.step,
        "standing": str(line.standing),
        "due": format_second(report.due) if report.due else "",
        "sent": format_second(report.sent) if report.sent else "",
        "verdict": str(report.verdict),
        "duty": report.duty,
    }


def _told(line: DutyLine) -> str:
    due = format_second(line.report.due) if line.report.due else "when another is sent"
    return f"  {line.step.title}: until {due}"
