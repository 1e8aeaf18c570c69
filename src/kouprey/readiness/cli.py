"""Commands about readiness: how it stands, what can be confirmed, and what helps next."""

from __future__ import annotations

from pathlib import Path

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.people.service import People
from kouprey.readiness.model import Objective
from kouprey.readiness.service import Readiness
from kouprey.readiness.wire.paper import draw

readiness = group("readiness", "How the country stands, and what helps next.", example="kouprey readiness show")


@readiness.command("show", example="kouprey readiness show")
def show(call: Invocation) -> None:
    """Show each framework: what its owner says of the country, what you have confirmed, and the next tier."""
    with call.node() as services:
        known = services.get(Readiness)
        stands = known.stands(known.operator())
    rows: list[dict[str, object]] = []
    for each in stands:
        shown = each.owner or each.ours
        rows.append(
            {
                "framework": each.framework.id,
                "value": round(shown.value, 2),
                "of": shown.most,
                "tier": shown.tier.id if shown.tier is not None else "",
                "gap": round(shown.gap, 2),
                "public": round(each.public.value, 2),
                "proposed": each.proposed,
            }
        )
    columns = {"framework": "Framework", "value": "Stands at", "of": "Of", "tier": "Tier", "gap": "To the next"}
    call.out.table(rows, columns | {"public": "Public", "proposed": "To confirm"}, empty="There is no framework.")


@readiness.command("country", example="kouprey readiness country KHM")
@click.argument("country", metavar="CODE")
def country(call: Invocation, country: str) -> None:
    """Say which country this node reports for, by its three letters; `none` for none."""
    with call.node() as services:
        known = services.get(Readiness)
        known.choose_country(known.operator(), "" if country == "none" else country.upper())
    call.out.result({"country": country.upper()}, "Kept.")


@readiness.command("proposed", example="kouprey readiness proposed")
def proposed(call: Invocation) -> None:
    """Show what this node can prove and nobody has confirmed."""
    with call.node() as services:
        known = services.get(Readiness)
        found = known.proposals(known.operator())
    rows: list[dict[str, object]] = [
        {
            "framework": each.framework,
            "indicator": each.indicator,
            "title": each.title,
            "counted": each.query,
            "times": each.proof.count,
        }
        for each in found
    ]
    columns = {"framework": "Framework", "indicator": "Indicator", "title": "What", "counted": "Counted"}
    call.out.table(rows, columns | {"times": "Times"}, empty="Nothing. What the node does is counted as it goes on.")


@readiness.command("confirm", example="kouprey readiness confirm ncsi-3 9.5 --note 'With the neighbours'")
@click.argument("framework", metavar="FRAMEWORK")
@click.argument("indicator", metavar="INDICATOR")
@click.option("--note", default="", help="Kept with it.")
def confirm(call: Invocation, framework: str, indicator: str, note: str) -> None:
    """Confirm what the node can prove of an indicator."""
    with call.node() as services:
        known = services.get(Readiness)
        made = known.confirm(known.operator(), framework, indicator, note=note)
    call.out.result({"framework": framework, "indicator": indicator, "value": made.value}, "Confirmed.")


@readiness.command("claim", example="kouprey readiness claim ncsi-3 1.4 3 --evidence https://gov.example/strategy")
@click.argument("framework", metavar="FRAMEWORK")
@click.argument("indicator", metavar="INDICATOR")
@click.argument("value", metavar="VALUE", type=float)
@click.option("--evidence", default="", help="A document or an address that shows it.")
@click.option("--note", default="", help="Kept with it.")
def claim(call: Invocation, framework: str, indicator: str, value: float, evidence: str, note: str) -> None:
    """Say what is so of an indicator; the value 0 takes an answer back."""
    with call.node() as services:
        known = services.get(Readiness)
        known.claim(known.operator(), framework, indicator, value, evidence=evidence, note=note)
    call.out.result({"framework": framework, "indicator": indicator, "value": value}, "Kept.")


@readiness.command("publish", example="kouprey readiness publish ncsi-3 9.5")
@click.argument("framework", metavar="FRAMEWORK")
@click.argument("indicator", metavar="INDICATOR")
def publish(call: Invocation, framework: str, indicator: str) -> None:
    """Show everybody what was confirmed: a signed count at `/evidence/ID`."""
    with call.node() as services:
        known = services.get(Readiness)
        made = known.publish(known.operator(), framework, indicator)
    call.out.result({"id": made.id}, f"Everybody can read /evidence/{made.id} now.")


@readiness.command("withdraw", example="kouprey readiness withdraw evidence_0123456789ab")
@click.argument("statement", metavar="ID")
def withdraw(call: Invocation, statement: str) -> None:
    """Withdraw an evidence statement; it stays where it is and says so."""
    with call.node() as services:
        known = services.get(Readiness)
        known.withdraw(known.operator(), statement)
    call.out.result({"id": statement}, "It says that it is withdrawn now.")


@readiness.command("plan", example="kouprey readiness plan ncsi-3 --target 60 --without 10.4")
@click.argument("framework", metavar="FRAMEWORK")
@click.option("--target", type=click.FloatRange(0), default=0.0, help="Points to reach; without it the next tier.")
@click.option("--for", "objective", type=click.Choice([*map(str, Objective)]), default="effort", show_default=True)
@click.option("--without", multiple=True, metavar="MEASURE", help="Leave a measure out; repeatable.")
def plan(call: Invocation, framework: str, target: float, objective: str, without: tuple[str, ...]) -> None:
    """Find the cheapest measures that reach a tier, in an order that keeps what each needs."""
    with call.node() as services:
        found = services.get(Readiness).plan(framework, target=target, objective=Objective(objective), without=without)
    rows: list[dict[str, object]] = [
        {
            "measure": each.id,
            "title": each.title,
            "days": each.effort_days,
            "usd": each.cost_usd,
            "lead": each.lead_days,
        }
        for each in found.steps
    ]
    columns = {"measure": "Measure", "title": "What", "days": "Days of work", "usd": "US dollars"}
    call.out.table(rows, columns | {"lead": "Days until done"}, empty="No plan reaches that.")


@readiness.command("print", example="kouprey readiness print --language km --into papers")
@click.option("--language", type=click.Choice(["en", "km"]), default="en", show_default=True, help="Of the paper.")
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder for what is written."
)
def print_(call: Invocation, language: str, into: Path) -> None:
    """Write how the country stands as a PDF."""
    with call.node() as services:
        known, people = services.get(Readiness), services.get(People)
        names = {party.id: party.name for party in people.list_parties()}
        drawn = draw(
            known.stands(known.operator()),
            known.countries().get(known.country(), ""),
            language=language,
            home=names.get(people.home_id, people.home_id),
            at=known.now(),
        )
    into.mkdir(parents=True, exist_ok=True)
    file = into / f"readiness-{language}.pdf"
    file.write_bytes(drawn)
    call.out.result({"file": str(file)}, f"Written to {file}.")
