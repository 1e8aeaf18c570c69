"""Commands about preservation, words of two persons, and the basis that an emergency owes."""

from __future__ import annotations

import click

from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.words.time import format_second
from kouprey.response.cli import id_of
from kouprey.response.service import HandOffs, Preserving, Releasing
from kouprey.response.wire.preserving import read_route_lines, read_until


@command("preserved", example="kouprey handoff preserved 3f9a --until 2027-01-26")
@click.argument("id_", metavar="ID")
@click.option("--until", default="", help="The last day, as 2027-01-26; the usual time if left out.")
@click.option("--route", "routes", multiple=True, metavar="'PROVIDER STATE'", help="Where the trail leads; repeatable.")
def preserved(call: Invocation, id_: str, until: str, routes: tuple[str, ...]) -> None:
    """Answer a request to preserve by a date, and by nothing else; what we hold of it is held from now on."""
    with call.node() as services:
        every, preserving = services.get(HandOffs), services.get(Preserving)
        who, handoff_id = every.operator(), id_of(every, id_)
        route = read_route_lines("\n".join(routes))
        told = preserving.answer(who, handoff_id, read_until(until), route)
        held = [stix_id for stix_id, _ in preserving.held(who, handoff_id)]
    call.out.result(
        {"id": told.asked.id, "until": format_second(told.course.until), "held": held},
        f"Preserved until {format_second(told.course.until)}; {len(held)} objects are under a hold for it.",
    )


@command("longer", example="kouprey handoff longer 3f9a --until 2027-03-01 --text 'The request is filed.'")
@click.argument("id_", metavar="ID")
@click.option("--until", required=True, help="The last day, as 2027-03-01.")
@click.option("--text", default="", help="Why.")
def longer(call: Invocation, id_: str, until: str, text: str) -> None:
    """Ask whoever preserves something for us to do so for longer."""
    with call.node() as services:
        every = services.get(HandOffs)
        told = services.get(Preserving).extend(every.operator(), id_of(every, id_), read_until(until), text)
    asked = format_second(told.course.longer)
    call.out.result({"id": told.asked.id, "longer": asked}, f"They are asked to preserve it until {asked}.")


@command("words", example="kouprey handoff words 3f9a")
@click.argument("id_", metavar="ID")
def words(call: Invocation, id_: str) -> None:
    """Show what two persons release: who gave the first word, who the second. Words are given by people who sign in."""
    with call.node() as services:
        every = services.get(HandOffs)
        found = services.get(Releasing).list(every.operator(), id_of(every, id_))
    rows = [
        {
            "word": each.id,
            "verb": str(each.proposed.verb),
            "state": str(each.state),
            "first": f"{each.first} ({each.first_role})",
            "second": f"{each.second} ({each.second_role})" if each.second else "",
            "files": len(each.proposed.items),
        }
        for each in found
    ]
    columns = {
        "word": "word",
        "verb": "says",
        "state": "stands",
        "first": "first",
        "second": "second",
        "files": "files",
    }
    call.out.table(rows, columns, empty="Nobody has given a word yet.")


@command("basis", example="kouprey handoff basis 3f9a 'Treaty of 2004, article 12, 2026/114'")
@click.argument("id_", metavar="ID")
@click.argument("basis")
def basis(call: Invocation, id_: str, basis: str) -> None:
    """File the legal BASIS of what was asked for in an emergency."""
    with call.node() as services:
        every = services.get(HandOffs)
        told = services.get(Releasing).file_basis(every.operator(), id_of(every, id_), basis)
    call.out.result({"id": told.asked.id, "lacks_basis": told.course.lacking}, "The legal basis is filed.")
