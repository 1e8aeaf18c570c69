"""Commands for sources: how far what each gave may be passed on."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from kouprey.exchange.model.rights import SourceRight
from kouprey.exchange.service import Exchange
from kouprey.kernel.cli.frame import Invocation, group

_BY = "operator"
_WORDS = {
    "agreement": "under an agreement",
    "inside": "only inside our own party",
    "attribution": "naming whom it is owed to",
}

source = group("source", "How far what a source gave may be passed on.", example="kouprey source list")


@source.command("list", example="kouprey source list")
def list_sources(invocation: Invocation) -> None:
    """List who gave what is held here, and how far each lets it be passed on."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        found = exchange.list_source_rights(exchange.operator())
    if invocation.out.json:
        invocation.out.result([msgspec.to_builtins(each) for each in found], "")
        return
    invocation.out.table(
        [{"name": each.name, "right": _right(each), "because": each.because} for each in found],
        {"name": "Source", "right": "May be passed on", "because": "Ground"},
        "Nothing has come from anywhere yet.",
    )


@source.command("allow", example='kouprey source allow "TAXII Vendor" --right inside --because "Licence, paragraph 4"')
@click.argument("name", metavar="SOURCE")
@click.option("--right", "passing", required=True, type=click.Choice(list(_WORDS)), help="How far it may be passed on.")
@click.option("--credit", default="", metavar="NAME", help="Whom it is owed to, for attribution.")
@click.option("--because", default="", metavar="TEXT", help="Which licence or contract says so.")
def allow(invocation: Invocation, name: str, passing: Any, credit: str, because: str) -> None:
    """Say how far what a source gave may be passed on; a source that has given nothing yet may be named ahead."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.set_source_right(exchange.operator(), name, passing, credit=credit, because=because, by=_BY)
    invocation.out.result(msgspec.to_builtins(made), f"{made.name}: {_right(made)}.")


def _right(each: SourceRight) -> str:
    return _WORDS[each.passing] + (f" ({each.credit})" if each.credit else "")
