"""Commands that remove for good, and that keep from being removed: erase, hold."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from kouprey.exchange.model.keeping import EraseReport, Hold
from kouprey.exchange.service import Exchange
from kouprey.exchange.wire.erasures import write_erasures
from kouprey.kernel.cli.frame import Invocation, command, group
from kouprey.kernel.seal.keyring import Keyring
from kouprey.kernel.words.errors import Damaged, Refused
from kouprey.kernel.words.time import format_second
from kouprey.people.service import People

_BY = "operator"


@command(
    "erase",
    example='kouprey erase indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --because "Court order 12/2026" --yes',
)
@click.argument("stix_id", metavar="ID", default="")
@click.option("--version", "version", default="", metavar="VERSION", help="Only this version, as its `modified` says.")
@click.option("--because", default="", metavar="TEXT", help="Who asked for it and on which ground; kept here for ever.")
@click.option("--lift", is_flag=True, help="Let what was erased be received again; it brings nothing back.")
@click.option(
    "--export",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    metavar="FILE",
    help="Write the signed list of all that was erased, to be kept beside the backups.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(
    invocation: Invocation, stix_id: str, version: str, because: str, lift: bool, export: Path | None, yes: bool
) -> None:
    """Remove an object with its bodies and all that was derived from them; a tombstone stays, with the reason.

    It cannot be undone. Partners who were given it keep theirs: the answer names them. Backups made before hold it
    still; restoring one needs the list that --export writes, or the old node's folder.
    """
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        if export is not None:
            count = _export(exchange, services.get(People).home_id, services.get(Keyring), export)
            invocation.out.result({"file": str(export), "lines": count}, f"{export}: {count} lines, signed.")
            return
        if not stix_id:
            raise Damaged("There is nothing to erase.", remedy="Name the id of an object.", code="no-id")
        if lift:
            lifted = exchange.lift_erasure(stix_id, who=who, by=_BY, version=version)
            text = f"{stix_id} may be received again ({lifted} version{'s' * (lifted != 1)})."
            invocation.out.result({"id": stix_id, "lifted": lifted}, text)
            return
        invocation.out.confirm(f"Erase {stix_id} {version or 'in all its versions'} for good?", yes=yes)
        report = exchange.erase(stix_id, because=because, who=who, by=_BY, version=version)
    invocation.out.result(msgspec.to_builtins(report), lambda: _erase_text(report))


def _export(exchange: Exchange, party: str, ring: Keyring, file: Path) -> int:
    known = exchange.list_erasures()
    if file.exists():
        raise Refused(f"{file} exists.", remedy="Name another file, or move that one away.", code="file-exists")
    file.write_bytes(write_erasures(party, known, ring.node))
    return len(known)


def _erase_text(report: EraseReport) -> str:
    lines = [
        f"{report.stix_id} is erased. Versions: {report.versions}; bodies: {report.bodies}; bodies of entries in"
        f" lanes: {report.entries}."
    ]
    if report.given:
        lines.append(f"It was given to {', '.join(report.given)}, who have it still: ask them to remove it.")
    if not report.scrubbed:
        lines.append("What it left in the free space of the database is overwritten by the running node.")
    lines.append("Backups made until now hold it. Make a new one, and keep `kouprey erase --export FILE` beside it.")
    return "\n".join(lines)


hold = group("hold", "What must not be erased.", example="kouprey hold list")


@hold.command(
    "add", example='kouprey hold add --object indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --because "Case 9/2026"'
)
@click.option("--object", "stix_id", default="", metavar="ID", help="An object, in all its versions.")
@click.option("--collection", default="", metavar="NAME", help="Whatever is in this collection.")
@click.option("--search", default="", metavar="NAME", help="Whatever a saved search finds; the search is copied.")
@click.option("--because", required=True, metavar="TEXT", help="Which proceeding needs it.")
def add_hold(invocation: Invocation, stix_id: str, collection: str, search: str, because: str) -> None:
    """Keep an object, a collection or what a saved search finds from being erased, until the hold is lifted."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        match (stix_id, collection, search):
            case (what, "", "") if what:
                made = exchange.place_hold("object", what, because=because, who=who, by=_BY)
            case ("", what, "") if what:
                made = exchange.place_hold("collection", what, because=because, who=who, by=_BY)
            case ("", "", what) if what:
                made = exchange.place_hold("search", what, because=because, who=who, by=_BY)
            case _:
                raise Damaged(
                    "It is not clear what shall be held.",
                    remedy="Name one of --object, --collection and --search.",
                    code="no-subject",
                )
    invocation.out.result(msgspec.to_builtins(made), f"{made.id}: nothing of {made.what} is erased any more.")


@hold.command("list", example="kouprey hold list")
def list_holds(invocation: Invocation) -> None:
    """List the holds in force, the oldest first."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        found = exchange.list_holds(exchange.operator())
    invocation.out.table(
        [_row(each) for each in found],
        {"id": "Id", "kind": "Kind", "what": "What", "because": "Because", "placed": "Placed", "by": "By"},
        "Nothing is held. `kouprey hold add` keeps something from being erased.",
    )


def _row(held: Hold) -> dict[str, str]:
    placed = format_second(held.at)
    return {
        "id": held.id,
        "kind": held.kind,
        "what": held.what,
        "because": held.because,
        "placed": placed,
        "by": held.by,
    }


@hold.command("lift", example="kouprey hold lift hold_0f3a5c1e0f3a")
@click.argument("hold_id", metavar="HOLD")
def lift_hold(invocation: Invocation, hold_id: str) -> None:
    """End a hold: what it kept may be erased again."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        exchange.lift_hold(hold_id, who=exchange.operator(), by=_BY)
    invocation.out.result({"lifted": hold_id}, f"{hold_id} is lifted.")
