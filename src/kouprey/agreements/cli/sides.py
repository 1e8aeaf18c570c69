"""Commands for what one party does alone: tighten, comment, decline, leave; and what changed."""

from __future__ import annotations

import click

from kouprey.agreements.model import KINDS, PURPOSES, Narrowing, Onward, Standing, Version
from kouprey.agreements.rules import changes
from kouprey.agreements.service import Agreements
from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.words.errors import Unknown
from kouprey.kernel.words.tlp import PAP, TLP

_BY = "operator"
_AGREEMENT = click.argument("name", metavar="AGREEMENT")
_YES = click.option("--yes", is_flag=True, help="Do not ask.")


@command("tighten", example="kouprey agreement tighten AGREEMENT --tlp green --type sighting")
@_AGREEMENT
@click.option("--tlp", type=click.Choice([level.word for level in TLP]), help="A lower ceiling.")
@click.option("--pap", type=click.Choice([level.word for level in PAP]), help="A lower PAP ceiling.")
@click.option("--onward", type=click.Choice([str(each) for each in Onward]), help="Pass less on.")
@click.option("--type", "types", type=click.Choice(KINDS), multiple=True, help="Only this kind; repeatable.")
@click.option("--purpose", "purposes", type=click.Choice(PURPOSES), multiple=True, help="Only for this; repeatable.")
@click.option("--with", "parties", metavar="PARTY", multiple=True, help="Only with this party; repeatable.")
def tighten(
    call: Invocation,
    name: str,
    tlp: str | None,
    pap: str | None,
    onward: str | None,
    types: tuple[str, ...],
    purposes: tuple[str, ...],
    parties: tuple[str, ...],
) -> None:
    """Tighten it for our part, at once and alone; loosening it again needs a new version."""
    asked = Narrowing(
        agreement="",
        version=0,
        party="",
        serial=0,
        at=0,
        tlp_ceiling=tlp or "",
        pap_ceiling=pap or "",
        onward=onward or "",
        types=types or None,
        purposes=purposes or None,
        parties=parties or None,
    )
    with call.node() as services:
        agreements = services.get(Agreements)
        standing = agreements.narrow(agreements.find_by_prefix(name), asked, by=_BY)
    call.out.result(_row(standing), "Tightened for our part. It holds from now on; the others are told.")


@command("comment", example='kouprey agreement comment AGREEMENT "Too high for us." --clause 2')
@_AGREEMENT
@click.argument("words")
@click.option("--clause", default="all", help="The number of the clause it is about.")
def comment(call: Invocation, name: str, words: str, clause: str) -> None:
    """Say something about the newest version; all its parties get it, signed by this node."""
    _say(call, name, clause, words)


@command("decline", example='kouprey agreement decline AGREEMENT "Our law allows one year."')
@_AGREEMENT
@click.argument("reason")
def decline(call: Invocation, name: str, reason: str) -> None:
    """Say that we will not sign the newest version, and why."""
    _say(call, name, "decline", reason)


@command("comments", example="kouprey agreement comments AGREEMENT")
@_AGREEMENT
def comments(call: Invocation, name: str) -> None:
    """Show what the parties have said about its versions."""
    with call.node() as services:
        agreements = services.get(Agreements)
        found = agreements.list_comments(agreements.find_by_prefix(name))
    rows = [{"party": said.party, "about": said.about, "words": said.words} for said, _ in found]
    call.out.table(rows, {"party": "Party", "about": "Clause", "words": "Words"}, empty="Nobody has said anything.")


@command("changes", example="kouprey agreement changes AGREEMENT 1 2")
@_AGREEMENT
@click.argument("old", type=click.IntRange(1))
@click.argument("new", type=click.IntRange(1))
def show_changes(call: Invocation, name: str, old: int, new: int) -> None:
    """Show the clauses in which two versions differ, and which way each moved."""
    with call.node() as services:
        agreements = services.get(Agreements)
        found = agreements.find_by_prefix(name)
        versions = [_numbered(agreements, found, number) for number in (old, new)]
    made = changes.compare(versions[0].document, versions[1].document)
    rows = [{"clause": each.clause, "way": str(each.way)} for each in made]
    call.out.table(rows, {"clause": "Clause", "way": "Way"}, empty="Both say the same.")


@command("leave", example="kouprey agreement leave AGREEMENT")
@_AGREEMENT
@_YES
def leave(call: Invocation, name: str, yes: bool) -> None:
    """Leave for good; among the others it goes on."""
    with call.node() as services:
        agreements = services.get(Agreements)
        found = agreements.find_by_prefix(name)
        call.out.confirm("Leave this agreement? It cannot be taken back.", yes=yes)
        standing = agreements.leave(found, by=_BY)
    call.out.result(_row(standing), "We have left. Nothing passes under it any more; the others are told.")


@command("officers", example="kouprey agreement officers two")
@click.argument("number", type=click.Choice(["one", "two"]))
def officers(call: Invocation, number: str) -> None:
    """Say whether one person signs alone, or one prepares and another confirms."""
    with call.node() as services:
        services.get(Agreements).demand_two_officers(number == "two", by=_BY)
    call.out.result({"officers": number}, f"Signing needs {number} from now on.")


def _say(call: Invocation, name: str, about: str, words: str) -> None:
    with call.node() as services:
        agreements = services.get(Agreements)
        found = agreements.find_by_prefix(name)
        proposed = [version for version in agreements.list_versions(found) if not version.draft]
        if not proposed:
            raise Unknown("Nobody has proposed it yet.", "", "`kouprey agreement propose`", code="unknown-version")
        said = agreements.comment(found, proposed[-1].note_sha256, about, words, by=_BY)
    call.out.result({"agreement": found, "about": said.about, "words": said.words}, "Said. The other parties get it.")


def _numbered(agreements: Agreements, agreement: str, number: int) -> Version:
    found = [version for version in agreements.list_versions(agreement) if version.number == number]
    if not found:
        raise Unknown(f"There is no version {number}.", "", f"`kouprey agreement show {agreement}`", code="unknown")
    return found[-1]


def _row(standing: Standing) -> dict[str, object]:
    return {
        "agreement": standing.agreement,
        "left": list(standing.left),
        "tightened_by": [each.party for each in standing.narrowed],
    }
