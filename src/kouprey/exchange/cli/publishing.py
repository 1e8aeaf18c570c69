"""Commands for what is given by itself: rules of a saved search and an agreement."""

from __future__ import annotations

import click
import msgspec

from kouprey.agreements.service import Agreements
from kouprey.exchange.model.publishing import DryRun, PublishingRule, RuleDay, RuleItem
from kouprey.exchange.rules.publishing import day_of, day_text
from kouprey.exchange.service import Exchange
from kouprey.exchange.service.publishing import LIMIT
from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.errors import Unknown

_BY = "operator"

rule = group("rule", "What is given by itself, as it comes in.", example="kouprey rule list")


@rule.command("list", example="kouprey rule list")
def list_rules(invocation: Invocation) -> None:
    """List the rules with their state, and what each did on its last day."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        found = exchange.list_publishing_rules(who)
        last = {each.id: next(iter(exchange.list_publishing_days(who, each.id, 1)), None) for each in found}
    if invocation.out.json:
        invocation.out.result([msgspec.to_builtins(each) for each in found], "")
        return
    invocation.out.table(
        [_row(each, last[each.id]) for each in found],
        {"name": "Name", "search": "Search", "agreement": "Agreement", "state": "State", "last": "Last day"},
        "Nothing is given by itself. `kouprey rule add` makes a rule of a saved search.",
    )


@rule.command("add", example='kouprey rule add "Wick watch" --agreement agr_0f3a --limit 200')
@click.argument("search")
@click.option("--agreement", required=True, metavar="AGREEMENT", help="Id or title of the agreement, or its beginning.")
@click.option("--name", default="", metavar="NAME", help="What the rule is called; else as the search.")
@click.option("--limit", default=LIMIT, show_default=True, help="Objects a day beyond which it pauses itself.")
@click.option("--sightings", is_flag=True, help="Sightings of what is found go too.")
@click.option("--audience", default="", metavar="NAME", help="Only to this audience of the agreement (clause 19).")
def add_rule(
    invocation: Invocation, search: str, agreement: str, name: str, limit: int, sightings: bool, audience: str
) -> None:
    """Make a rule of a saved search, and show what it would give; nothing goes before `kouprey rule start`."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        made = exchange.add_publishing_rule(
            who,
            saved=search,
            agreement=services.get(Agreements).find_by_prefix(agreement),
            name=name,
            limit=limit,
            sightings=sightings,
            audience=audience,
            by=_BY,
        )
        seen = exchange.try_publishing_rule(who, made.id)
    text = f'{made.name} is made. {_tried(seen)}\nTo let it give: `kouprey rule start "{made.name}"`.'
    invocation.out.result({"rule": msgspec.to_builtins(made), "dry_run": msgspec.to_builtins(seen)}, text)


@rule.command("try", example='kouprey rule try "Wick watch"')
@click.argument("name", metavar="RULE")
def try_rule(invocation: Invocation, name: str) -> None:
    """Show what a rule would give of what is held now, and what is held back by which clause; nothing happens."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        seen = exchange.try_publishing_rule(exchange.operator(), name)
    invocation.out.result(msgspec.to_builtins(seen), lambda: _tried(seen))


@rule.command("start", example='kouprey rule start "Wick watch" --everything --yes')
@click.argument("name", metavar="RULE")
@click.option("--everything", is_flag=True, help="Also what is held already, not only what comes in.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def start_rule(invocation: Invocation, name: str, everything: bool, yes: bool) -> None:
    """Let a rule give what comes in, as the operator; a paused one goes on where it stopped."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        seen = exchange.try_publishing_rule(who, name)
        what = "Give this, and what comes in?" if everything else "Give what comes in from now on?"
        invocation.out.confirm(f"{_tried(seen)}\n{what}", yes=yes)
        made = exchange.start_publishing_rule(who, name, by=_BY, everything=everything)
    invocation.out.result(msgspec.to_builtins(made), f"{made.name} runs.")


@rule.command("pause", example='kouprey rule pause "Wick watch"')
@click.argument("name", metavar="RULE")
def pause_rule(invocation: Invocation, name: str) -> None:
    """Let nothing go by a rule until it is started again."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.pause_publishing_rule(exchange.operator(), name, by=_BY)
    invocation.out.result(msgspec.to_builtins(made), f"{made.name} is {made.state}.")


@rule.command("show", example='kouprey rule show "Wick watch" --day 2026-11-27')
@click.argument("name", metavar="RULE")
@click.option("--day", default="", metavar="DAY", help="What it did with each object on this day (UTC).")
def show_rule(invocation: Invocation, name: str, day: str) -> None:
    """Show what a rule did by day, or on one day with each object and the clause that held it back."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        who = exchange.operator()
        if day:
            items = exchange.list_publishing_items(who, name, _day(day), limit=1_000)
            invocation.out.result([msgspec.to_builtins(each) for each in items], lambda: _items(items))
            return
        made, days = exchange.get_publishing_rule(who, name), exchange.list_publishing_days(who, name)
    told = [{**msgspec.to_builtins(each), "day": day_text(each.day)} for each in days]
    invocation.out.result({"rule": msgspec.to_builtins(made), "days": told}, lambda: _shown(made, days))


@rule.command("undo", example='kouprey rule undo "Wick watch" --day 2026-11-27 --because "The feed was wrong."')
@click.argument("name", metavar="RULE")
@click.option("--day", required=True, metavar="DAY", help="The day (UTC).")
@click.option("--because", required=True, metavar="TEXT", help="Why; the parties read it.")
def undo_rule(invocation: Invocation, name: str, day: str, because: str) -> None:
    """Ask the parties to take back what a rule gave on a day, and withdraw what waits; what was read was read."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        done = exchange.undo_publishing_day(exchange.operator(), name, _day(day), because=because, by=_BY)
    lines = [f"{done.recalled} recalls sent, {done.withdrawn} requests withdrawn."]
    lines += [f"  {stix_id}: {why}" for stix_id, why in done.left]
    lines += ["There are more: give the command again."] if done.more else []
    invocation.out.result(msgspec.to_builtins(done), "\n".join(lines))


@rule.command("end", example='kouprey rule end "Wick watch"')
@click.argument("name", metavar="RULE")
def end_rule(invocation: Invocation, name: str) -> None:
    """End a rule for good; what it gave stays given."""
    with invocation.node() as services:
        exchange = services.get(Exchange)
        made = exchange.end_publishing_rule(exchange.operator(), name, by=_BY)
    invocation.out.result({"ended": made.id}, f"{made.name} is ended.")


def _day(text: str) -> int:
    found = day_of(text)
    if found is None:
        raise Unknown(f"{text[:20]!r} is no day.", "A day is written 2026-11-27.", code="unknown-day")
    return found


def _row(each: PublishingRule, last: RuleDay | None) -> dict[str, str]:
    state = each.state if not each.paused_itself else f"paused itself: {each.because[0].text}"
    told = _counted(last) if last is not None else "never"
    return {"name": each.name, "search": each.what, "agreement": each.agreement, "state": state, "last": told}


def _counted(day: RuleDay) -> str:
    return f"{day_text(day.day)}: {day.given} given, {day.waiting} to be released, {day.held} held back"


def _tried(seen: DryRun) -> str:
    if not seen.looked:
        return "It finds nothing now."
    lines = [
        f"Of the {seen.looked:,}{' newest' if seen.more else ''} objects it finds now {seen.goes} would go to"
        f" {', '.join(seen.parties)}, {seen.waits} would ask for release, {seen.held} are held back,"
        f" {seen.already} were given before."
    ]
    if seen.hinders:
        lines.append(seen.hinders)
    for ground in seen.grounds:
        why = " ".join(f"{r.text} (clause {r.clause})" if r.clause else r.text for r in ground.because)
        lines.append(f"  {ground.count}: {why} For example {ground.samples[0].title or ground.samples[0].stix_id}.")
    return "\n".join(lines)


def _shown(made: PublishingRule, days: list[RuleDay]) -> str:
    state = made.state if not made.paused_itself else f"paused itself: {made.because[0].text}"
    lines = [f"{made.name}: {state}; as {made.person}, at most {made.limit} objects a day."]
    return "\n".join([*lines, *(f"  {_counted(each)}" for each in days)])


def _items(items: list[RuleItem]) -> str:
    words = {"queued": "given", "waiting": "to be released", "refused": "held back"}
    lines = []
    for each in items:
        why = " ".join(f"{r.text} (clause {r.clause})" if r.clause else r.text for r in each.because)
        back = ", taken back" if each.undone_at else ""
        lines.append(f"{words[each.fate]}{back}  {each.stix_id}  {each.title}  {why}".rstrip())
    return "\n".join(lines) or "It did nothing on that day."
