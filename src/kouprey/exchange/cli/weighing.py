"""Commands about what is said of an object: show, note, opinion, merge, unmerge, merges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
import msgspec

from kouprey.exchange.model import ObjectView, PublishReport
from kouprey.exchange.model.weighing import OPINIONS, Assertion, Merge, Weighed
from kouprey.exchange.rules.assertions import confidence_word, served_because
from kouprey.exchange.service import Exchange
from kouprey.kernel.cli.frame import Invocation, command
from kouprey.kernel.words.safejson import decode
from kouprey.kernel.words.time import format_second

_BY = "operator"


@command("show", example="kouprey show indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --json")
@click.argument("stix_id", metavar="ID")
def show(invocation: Invocation, stix_id: str) -> None:
    """Show an object: who says what of it, what others say about it, and what it is worth now and why.

    With --json the bodies of its newest version stand beside the assertions, each with who says it and when.
    """
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        found = exchange.get_object(who, stix_id)
        weighed = exchange.weigh(who, found)
    answer = {
        "id": found.stix_id,
        "type": found.type,
        "title": found.title,
        "versions": [version.version_text for version in found.versions],
        "bodies": [decode(body.raw) for body in found.newest.bodies],
        "served_because": served_because(weighed.assertions),
        **_built(weighed),
    }
    invocation.out.result(answer, lambda: "\n".join(_lines(found, weighed)))


def _built(weighed: Weighed) -> dict[str, Any]:
    made: dict[str, Any] = msgspec.to_builtins(weighed)
    made["assessment"]["because"] = [str(ground) for ground in weighed.assessment.because]
    return made


def _lines(found: ObjectView, weighed: Weighed) -> list[str]:
    made = weighed.assessment
    lines = [f"{found.title} ({found.stix_id})", f"Worth {made.score} of 100 now: {made.state}."]
    lines += [f"  {ground}" for ground in made.because]
    lines += [f"Said by {_assertion(assertion)}" for assertion in weighed.assertions]
    for each in weighed.comments:
        what = each.opinion or each.kind
        if each.kind == "sighting":
            what = f"seen {each.times} times" if each.times else "looked for and not seen"
        first = f": {each.text.splitlines()[0]}" if each.text else ""
        lines.append(f"{what}, {', '.join(each.sources)}, {format_second(each.at)}{first}")
    lines += [_merge(each) for each in weighed.merges]
    return lines


def _assertion(said: Assertion) -> str:
    sure = confidence_word(said.confidence) + ("" if said.confidence is None else f" ({said.confidence})")
    served = ", which is served" if said.served else ""
    return (
        f"{said.source.name}, {format_second(said.received_at)}, {said.label.tlp.text}: body {said.body}{served};"
        f" confidence {sure}; author {said.created_by or 'not named'}"
    )


@command("note", example='kouprey note indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f "Sinkholed on Monday."')
@click.argument("stix_id", metavar="ID")
@click.argument("text")
def note(invocation: Invocation, stix_id: str, text: str) -> None:
    """Write a note about an object, and tell the parties of the agreement it came under."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.note(stix_id, text, who=exchange.operator(), by=_BY)
    invocation.out.result(msgspec.to_builtins(made), lambda: _told(f"{made.stix_id}: a note.", made.reports))


@command("opinion", example="kouprey opinion indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f disagree")
@click.argument("stix_id", metavar="ID")
@click.argument("opinion", metavar="OPINION", type=click.Choice(OPINIONS))
@click.option("--because", default="", metavar="TEXT", help="Why, for everybody who may see the opinion.")
def opinion(invocation: Invocation, stix_id: str, opinion: str, because: str) -> None:
    """Say whether you agree with an object, and tell the parties of the agreement it came under.

    OPINION is strongly-disagree, disagree, neutral, agree or strongly-agree.
    """
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.opine(stix_id, opinion, who=exchange.operator(), by=_BY, because=because)
    invocation.out.result(msgspec.to_builtins(made), lambda: _told(f"{made.stix_id}: {opinion}.", made.reports))


def _told(first: str, reports: Sequence[PublishReport]) -> str:
    if not reports:
        return f"{first}\nIt came under no agreement, so nobody else is told."
    told = [
        f"Under {report.agreement}: {len(report.queued)} queued, {len(report.refused)} refused."
        + "".join(f"\n  {reason.text}" for why in report.refused for reason in why.because)
        for report in reports
    ]
    return "\n".join([first, *told])


@command(
    "merge",
    example="kouprey merge intrusion-set--0f3a5c1e-0000-4000-8000-000000000001"
    ' intrusion-set--0f3a5c1e-0000-4000-8000-000000000002 --because "Two names of one group."',
)
@click.argument("stix_id", metavar="ID")
@click.argument("into", metavar="INTO-ID")
@click.option("--because", required=True, metavar="TEXT", help="Why the two mean the same thing.")
def merge(invocation: Invocation, stix_id: str, into: str, because: str) -> None:
    """Take two objects for the same, under the name of the second; neither changes, and `unmerge` takes it back."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.merge(stix_id, into, because=because, who=exchange.operator(), by=_BY)
    invocation.out.result(msgspec.to_builtins(made), lambda: _merge(made))


@command(
    "unmerge",
    example="kouprey unmerge intrusion-set--0f3a5c1e-0000-4000-8000-000000000001"
    " intrusion-set--0f3a5c1e-0000-4000-8000-000000000002",
)
@click.argument("stix_id", metavar="ID")
@click.argument("into", metavar="INTO-ID")
def unmerge(invocation: Invocation, stix_id: str, into: str) -> None:
    """Take a merge of two objects back: everything is as it was before."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        exchange.unmerge(stix_id, into, who=exchange.operator(), by=_BY)
    invocation.out.result({"unmerged": [stix_id, into]}, f"{stix_id} and {into} are two again.")


@command("merges", example="kouprey merges --stix")
@click.option("--stix", is_flag=True, help="As STIX relationships `duplicate-of` of ours, one a line.")
def merges(invocation: Invocation, stix: bool) -> None:
    """List what is taken for the same here, the latest first."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        if stix:
            for raw in exchange.merges_as_stix(who):
                click.echo(raw.decode())
            return
        made = exchange.list_merges(who)
    text = "\n".join(map(_merge, made)) or "Nothing is merged. `kouprey merge` takes two objects for the same."
    invocation.out.result({"merges": msgspec.to_builtins(made)}, text)


def _merge(made: Merge) -> str:
    return f"{made.stix_id} is taken for {made.into}: {made.because} ({made.by}, {format_second(made.at)})"
