"""Commands about strategies."""

from __future__ import annotations

from pathlib import Path

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import parse_tlp
from kouprey.response.model.outcomes import Verdict
from kouprey.response.service import HandOffs, Outcomes, Strategies

strategy = group("strategy", "How incidents of a kind are answered.", example="kouprey strategy list")
_TLP = click.option("--tlp", default="green", show_default=True, help="It names no incident, so that it can go far.")


@strategy.command("write", example="kouprey strategy write 'A page is defaced' 'Take it off' 'Tell the press'")
@click.argument("name")
@click.argument("steps", nargs=-1, required=True)
@click.option("--description", default="", help="What it is for, and when it is better not used.")
@_TLP
def write(call: Invocation, name: str, steps: tuple[str, ...], description: str, tlp: str) -> None:
    """Write a strategy of STEPS for people, one after the other."""
    with call.node() as services:
        made = services.get(Strategies).write(
            services.get(HandOffs).operator(),
            name=name,
            description=description,
            steps=steps,
            tlp=parse_tlp(tlp),
            by="operator",
        )
    call.out.result({"id": made}, f"Kept: {made}. `kouprey publish` gives it to partners.")


@strategy.command("keep", example="kouprey strategy keep playbook.json --tlp green")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_TLP
def keep(call: Invocation, file: Path, tlp: str) -> None:
    """Keep a CACAO 2.0 playbook as a strategy; nothing of it is ever run here."""
    with call.node() as services:
        who = services.get(HandOffs).operator()
        made = services.get(Strategies).keep(who, file.read_bytes(), tlp=parse_tlp(tlp), by="operator")
    call.out.result({"id": made}, f"Kept: {made}. `kouprey publish` gives it to partners.")


@strategy.command("list", example="kouprey strategy list")
def list_strategies(call: Invocation) -> None:
    """Show strategies, the newest first."""
    with call.node() as services:
        heads, _ = services.get(Strategies).list(services.get(HandOffs).operator())
    rows = [
        {
            "id": head.stix_id,
            "title": head.title,
            "changed": format_second(head.instant) if head.instant else "",
            "marking": head.tlp.text,
        }
        for head in heads
    ]
    columns = {"id": "id", "title": "strategy", "changed": "changed", "marking": "marking"}
    call.out.table(rows, columns, empty="None yet. `kouprey strategy write NAME STEP…` writes one.")


@strategy.command("show", example="kouprey strategy show course-of-action--3f9a")
@click.argument("id_", metavar="ID")
def show(call: Invocation, id_: str) -> None:
    """Show the tasks that a strategy comes to."""
    with call.node() as services:
        found = services.get(Strategies).get(services.get(HandOffs).operator(), id_)
    tasks = [{"title": each.title, "text": each.text, "run": str(each.run)} for each in found.tasks]
    lines = [found.view.title, found.description, *(f"{n}. {each.title}" for n, each in enumerate(found.tasks, 1))]
    call.out.result(
        {"id": id_, "title": found.view.title, "tasks": tasks}, "\n".join(filter(None, [*lines, found.unread]))
    )


@strategy.command("outcome", example="kouprey strategy outcome course-of-action--3f9a worked --case 12")
@click.argument("id_", metavar="ID")
@click.argument("verdict", type=click.Choice([str(each) for each in Verdict]))
@click.option("--words", default="", help="What its author should know; nothing of the incident.")
@click.option("--case", "number", default="", metavar="NUMBER", help="The case that used it; counts its steps.")
@click.option("--uncounted", is_flag=True, help="Do not tell how many steps were done.")
def outcome(call: Invocation, id_: str, verdict: str, words: str, number: str, uncounted: bool) -> None:
    """Tell whom a strategy came from how it went: the words shown, and nothing else of the case."""
    with call.node() as services:
        who, outcomes = services.get(HandOffs).operator(), services.get(Outcomes)
        letter = outcomes.draft(who, id_, verdict, words=words, case=number, counted=not uncounted)
        made = outcomes.tell(who, id_, verdict, words=words, case=number, counted=not uncounted, by="operator")
    told = [each.agreement for each in made.reports if each.queued]
    goes = (
        f"It goes to {', '.join(letter.parties)}." if told else "It stays here: the strategy came under no agreement."
    )
    call.out.result({"id": made.stix_id, "text": letter.text, "agreements": told}, f"{letter.text}\n{goes}")


@strategy.command("outcomes", example="kouprey strategy outcomes course-of-action--3f9a")
@click.argument("id_", metavar="ID")
def outcomes(call: Invocation, id_: str) -> None:
    """Show how a strategy did where it was used, the newest first."""
    with call.node() as services:
        told, _ = services.get(Outcomes).list(services.get(HandOffs).operator(), id_)
    rows = [
        {
            "at": format_second(each.at),
            "from": ", ".join(each.sources),
            "verdict": str(each.outcome.verdict),
            "steps": f"{each.outcome.done}/{each.outcome.steps}" if each.outcome.steps else "",
            "words": each.outcome.words,
        }
        for each in told
    ]
    columns = {"at": "when", "from": "from", "verdict": "it", "steps": "steps", "words": "words"}
    call.out.table(rows, columns, empty="Nobody has told yet. `kouprey strategy outcome ID VERDICT` does.")
