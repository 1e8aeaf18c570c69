"""Commands about tickets at RTIR."""

from __future__ import annotations

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.time import format_second
from kouprey.response.model.cases import Case
from kouprey.response.service import HandOffs, Tickets
from kouprey.response.service.tickets import Shown

ticket = group("ticket", "Tickets at RTIR that belong to cases.", example="kouprey ticket list")


@ticket.command("list", example="kouprey ticket list")
def list_tickets(call: Invocation) -> None:
    """Show the tickets of all cases, how they stand there, and what contradicts."""
    with call.node() as services:
        found = services.get(Tickets).list_all(services.get(HandOffs).operator())
    columns = {"case": "case", "ticket": "ticket", "status": "there", "phase": "here", "clash": "contradicts"}
    columns |= {"seen": "last seen", "error": "error"}
    rows = [_row(shown, case) for shown, case in found]
    call.out.table(rows, columns, empty="No ticket. `kouprey ticket make CASE` has one made.")


@ticket.command("make", example="kouprey ticket make 12")
@click.argument("case")
def make(call: Invocation, case: str) -> None:
    """Have a ticket made for a CASE; the running node does it."""
    with call.node() as services:
        made = services.get(Tickets).make(services.get(HandOffs).operator(), case)
    call.out.result({"id": made.id}, "It is made as soon as RTIR is reached; `kouprey ticket list` shows its number.")


@ticket.command("tie", example="kouprey ticket tie 12 4711")
@click.argument("case")
@click.argument("number")
def tie(call: Invocation, case: str, number: str) -> None:
    """Tie the ticket with that NUMBER to a CASE."""
    with call.node() as services:
        made = services.get(Tickets).tie(services.get(HandOffs).operator(), case, number)
    call.out.result({"id": made.id, "ticket": made.ticket}, f"Ticket {made.ticket} is tied to the case.")


@ticket.command("look", example="kouprey ticket look")
def look(call: Invocation) -> None:
    """Tell RTIR what it does not know, and take back what has happened there, of all tickets that are due."""
    with call.node() as services:
        done = services.get(Tickets).turn()
    call.out.result({"tickets": done}, f"{done} tickets were looked at.")


@ticket.command("settle", example="kouprey ticket settle 12 4711")
@click.argument("case")
@click.argument("number")
def settle(call: Invocation, case: str, number: str) -> None:
    """Leave what contradicts between a CASE and its ticket as it is."""
    with call.node() as services:
        tickets, who = services.get(Tickets), services.get(HandOffs).operator()
        made = tickets.settle(who, case, tickets.id_of(who, case, number))
    call.out.result({"ticket": made.ticket}, "It is left as it is, until either side has moved.")


@ticket.command("let-go", example="kouprey ticket let-go 12 4711")
@click.argument("case")
@click.argument("number")
def let_go(call: Invocation, case: str, number: str) -> None:
    """Follow a ticket of a CASE no longer; it stays where it is."""
    with call.node() as services:
        tickets, who = services.get(Tickets), services.get(HandOffs).operator()
        made = tickets.let_go(who, case, tickets.id_of(who, case, number))
    call.out.result({"ticket": made.ticket}, "It is followed no longer.")


def _row(shown: Shown, case: Case) -> dict[str, object]:
    held = shown.ticket
    return {
        "case": case.number,
        "ticket": held.ticket,
        "status": held.status,
        "phase": str(case.phase),
        "clash": "left" if shown.left else str(shown.clash),
        "seen": format_second(held.seen_at) if held.seen_at else "",
        "error": held.error,
    }
