"""Commands about cases as STIX bundles."""

from __future__ import annotations

from pathlib import Path

import click

from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.response.model.cases import Track
from kouprey.response.service import Cases, HandOffs


@command("stix", example="kouprey case stix 12 -o case-12.json")
@click.argument("number")
@click.option("-o", "--to", "to_", required=True, type=click.Path(dir_okay=False, path_type=Path), help="A new file.")
@click.option("--legal", is_flag=True, help="With the legal track.")
def give(call: Invocation, number: str, to_: Path, legal: bool) -> None:
    """Write a case as a STIX 2.1 bundle; that it was written is noted first."""
    with call.node() as services:
        held, made = services.get(Cases).write_bundle(services.get(HandOffs).operator(), number, legal=legal)
        with to_.open("xb") as file:
            file.write(made)
    told = f"Case {held.number}, {held.tlp.text}: {len(made):,} bytes in {to_}."
    call.out.result({"number": held.number, "tlp": held.tlp.word, "bytes": len(made), "file": str(to_)}, told)


@command("take", example="kouprey case take bundle.json --tlp amber")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--tlp", default="amber+strict", show_default=True, help="Who of ours sees it; never less than it says.")
@click.option("--track", type=click.Choice([str(each) for each in Track]), default="technical", show_default=True)
def take(call: Invocation, file: Path, tlp: str, track: str) -> None:
    """Open a case from the incident of a STIX bundle; the bundle stays with it as evidence."""
    with call.node() as services:
        every, who = services.get(Cases), services.get(HandOffs).operator()
        taken = every.take_bundle(who, file.read_bytes(), tlp=parse_tlp(tlp), track=Track(track), name=file.name)
    held = taken.case
    lines = [f"Case {held.number} is open, {held.tlp.text}."]
    if taken.unread:
        lines += ["Not understood, and kept in its bytes:", *(f"  {each}" for each in taken.unread)]
    call.out.result(
        {"number": held.number, "id": held.id, "tlp": held.tlp.word, "unread": list(taken.unread)}, "\n".join(lines)
    )
