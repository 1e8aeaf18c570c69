"""Commands of the exchange: publish, explain, sight, lookup, collection."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

import click
import msgspec

from kouprey.agreements.model.citing import with_ways
from kouprey.agreements.service import Agreements
from kouprey.exchange.cli import joining
from kouprey.exchange.model import Explanation, Found, ObservableView, PublishReport
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.observables import COUNTED_IN_BATCH, MOST_LOOKED_UP, read_observables
from kouprey.exchange.wire.observables import KINDS
from kouprey.kernel.cli.frame import Invocation, command, group
from kouprey.kernel.words.capability import Services
from kouprey.kernel.words.decision import Reason
from kouprey.kernel.words.errors import Damaged, Refused, Unknown

_BY = "operator"


@command("publish", example="kouprey publish --agreement agr_0f3a --type indicator")
@click.argument("ids", nargs=-1)
@click.option("--agreement", required=True, metavar="AGREEMENT", help="Id or title of the agreement, or its beginning.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="All objects of this STIX type; may be repeated.")
@click.option("--query", default="", metavar="TEXT", help="All objects with these words (or this id).")
@click.option("--all", "everything", is_flag=True, help="Everything that is held and may go.")
@click.option("--audience", default="", metavar="NAME", help="Only to this audience of the agreement (clause 19).")
@click.option("--given-before", is_flag=True, help="What was given to the others before a party joined; needs --to.")
@click.option("--to", "party", default="", metavar="PARTY", help="The party that joined later.")
@click.option("--since", default="", metavar="DAY", help="Given on this day (UTC) or later, as in 2026-11-22.")
@click.option("--dry-run", is_flag=True, help="With --given-before: say what would go, and give nothing.")
def publish(
    invocation: Invocation,
    ids: Sequence[str],
    agreement: str,
    types: Sequence[str],
    query: str,
    everything: bool,
    audience: str,
    given_before: bool,
    party: str,
    since: str,
    dry_run: bool,
) -> None:
    """Give objects to all other parties of an agreement, to an audience of it, or to a party that joined later.

    Each is decided for each party; what may not go is listed with the clause that forbids it, and the exit code is 6
    when nothing could go.
    """
    if given_before or party or since or dry_run:
        asked = joining.Before(party=party, since=since, dry_run=dry_run)
        joining.give(
            invocation, agreement, asked, bool(given_before), bool(ids or types or query or everything or audience)
        )
        return
    with invocation.node() as services:
        report = services.get(Exchange).publish(
            _agreement(services, agreement),
            ids,
            types=types,
            text=query,
            everything=everything,
            by=_BY,
            audience=audience,
        )
    invocation.out.result(msgspec.to_builtins(report), lambda: _publish_text(report))
    if report.refused and not (report.queued or report.already or report.waiting):
        raise click.exceptions.Exit(Refused.exit_code)


def _agreement(services: Services, text: str) -> str:
    return services.get(Agreements).find_by_prefix(text)


def _publish_text(report: PublishReport) -> str:
    lines = [
        f"{len(report.queued)} queued, {len(report.already)} given before, {len(report.refused)} refused,"
        f" {len(report.pruned)} without some of their references."
    ]
    if report.waiting:
        lines.append(f"{len(report.waiting)} wait until they are released: {_because(report.waiting[0].because)}")
    if report.waits_because:
        lines.append(report.waits_because)
    lines += [f"{why.stix_id}: {_because(why.because)}" for why in report.refused]
    return "\n".join(lines)


def _because(reasons: Sequence[Reason]) -> str:
    return " ".join(map(with_ways, reasons))


@command("explain", example="kouprey explain indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --for operator.example")
@click.argument("stix_id", metavar="ID")
@click.option("--for", "party", required=True, metavar="PARTY", help="The party that may or may not see it.")
def explain(invocation: Invocation, stix_id: str, party: str) -> None:
    """Say why a party may or may not see an object, under each agreement and for each label."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        explanation = exchange.explain(stix_id, party, who=exchange.operator())
    invocation.out.result(msgspec.to_builtins(explanation), lambda: _explain_text(explanation))


def _explain_text(explanation: Explanation) -> str:
    word = "may" if explanation.decision.allowed else "may not"
    lines = [f"{explanation.party} {word} see {explanation.stix_id}."]
    for each in explanation.agreements:
        lines.append(f"Under “{each.title}” ({each.agreement}): {'yes' if each.decision.allowed else 'no'}.")
        for one in each.labels:
            said = f"{one.label.tlp.text} {one.label.kind} of {one.label.owner}"
            lines.append(f"  {said}: {_because(one.decision.because)}")
    if not explanation.agreements:
        lines.append(_because(explanation.decision.because))
    return "\n".join(lines)


@command("sight", example="kouprey sight indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f --count 3")
@click.argument("stix_id", metavar="ID")
@click.option("--count", default=1, show_default=True, help="How often it was seen; 0 says that you looked in vain.")
@click.option("--description", default="", help="A sentence about it, for everybody who may see the sighting.")
def sight(invocation: Invocation, stix_id: str, count: int, description: str) -> None:
    """Say that you have seen something, and tell the parties of the agreement it came under."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.sight(stix_id, who=exchange.operator(), by=_BY, count=count, description=description)

    def text() -> str:
        seen = f"was seen {count} times" if count else "was looked for and not seen"
        lines = [f"{made.stix_id}: {made.target} {seen}."]
        if not made.reports:
            lines.append("It came under no agreement, so nobody else is told.")
        lines += [f"Under {report.agreement}: {_publish_text(report)}" for report in made.reports]
        return "\n".join(lines)

    invocation.out.result(msgspec.to_builtins(made), text)


@command("lookup", example="kouprey lookup 198.51.100.7 hxxp://evil[.]example/ --file values.txt")
@click.argument("values", nargs=-1)
@click.option("--file", "file", type=click.File("r", encoding="utf-8", errors="replace"), help="Values, one a line.")
@click.option("--kind", default="", metavar="KIND", type=click.Choice(["", *KINDS]), help="What all values are.")
def lookup(invocation: Invocation, values: Sequence[str], file: TextIO | None, kind: str) -> None:
    """Say which values are named in anything held here, and how often: the fewer versions, the more it says.

    Values may be defanged, and are compared in their canonical form. One value alone is answered with everything known
    of it. The exit code is 4 when none is known.
    """
    asked = list(dict.fromkeys([*values, *(line.strip() for line in file or () if line.strip())]))
    if not asked:
        raise Damaged("There is nothing to look up.", remedy="Name values, or a file with --file.", code="no-values")
    with invocation.node() as services:
        exchange = services.get(Exchange)
        found: dict[str, tuple[Found, ...]] = {}
        for begin in range(0, len(asked), MOST_LOOKED_UP):
            found |= exchange.look_up(exchange.operator(), asked[begin : begin + MOST_LOOKED_UP], kind=kind)
        views = _views(exchange, asked[0], kind) if len(asked) == 1 else []
    rows = [
        {"value": text, "kind": each.observable.kind, "canonical": each.observable.text, "versions": each.versions}
        for text, several in found.items()
        for each in several
    ]
    answer: dict[str, object] = {"asked": len(asked), "known": len(found), "found": rows}
    if views:
        answer["observables"] = msgspec.to_builtins(views)
    invocation.out.result(answer, lambda: "\n".join(_found_lines(rows, views) or ["None of these is known here."]))
    if not found and not views:
        raise click.exceptions.Exit(Unknown.exit_code)


def _views(exchange: Exchange, text: str, kind: str) -> list[ObservableView]:
    """Everything known of each thing that a text may be; of an address that nothing names, perhaps its network."""
    who = exchange.operator()
    views = [exchange.get_observable(who, each.kind, each.text) for each in read_observables(text, kind)]
    return [view for view in views if view.occurrences or view.wider or view.within]


def _found_lines(rows: Sequence[dict[str, object]], views: Sequence[ObservableView]) -> list[str]:
    lines = [f"{row['canonical']} ({row['kind']}): {_versions(row['versions'])}" for row in rows if not views]
    for view in views:
        known = f"{_versions(view.versions)} from {', '.join(view.sources)}" if view.versions else "not named itself"
        lines.append(f"{view.observable.text} ({view.observable.kind}): {known}")
        lines += [f"  {each.stix_id} {each.title} ({', '.join(each.sources)})" for each in view.occurrences]
        lines += [f"  lies in {each.observable.text}" for each in view.wider]
        lines += [f"  contains {each.observable.text}" for each in view.within]
        lines += [f"  beside {each.observable.text} ({each.observable.kind})" for each in view.related]
    return lines


def _versions(count: object) -> str:
    if count == 1:
        return "1 version"
    return f"{count} versions" + (" or more" if count == COUNTED_IN_BATCH else "")


collection = group("collection", "Collections that clients read.", example="kouprey collection create feed --json")


@collection.command("create", example='kouprey collection create feed --title "Indicators for the proxy" --json')
@click.argument("name")
@click.option("--title", default="", help="What clients show; the name if left out.")
@click.option("--description", default="", help="What it holds.")
@click.option("--strict", is_flag=True, help="Refuse objects that break the STIX standard.")
def create_collection(invocation: Invocation, name: str, title: str, description: str, strict: bool) -> None:
    """Make a collection; with --json, {"id": ...} is what clients name it by."""
    with invocation.node() as services:
        made = services.get(Exchange).create_collection(
            name, title=title, description=description, strict=strict, by=_BY
        )
    invocation.out.result(msgspec.to_builtins(made), f"{made.name}: {made.id}")


@collection.command("list", example="kouprey collection list")
def list_collections(invocation: Invocation) -> None:
    """All collections with their ids."""
    with invocation.node() as services:
        found = services.get(Exchange).list_collections()
    invocation.out.table(
        [msgspec.to_builtins(each) for each in found],
        {"name": "Name", "id": "Id", "title": "Title"},
        "There is no collection yet.",
    )
