"""Commands for how long something is kept."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from kouprey.agreements.service import Agreements
from kouprey.exchange.model.retention import Duty, Preview, Rule, Run
from kouprey.exchange.service import Exchange
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.time import format_second

_BY = "operator"
_AGES = {"received": "received", "news": "last news", "end": "past their end"}

retention = group("retention", "How long something is kept.", example="kouprey retention list")


@retention.command("list", example="kouprey retention list")
def list_rules(invocation: Invocation) -> None:
    """List the rules with their state and last run, and the terms of agreements that no rule keeps."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        found = exchange.list_rules(who)
        last = {each.id: next(iter(exchange.list_runs(who, each.id, 1)), None) for each in found}
        open_duties = [each for each in exchange.list_duties(who) if not each.rule]
    rows = [_row(each, last[each.id]) for each in found]
    if invocation.out.json:
        duties = [msgspec.to_builtins(each) for each in open_duties]
        invocation.out.result({"rules": [msgspec.to_builtins(each) for each in found], "duties": duties}, "")
        return
    invocation.out.table(
        rows,
        {"name": "Name", "what": "What", "older": "Older than", "state": "State", "last": "Last run"},
        "Nothing is erased by age. `kouprey retention add` proposes a rule.",
    )
    for each in open_duties:
        invocation.out.note(_duty(each))


@retention.command(
    "add", example='kouprey retention add "Old feed" --search "Feed rows" --days 180 --because "Policy 7"'
)
@click.argument("name")
@click.option("--days", type=int, default=0, metavar="DAYS", help="How long it is kept; of an agreement: its term.")
@click.option("--because", required=True, metavar="TEXT", help="Which law, agreement or policy demands it.")
@click.option(
    "--age",
    type=click.Choice(list(_AGES)),
    default="received",
    help="What the days count from: the receipt of the newest version, its last news, or the end its author gave it.",
)
@click.option("--search", "saved", default="", metavar="NAME", help="What a saved search finds; the search is copied.")
@click.option("--collection", default="", metavar="NAME", help="Only what is in this collection.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type; again for several.")
@click.option("--agreement", default="", metavar="AGREEMENT", help="What came under this agreement.")
def add_rule(
    invocation: Invocation,
    name: str,
    days: int,
    because: str,
    age: Any,
    saved: str,
    collection: str,
    types: tuple[str, ...],
    agreement: str,
) -> None:
    """Propose a rule, and show what it would erase now; nothing goes before `kouprey retention confirm`."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        made = exchange.add_rule(
            name,
            days=days,
            because=because,
            who=who,
            by=_BY,
            age=age,
            saved=saved,
            collection=collection,
            types=types,
            agreement=services.get(Agreements).find_by_prefix(agreement) if agreement else "",
        )
        seen = exchange.preview_rule(who, made.id)
    text = f'{made.name} is proposed. {_previewed(seen)}\nTo let it: `kouprey retention confirm "{made.name}"`.'
    invocation.out.result({"rule": msgspec.to_builtins(made), "preview": msgspec.to_builtins(seen)}, text)


@retention.command("change", example='kouprey retention change "Old feed" --days 90 --because "Policy 8"')
@click.argument("rule")
@click.option("--days", type=int, required=True, metavar="DAYS", help="How long it is kept.")
@click.option("--because", required=True, metavar="TEXT", help="Which law, agreement or policy demands it.")
def change_rule(invocation: Invocation, rule: str, days: int, because: str) -> None:
    """Give a rule other days; it is a proposal again until it is confirmed."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.change_rule(exchange.operator(), rule, days=days, because=because, by=_BY)
    invocation.out.result(msgspec.to_builtins(made), f"{made.name} is proposed anew: {made.days} days.")


@retention.command("preview", example='kouprey retention preview "Old feed"')
@click.argument("rule")
def preview_rule(invocation: Invocation, rule: str) -> None:
    """Show what a rule would erase if it ran now; nothing is changed."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        seen = exchange.preview_rule(exchange.operator(), rule)
    invocation.out.result(msgspec.to_builtins(seen), lambda: _previewed(seen))


@retention.command("confirm", example='kouprey retention confirm "Old feed" --yes')
@click.argument("rule")
@click.option("--yes", is_flag=True, help="Do not ask.")
def confirm_rule(invocation: Invocation, rule: str, yes: bool) -> None:
    """Let a rule erase: at the next turn of the running node, and then once a day."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        seen = exchange.preview_rule(who, rule)
        invocation.out.confirm(
            f"{_previewed(seen)}\nErase this for good, and every day what has become so old?", yes=yes
        )
        made = exchange.confirm_rule(who, rule, by=_BY)
    invocation.out.result(msgspec.to_builtins(made), f"{made.name} is in force.")


@retention.command("pause", example='kouprey retention pause "Old feed"')
@click.argument("rule")
def pause_rule(invocation: Invocation, rule: str) -> None:
    """Let nothing go by a rule until it is resumed, not even the rest of a run."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.pause_rule(exchange.operator(), rule, by=_BY)
    invocation.out.result(msgspec.to_builtins(made), f"{made.name} is paused.")


@retention.command("resume", example='kouprey retention resume "Old feed"')
@click.argument("rule")
def resume_rule(invocation: Invocation, rule: str) -> None:
    """Go on with a rule that was paused."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.resume_rule(exchange.operator(), rule, by=_BY)
    invocation.out.result(msgspec.to_builtins(made), f"{made.name} is in force.")


@retention.command("remove", example='kouprey retention remove "Old feed"')
@click.argument("rule")
def remove_rule(invocation: Invocation, rule: str) -> None:
    """End a rule; what it erased stays erased."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.remove_rule(exchange.operator(), rule, by=_BY)
    invocation.out.result({"removed": made.id}, f"{made.name} is removed.")


@retention.command("run", example='kouprey retention run "Old feed"')
@click.argument("rule")
def run_rule(invocation: Invocation, rule: str) -> None:
    """Carry out a rule that is in force now, to its end; a running node does so by itself once a day."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        run = exchange.run_rule(exchange.operator(), rule, by=_BY)
        exchange.scrub()
    invocation.out.result(msgspec.to_builtins(run), lambda: _ran(run))


def _row(rule: Rule, last: Run | None) -> dict[str, str]:
    return {
        "name": rule.name,
        "what": rule.what,
        "older": f"{rule.days} days ({_AGES[rule.age]})",
        "state": rule.state,
        "last": _ran(last) if last is not None else "never",
    }


def _ran(run: Run) -> str:
    when = f"begun {format_second(run.began_at)}" + (", not ended" if not run.ended_at else "")
    text = f"{run.erased} erased, {run.held} held, {run.failed} failed ({when})"
    return f"{text}. The last that failed: {run.trouble}" if run.trouble else text


def _previewed(seen: Preview) -> str:
    if not seen.count:
        return "It would erase nothing now."
    by_type = ", ".join(f"{count} {type_}" for type_, count in seen.by_type.items())
    lines = [f"It would erase {seen.count:,}{'+' if seen.more else ''} objects now ({by_type}); {seen.held} are held."]
    lines += [f"  {format_second(each.since)}  {each.stix_id}  {each.title}" for each in seen.samples]
    return "\n".join(lines)


def _duty(duty: Duty) -> str:
    return (
        f"{duty.title} lets what came under it be kept {duty.days} days (clause 6), and no rule keeps that:"
        f' `kouprey retention add "{duty.title}" --agreement {duty.agreement} --because "Clause 6"`.'
    )
