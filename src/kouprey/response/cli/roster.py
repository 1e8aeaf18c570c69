"""Commands about who of ours is on duty, and about drills of partners."""

from __future__ import annotations

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Damaged
from kouprey.kernel.words.time import SECOND, Instant, format_second, parse_instant
from kouprey.response.model.directory import Shift
from kouprey.response.service import Drills, HandOffs, Roster

roster = group("roster", "Who of ours answers when.", example="kouprey roster list")
drill = group("drill", "How long partners take to answer, by exercises.", example="kouprey drill list")


@roster.command("list", example="kouprey roster list --json")
def list_shifts(call: Invocation) -> None:
    """Show the shifts that count, and when nobody is on duty within fourteen days."""
    with call.node() as services:
        every, who = services.get(Roster), services.get(HandOffs).operator()
        shifts, gaps = every.list(who), every.gaps(who)
    rows = [
        {
            "id": each.id,
            "person": each.person,
            "role": each.role,
            "reach": each.reach,
            "starts": format_second(each.starts),
            "ends": format_second(each.ends),
        }
        for each in shifts
        if not each.withdrawn_at
    ]
    rows += [
        {
            "id": "",
            "person": "nobody",
            "role": "",
            "reach": "",
            "starts": format_second(each.starts),
            "ends": format_second(each.ends),
        }
        for each in gaps
    ]
    columns = {"id": "id", "person": "who", "role": "role", "reach": "how", "starts": "from", "ends": "until"}
    call.out.table(rows, columns, empty="Nobody stands in the roster.")


@roster.command("add", example="kouprey roster add Dara 2026-11-28T00:00:00Z 2026-11-28T12:00:00Z --reach +85523555")
@click.argument("person")
@click.argument("starts")
@click.argument("ends")
@click.option("--reach", required=True, help="How they are reached.")
@click.option("--role", default="Duty officer", show_default=True, help="What partners may read of them.")
def add(call: Invocation, person: str, starts: str, ends: str, reach: str, role: str) -> None:
    """Write down that PERSON is on duty from STARTS until ENDS (RFC 3339)."""
    shift = Shift(id="", person=person, role=role, reach=reach, starts=_time(starts), ends=_time(ends))
    with call.node() as services:
        made = services.get(Roster).add(services.get(HandOffs).operator(), shift)
    call.out.result({"id": made.id}, f"{made.person} stands in the roster: {made.id}.")


@roster.command("withdraw", example="kouprey roster withdraw sft_3f9a")
@click.argument("shift")
def withdraw(call: Invocation, shift: str) -> None:
    """Let a shift count no more; that it stood there is kept."""
    with call.node() as services:
        services.get(Roster).withdraw(services.get(HandOffs).operator(), shift)
    call.out.result({"id": shift}, "It counts no more.")


@drill.command("send", example="kouprey drill send operator.example")
@click.argument("parties", nargs=-1, required=True)
@click.option("--text", default="", help="What they read; left out, it asks for an acknowledgement.")
def send(call: Invocation, parties: tuple[str, ...], text: str) -> None:
    """Drill partners now: each gets a hand-off that is an exercise."""
    with call.node() as services:
        made = services.get(Drills).send(services.get(HandOffs).operator(), parties, text=text)
    call.out.result(
        {"drills": [{"handoff": each.handoff, "party": each.party} for each in made]},
        f"EXERCISE: {len(made)} sent.",
    )


@drill.command("monthly", example="kouprey drill monthly operator.example other.example")
@click.argument("parties", nargs=-1)
def monthly(call: Invocation, parties: tuple[str, ...]) -> None:
    """Drill these partners each month, and no others."""
    with call.node() as services:
        held = services.get(Drills).set_monthly(services.get(HandOffs).operator(), parties)
    call.out.result({"monthly": held}, f"Each month: {', '.join(held) or 'nobody'}.")


@drill.command("list", example="kouprey drill list --json")
def list_drills(call: Invocation) -> None:
    """Show the drills we sent, and how long each took in seconds."""
    with call.node() as services:
        every = services.get(Drills).list_sent(services.get(HandOffs).operator())
    rows = [
        {
            "handoff": each.handoff,
            "party": each.party,
            "sent": format_second(each.sent_at),
            "delivered_s": _after(each.sent_at, each.delivered_at),
            "acknowledged_s": _after(each.sent_at, each.acknowledged_at),
            "over": "yes" if each.closed_at else "",
        }
        for each in every
    ]
    columns = {
        "handoff": "id",
        "party": "whom",
        "sent": "sent",
        "delivered_s": "delivered (s)",
        "acknowledged_s": "acknowledged (s)",
        "over": "over",
    }
    call.out.table(rows, columns, empty="No drill was sent. `kouprey drill send PARTY…` sends one.")


@drill.command("asked", example="kouprey drill asked")
def asked(call: Invocation) -> None:
    """Show the drills that partners sent us, those that wait first."""
    with call.node() as services:
        every, who = services.get(Drills), services.get(HandOffs).operator()
        lines = [*every.asked(who), *every.asked(who, ended=True)]
    rows = [
        {"handoff": line.id, "by": line.asking, "stands": str(line.stage), "at": format_second(line.at)}
        for line in lines
    ]
    call.out.table(rows, {"handoff": "id", "by": "by", "stands": "stands", "at": "asked"}, empty="Nobody drills us.")


@drill.command("acknowledge", example="kouprey drill acknowledge 3f9a…")
@click.argument("handoff")
def acknowledge(call: Invocation, handoff: str) -> None:
    """Acknowledge a drill that a partner sent us."""
    with call.node() as services:
        services.get(Drills).acknowledge(services.get(HandOffs).operator(), handoff)
    call.out.result({"handoff": handoff}, "EXERCISE: acknowledged.")


def _after(sent: Instant, reached: Instant) -> int | None:
    return (reached - sent) // SECOND if reached else None


def _time(text: str) -> Instant:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise Damaged(
            "That is no date and time.", text[:60], "Write it as 2026-11-28T07:00:00Z.", code="bad-time"
        ) from error
