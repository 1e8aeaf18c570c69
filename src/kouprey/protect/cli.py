"""Commands about shields: make them, see what they list and leave out, release, go back, and let devices fetch."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.time import format_second
from kouprey.kernel.words.tlp import TLP, parse_tlp
from kouprey.protect.model import Format, Limits, Part, Query, Release, State, Why
from kouprey.protect.service import Protect, Standing

protect = group("protect", "Let devices block what partners warn of.", example="kouprey protect list")

_BY = "operator"
_LEVELS = click.Choice([each.word for each in TLP if each < TLP.RED])
_STANDARD = Limits()
_NAME = click.argument("name", metavar="SHIELD")
_SERIAL = click.argument("serial", metavar="SERIAL", type=int)


@protect.command("add", example="kouprey protect add resolvers --part names --tlp amber")
@_NAME
@click.option("--title", default="", help="What it guards, in a line.")
@click.option("--part", "parts", type=click.Choice([str(each) for each in Part]), multiple=True, help="Only these.")
@click.option("--collection", default="main", show_default=True, help="Only what is in this collection.")
@click.option("--source", "sources", multiple=True, help="Only what this party says; repeatable.")
@click.option("--confidence", type=click.IntRange(0, 100), default=0, help="The least confidence.")
@click.option("--tlp", type=_LEVELS, default=TLP.AMBER_STRICT.word, show_default=True, help="The strictest level.")
@click.option("--growth", type=int, default=_STANDARD.growth, show_default=True, help="Per cent that may come unasked.")
@click.option("--canary", type=int, default=_STANDARD.canary, show_default=True, help="Events it may block unasked.")
@click.option("--life-days", type=int, default=_STANDARD.life_days, show_default=True, help="Life of an indicator.")
@click.option("--valid-days", type=int, default=_STANDARD.valid_days, show_default=True, help="Until a list is old.")
def add(
    call: Invocation,
    name: str,
    title: str,
    parts: tuple[str, ...],
    collection: str,
    sources: tuple[str, ...],
    confidence: int,
    tlp: str,
    growth: int,
    canary: int,
    life_days: int,
    valid_days: int,
) -> None:
    """Make a shield; its first list waits for your word."""
    query = Query(
        parts=tuple(map(Part, parts)) or tuple(Part),
        collection=collection,
        sources=sources,
        confidence=confidence,
        tlp=parse_tlp(tlp),
    )
    limits = Limits(growth=growth, canary=canary, life_days=life_days, valid_days=valid_days)
    with call.node() as services:
        every = services.get(Protect)
        made = every.add_shield(every.operator(), name, title, query, limits, by=_BY)
    call.out.result({"name": made.name}, f"{made.name} is there. `kouprey protect compile {made.name}` makes its list.")


@protect.command("list", example="kouprey protect list")
def list_(call: Invocation) -> None:
    """Show shields and how they fare."""
    with call.node() as services:
        every = services.get(Protect)
        found = every.standings(every.operator())
    columns = {"name": "Shield", "serial": "In force", "entries": "Values", "stands": "Stands", "outlets": "Outlets"}
    call.out.table([_row(each) for each in found], columns, empty="No shield. `kouprey protect add` makes one.")


@protect.command("show", example="kouprey protect show resolvers")
@_NAME
def show(call: Invocation, name: str) -> None:
    """Show releases of a shield, the newest first."""
    with call.node() as services:
        every = services.get(Protect)
        found = every.list_releases(every.operator(), name)
    columns = {"serial": "Serial", "state": "State", "names": "Names", "addresses": "Addresses", "added": "Come"}
    columns |= {"gone": "Go", "left_out": "Left out", "asks": "Asks", "made": "Made"}
    empty = f"Nothing was made of it. `kouprey protect compile {name}` does."
    call.out.table([_of_release(each) for each in found], columns, empty=empty)


@protect.command("change", example="kouprey protect change resolvers --growth 50")
@_NAME
@click.option("--tlp", type=_LEVELS, help="The strictest level.")
@click.option("--confidence", type=click.IntRange(0, 100), help="The least confidence.")
@click.option("--growth", type=int, help="Per cent that may come unasked.")
@click.option("--canary", type=int, help="Events it may block unasked.")
@click.option("--retire/--use", default=None, help="Give it to no device any more, or again.")
def change(
    call: Invocation,
    name: str,
    tlp: str | None,
    confidence: int | None,
    growth: int | None,
    canary: int | None,
    retire: bool | None,
) -> None:
    """Change a shield; what is not named stays."""
    with call.node() as services:
        every = services.get(Protect)
        who = every.operator()
        held = every.get_shield(who, name)
        query = {"tlp": parse_tlp(tlp) if tlp else None, "confidence": confidence}
        limits = {"growth": growth, "canary": canary}
        made = every.change_shield(
            who,
            name,
            query=msgspec.structs.replace(held.query, **{k: v for k, v in query.items() if v is not None}),
            limits=msgspec.structs.replace(held.limits, **{k: v for k, v in limits.items() if v is not None}),
            retired=retire,
            by=_BY,
        )
    call.out.result({"name": made.name, "retired": made.retired}, f"{made.name} was changed.")


@protect.command("compile", example="kouprey protect compile resolvers")
@_NAME
def compile_(call: Invocation, name: str) -> None:
    """Make the list as it would be now; a running node does it by itself when indicators come or end."""
    with call.node() as services:
        every = services.get(Protect)
        made = every.compile(every.operator(), name, by=_BY)
    call.out.result(_of_release(made), _told(made))


@protect.command("approve", example="kouprey protect approve resolvers 1795000000")
@_NAME
@_SERIAL
def approve(call: Invocation, name: str, serial: int) -> None:
    """Release what waits."""
    with call.node() as services:
        every = services.get(Protect)
        made = every.approve(every.operator(), name, serial, by=_BY)
    call.out.result(_of_release(made), _told(made))


@protect.command("refuse", example="kouprey protect refuse resolvers 1795000000 'It holds a mirror of ours'")
@_NAME
@_SERIAL
@click.argument("reason")
def refuse(call: Invocation, name: str, serial: int, reason: str) -> None:
    """Say that what waits is not to be released, and why."""
    with call.node() as services:
        every = services.get(Protect)
        made = every.refuse(every.operator(), name, serial, reason, by=_BY)
    call.out.result(_of_release(made), f"{name}: release {serial} was refused.")


@protect.command("rollback", example="kouprey protect rollback resolvers 1795000000 'Mail of the ministry failed'")
@_NAME
@_SERIAL
@click.argument("reason")
def rollback(call: Invocation, name: str, serial: int, reason: str) -> None:
    """Have an earlier release in force again; nothing comes until it is resumed."""
    with call.node() as services:
        every = services.get(Protect)
        made = every.roll_back(every.operator(), name, serial, reason, by=_BY)
    call.out.result(_of_release(made), _told(made))


@protect.command("resume", example="kouprey protect resume resolvers")
@_NAME
def resume(call: Invocation, name: str) -> None:
    """Let entries come again after going back."""
    with call.node() as services:
        every = services.get(Protect)
        made = every.resume(every.operator(), name, by=_BY)
    call.out.result(_of_release(made), _told(made))


@protect.command("entries", example="kouprey protect entries resolvers --text example")
@_NAME
@click.option("--serial", type=int, default=0, help="Of this release, not of the one in force or that waits.")
@click.option("--text", default="", help="Only those with this in them.")
def entries(call: Invocation, name: str, serial: int, text: str) -> None:
    """Show what a shield lists, the first 200."""
    with call.node() as services:
        every = services.get(Protect)
        who = every.operator()
        found = every.list_entries(who, name, _serial(every, name, serial), text)
    rows: list[dict[str, object]] = [
        {"kind": e.kind, "text": e.text, "indicator": e.indicator, "ends": format_second(e.ends)} for e in found.entries
    ]
    columns = {"text": "Value", "indicator": "Indicator", "ends": "Until"}
    call.out.table(rows, columns, empty="It lists nothing like that.")


@protect.command("left", example="kouprey protect left resolvers --why never")
@_NAME
@click.option("--serial", type=int, default=0, help="Of this release, not of the one in force or that waits.")
@click.option("--text", default="", help="Only those with this in them.")
@click.option("--why", type=click.Choice([str(each) for each in Why]), help="Only for this reason.")
def left(call: Invocation, name: str, serial: int, text: str, why: str | None) -> None:
    """Show what was left out of a shield and why, the first 200."""
    with call.node() as services:
        every = services.get(Protect)
        found = every.list_left(every.operator(), name, _serial(every, name, serial), text, why or "")
    rows: list[dict[str, object]] = [
        {"kind": e.kind, "text": e.text, "indicator": e.indicator, "why": str(e.why), "by": e.by} for e in found.left
    ]
    columns = {"text": "Value", "why": "Why", "by": "By", "indicator": "Indicator"}
    call.out.table(rows, columns, empty="Nothing like that was left out.")


@protect.command("allow", example="kouprey protect allow gov.example 'Names of the state'")
@click.argument("text", metavar="VALUE")
@click.argument("reason")
@click.option("--insist", is_flag=True, help="List it although a public list warns of that.")
@click.option("--alone", is_flag=True, help="Of a name: not what is below it.")
def allow(call: Invocation, text: str, reason: str, insist: bool, alone: bool) -> None:
    """Never list a name, address or network in any shield."""
    with call.node() as services:
        every = services.get(Protect)
        made = every.allow(every.operator(), text, reason, insists=insist, alone=alone, by=_BY)
    said = "is listed although it is warned of that" if insist else "is never listed"
    call.out.result({"text": made.text, "insists": made.insists}, f"{made.text} {said}.")


@protect.command("disallow", example="kouprey protect disallow gov.example")
@click.argument("text", metavar="VALUE")
def disallow(call: Invocation, text: str) -> None:
    """Take a decision about a value back."""
    with call.node() as services:
        every = services.get(Protect)
        every.disallow(every.operator(), text, by=_BY)
    call.out.result({"text": text}, f"Nothing is decided of {text} any more.")


@protect.command("allowed", example="kouprey protect allowed")
def allowed(call: Invocation) -> None:
    """Show what was decided of single values."""
    with call.node() as services:
        every = services.get(Protect)
        found = every.list_allowances(every.operator())
    rows: list[dict[str, object]] = [
        {"text": e.text, "stands": "insisted on" if e.insists else "never", "reason": e.reason, "by": e.by}
        for e in found
    ]
    columns = {"text": "Value", "stands": "Listed", "reason": "Reason", "by": "By"}
    call.out.table(rows, columns, empty="Nothing was decided. `kouprey protect allow` does.")


@protect.command("outlet", example="kouprey protect outlet resolvers 'First name server'")
@_NAME
@click.argument("title", default="")
def outlet(call: Invocation, name: str, title: str) -> None:
    """Let a device fetch a shield; its secret is shown now and never again."""
    with call.node() as services:
        every = services.get(Protect)
        made, secret = every.add_outlet(every.operator(), name, title, by=_BY)
    value = {"id": made.id, "shield": name, "secret": secret}
    call.out.result(value, f"outlet  {made.id}\nsecret  {secret}")


@protect.command("outlets", example="kouprey protect outlets resolvers")
@_NAME
def outlets(call: Invocation, name: str) -> None:
    """Show devices that fetch a shield."""
    with call.node() as services:
        every = services.get(Protect)
        found = every.list_outlets(every.operator(), name)
    rows: list[dict[str, object]] = [
        {
            "id": each.id,
            "title": each.title,
            "used": format_second(each.used_at) if each.used_at else "never",
            "stands": "ended" if each.ended else "in use",
        }
        for each in found
    ]
    columns = {"id": "Outlet", "title": "Device", "used": "Fetched", "stands": "Stands"}
    call.out.table(rows, columns, empty="No device fetches it. `kouprey protect outlet` lets one.")


@protect.command("shut", example="kouprey protect shut resolvers out_0123456789abcdef")
@_NAME
@click.argument("outlet", metavar="OUTLET")
def shut(call: Invocation, name: str, outlet: str) -> None:
    """Let a device fetch nothing any more."""
    with call.node() as services:
        every = services.get(Protect)
        every.end_outlet(every.operator(), name, outlet, by=_BY)
    call.out.result({"id": outlet, "ended": True}, f"{outlet} fetches nothing any more.")


@protect.command("write", example="kouprey protect write resolvers rpz.zone --to /etc/bind/resolvers.rpz")
@_NAME
@click.argument("form", metavar="FORMAT", type=click.Choice([str(each) for each in Format]))
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file.")
def write(call: Invocation, name: str, form: str, target: Path) -> None:
    """Write a file of the release in force, for a device on this machine."""
    with call.node() as services:
        every = services.get(Protect)
        release, data = every.read_file(every.operator(), name, Format(form))
    fresh = target.with_name(f".{target.name}.new")
    fresh.write_bytes(data)
    fresh.replace(target)
    call.out.result({"serial": release.serial, "bytes": len(data)}, f"{target}: release {release.serial} of {name}.")


def _serial(every: Protect, name: str, serial: int) -> int:
    return serial or every.newest(every.operator(), name).serial


def _row(each: Standing) -> dict[str, object]:
    current = each.current
    words = [
        *(["retired"] if each.shield.retired else []),
        *(["held"] if each.shield.held else []),
        *(["waits for a word"] if each.waiting is not None else []),
        *(["old"] if each.old else []),
    ]
    return {
        "name": each.shield.name,
        "serial": current.serial if current is not None else 0,
        "entries": current.total if current is not None else 0,
        "waiting": each.waiting.serial if each.waiting is not None else 0,
        "stands": ", ".join(words) or ("in force" if current is not None else "empty"),
        "outlets": each.outlets,
    }


def _of_release(each: Release) -> dict[str, object]:
    return {
        "serial": each.serial,
        "state": str(each.state),
        "names": each.names,
        "addresses": each.addresses,
        "added": each.added,
        "gone": each.gone,
        "left": dict(each.left),
        "left_out": sum(each.left.values()),
        "asks": ", ".join(map(str, each.asks)),
        "would_block": each.trial.new_events,
        "hosts": each.trial.new_hosts,
        "made": format_second(each.made_at),
        "until": format_second(each.until),
    }


def _told(each: Release) -> str:
    trial = each.trial
    lines = [
        f"Release {each.serial} of {each.shield}: {each.names} names and {each.addresses} addresses,"
        f" {each.added} come, {each.gone} go, {sum(each.left.values())} were left out.",
        f"It would have blocked {trial.events} of {trial.seen} events of the last day on {trial.hosts} hosts,"
        f" {trial.new_events} of them on {trial.new_hosts} by what comes.",
    ]
    lines += [f"{c.program}: {'accepts it' if c.passed else c.said}" for c in each.checks if c.found]
    lines += [f"{c.program} is not installed, or may not run here." for c in each.checks if not c.found]
    if each.state is State.WAITING:
        lines.append(f"It waits ({', '.join(each.asks)}): `kouprey protect approve {each.shield} {each.serial}`.")
    elif each.state is State.FAILED:
        lines.append("It was not released, because a program cannot read it.")
    else:
        lines.append("It is in force.")
    return "\n".join(lines)
