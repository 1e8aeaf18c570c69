"""Commands about hunts: bring rules, ask a record, and look at what was found."""

from __future__ import annotations

from pathlib import Path

import click

from kouprey.hunt.model import Outcome
from kouprey.hunt.service import Hunts
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import TLP

hunt = group("hunt", "Ask recorded events with Sigma rules.", example="kouprey hunt run events.ndjson")

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_LEVELS = click.Choice([level.word for level in TLP])


@hunt.command("rules", example="kouprey hunt rules sigma_core.zip")
@click.argument("file", metavar="FILE", type=_FILE)
def rules(call: Invocation, file: Path) -> None:
    """Bring Sigma rules: a file (.yml) or an archive of files (.zip, .tar.gz)."""
    with call.node() as services:
        hunts = services.get(Hunts)
        kept = hunts.keep_rules(hunts.operator(), file.name, file.read_bytes())
    lines = [f"{kept.new} new, {kept.known} known before."]
    lines += [f"  cannot be run: {title}: {why}" for title, why in kept.unrunnable[:20]]
    lines += [f"  no rule: {name}: {why}" for name, why in kept.refused[:20]]
    value = {
        "new": kept.new,
        "known": kept.known,
        "unrunnable": [list(each) for each in kept.unrunnable],
        "refused": [list(each) for each in kept.refused],
    }
    call.out.result(value, "\n".join(lines))


@hunt.command("run", example="kouprey hunt run events.ndjson")
@click.argument("file", metavar="FILE", type=_FILE)
def run(call: Invocation, file: Path) -> None:
    """Ask a record (lines of JSON, or Parquet) with all rules, and show which found something."""
    with call.node() as services:
        hunts = services.get(Hunts)
        who = hunts.operator()
        made = hunts.run(who, file)
        found = hunts.outcomes(who, made.id)
    _show(call, made.id, found)


@hunt.command("list", example="kouprey hunt list")
def list_(call: Invocation) -> None:
    """Show what was asked, the newest first."""
    with call.node() as services:
        hunts = services.get(Hunts)
        found = hunts.list_hunts(hunts.operator())
    rows: list[dict[str, object]] = [
        {
            "id": each.id,
            "name": each.name,
            "state": str(each.state),
            "events": each.events,
            "hits": each.hits,
            "begun": format_second(each.at),
        }
        for each in found
    ]
    columns = {"id": "Hunt", "name": "Record", "state": "State", "events": "Events", "hits": "Found"}
    call.out.table(rows, columns | {"begun": "Begun"}, empty="Nothing was asked. `kouprey hunt run FILE` asks.")


@hunt.command("show", example="kouprey hunt show hunt_0123456789ab")
@click.argument("name", metavar="HUNT")
@click.option("--missed", is_flag=True, help="Rules that could not run, or ask for what no event had.")
def show(call: Invocation, name: str, missed: bool) -> None:
    """Show what each rule came to in a hunt."""
    with call.node() as services:
        hunts = services.get(Hunts)
        found = hunts.outcomes(hunts.operator(), name, found=not missed)
    _show(call, name, found)


@hunt.command("sight", example="kouprey hunt sight hunt_0123456789ab DIGEST --tlp amber")
@click.argument("name", metavar="HUNT")
@click.argument("digest", metavar="RULE")
@click.option("--tlp", type=_LEVELS, default="amber", show_default=True, help="Marking of a new indicator.")
def sight(call: Invocation, name: str, digest: str, tlp: str) -> None:
    """Keep what a rule found as a sighting of an indicator that carries the rule."""
    with call.node() as services:
        hunts = services.get(Hunts)
        level = next(level for level in TLP if level.word == tlp)
        made = hunts.sight(hunts.operator(), name, digest, tlp=level, by="operator")
    call.out.result({"id": made}, f"{made} is kept.")


def _show(call: Invocation, name: str, found: list[Outcome]) -> None:
    rows: list[dict[str, object]] = [
        {
            "hunt": name,
            "rule": each.digest,
            "title": each.title,
            "level": each.level,
            "hits": each.hits,
            "missing": each.problem or ", ".join(each.unseen),
        }
        for each in found
    ]
    columns = {"hits": "Events", "level": "Level", "title": "Rule", "missing": "Not there"}
    call.out.table(rows, columns, empty="No rule found anything.")
