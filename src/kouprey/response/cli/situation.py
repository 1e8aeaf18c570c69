"""Commands about the situation: look at it, print the briefing, and how clocks of hand-offs went."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import click

from kouprey.kernel.cli.frame import Invocation, group
from kouprey.kernel.words.time import format_second
from kouprey.response.rules.measuring import percentile
from kouprey.response.service import Contacts, HandOffs, Situations
from kouprey.response.service.situation import DAYS, LONGEST
from kouprey.response.wire.briefing import behind, draw_briefing
from kouprey.response.wire.handoffwords import lacking

situation = group("situation", "What goes on across borders now.", example="kouprey situation show")


@situation.command("show", example="kouprey situation show --days 7")
@click.option("--days", type=click.IntRange(1, LONGEST), default=DAYS, show_default=True, help="Campaigns of so long.")
def show(call: Invocation, days: int) -> None:
    """Show attacks on sites, cases that cross a border, open hand-offs and campaigns."""
    with call.node() as services:
        situations = services.get(Situations)
        found = situations.look(services.get(HandOffs).operator(), days)
        names = situations.names(services.get(Contacts).names())
    rows = [
        {"what": str(each.attack), "title": each.title, "at": format_second(each.at), "marking": each.tlp.text}
        for each in found.strikes
    ]
    rows += [
        {"what": f"case {each.number}", "title": each.title, "at": format_second(each.changed_at)}
        | {"marking": each.tlp.text}
        for each in found.cases or ()
    ]
    rows += [
        {
            "what": ", ".join(["hand-off", *(["overdue"] if each.late else []), *lacking(each.lacks)]),
            "title": f"{each.title} ({names.get(each.other, each.other)})",
            "at": format_second(each.due) if each.due else "",
            "marking": each.tlp.text,
        }
        for each in found.handoffs
    ]
    rows += [
        {
            "what": each.type,
            "title": f"{each.title}. {behind(each, names)}",
            "at": format_second(each.at),
            "marking": each.highest.text,
        }
        for each in found.campaigns
    ]
    columns = {"what": "what", "title": "title", "at": "when", "marking": "marking"}
    call.out.table(rows, columns, empty="Nothing is open. `kouprey case open TITLE` opens a case.")


@situation.command("print", example="kouprey situation print --language km --into papers")
@click.option("--language", default="en", show_default=True, help="Such as en or km.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Folder to write to.")
def print_(call: Invocation, language: str, into: Path) -> None:
    """Write the briefing as PDF."""
    with call.node() as services:
        situations, who = services.get(Situations), services.get(HandOffs).operator()
        names = situations.names(services.get(Contacts).names())
        found = situations.look(who)
        drawn = draw_briefing(found, names, language)
        situations.note_printed(who, language)
    file = into / f"situation-{language}.pdf"
    into.mkdir(parents=True, exist_ok=True)
    file.write_bytes(drawn)
    call.out.result({"pdf": str(file), "tlp": found.tlp.text}, f"Written: {file} ({found.tlp.text})")


@situation.command("partners", example="kouprey situation partners")
def partners(call: Invocation) -> None:
    """Show how long answers to hand-offs took, against the clocks of clause 15."""
    with call.node() as services:
        situations = services.get(Situations)
        found = situations.punctual(services.get(HandOffs).operator())
        names = situations.names(services.get(Contacts).names())
    rows = [
        {
            "party": names.get(each.party, each.party),
            "asked": "they" if each.asked else "we",
            "kind": each.kind,
            "clock": each.clock,
            "allowed": each.allowed_s,
            "half": int(median(each.seconds)) if each.seconds else "",
            "most": percentile(each.seconds, 90) if each.seconds else "",
            "known": len(each.seconds),
            "late": each.late,
            "open": each.open,
            "missing": each.missing,
        }
        for each in found
    ]
    names_of = {"party": "partner", "asked": "asked", "kind": "kind", "clock": "clock", "allowed": "allowed, s"}
    names_of |= {"half": "half within, s", "most": "nine in ten within, s", "known": "known", "late": "late"}
    names_of |= {"open": "still runs", "missing": "ended without"}
    call.out.table(rows, names_of, empty="No clock has run yet. `kouprey handoff ask` begins one.")
